"""Reminder message to one person, which later shows the outcome."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import assert_never

from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import (
    Block,
    Message,
    button,
    button_row,
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
    ReminderTarget,
    SelectionTarget,
    Target,
    WordTarget,
)
from bot.slack.screens.reminder import ReminderDetails
from bot.slack.ui.modals.analysis.question_forms import ASKED_OF_READER, OWNED
from bot.slack.ui.modals.remediation.response_page import approval_buttons, reassign_button, verify_button
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.common_texts import first_lines
from bot.slack.ui.texts.reminder_texts import ABOUT_THE_MODEL, is_open, model_name, reminder_headline
from bot.slack.ui.texts.score_texts import score_line
from bot.slack.ui.texts.tracker_texts import issue_question
from domain.kernel.due_dates import short_day
from domain.kernel.text_formatting import count_phrase
from domain.remediation.issue_proposals import IssueProposal
from domain.reminder_deliveries import THREAD
from domain.reminders import Occasion
from domain.wording.voting import attribution_notice


def reminder_buttons(reminder: ReminderDetails) -> list[Block]:
    """Return the buttons of a reminder; permissions are checked at the press."""
    if reminder.occasion is Occasion.DIGEST:
        # Everyone can see it: snoozing it would snooze it for all.
        return [ModelButtons(reminder.stream).shows("Plan", "plan", primary=True)]
    first = list(_own_buttons(reminder))
    if reminder.permalink and (not first or reminder.occasion is Occasion.REVIEW):
        first.append(link_button("Go to the card", reminder.permalink))
    snooze = _action_button(reminder, "Snooze", ButtonKind.OPEN, "snooze")
    return [*first, snooze, _action_button(reminder, "Why?", ButtonKind.SHOW, "why")]


def _own_buttons(reminder: ReminderDetails) -> Iterator[Block]:
    """Yield the buttons of what a reminder asks for."""
    make, press = ModelButtons(reminder.stream), partial(_action_button, reminder)
    match reminder.occasion:
        case Occasion.DUE_SOON | Occasion.DUE_TODAY | Occasion.OVERDUE | Occasion.ESCALATED:
            yield press("Mark as implemented", ButtonKind.OPEN, "implement", primary=True)
            yield press("Reassign", ButtonKind.OPEN, "reassign")
        case Occasion.OWNER_GONE:
            yield press("Reassign", ButtonKind.OPEN, "reassign", primary=True)
            yield press("Reassign all…", ButtonKind.OPEN, "reassign_all")
        case Occasion.VOTE_OWED | Occasion.VOTE_ENDS:
            yield press("Vote", ButtonKind.WORD, "vote", primary=True)
        case Occasion.ASKED | Occasion.ANSWERS_DUE:
            form = "screening" if reminder.pending_screening else "questions"
            yield press("Answer", ButtonKind.OPEN, form, primary=True)
        case Occasion.SPOT_CHECK:
            yield press("Check", ButtonKind.OPEN, "check", primary=True)
        case Occasion.ACCEPTANCE_ENDS | Occasion.ACCEPTANCE_OVER:
            yield press("View threat", ButtonKind.SHOW, "response", primary=True)
        case Occasion.APPROVAL_WAITS | Occasion.APPROVAL_ESCALATED | Occasion.APPROVER_GONE:
            yield from _proposal_buttons(reminder)
        case Occasion.VERIFICATION_WAITS:
            one, several = reminder.mitigation, reminder.total > 1
            if one:
                yield verify_button(reminder.stream, one, several=several, reminder=reminder.key)
            yield press("Reject…", ButtonKind.OPEN, "refuse")
        case Occasion.ISSUE_CHANGED:
            yield from _issue_buttons(reminder)
        case Occasion.REVIEW:
            yield make.shows("Review", "changes", suffix=f"review-{reminder.key}"[-_SUFFIX:], primary=True)
        case Occasion.OVERRIDE_OPEN | Occasion.OVERRIDE_OVER:
            suffix = f"plan-{reminder.key}"[-_SUFFIX:]
            yield make.shows("Plan", "plan", suffix=suffix, primary=True)
        case Occasion.UNTOUCHED | Occasion.NOT_REACHED | Occasion.DIGEST:
            return
        case _:
            assert_never(reminder.occasion)


def _proposal_buttons(reminder: ReminderDetails) -> Iterator[Block]:
    """Yield the buttons of a proposal: approve, reject, reassign; propose again after its expiry."""
    stream, proposal, key = reminder.stream, reminder.proposal, reminder.key
    if proposal is None or reminder.about.to == THREAD:  # the page shows the permitted actions
        yield _action_button(reminder, "View threat", ButtonKind.SHOW, "response", primary=True)
        return
    own = proposal.by == reminder.about.to
    if reminder.is_over:
        yield _action_button(reminder, "Propose again", ButtonKind.OPEN, "accept", primary=True)
        if not own:
            yield _action_button(reminder, "Decline…", ButtonKind.OPEN, "decline")
        return
    if not own:
        yield from approval_buttons(stream, proposal, reminder=key)
    yield reassign_button(stream, proposal, label="Reassign", reminder=key, primary=own)


def _issue_buttons(reminder: ReminderDetails) -> Iterator[Block]:
    """Yield the buttons of what an issue asks, the answer that it proposes first."""
    press = partial(_action_button, reminder)
    match reminder.asks:
        case IssueProposal.IMPLEMENTED | IssueProposal.CLOSED:
            yield press("Mark as implemented…", ButtonKind.OPEN, "implement", primary=True)
            if reminder.asks is IssueProposal.CLOSED:
                yield press("Drop…", ButtonKind.OPEN, "drop")
        case IssueProposal.REOPENED:
            yield press("Reject…", ButtonKind.OPEN, "refuse")
        case IssueProposal.DELETED:
            yield press("Create issue", ButtonKind.DO, Action.REQUEST_ISSUE, primary=True)
        case IssueProposal.DUE:
            yield press("Change due date…", ButtonKind.OPEN, "reschedule", primary=True)
        case None:
            return
    yield press("Keep as is", ButtonKind.DO, Action.DISMISS_ISSUE)


def _action_button(
    reminder: ReminderDetails, label: str, kind: ButtonKind, name: str, *, primary: bool = False
) -> Block:
    stream, subject = reminder.stream, reminder.about.subject
    others: dict[str, Target] = {
        "vote": WordTarget(name=name, stream=stream, argument=subject),
        "screening": Target(name=name, stream=stream),
        "check": Target(name=name, stream=stream),
        "reassign_all": Target(name=name, stream=stream),
        "questions": SelectionTarget(name=name, stream=stream, selection=_selection(reminder)),
    }
    own = ReminderTarget(name=name, stream=stream, element=subject, reminder=reminder.key)
    return button(
        label,
        kind,
        others.get(name, own),
        suffix=f"{name}-{reminder.key}"[-_SUFFIX:],
        primary=primary,
        spoken=f"{label}: {subject} of {reminder.about.model}",
    )


def _selection(reminder: ReminderDetails) -> str:
    """Return the questions to show: the reader's own, all with an owner for a facilitator, or all."""
    if reminder.occasion is not Occasion.ASKED:
        return ""
    return OWNED if reminder.lines else ASKED_OF_READER


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
        hours = int(late.total_seconds()) // 3600
        long = count_phrase(hours // 24, "day") if hours >= 24 else count_phrase(hours, "hour")
        sent = f"Sent {long} late." if len(still) == 1 else f"Some are sent up to {long} late."
        blocks.append(context(f"⏱ {sent}"))
    rest = _also(reminders)
    for shown, reminder in enumerate(reminders, start=1):
        reminder_blocks = [*([divider()] if shown > 1 else []), *_blocks(reminder)]
        less = _also(reminders[shown:])
        whole = [*blocks, *reminder_blocks, *less]
        if len(whole) > slack_limits.MESSAGE_BLOCKS or json_size(whole) > slack_limits.MESSAGE_CHARACTERS:
            break
        blocks += reminder_blocks
        rest = less
    return message(_text(reminders), [*blocks, *rest])


def _due(reminder: ReminderDetails) -> tuple[bool, bool, float]:
    """Sort key: by due time, reminders without one last, and conditions that have a reason after those."""
    due = reminder.until.timestamp() if reminder.until else 0.0
    return reminder.occasion is Occasion.OVERRIDE_OPEN, reminder.until is None, due


def _blocks(reminder: ReminderDetails) -> list[Block]:
    if not is_open(reminder):
        outcome = f"✓ {escape(reminder.outcome, _SAID)}" if reminder.outcome else ""
        if not outcome and reminder.snoozed:
            outcome = f"💤 Snoozed until {local_time(reminder.snoozed)}."
        return [section(f"~{reminder_headline(reminder)}~\n{outcome}")]
    lines = [reminder_headline(reminder), *_details(reminder), *_lines(reminder)]
    return [section("\n".join(lines)), *button_row(*reminder_buttons(reminder))]


def _details(reminder: ReminderDetails) -> Iterator[str]:
    """Yield the details: model and due date first, then subject and severity, then a reason."""
    where = "" if reminder.occasion in ABOUT_THE_MODEL else model_name(reminder)
    until = ""
    if reminder.until is not None:
        past, ahead = ("was due", "due") if _has_due_date(reminder) else ("ended", "until")
        when = local_time(reminder.until)
        until = f"*{past} {when}*" if reminder.is_over else f"{ahead} {when}"
    threat, against = reminder.threat, ""
    severity = score_line(reminder.tally) if reminder.tally is not None else ""
    if threat is not None:
        severity = severity or "unscored"
        against = f"Threat: {escape_name(threat.title)} ({threat.id})" if reminder.mitigation else ""
    at = f"At {escape_name(reminder.at)}" if reminder.at else ""
    for parts in ((where, until, _whose(reminder), _since(reminder)), (at, against, severity)):
        if line := " · ".join(filter(None, parts)):
            yield line
    if reason := _quoted_reason(reminder):
        yield reason


def _has_due_date(reminder: ReminderDetails) -> bool:
    return reminder.mitigation is not None or reminder.occasion is Occasion.ASKED


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
        return "*Review* asks what has changed since, and only about that."
    return ""


def _whose(reminder: ReminderDetails) -> str:
    owner, occasion = escape_name(reminder.owner) if reminder.owner else "", reminder.occasion
    if occasion.of_proposal:
        named = reminder.asked and occasion is not Occasion.APPROVAL_WAITS
        return f"approver: {escape_name(reminder.asked)}" if named else ""
    if occasion is Occasion.VERIFICATION_WAITS:
        return f"implemented by {escape_name(reminder.by)}" if reminder.by else ""
    if reminder.mitigation is None:
        return f"owner: {owner}" if reminder.threat is not None and owner else ""
    if occasion in (Occasion.ESCALATED, Occasion.OWNER_GONE):
        return f"owner: {owner}" if owner else "no owner"
    own = reminder.mitigation.owner == reminder.about.to
    return "" if own else "no owner, so you are reminded as facilitator"


def _since(reminder: ReminderDetails) -> str:
    if reminder.since is None:
        return ""
    occasion = reminder.occasion
    if occasion in _SINCE:
        words = _SINCE[occasion]
    elif occasion in (Occasion.OVERRIDE_OPEN, Occasion.OVERRIDE_OVER):
        words = f"overridden by {escape_name(reminder.owner)}"
    elif occasion.of_proposal:
        words = "waiting since"
    else:
        words = "assigned to you since" if reminder.mitigation is not None and reminder.mine else "since"
    return f"{words} {local_time(reminder.since)}"


_SINCE = {
    Occasion.UNTOUCHED: "last changed",
    Occasion.REVIEW: "closed",
    Occasion.ISSUE_CHANGED: "changed",
    Occasion.VERIFICATION_WAITS: "waiting since",
}


def _lines(reminder: ReminderDetails) -> list[str]:
    lines = [f"• {escape(line, _LINE)}" for line in (*reminder.lines, *reminder.waiting)]
    return first_lines(lines, _DIGEST)


def _also(reminders: Sequence[ReminderDetails]) -> list[Block]:
    if not reminders:
        return []
    lines = [
        f"• {_plain(reminder_headline(reminder))} · {escape_name(reminder.model, _SHORT)}"
        for reminder in reminders
    ]
    where = "See the Home tab for all of them."
    return [section("\n".join(["*Also:*", *first_lines(lines, _REST), where]))]


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


_REST = 12
_SHORT = 40
_DIGEST = 15
_LINE = 150
_SAID = 300
