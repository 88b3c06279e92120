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
    modal,
    section,
)
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.interactions import Action, ButtonKind
from bot.slack.protocol.targets import ProposalTarget, ReminderTarget, Target, ThreatResponseTarget
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.page_declaration import Page
from bot.slack.ui.modals.remediation.mitigation_form import is_mitigation, mitigation_of_target
from bot.slack.ui.modals.remediation.mitigation_rows import mitigation_rows
from bot.slack.ui.modals.remediation.plan_page import residual_button
from bot.slack.ui.modals.remediation.response_forms import threat_of_target
from bot.slack.ui.texts.common_texts import person_name
from bot.slack.ui.texts.place_texts import places_text
from bot.slack.ui.texts.remediation_texts import response_reason, threat_status_text
from bot.slack.ui.texts.score_texts import score_line
from domain.commands import ApproveAcceptance, ChooseResponse, ReassignApproval
from domain.kernel.due_dates import short_day
from domain.kernel.response import Response, ResponseKind
from domain.kernel.threat import Threat
from domain.remediation.control_suggestions import CLASS_OF
from domain.remediation.status import ThreatStatus, TrackedMitigation
from domain.wording.score_numbers import imported_score


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
        lines.append(escape(threat.description, _TEXT))
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
    about, suffix = proposal.threat, (reminder or proposal.threat)[-_SUFFIX:]
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
        suffix=f"reassign-{(reminder or proposal.threat)[-_SUFFIX:]}",
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
        yield _opens("Plan a mitigation", planning, primary=first)
    else:
        yield _opens(
            "Mitigate instead…", _response_target(stream, status, ResponseKind.MITIGATE), primary=first
        )
    accept = "Change proposal…" if status.proposal else "Accept…"
    yield _opens(accept, ReminderTarget(name="accept", stream=stream, element=status.threat, back="response"))
    for other in (ResponseKind.TRANSFER, ResponseKind.AVOID):
        yield _opens(f"{other.capitalize()}…", _response_target(stream, status, other))


def _response_target(stream: str, status: ThreatStatus, kind: ResponseKind) -> ThreatResponseTarget:
    return ThreatResponseTarget(
        name="respond", stream=stream, element=status.threat, response=kind, back="response"
    )


def _opens(label: str, target: Target, *, primary: bool = False) -> Block:
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


_TEXT = 600
_MAX_MITIGATIONS = 20
_SUFFIX = 200
