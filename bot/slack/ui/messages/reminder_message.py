"""Reminder message to one person, which later shows the outcome."""

from collections.abc import Sequence
from datetime import timedelta

from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import (
    Block,
    Message,
    actions,
    button,
    context,
    divider,
    json_size,
    link_button,
    message,
    section,
)
from bot.slack.protocol.escaping import escape, escape_name, local_time
from bot.slack.protocol.targets import (
    Action,
    ButtonKind,
    PhaseTarget,
    ReminderTarget,
    SelectionTarget,
    Target,
    WordTarget,
)
from bot.slack.screens.reminder import ReminderDetails
from bot.slack.ui.modals.remediation.response_page import approval_buttons, reassign_button, verify_button
from bot.slack.ui.texts.reminder_texts import ABOUT_THE_MODEL, is_open, model_name, reminder_headline
from bot.slack.ui.texts.score_texts import score_line
from bot.slack.ui.texts.tracker_texts import issue_question
from domain.kernel.due_dates import short_day
from domain.kernel.text_formatting import count_phrase
from domain.remediation.issue_proposals import IssueProposal
from domain.reminder_deliveries import THREAD
from domain.reminders import Occasion
from domain.wording.secrecy_notices import attribution_notice


def reminder_buttons(reminder: ReminderDetails) -> list[Block]:
    """Return the buttons of a reminder; permissions are checked at the press."""
    first: list[Block] = []
    match reminder.occasion:
        case Occasion.DUE_SOON | Occasion.DUE_TODAY | Occasion.OVERDUE | Occasion.ESCALATED:
            first = [
                _action_button(reminder, "Mark as implemented", ButtonKind.OPEN, "implement", style=True),
                _action_button(reminder, "Reassign", ButtonKind.OPEN, "reassign"),
            ]
        case Occasion.OWNER_GONE:
            first = [_action_button(reminder, "Reassign", ButtonKind.OPEN, "reassign", style=True)]
        case Occasion.VOTE_OWED | Occasion.VOTE_ENDS:
            first = [_action_button(reminder, "Vote", ButtonKind.WORD, "vote", style=True)]
        case Occasion.ASKED | Occasion.ANSWERS_DUE:
            form = "screening" if reminder.pending_screening else "questions"
            first = [_action_button(reminder, "Answer", ButtonKind.OPEN, form, style=True)]
        case Occasion.ACCEPTANCE_ENDS | Occasion.ACCEPTANCE_OVER:
            first = [_action_button(reminder, "View threat", ButtonKind.SHOW, "response", style=True)]
        case Occasion.DIGEST:
            # Everyone can see it: snoozing it would snooze it for all.
            return [
                button("Plan", ButtonKind.SHOW, Target(name="plan", stream=reminder.stream), style="primary")
            ]
        case Occasion.APPROVAL_WAITS | Occasion.APPROVAL_ESCALATED | Occasion.APPROVER_GONE:
            first = _proposal_buttons(reminder)
        case Occasion.VERIFICATION_WAITS:
            first = _verification_buttons(reminder)
        case Occasion.ISSUE_CHANGED:
            first = _issue_buttons(reminder)
        case Occasion.REVIEW:
            again = PhaseTarget(name="move", stream=reminder.stream, move=Action.REOPEN)
            reopen = button(
                "Reopen", ButtonKind.OPEN, again, suffix=f"{Action.REOPEN}-{reminder.key}", style="primary"
            )
            card = [link_button("Go to the card", reminder.permalink)] if reminder.permalink else []
            first = [reopen, *card]
        case Occasion.OVERRIDE_OPEN | Occasion.OVERRIDE_OVER:
            plan = Target(name="plan", stream=reminder.stream)
            first = [
                button(
                    "Plan", ButtonKind.SHOW, plan, suffix=f"plan-{reminder.key}"[-_SUFFIX:], style="primary"
                )
            ]
        case Occasion.UNTOUCHED | Occasion.NOT_REACHED:
            pass
    card = [link_button("Go to the card", reminder.permalink)] if reminder.permalink and not first else []
    snooze = _action_button(reminder, "Snooze", ButtonKind.OPEN, "snooze")
    return [*first, *card, snooze, _action_button(reminder, "Why?", ButtonKind.SHOW, "why")]


def _proposal_buttons(reminder: ReminderDetails) -> list[Block]:
    """Return the buttons of a proposal: approve, reject, reassign; propose again after its expiry."""
    if reminder.proposal is None or reminder.about.to == THREAD:  # the page shows the permitted actions
        return [_action_button(reminder, "View threat", ButtonKind.SHOW, "response", style=True)]
    own = reminder.proposal.by == reminder.about.to
    if reminder.is_over:
        decline = [] if own else [_action_button(reminder, "Decline…", ButtonKind.OPEN, "decline")]
        return [_action_button(reminder, "Propose again", ButtonKind.OPEN, "accept", style=True), *decline]
    reassign = reassign_button(
        reminder.stream, reminder.proposal, label="Reassign", reminder=reminder.key, primary=own
    )
    return [
        *([] if own else approval_buttons(reminder.stream, reminder.proposal, reminder=reminder.key)),
        reassign,
    ]


def _verification_buttons(reminder: ReminderDetails) -> list[Block]:
    refuse = _action_button(reminder, "Reject…", ButtonKind.OPEN, "refuse")
    return [
        *(
            [
                verify_button(
                    reminder.stream,
                    reminder.mitigation,
                    several=reminder.total > 1,
                    reminder=reminder.key,
                )
            ]
            if reminder.mitigation
            else []
        ),
        refuse,
    ]


def _issue_buttons(reminder: ReminderDetails) -> list[Block]:
    """Return the buttons of what an issue asks, the answer that it proposes first."""
    keep = _action_button(reminder, "Keep as is", ButtonKind.DO, Action.DISMISS_ISSUE)
    implement = _action_button(reminder, "Mark as implemented…", ButtonKind.OPEN, "implement", style=True)
    match reminder.asks:
        case IssueProposal.IMPLEMENTED:
            return [implement, keep]
        case IssueProposal.CLOSED:
            return [implement, _action_button(reminder, "Drop…", ButtonKind.OPEN, "drop"), keep]
        case IssueProposal.REOPENED:
            return [_action_button(reminder, "Reject…", ButtonKind.OPEN, "refuse"), keep]
        case IssueProposal.DELETED:
            request = _action_button(
                reminder, "Create issue", ButtonKind.DO, Action.REQUEST_ISSUE, style=True
            )
            return [request, keep]
        case IssueProposal.DUE:
            change = _action_button(reminder, "Change due date…", ButtonKind.OPEN, "reschedule", style=True)
            return [change, keep]
        case None:
            return []


def _action_button(
    reminder: ReminderDetails, label: str, kind: ButtonKind, name: str, *, style: bool = False
) -> Block:
    return button(
        label,
        kind,
        _target(reminder, name),
        suffix=f"{name}-{reminder.key}"[-_SUFFIX:],
        style="primary" if style else None,
        spoken=f"{label}: {reminder.about.subject} of {reminder.about.model}",
    )


def _target(reminder: ReminderDetails, name: str) -> Target:
    match name:
        case "vote":
            return WordTarget(name=name, stream=reminder.stream, argument=reminder.about.subject)
        case "screening":
            return Target(name=name, stream=reminder.stream)
        case "questions":
            return SelectionTarget(name=name, stream=reminder.stream)
        case _:
            return ReminderTarget(
                name=name, stream=reminder.stream, element=reminder.about.subject, reminder=reminder.key
            )


_SUFFIX = 200


def reminder_message(reminders: Sequence[ReminderDetails]) -> Message:
    """Return a message of reminders by due time; those beyond Slack's limits get a line each."""
    reminders = sorted(reminders, key=_due)
    still = [reminder for reminder in reminders if is_open(reminder)]
    blocks: list[Block] = []
    if len(reminders) > 1:
        done = sum(bool(reminder.outcome) for reminder in reminders)
        put_off = len(reminders) - len(still) - done
        counts = [f"{count} {how}" for count, how in ((done, "done"), (put_off, "snoozed")) if count]
        blocks.append(section(" · ".join([f"*{count_phrase(len(reminders), 'reminder')} for you*", *counts])))
    if late := max((reminder.late for reminder in still), default=timedelta(0)):
        blocks.append(context(f"⏱ {_so_late(late, len(still))}"))
    rest = _rest(reminders)
    for shown, reminder in enumerate(reminders, start=1):
        reminder_blocks = [*([divider()] if shown > 1 else []), *_blocks(reminder)]
        less = _rest(reminders[shown:])
        whole = [*blocks, *reminder_blocks, *less]
        if len(whole) > slack_limits.MESSAGE_BLOCKS or json_size(whole) > slack_limits.MESSAGE_CHARACTERS:
            break
        blocks += reminder_blocks
        rest = less
    return message(_text(reminders), [*blocks, *rest])


def _due(reminder: ReminderDetails) -> tuple[bool, float]:
    """Sort key: by due time, reminders without one last."""
    return reminder.until is None, reminder.until.timestamp() if reminder.until else 0.0


def _blocks(reminder: ReminderDetails) -> list[Block]:
    if not is_open(reminder):
        return [section(f"~{reminder_headline(reminder)}~\n{_outcome(reminder)}")]
    lines = [reminder_headline(reminder), *_details(reminder), *_lines(reminder)]
    pressed = reminder_buttons(reminder)
    return [section("\n".join(lines)), *([actions(*pressed)] if pressed else [])]


def _outcome(reminder: ReminderDetails) -> str:
    if reminder.outcome:
        return f"✓ {escape(reminder.outcome, _SAID)}"
    return f"💤 Snoozed until {local_time(reminder.snoozed)}." if reminder.snoozed else ""


def _details(reminder: ReminderDetails) -> list[str]:
    """Return the details: model and due date first, then subject and severity."""
    where = "" if reminder.occasion in ABOUT_THE_MODEL else model_name(reminder)
    tally, bad = reminder.tally, ""
    if tally is not None:
        bad = score_line(tally)
    against = ""
    if reminder.threat is not None:
        against = (
            f"Threat: {escape_name(reminder.threat.title)} ({reminder.threat.id})"
            if reminder.mitigation
            else ""
        )
        bad = bad or "unscored"
    first = " · ".join(part for part in (where, _until(reminder), _whose(reminder), _since(reminder)) if part)
    second = " · ".join(part for part in (against, bad) if part)
    return [line for line in (first, second, _quoted_reason(reminder)) if line]


def _quoted_reason(reminder: ReminderDetails) -> str:
    """Return the proposer's reason for an approver or verifier, or the secrecy notice for a voter."""
    if reminder.occasion in (Occasion.VOTE_OWED, Occasion.VOTE_ENDS):
        return attribution_notice(reminder.panel) if reminder.panel else ""
    if reminder.proposal is not None and reminder.occasion.of_proposal:
        because = f": “{escape(reminder.proposal.reason, _SAID)}”" if reminder.proposal.reason else ""
        return f"{escape_name(reminder.by)} proposes acceptance{because}"
    if reminder.issue is not None and reminder.asks is not None:
        return issue_question(reminder.issue, reminder.asks)
    if reminder.occasion is Occasion.VERIFICATION_WAITS and reminder.mitigation is not None:
        shown = f"Evidence: “{escape(reminder.mitigation.evidence, _SAID)}”"
        return shown if reminder.mitigation.evidence else ""
    if reminder.override is not None:
        until = reminder.override.override.until
        ends = f" until {short_day(until)}" if until else ""
        return f"Reason{ends}: “{escape(reminder.override.override.reason, _SAID)}”"
    if reminder.occasion is Occasion.REVIEW:
        return "Check whether the model is still accurate. *Reopen* it to update it."
    return ""


def _whose(reminder: ReminderDetails) -> str:
    if reminder.occasion.of_proposal:
        return (
            f"approver: {escape_name(reminder.asked)}"
            if reminder.asked and reminder.occasion is not Occasion.APPROVAL_WAITS
            else ""
        )
    if reminder.occasion is Occasion.VERIFICATION_WAITS:
        return f"implemented by {escape_name(reminder.by)}" if reminder.by else ""
    if reminder.mitigation is None:
        return (
            f"owner: {escape_name(reminder.owner)}" if reminder.threat is not None and reminder.owner else ""
        )
    if reminder.occasion in (Occasion.ESCALATED, Occasion.OWNER_GONE):
        return f"owner: {escape_name(reminder.owner)}" if reminder.owner else "no owner"
    return (
        ""
        if reminder.mitigation.owner == reminder.about.to
        else ("no owner, so you are reminded as facilitator")
    )


def _since(reminder: ReminderDetails) -> str:
    if reminder.since is None:
        return ""
    match reminder.occasion:
        case Occasion.UNTOUCHED:
            return f"last changed {local_time(reminder.since)}"
        case Occasion.REVIEW:
            return f"closed {local_time(reminder.since)}"
        case Occasion.OVERRIDE_OPEN | Occasion.OVERRIDE_OVER:
            return f"overridden by {escape_name(reminder.owner)} {local_time(reminder.since)}"
        case Occasion.ISSUE_CHANGED:
            return f"changed {local_time(reminder.since)}"
        case Occasion.VERIFICATION_WAITS:
            return f"waiting since {local_time(reminder.since)}"
        case _ if reminder.occasion.of_proposal:
            return f"waiting since {local_time(reminder.since)}"
        case _ if reminder.mitigation is not None:
            return (
                f"assigned to you since {local_time(reminder.since)}"
                if reminder.mine
                else f"since {local_time(reminder.since)}"
            )
        case _:
            return f"since {local_time(reminder.since)}"


def _until(reminder: ReminderDetails) -> str:
    if reminder.until is None:
        return ""
    if reminder.mitigation is not None:
        return (
            f"*was due {local_time(reminder.until)}*"
            if reminder.is_over
            else f"due {local_time(reminder.until)}"
        )
    return (
        f"*ended {local_time(reminder.until)}*" if reminder.is_over else f"until {local_time(reminder.until)}"
    )


def _lines(reminder: ReminderDetails) -> list[str]:
    lines = (*reminder.lines, *reminder.waiting)
    more = [f"and {len(lines) - _DIGEST} more"] if len(lines) > _DIGEST else []
    return [*(f"• {escape(line, _LINE)}" for line in lines[:_DIGEST]), *more]


def _rest(reminders: Sequence[ReminderDetails]) -> list[Block]:
    if not reminders:
        return []
    lines = [
        f"• {_plain(reminder_headline(reminder))} · {escape_name(reminder.model, _SHORT)}"
        for reminder in reminders[:_REST]
    ]
    more = [f"and {len(reminders) - _REST} more"] if len(reminders) > _REST else []
    where = "See the Home tab for all of them."
    return [section("\n".join(["*Also:*", *lines, *more, where]))]


def _text(reminders: Sequence[ReminderDetails]) -> str:
    """Return the notification text: without markup and without numbers of a ballot."""
    still = [reminder for reminder in reminders if is_open(reminder)] or list(reminders)
    first = _plain(reminder_headline(still[0]))
    late = " (late)" if any(reminder.late for reminder in still) else ""
    return (
        first + late if len(still) == 1 else f"{count_phrase(len(still), 'reminder')}{late}, first: {first}"
    )


def _plain(marked: str) -> str:
    return marked.replace("*", "")


def _so_late(late: timedelta, count: int) -> str:
    return f"Sent {_long(late)} late." if count == 1 else f"Some are sent up to {_long(late)} late."


def _long(late: timedelta) -> str:
    hours = int(late.total_seconds()) // 3600
    return count_phrase(hours // 24, "day") if hours >= 24 else count_phrase(hours, "hour")


_REST = 12
_SHORT = 40
_DIGEST = 15
_LINE = 150
_SAID = 300
