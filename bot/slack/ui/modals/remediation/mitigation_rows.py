"""Rows of a mitigation on the page of its threat: state, and next steps."""

from bot.slack.protocol.block_builders import Block, actions, button, confirm, link_button, section
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.interactions import Action, ButtonKind
from bot.slack.protocol.slack_limits import BUTTON_URL
from bot.slack.protocol.targets import LinkTarget, ReminderTarget, Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.remediation.mitigation_form import due_date_reason
from bot.slack.ui.texts.issue_texts import issue_lines
from bot.slack.ui.texts.remediation_texts import progress_text
from domain.commands import StartMitigation
from domain.kernel.due_dates import short_day
from domain.kernel.mitigation import TICKET_KEY, Mitigation, MitigationState
from domain.remediation.reviewers import done_by
from domain.remediation.status import TrackedMitigation
from domain.remediation.suggestions import combined_suggestion


def mitigation_rows(showing: PageData, tracked: TrackedMitigation) -> list[Block]:
    """Return two blocks: a mitigation, and the buttons of its next steps if it may be changed."""
    one = tracked.mitigation
    lines = [
        f"*{escape_name(one.title)}* · {one.id} · {one.control}",
        progress_text(tracked, showing.naming),
        *_served(showing, tracked),
        *_suggested_due(showing, tracked),
        *([escape(one.description, _TEXT)] if one.description else []),
        *issue_lines(tracked),
        *([f"Ticket: {escape(one.ticket)}"] if _has_other_ticket(tracked) else []),
        *([f"Evidence: {escape(one.evidence, _TEXT)}"] if one.evidence else []),
        *(
            [f"{_BECAUSE.get(one.state, 'Rejected in verification')}: “{escape(one.reason, _TEXT)}”"]
            if one.reason
            else []
        ),
    ]
    if one.state is MitigationState.IMPLEMENTED and showing.reader in done_by(one):
        lines.append("Someone else must verify it.")
    buttons = _steps(showing, tracked) if showing.register.allows(StartMitigation) else []
    if tracked.issue is not None and one.ticket in (tracked.issue.issue.key, tracked.issue.issue.url):
        pass  # the link of the issue leads there
    elif one.ticket.startswith(("https://", "http://")) and len(one.ticket) <= BUTTON_URL:
        buttons.append({**link_button("Ticket", one.ticket), "action_id": f"{ButtonKind.LINK}:{one.id}"})
    return [section("\n".join(lines)), *([actions(*buttons)] if buttons else [])]


def _has_other_ticket(tracked: TrackedMitigation) -> bool:
    """Return whether the ticket is a key, and not that of the issue, which has a line of its own."""
    ticket = tracked.mitigation.ticket
    named = tracked.issue is not None and ticket == tracked.issue.issue.key
    return TICKET_KEY.fullmatch(ticket) is not None and not named


def _served(showing: PageData, tracked: TrackedMitigation) -> list[str]:
    """Return the other threats that a mitigation serves, and for how many places it is verified."""
    other = [one for one in tracked.threats if one != showing.target.element]
    lines = [f"Other threats: {', '.join(other[:_OTHERS])}{' and more' if len(other) > _OTHERS else ''}"]
    verified = len(tracked.links) - len(tracked.unverified)
    state = tracked.mitigation.state
    if len(tracked.links) > 1 and state is MitigationState.IMPLEMENTED:
        lines.append(f"Verified for {verified} of {len(tracked.links)} threats and places")
    return lines if other else lines[1:]


def _suggested_due(showing: PageData, tracked: TrackedMitigation) -> list[str]:
    """Return the due date that the policy suggests, if it is earlier than the one that was set."""
    one, register = tracked.mitigation, showing.register
    if not one.state.to_do:
        return []
    every = (register.suggestions[threat] for threat in tracked.threats if threat in register.suggestions)
    suggested = combined_suggestion(every)
    due = suggested.due()
    if due is None or (one.due is not None and one.due <= due):
        return []
    return [f"Suggested due date: {short_day(due)}. {due_date_reason(suggested)}"]


def mitigation_buttons(stream: str, one: Mitigation, *, back: str = "") -> list[Block]:
    """Return the buttons for the next step of a mitigation and for its reassignment, for its owner."""
    buttons: list[Block] = []
    if one.state is MitigationState.PLANNED:
        buttons.append(_does("Start", Action.START_MITIGATION, stream, one))
    if one.state.to_do:
        buttons.append(_opens("Mark as implemented…", "implement", stream, one, back=back, primary=True))
        buttons.append(_opens("Reassign…", "reassign", stream, one, back=back))
    return buttons


def verify_button(
    stream: str, one: Mitigation, *, several: bool = False, reminder: str = "", back: str = ""
) -> Block:
    """Return the button that verifies a mitigation, or opens the form for `several` threats and places.

    `reminder` is the key of the reminder that has it.
    """
    suffix = f"verify-{(reminder or one.id)[-_SUFFIX:]}"
    if several:
        return button(
            "Verify…",
            ButtonKind.OPEN,
            ReminderTarget(name="verify_links", stream=stream, element=one.id, reminder=reminder, back=back),
            suffix=suffix,
            style="primary",
            spoken=f"Verify {one.id}",
        )
    asked = confirm(
        f"Verify {one.id}?",
        "You confirm that you checked it and that it is effective. Your name is recorded.",
        yes="Verify",
    )
    return button(
        "Verify",
        ButtonKind.DO,
        ReminderTarget(name=Action.VERIFY, stream=stream, element=one.id, reminder=reminder),
        suffix=suffix,
        style="primary",
        spoken=f"Verify {one.id}",
        confirm=asked,
    )


def _steps(showing: PageData, tracked: TrackedMitigation) -> list[Block]:
    """Return the permitted actions, next step first."""
    one = tracked.mitigation
    stream, back = showing.target.stream, "response"
    verifying = one.state is MitigationState.IMPLEMENTED
    steps = mitigation_buttons(stream, one, back=back)
    if tracked.proposal is not None:
        steps.append(_does("Keep as is", Action.DISMISS_ISSUE, stream, one))
    if verifying and showing.reader not in done_by(one):
        steps.append(verify_button(stream, one, several=len(tracked.links) > 1, back=back))
    if verifying or one.state is MitigationState.VERIFIED:
        steps.append(_opens("Reject…", "refuse", stream, one, back=back))
    if verifying:
        steps.append(_opens("Reassign…", "reassign", stream, one, back=back))
    if one.state.to_do:
        steps.append(_opens("Change due date…", "reschedule", stream, one, back=back))
    if one.state is MitigationState.DROPPED:
        return [_does("Restore", Action.RESUME, stream, one)]
    if tracked.can_request_issue:
        steps.append(_does("Create issue", Action.REQUEST_ISSUE, stream, one))
    elif tracked.issue is not None:
        steps.append(_does("Unlink issue", Action.UNLINK_ISSUE, stream, one))
    if len(tracked.threats) > 1 and showing.target.element in tracked.threats:
        steps.append(_unlink(stream, one, showing.target.element))
    steps.append(_opens("Revise…", "mitigation", stream, one, back=back))
    steps.append(_opens("Drop…", "drop", stream, one, back=back))
    return steps


def _unlink(stream: str, one: Mitigation, threat: str) -> Block:
    target = LinkTarget(name=Action.UNLINK, stream=stream, element=one.id, threat=threat)
    return button(
        f"Remove from {threat}",
        ButtonKind.DO,
        target,
        suffix=f"unlink-{one.id}",
        spoken=f"Remove {one.id} from {threat}",
    )


def _does(label: str, action: Action, stream: str, one: Mitigation) -> Block:
    target = Target(name=action, stream=stream, element=one.id)
    return button(label, ButtonKind.DO, target, suffix=f"{action}-{one.id}", spoken=f"{label}: {one.id}")


def _opens(label: str, form: str, stream: str, one: Mitigation, *, back: str, primary: bool = False) -> Block:
    return button(
        label,
        ButtonKind.OPEN,
        Target(name=form, stream=stream, element=one.id, back=back),
        suffix=f"{form}-{one.id}",
        style="primary" if primary else None,
        spoken=f"{label.rstrip('…')}: {one.id}",
    )


_BECAUSE = {MitigationState.DROPPED: "Dropped", MitigationState.VERIFIED: "Rejected earlier"}
_TEXT = 600
_SUFFIX = 200
_OTHERS = 8
