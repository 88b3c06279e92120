"""Buttons of a reminder: act, snooze, explain."""

from bot.slack.protocol.block_builders import Block, button, link_button
from bot.slack.protocol.interactions import Action, ButtonKind
from bot.slack.protocol.targets import PhaseTarget, ReminderTarget, SelectionTarget, Target, WordTarget
from bot.slack.screens.reminder import ReminderDetails
from bot.slack.ui.modals.remediation.mitigation_rows import verify_button
from bot.slack.ui.modals.remediation.response_page import approval_buttons, reassign_button
from domain.remediation.issue_proposals import IssueProposal
from domain.reminder_deliveries import THREAD
from domain.reminders import Occasion


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
