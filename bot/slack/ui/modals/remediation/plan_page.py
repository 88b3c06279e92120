"""Page of the plan, and the forms that approve or respond to several threats."""

from collections.abc import Callable, Iterator, Sequence

from msgspec.structs import replace

from bot.slack.protocol.block_builders import (
    Block,
    View,
    button,
    button_row,
    divider,
    modal,
    section,
)
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
from bot.slack.ui.forms.common_fields import (
    URGENT_FIELD,
    RemindedForm,
    long_text,
)
from bot.slack.ui.forms.form import (
    Entry,
    Form,
    FormCommand,
    FormContext,
    FormEnding,
    FormSubmission,
    Saved,
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
    SubmittedValues,
)
from bot.slack.ui.modals.next_step_buttons import open_residual_vote_button
from bot.slack.ui.modals.page_declaration import Page, list_page, page_buttons
from bot.slack.ui.modals.remediation.reassign_all_form import reassign_all_button
from bot.slack.ui.modals.remediation.response_forms import (
    RESPONSE_MEANINGS,
    approver_field,
    policy_approvers,
    threat_line,
    threat_of_target,
)
from bot.slack.ui.modals.voting.round_forms import residual_threats
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.common_texts import first_lines
from bot.slack.ui.texts.remediation_texts import (
    mitigation_text,
    place_suffix,
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
from domain.kernel.mitigation import MitigationState
from domain.kernel.text_formatting import count_phrase
from domain.kernel.threat import Response, ResponseKind, Threat
from domain.register import ThreatRegister
from domain.rejections import NoProposal, ProposalOver
from domain.remediation.status import TrackedMitigation


def _proposed(opening: FormContext) -> tuple[Threat, Response]:
    """Return a threat and the proposal to accept it; raises NoProposal if there is none."""
    register = opening.required_register
    threat = threat_of_target(register, opening.target)
    status = register.statuses.get(threat.id)
    if status is None or status.proposal is None:
        raise NoProposal(threat.id)
    return threat, status.proposal


def _until(proposal: Response) -> str:
    return f" until {short_day(proposal.expires)}" if proposal.expires else ""


def _declining(opening: FormContext) -> Sequence[FormPart]:
    threat, proposal = _proposed(opening)
    until = f"{_until(proposal).strip()}: " if proposal.expires else ""
    line = threat_line(opening.required_register, threat)
    return [
        Paragraph(text=f"{line}\nThe previous response remains in force."),
        long_text("reason", "Why is this risk not acceptable?", required=True),
        ImpliedChange(
            key="proposal",
            label="Proposal",
            initial=f"{until}{proposal.reason}",
            new_value=lambda _: "declined",
        ),
    ]


DECLINE = RemindedForm(
    name="decline",
    command_type=DeclineAcceptance,
    about="threat",
    title=lambda opening: f"Decline {opening.target.element}",
    submit="Decline",
    parts=_declining,
)


def _reassigning(opening: FormContext) -> Sequence[FormPart]:
    register, (threat, proposal) = opening.required_register, _proposed(opening)
    if proposal.expires is not None and register.statuses[threat.id].too_late:
        raise StaleButton(ProposalOver(short_day(proposal.expires)).sentence)
    because = f" “{escape(proposal.reason, _REASON)}”" if proposal.reason else ""
    hint = "Any participant except the proposer. They are notified by direct message."
    return [
        Paragraph(text=f"{threat_line(register, threat)}\n*Accept*{_until(proposal)}{because}"),
        approver_field(
            hint, proposal.asked, policy_approvers(register, [threat]), opening, proposer=proposal.by
        ),
        URGENT_FIELD,
    ]


REASSIGN_APPROVAL = RemindedForm(
    name="reassign_approval",
    command_type=ReassignApproval,
    about="threat",
    title=lambda opening: "Change approver" if _proposed(opening)[1].asked else "Choose approver",
    parts=_reassigning,
)


_REASON = 600


def approvable_proposals(register: ThreatRegister, person: PersonId) -> list[Response]:
    """Return the proposed acceptances that a person may approve, the worst threat first."""
    found: list[Response] = []
    for threat in register.ranked:
        status = register.statuses[threat.threat.id]
        proposal = status.proposal
        if proposal is None or status.too_late or proposal.by == person:
            continue
        named = register.policy.of(register.suggestions[threat.threat.id].band).approvers
        if not named or person in named:
            found.append(proposal)
    return found


def _approving(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    proposals = approvable_proposals(register, opening.person)
    if not proposals:
        raise StaleButton("No proposal is waiting for your approval.")
    titles = {threat.id: threat.title for threat in register.threats}
    options = tuple(
        Option(
            value=f"{each.threat}/{each.at.isoformat()}",
            text=threat_option(register, each.threat, titles[each.threat]),
            means=f"Until {short_day(each.expires)}: {each.reason}"
            if each.expires
            else f"Without an expiry date: {each.reason}",
        )
        for each in proposals[:_OFFERED]
    )
    return [
        Paragraph(text="The risks are accepted in your name until the dates shown."),
        CheckboxesField(key="proposals", label="Risks to accept", required=True, options=options),
    ]


def _approve(entry: Entry) -> FormCommand:
    chosen = [value.partition("/") for value in entry.values.many("proposals")]
    proposals = [{"threat": threat, "proposed_at": moment} for threat, _, moment in chosen]
    return entry.command(ApproveAcceptances, proposals=proposals)


def _needed(key: str, sentence: str) -> Callable[[SubmittedValues], dict[str, str]]:
    """Return the check that something is chosen in a field."""
    return lambda values: {} if values.many(key) else {key: sentence}


APPROVE_SEVERAL = Form(
    name="approve_several",
    writes=WriteEffect.ADDS,
    command_type=ApproveAcceptances,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title="Approve several risks",
    submit="Approve",
    parts=_approving,
    build_command=_approve,
    validate=_needed("proposals", "Select at least one."),
)

_OFFERED = 100


MAX_CHOSEN = 100
"""Threats that are offered at once: ten groups of ten checkboxes."""


def unanswered_threats(register: ThreatRegister) -> list[Threat]:
    """Return the threats without a response and without a proposal that can be approved, the worst first."""
    statuses = register.statuses
    return [threat.threat for threat in register.ranked if statuses[threat.threat.id].needs_response]


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


def _then_respond(saved: Saved) -> Target | None:
    """Return the form of the chosen response, about the chosen threats."""
    try:
        kind = ResponseKind(saved.text("response"))
    except ValueError as unknown:
        raise StaleButton from unknown
    back, threats = saved.target.back, ",".join(saved.values.many("threats"))
    about = Target(stream=saved.target.stream, element=threats, back=back)
    match kind:
        case ResponseKind.MITIGATE:
            return replace(about, name="mitigation")
        case ResponseKind.ACCEPT:
            return replace(ReminderTarget.of(about), name="accept")
        case ResponseKind.TRANSFER | ResponseKind.AVOID:
            return ThreatResponseTarget(
                name="respond", stream=about.stream, element=threats, response=kind, back=back
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
    validate=_needed("threats", "Select at least one threat."),
    next_form=_then_respond,
)


def plan_page(showing: PageData) -> View:
    """Return the threats, the worst first, each with a link to its page; unassigned mitigations last."""
    target, register = showing.target, showing.register
    make = ModelButtons(target.stream, back="plan")
    rows: tuple[Threat | TrackedMitigation, ...] = (
        *(ranked.threat for ranked in register.ranked),
        *(tracked for tracked in register.mitigations if tracked.orphan and _live(tracked)),
    )
    shown = list_page(rows, target, _ON_A_PAGE)
    blocks: list[Block] = [section(_counts(register))]
    if reason := _why_nothing_to_do(register):
        blocks.append(section(reason))
    buttons = (
        *_at_once(make, showing),
        residual_button(showing),
        reassign_all_button(make, register),
        make.shows("Threats", "threats"),
    )
    blocks += button_row(*buttons)
    for row in shown.items:
        if isinstance(row, Threat):
            waits = register.statuses[row.id].state.unanswered and register.allows(ChooseResponse)
            id, label, text = row.id, "Respond" if waits else "Open", _threat(showing, row)
            spoken = f"{label}: {id}"
        else:
            id, label = row.mitigation.id, "Open"
            text = f"{mitigation_text(row, showing.naming)}\n⚠ Its threat was withdrawn."
            spoken = f"Open {id}"
        pressed = make.turns(label, "response", id, suffix=id, spoken=spoken)
        blocks += [divider(), section(text, accessory=pressed)]
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
    unmet = [condition.text for condition in register.conditions_before["remediation"] if not condition.met]
    after = f"Conditions not met: {'; '.join(unmet)}." if unmet else "All conditions for remediation are met."
    return f"Responses are chosen in remediation; the model is in {register.phase}. {after}"


def _at_once(make: ModelButtons, showing: PageData) -> Iterator[Block]:
    """Yield the buttons that act on several threats, or that lead to remediation."""
    register = showing.register
    if register.allows(BeginRemediation) and register.threats and showing.reader == register.facilitator:
        moving = PhaseTarget(name="move", move=Action.BEGIN_REMEDIATION)
        yield make.opens("Begin remediation…", moving, suffix="remediation", primary=True)
    if not register.allows(ChooseResponse):
        return
    if len(unanswered_threats(register)) > 1:
        responding = SelectionTarget(name="respond_several")
        yield make.opens("Respond to several…", responding, suffix="several", primary=True)
    if len(approvable_proposals(register, showing.reader)) > 1:
        yield make.opens("Approve several risks…", "approve_several", suffix="approve-several")


def _counts(register: ThreatRegister) -> str:
    if not register.threats:
        return "*No threats yet.* The plan shows the response to each threat, with owner and due date."
    statuses = register.statuses.values()
    overdue = sum(mitigation.overdue for mitigation in register.mitigations)
    left = sum(bool(one.gone) for one in register.mitigations)
    asked = sum(one.proposal is not None for one in register.mitigations if not one.orphan)
    counts = (
        (sum(status.needs_response for status in statuses), "{} without a response"),
        (sum(status.waits_for_approval for status in statuses), "{} waiting for approval"),
        (overdue, f"⚠ {count_phrase(overdue, 'mitigation')} overdue"),
        (left, f"⚠ {count_phrase(left, 'mitigation')} of people who left"),
        (asked, f"{count_phrase(asked, 'issue')} to decide on"),
    )
    head = f"*{count_phrase(len(register.threats), 'threat')}*, highest risk first"
    return " · ".join([head, *(text.format(count) for count, text in counts if count)])


def _threat(showing: PageData, threat: Threat) -> str:
    """Return a threat with its response and its mitigations; the status of a single one is its own."""
    register, naming = showing.register, showing.naming
    status = register.statuses[threat.id]
    live = [mitigation for mitigation in status.mitigations if _live(mitigation)]
    mitigations = [
        f"• {escape_name(one.mitigation.title, _TITLE)} · {one.mitigation.id}"
        + ("" if one.at in threat.title else place_suffix(one))
        + (f" · {progress_text(one, naming)}" if len(live) > 1 else "")
        + issue_suffix(one)
        for one in live
    ]
    return "\n".join(
        [
            f"*{escape_name(threat.title, _TITLE)}* · {threat.id}{band_suffix(register, threat.id)}",
            *([places_text(register, threat)] if len(threat.places) > 1 else []),
            threat_status_text(status, naming),
            *first_lines(mitigations, _MAX_LINES, "• and {} more"),
        ]
    )


def _live(one: TrackedMitigation) -> bool:
    return one.mitigation.state is not MitigationState.DROPPED


_ON_A_PAGE = 15
_TITLE = 150
_MAX_LINES = 6
