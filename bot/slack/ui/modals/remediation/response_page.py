"""Page of one threat in the plan: its response, and its mitigations."""

from collections.abc import Iterator

from msgspec.structs import replace

from bot.slack.protocol.block_builders import (
    Block,
    View,
    actions,
    button,
    confirm,
    context,
    divider,
    link_button,
    modal,
    section,
)
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.slack_limits import BUTTON_URL
from bot.slack.protocol.targets import (
    Action,
    ButtonKind,
    LinkTarget,
    ProposalTarget,
    ReminderTarget,
    Target,
    ThreatResponseTarget,
)
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.page_declaration import Page
from bot.slack.ui.modals.remediation.mitigation_form import (
    due_date_reason,
    is_mitigation,
    mitigation_of_target,
)
from bot.slack.ui.modals.remediation.plan_page import residual_button
from bot.slack.ui.modals.remediation.response_forms import threat_of_target
from bot.slack.ui.texts.common_texts import person_name
from bot.slack.ui.texts.remediation_texts import (
    places_text,
    progress_text,
    response_reason,
    threat_status_text,
)
from bot.slack.ui.texts.score_texts import score_line
from bot.slack.ui.texts.tracker_texts import issue_lines
from domain.commands import ApproveAcceptance, ChooseResponse, ReassignApproval, StartMitigation
from domain.kernel.due_dates import short_day
from domain.kernel.mitigation import TICKET_KEY, Mitigation, MitigationState
from domain.kernel.response import Response, ResponseKind
from domain.kernel.threat import Threat
from domain.remediation.control_suggestions import CLASS_OF
from domain.remediation.reviewers import done_by
from domain.remediation.status import ThreatStatus, TrackedMitigation
from domain.remediation.suggestions import combined_suggestion
from domain.wording.score_numbers import imported_score


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


def response_page(showing: PageData) -> View:
    """Return a threat, its response and its mitigations; for an orphaned mitigation, only that."""
    target, register = showing.target, showing.register
    if is_mitigation(target):
        tracked = mitigation_of_target(register, target)
        if tracked.orphan:
            return _orphan(showing, tracked)
        target = Target(name=target.name, stream=target.stream, element=tracked.threat)
        showing = replace(showing, target=target)  # its rows name the other threats
    threat = threat_of_target(register, target)
    status = register.statuses[threat.id]
    shown = status.mitigations[-_MAX_MITIGATIONS:]
    blocks = [
        section(_threat(showing, threat)),
        section(_response(showing, status)),
        *_proposal(showing, status),
        *_responding(showing, status),
    ]
    if shown:
        blocks += [divider(), section("*Mitigations*")]
        blocks += [row for one in shown for row in mitigation_rows(showing, one)]
    if len(status.mitigations) > len(shown):
        blocks.append(context(f"{len(status.mitigations) - len(shown)} earlier ones: see *History*"))
    blocks += [divider(), actions(*_onward(showing))]
    return modal(f"{threat.id} in the plan", blocks, target=target, close="Done")


RESPONSE = Page(name="response", show=response_page)


def _orphan(showing: PageData, tracked: TrackedMitigation) -> View:
    rows = mitigation_rows(showing, tracked)
    asked = section(
        "⚠ The threat of this mitigation was withdrawn. Drop the mitigation if it is no longer needed."
    )
    return modal(
        f"{tracked.mitigation.id} in the plan",
        [asked, *rows, divider(), actions(*_onward(showing))],
        target=showing.target,
        close="Done",
    )


def _threat(showing: PageData, threat: Threat) -> str:
    register = showing.register
    ranked = next((one for one in register.ranked if one.threat.id == threat.id), None)
    places = places_text(register, threat)
    lines = [f"*{escape_name(threat.title)}* · {threat.id}", *([places] if places else [])]
    if ranked and ranked.score:
        lines.append(score_line(ranked.score.tally))
    elif ranked and ranked.imported:
        lines.append(f"_{imported_score(ranked.imported)}_")
    if ranked and ranked.residual:
        lines.append(f"Residual risk: {score_line(ranked.residual.tally)}")
    if threat.description:
        lines.append(escape(threat.description, _RESPONSE_TEXT))
    classes = [f"{one.label} → {CLASS_OF[one]}" for one in threat.stride]
    if classes:
        lines.append(f"Control classes: {', '.join(classes)}")
    return "\n".join(lines)


def _response(showing: PageData, status: ThreatStatus) -> str:
    response = status.response
    reason = response_reason(response) if response else ""
    return "\n".join([f"*{threat_status_text(status, showing.naming)}*", *([reason] if reason else [])])


def _proposal(showing: PageData, status: ThreatStatus) -> list[Block]:
    """Return a pending acceptance: the two answers, and another approver."""
    proposal = status.proposal
    if proposal is None:
        return []
    naming, asked = showing.naming, proposal.asked
    until = f" until {short_day(proposal.expires)}" if proposal.expires else ""
    proposes = "proposed" if status.too_late else "proposes"
    lines = [
        f"{person_name(naming, proposal.by)} {proposes} to *accept* it{until}: {response_reason(proposal)}"
    ]
    if status.too_late:
        lines.append(
            "⚠ The proposal expired without approval. Propose it again with a later date, or choose "
            "another response."
        )
        return [section("\n".join(lines))]
    if showing.reader == proposal.by:
        whom = person_name(naming, asked) if asked else "another participant"
        lines.append(f"Waiting for {whom} to approve it.")
    elif asked and asked != showing.reader:
        lines.append(
            f"{person_name(naming, asked)} is the requested approver; any other participant can also decide."
        )
    stream, buttons = showing.target.stream, list[Block]()
    if showing.reader != proposal.by and showing.register.allows(ApproveAcceptance):
        buttons += approval_buttons(stream, proposal, back="response")
    if showing.register.allows(ReassignApproval):
        buttons.append(reassign_button(stream, proposal, back="response"))
    return [section("\n".join(lines)), *([actions(*buttons)] if buttons else [])]


def approval_buttons(stream: str, proposal: Response, *, back: str = "", reminder: str = "") -> list[Block]:
    """Return the two answers to a proposed acceptance; `reminder` is the key of their reminder."""
    about, suffix = proposal.threat, (reminder or proposal.threat)[-_RESPONSE_SUFFIX:]
    approving = ProposalTarget(
        name=Action.APPROVE, stream=stream, element=about, reminder=reminder, proposed=proposal.at
    )
    declining = ReminderTarget(name="decline", stream=stream, element=about, reminder=reminder, back=back)
    until = f" until {short_day(proposal.expires)}" if proposal.expires else ""
    asked = confirm(
        f"Accept the risk of {proposal.threat}?",
        f"The risk is accepted in your name{until}. After that, the threat is open again.",
        yes="Approve",
    )
    return [
        button(
            "Approve",
            ButtonKind.DO,
            approving,
            suffix=f"approve-{suffix}",
            style="primary",
            spoken=f"Approve accepting {proposal.threat}",
            confirm=asked,
        ),
        button(
            "Decline…",
            ButtonKind.OPEN,
            declining,
            suffix=f"decline-{suffix}",
            spoken=f"Decline accepting {proposal.threat}",
        ),
    ]


def reassign_button(
    stream: str,
    proposal: Response,
    *,
    label: str = "",
    back: str = "",
    reminder: str = "",
    primary: bool = False,
) -> Block:
    """Return the button to ask another approver; `reminder` as with the two answers."""
    default = "Change approver…" if proposal.asked else "Choose approver…"
    target = ReminderTarget(
        name="reassign_approval", stream=stream, element=proposal.threat, reminder=reminder, back=back
    )
    return button(
        label or default,
        ButtonKind.OPEN,
        target,
        suffix=f"reassign-{(reminder or proposal.threat)[-_RESPONSE_SUFFIX:]}",
        style="primary" if primary else None,
        spoken=f"Choose the approver of {proposal.threat}",
    )


def _responding(showing: PageData, status: ThreatStatus) -> list[Block]:
    """Return the four responses; *mitigate* leads directly to planning a mitigation."""
    if not showing.register.allows(ChooseResponse):
        return []
    return [actions(*_responses(showing.target.stream, status))]


def _responses(stream: str, status: ThreatStatus) -> Iterator[Block]:
    kind = status.response.kind if status.response else None
    to_plan = status.state.unanswered or kind is ResponseKind.MITIGATE
    first = to_plan and not status.live_mitigations
    if to_plan:
        planning = Target(name="mitigation", stream=stream, element=status.threat, back="response")
        yield _response_opens("Plan a mitigation", planning, primary=first)
    else:
        yield _response_opens(
            "Mitigate instead…", _response_target(stream, status, ResponseKind.MITIGATE), primary=first
        )
    accept = "Change proposal…" if status.proposal else "Accept…"
    yield _response_opens(
        accept, ReminderTarget(name="accept", stream=stream, element=status.threat, back="response")
    )
    for other in (ResponseKind.TRANSFER, ResponseKind.AVOID):
        yield _response_opens(f"{other.capitalize()}…", _response_target(stream, status, other))


def _response_target(stream: str, status: ThreatStatus, kind: ResponseKind) -> ThreatResponseTarget:
    return ThreatResponseTarget(
        name="respond", stream=stream, element=status.threat, response=kind, back="response"
    )


def _response_opens(label: str, target: Target, *, primary: bool = False) -> Block:
    return button(
        label,
        ButtonKind.OPEN,
        target,
        suffix=f"{target.name}-{target.response}"
        if isinstance(target, ThreatResponseTarget)
        else target.name,
        style="primary" if primary else None,
        spoken=f"{label.rstrip('…')}: {target.element}",
    )


def _onward(showing: PageData) -> list[Block]:
    plan = Target(name="plan", stream=showing.target.stream)
    residual = residual_button(showing)
    return [
        button("All threats", ButtonKind.TURN, plan, spoken="All threats in the plan"),
        *([residual] if residual else []),
    ]


_RESPONSE_TEXT = 600
_MAX_MITIGATIONS = 20
_RESPONSE_SUFFIX = 200
