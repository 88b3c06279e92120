"""Page of the plan: every threat with its response, owner and due date."""

from bot.slack.protocol.block_builders import Block, View, actions, button, divider, modal, section
from bot.slack.protocol.escaping import escape_name
from bot.slack.protocol.interactions import Action, ButtonKind
from bot.slack.protocol.targets import PhaseTarget, SelectionTarget, Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.next_step_buttons import open_residual_vote_button
from bot.slack.ui.modals.page_declaration import Page
from bot.slack.ui.modals.paging import list_page, page_buttons
from bot.slack.ui.modals.remediation.approve_several_form import approvable_proposals
from bot.slack.ui.modals.remediation.several_threats_form import unanswered_threats
from bot.slack.ui.modals.voting.round_forms import residual_threats
from bot.slack.ui.texts.issue_texts import issue_suffix
from bot.slack.ui.texts.place_texts import places_text
from bot.slack.ui.texts.remediation_texts import mitigation_text, progress_text, threat_status_text
from bot.slack.ui.texts.score_texts import band_suffix
from domain.commands import BeginRemediation, ChooseResponse, OpenRound
from domain.kernel.mitigation import MitigationState
from domain.kernel.person_names import Naming
from domain.kernel.text_formatting import count_phrase
from domain.kernel.threat import Threat
from domain.register import ThreatRegister
from domain.remediation.status import ThreatStatus, TrackedMitigation


def plan_page(showing: PageData) -> View:
    """Return the threats, the worst first, each with a link to its page; unassigned mitigations last."""
    target, register = showing.target, showing.register
    rows: tuple[Threat | TrackedMitigation, ...] = (
        *(one.threat for one in register.ranked),
        *(one for one in register.mitigations if one.orphan and _live(one)),
    )
    shown = list_page(rows, target, _ON_A_PAGE)
    blocks: list[Block] = [section(_counts(register))]
    if reason := _why_nothing_to_do(register):
        blocks.append(section(reason))
    onward = [button("Threats", ButtonKind.SHOW, Target(name="threats", stream=target.stream))]
    residual = residual_button(showing)
    blocks.append(actions(*_at_once(showing), *([residual] if residual else []), *onward))
    for one in shown.items:
        row = _threat(showing, one) if isinstance(one, Threat) else _orphan(showing, one)
        blocks += [divider(), row]
    return modal("Plan", [*blocks, *page_buttons(shown, target)], target=target)


PLAN = Page(name="plan", show=plan_page)


def residual_button(showing: PageData) -> Block | None:
    """Return a button that opens a vote on residual risk."""
    register, stream = showing.register, showing.target.stream
    verified = any(residual_threats(register))
    if not verified or not register.allows(OpenRound) or showing.reader != register.facilitator:
        return None
    return open_residual_vote_button(stream, back=showing.target.name)


def _why_nothing_to_do(register: ThreatRegister) -> str:
    """Return why no response can be chosen in this phase, and what comes before; empty if one can."""
    if register.allows(ChooseResponse) or not register.threats:
        return ""
    if register.phase in ("closed", "archived"):
        return f"The model is {register.phase}. Reopen it to change a response."
    unmet = [gate.text for gate in register.gates_before["remediation"] if not gate.met]
    after = f"Conditions not met: {'; '.join(unmet)}." if unmet else "All conditions for remediation are met."
    return f"Responses are chosen in remediation; the model is in {register.phase}. {after}"


def _at_once(showing: PageData) -> list[Block]:
    """Return the buttons that act on several threats, or that lead to remediation."""
    register, stream = showing.register, showing.target.stream
    buttons: list[Block] = []
    if register.allows(BeginRemediation) and register.threats and showing.reader == register.facilitator:
        moving = PhaseTarget(name="move", stream=stream, move=Action.BEGIN_REMEDIATION, back="plan")
        buttons.append(
            button("Begin remediation…", ButtonKind.OPEN, moving, suffix="remediation", style="primary")
        )
    if not register.allows(ChooseResponse):
        return buttons
    waiting = len(unanswered_threats(register))
    if waiting > 1:
        responding = SelectionTarget(name="respond_several", stream=stream, back="plan")
        buttons.append(
            button("Respond to several…", ButtonKind.OPEN, responding, suffix="several", style="primary")
        )
    if len(approvable_proposals(register, showing.reader)) > 1:
        approving = Target(name="approve_several", stream=stream, back="plan")
        buttons.append(button("Approve several risks…", ButtonKind.OPEN, approving, suffix="approve-several"))
    return buttons


def _counts(register: ThreatRegister) -> str:
    if not register.threats:
        return "*No threats yet.* The plan shows the response to each threat, with owner and due date."
    statuses = register.statuses.values()
    silent = sum(one.needs_response for one in statuses)
    asked_for = sum(one.waits_for_approval for one in statuses)
    summary = [f"*{count_phrase(len(register.threats), 'threat')}*, highest risk first"]
    if silent:
        summary.append(f"{silent} without a response")
    if asked_for:
        summary.append(f"{asked_for} waiting for approval")
    overdue = sum(one.overdue for one in register.mitigations)
    if overdue:
        summary.append(f"⚠ {count_phrase(overdue, 'mitigation')} overdue")
    if asked := sum(one.proposal is not None for one in register.mitigations if not one.orphan):
        summary.append(f"{count_phrase(asked, 'issue')} to decide on")
    return " · ".join(summary)


def _threat(showing: PageData, threat: Threat) -> Block:
    register = showing.register
    status = register.statuses[threat.id]
    lines = [
        f"*{escape_name(threat.title, _TITLE)}* · {threat.id}{band_suffix(register, threat.id)}",
        *([places_text(register, threat)] if len(threat.places) > 1 else []),
        threat_status_text(status, showing.naming),
        *_mitigations(status, showing.naming),
    ]
    waits = status.state.unanswered and register.allows(ChooseResponse)
    label = "Respond" if waits else "Open"
    about = Target(name="response", stream=showing.target.stream, element=threat.id)
    pressed = button(label, ButtonKind.TURN, about, suffix=threat.id, spoken=f"{label}: {threat.id}")
    return section("\n".join(lines), accessory=pressed)


def _mitigations(status: ThreatStatus, naming: Naming) -> list[str]:
    """Return the planned mitigations; the status of a single one is shown with its threat."""
    live = [one for one in status.mitigations if _live(one)]
    lines = [
        f"• {escape_name(one.mitigation.title, _TITLE)} · {one.mitigation.id}"
        + (f" · {progress_text(one, naming)}" if len(live) > 1 else "")
        + issue_suffix(one)
        for one in live[:_MAX_LINES]
    ]
    return [*lines, *([f"• and {len(live) - _MAX_LINES} more"] if len(live) > _MAX_LINES else [])]


def _orphan(showing: PageData, one: TrackedMitigation) -> Block:
    id = one.mitigation.id
    about = Target(name="response", stream=showing.target.stream, element=id)
    pressed = button("Open", ButtonKind.TURN, about, suffix=id, spoken=f"Open {id}")
    words = f"{mitigation_text(one, showing.naming)}\n⚠ Its threat was withdrawn."
    return section(words, accessory=pressed)


def _live(one: TrackedMitigation) -> bool:
    return one.mitigation.state is not MitigationState.DROPPED


_ON_A_PAGE = 15
_TITLE = 150
_MAX_LINES = 6
