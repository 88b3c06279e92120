"""Buttons of a reminder: act, snooze, explain."""

from bot.slack.protocol.block_builders import Block, button, link_button
from bot.slack.protocol.interactions import Action, ButtonKind, Target
from bot.slack.screens.reminder import Reminder
from bot.slack.ui.modals.remediation.mitigation_rows import verify_button
from bot.slack.ui.modals.remediation.response_page import approval_buttons, reassign_button
from domain.nudge_deliveries import THREAD
from domain.reminders import Occasion


def reminder_buttons(one: Reminder) -> list[Block]:
    """Return the buttons of a reminder; permissions are checked at the press."""
    first: list[Block] = []
    match one.occasion:
        case Occasion.DUE_SOON | Occasion.DUE_TODAY | Occasion.OVERDUE | Occasion.ESCALATED:
            first = [
                _press(one, "Done", ButtonKind.OPEN, "implement", style=True),
                _press(one, "Reassign", ButtonKind.OPEN, "reassign"),
            ]
        case Occasion.OWNER_GONE:
            first = [_press(one, "Reassign", ButtonKind.OPEN, "reassign", style=True)]
        case Occasion.VOTE_OWED | Occasion.VOTE_ENDS:
            first = [_press(one, "Vote", ButtonKind.WORD, "vote", style=True)]
        case Occasion.ASKED | Occasion.ANSWERS_DUE:
            first = [_press(one, "Answer", ButtonKind.OPEN, "questions", style=True)]
        case Occasion.ACCEPTANCE_ENDS | Occasion.ACCEPTANCE_OVER:
            first = [_press(one, "See the threat", ButtonKind.SHOW, "response", style=True)]
        case Occasion.DIGEST:
            # Everybody reads it: who snoozed it would do so for all.
            return [button("Plan", ButtonKind.SHOW, Target(name="plan", stream=one.stream), style="primary")]
        case Occasion.APPROVAL_WAITS | Occasion.APPROVAL_ESCALATED | Occasion.APPROVER_GONE:
            first = _of_proposal(one)
        case Occasion.VERIFICATION_WAITS:
            first = _of_verification(one)
        case Occasion.REVIEW:
            again = Target(name="move", stream=one.stream, deed=Action.REOPEN)
            reopen = button(
                "Reopen", ButtonKind.OPEN, again, suffix=f"{Action.REOPEN}-{one.key}", style="primary"
            )
            card = [link_button("Go to the card", one.permalink)] if one.permalink else []
            first = [reopen, *card]
        case Occasion.UNTOUCHED | Occasion.NOT_REACHED:
            pass
    card = [link_button("Go to the card", one.permalink)] if one.permalink and not first else []
    snooze = _press(one, "Snooze", ButtonKind.OPEN, "snooze")
    return [*first, *card, snooze, _press(one, "Why this?", ButtonKind.SHOW, "why")]


def _of_proposal(one: Reminder) -> list[Block]:
    """Return the buttons of a proposal: approve, reject, reassign; propose again after its expiry."""
    if one.proposal is None or one.about.to == THREAD:  # the page shows everybody what they may do
        return [_press(one, "See the threat", ButtonKind.SHOW, "response", style=True)]
    own = one.proposal.by == one.about.to
    if one.is_over:
        decline = [] if own else [_press(one, "Decline…", ButtonKind.OPEN, "decline")]
        return [_press(one, "Propose anew", ButtonKind.OPEN, "accept", style=True), *decline]
    reassign = reassign_button(one.stream, one.proposal, label="Reassign", nudge=one.key, primary=own)
    return [*([] if own else approval_buttons(one.stream, one.proposal, nudge=one.key)), reassign]


def _of_verification(one: Reminder) -> list[Block]:
    refuse = _press(one, "It does not hold…", ButtonKind.OPEN, "refuse")
    return [*([verify_button(one.stream, one.mitigation, nudge=one.key)] if one.mitigation else []), refuse]


def _press(one: Reminder, label: str, trigger: ButtonKind, what: str, *, style: bool = False) -> Block:
    subject = "" if what in ("vote", "questions") else one.about.subject
    deed = one.about.subject if what == "vote" else one.key
    return button(
        label,
        trigger,
        Target(name=what, stream=one.stream, element=subject, deed=deed),
        suffix=f"{what}-{one.key}"[-_SUFFIX:],
        style="primary" if style else None,
        spoken=f"{label}: {one.about.subject} of {one.about.model}",
    )


_SUFFIX = 200
