"""Page of the plan, and the forms that approve or respond to several threats."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.block_builders import Block, View, actions, button, divider, modal, section
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.targets import (
    ALL,
    Action,
    ButtonKind,
    PhaseTarget,
    ReminderTarget,
    SelectionTarget,
    StaleButton,
    Target,
    ThreatResponseTarget,
)
from bot.slack.screens.page_data import PageData
from bot.slack.ui.forms.common_fields import URGENT_FIELD, command_of_fields
from bot.slack.ui.forms.form import (
    Form,
    FormCommand,
    FormContext,
    FormEnding,
    FormSubmission,
    LazyRegister,
    WriteEffect,
)
from bot.slack.ui.forms.form_fields import (
    ButtonRow,
    CheckboxesField,
    ChoiceField,
    FormPart,
    ImpliedChange,
    Option,
    Paragraph,
    PersonField,
    SubmittedValues,
    TextField,
)
from bot.slack.ui.modals.next_step_buttons import open_residual_vote_button
from bot.slack.ui.modals.page_declaration import Page, list_page, page_buttons
from bot.slack.ui.modals.remediation.response_forms import RESPONSE_MEANINGS, threat_line, threat_of_target
from bot.slack.ui.modals.voting.round_forms import residual_threats
from bot.slack.ui.texts.remediation_texts import (
    mitigation_text,
    places_text,
    progress_text,
    threat_status_text,
)
from bot.slack.ui.texts.score_texts import band_suffix, threat_option
from bot.slack.ui.texts.tracker_texts import issue_suffix
from domain.commands import (
    ApproveAcceptances,
    BeginRemediation,
    ChooseResponse,
    DeclineAcceptance,
    OpenRound,
    ReassignApproval,
)
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.length_limits import TEXT
from domain.kernel.mitigation import MitigationState
from domain.kernel.person_names import Naming
from domain.kernel.response import Response, ResponseKind, SeenProposal
from domain.kernel.text_formatting import count_phrase
from domain.kernel.threat import Threat, ThreatId
from domain.register import ThreatRegister
from domain.rejections import NoProposal, ProposalOver
from domain.remediation.status import ThreatStatus, TrackedMitigation


def _proposed(register: ThreatRegister, threat: Threat) -> Response:
    """Return the proposal to accept a threat; raises NoProposal if there is none."""
    status = register.statuses.get(threat.id)
    if status is None or status.proposal is None:
        raise NoProposal(threat.id)
    return status.proposal


def _declining(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    threat = threat_of_target(register, opening.target)
    proposal = _proposed(register, threat)
    until = f"until {short_day(proposal.expires)}: " if proposal.expires else ""
    return [
        Paragraph(text=(f"{threat_line(register, threat)}\nThe previous response remains in force.")),
        TextField(
            key="reason", label="Why is this risk not acceptable?", limit=TEXT, lines=True, required=True
        ),
        ImpliedChange(
            key="proposal",
            label="Proposal",
            initial=f"{until}{proposal.reason}",
            new_value=lambda _: "declined",
        ),
    ]


DECLINE = Form(
    name="decline",
    target=ReminderTarget,
    writes=WriteEffect.REVISES,
    command_type=DeclineAcceptance,
    from_reminders=True,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title=lambda opening: f"Decline {opening.target.element}",
    submit="Decline",
    parts=_declining,
    build_command=command_of_fields(DeclineAcceptance, about="threat"),
)


def _whom_else(opening: FormContext) -> str:
    asked = _proposed(
        opening.required_register, threat_of_target(opening.required_register, opening.target)
    ).asked
    return "Change approver" if asked else "Choose approver"


def _reassigning(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    threat = threat_of_target(register, opening.target)
    proposal = _proposed(register, threat)
    if proposal.expires is not None and register.statuses[threat.id].too_late:
        raise StaleButton(ProposalOver(short_day(proposal.expires)).sentence)
    until = f" until {short_day(proposal.expires)}" if proposal.expires else ""
    because = f" “{escape(proposal.reason, _REASON)}”" if proposal.reason else ""
    return [
        Paragraph(text=(f"{threat_line(register, threat)}\n*Accept*{until}{because}")),
        PersonField(
            key="approver",
            label="Approver",
            hint="Any participant except the proposer. They are notified by direct message.",
            required=True,
            # The suggested person is never the one who reassigns.
            initial=proposal.asked if proposal.asked != opening.person else None,
            hidden=opening.person if proposal.asked == opening.person else "",
        ),
        URGENT_FIELD,
    ]


REASSIGN_APPROVAL = Form(
    name="reassign_approval",
    target=ReminderTarget,
    writes=WriteEffect.REVISES,
    command_type=ReassignApproval,
    from_reminders=True,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title=_whom_else,
    submit="Save",
    parts=_reassigning,
    build_command=command_of_fields(ReassignApproval, about="threat"),
)


_REASON = 600


def approvable_proposals(register: ThreatRegister, person: PersonId) -> list[Response]:
    """Return the proposed acceptances that a person may approve, the worst threat first."""
    found: list[Response] = []
    for one in register.ranked:
        status = register.statuses[one.threat.id]
        proposal = status.proposal
        if proposal is None or status.too_late or proposal.by == person:
            continue
        named = register.policy.of(register.suggestions[one.threat.id].band).approvers
        if not named or person in named:
            found.append(proposal)
    return found


def _approving(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    proposals = approvable_proposals(register, opening.person)
    if not proposals:
        raise StaleButton("No proposal is waiting for your approval.")
    titles = {one.id: one.title for one in register.threats}
    return [
        Paragraph(text="The risks are accepted in your name until the dates shown."),
        CheckboxesField(
            key="proposals",
            label="Risks to accept",
            required=True,
            options=tuple(
                Option(
                    value=f"{one.threat}/{one.at.isoformat()}",
                    text=threat_option(register, one.threat, titles[one.threat]),
                    means=_until(one),
                )
                for one in proposals[:_OFFERED]
            ),
        ),
    ]


def _until(proposal: Response) -> str:
    until = f"Until {short_day(proposal.expires)}" if proposal.expires else "Without an expiry date"
    return f"{until}: {proposal.reason}"


def _nothing_chosen(values: SubmittedValues) -> dict[str, str]:
    return {} if values.many("proposals") else {"proposals": "Select at least one."}


def _approve(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    del target
    return ApproveAcceptances(by=by, at=at, proposals=tuple(map(_seen, values.many("proposals"))))


def _seen(value: str) -> SeenProposal:
    threat, _, moment = value.partition("/")
    try:
        return SeenProposal(threat=ThreatId(threat), proposed_at=datetime.fromisoformat(moment))
    except ValueError as error:
        raise StaleButton from error


APPROVE_SEVERAL = Form(
    name="approve_several",
    writes=WriteEffect.ADDS,
    command_type=ApproveAcceptances,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title="Approve several risks",
    submit="Approve",
    parts=_approving,
    build_command=_approve,
    validate=_nothing_chosen,
)

_OFFERED = 100


MAX_CHOSEN = 100
"""Threats that are offered at once: ten groups of ten checkboxes."""


def unanswered_threats(register: ThreatRegister) -> list[Threat]:
    """Return the threats without a response and without a proposal that can be approved, the worst first."""
    statuses = register.statuses
    return [one.threat for one in register.ranked if statuses[one.threat.id].needs_response]


def _choosing(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    threats = unanswered_threats(register)
    if not threats:
        raise StaleButton("Every threat has a response.")
    offered = threats[:MAX_CHOSEN]
    every = SelectionTarget.of(opening.target).selection == ALL
    other = SelectionTarget(
        name="respond_several", stream=opening.target.stream, back="plan", selection="" if every else ALL
    )
    label = "Select none" if every else f"Select all {len(offered)}"
    return [
        Paragraph(text=f"*{count_phrase(len(threats), 'threat')}* without a response, highest risk first."),
        ButtonRow(buttons=(button(label, ButtonKind.TURN, other, suffix="select"),)),
        CheckboxesField(
            key="threats",
            label="Threats",
            required=True,
            options=tuple(
                Option(value=one.id, text=threat_option(register, one.id, one.title)) for one in offered
            ),
            initial=tuple(one.id for one in offered) if every else (),
        ),
        ChoiceField(
            key="response",
            label="Response",
            required=True,
            radio=True,
            options=tuple(
                Option(value=kind, text=kind.capitalize(), means=RESPONSE_MEANINGS[kind])
                for kind in ResponseKind
            ),
            initial=ResponseKind.MITIGATE,
        ),
    ]


def _several_threats_nothing_chosen(values: SubmittedValues) -> dict[str, str]:
    return {} if values.many("threats") else {"threats": "Select at least one threat."}


def _then_respond(values: SubmittedValues, target: Target, register: LazyRegister) -> Target | None:
    """Return the form of the chosen response, about the chosen threats."""
    del register
    try:
        kind = ResponseKind(values.text("response"))
    except ValueError as unknown:
        raise StaleButton from unknown
    stream, threats = target.stream, ",".join(values.many("threats"))
    match kind:
        case ResponseKind.MITIGATE:
            return Target(name="mitigation", stream=stream, element=threats, back=target.back)
        case ResponseKind.ACCEPT:
            return ReminderTarget(name="accept", stream=stream, element=threats, back=target.back)
        case ResponseKind.TRANSFER | ResponseKind.AVOID:
            return ThreatResponseTarget(
                name="respond", stream=stream, element=threats, response=kind, back=target.back
            )


RESPOND_SEVERAL = Form(
    name="respond_several",
    target=SelectionTarget,
    writes=WriteEffect.READS,
    command_type=ChooseResponse,
    submission=FormSubmission.PAGE,
    title="Respond to several",
    submit="Continue",
    parts=_choosing,
    set_by_buttons=("threats",),
    validate=_several_threats_nothing_chosen,
    next_form=_then_respond,
)


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
