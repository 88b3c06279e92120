"""Direct message about an assignment, a question or an answer, with its outcome."""

from typing import assert_never

from bot.slack.protocol.block_builders import Block, Message, actions, button, message, section
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import SelectionTarget, Target
from bot.slack.screens.handover_details import Handover
from bot.slack.ui.modals.analysis.question_forms import ASKED_OF_READER
from bot.slack.ui.modals.remediation.mitigation_rows import mitigation_buttons
from bot.slack.ui.modals.remediation.response_page import approval_buttons, reassign_button
from bot.slack.ui.modals.steering.closing_page import closing_answer_buttons
from bot.slack.ui.texts.common_texts import person_name
from bot.slack.ui.texts.remediation_texts import response_reason
from bot.slack.ui.texts.score_texts import band_suffix
from domain.events import (
    AcceptanceApproved,
    AcceptanceDeclined,
    AcceptanceProposed,
    ApprovalReassigned,
    ClosingDeclined,
    ClosingProposed,
    MitigationPlanned,
    MitigationReassigned,
    PersonAsked,
    VerificationRefused,
)
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationId
from domain.kernel.person_names import Naming
from domain.kernel.response import Response
from domain.kernel.text_formatting import count_phrase
from domain.kernel.threat import ThreatId
from domain.register import ThreatRegister
from domain.remediation.status import TrackedMitigation


def handover_message(handover: Handover, naming: Naming) -> Message:
    """Return the message about an assignment or question; without buttons once it is settled."""
    words, buttons = _content(handover, naming)
    if handover.outcome:
        first = words.partition("\n")[0]
        done = escape(handover.outcome, _REASON)
        return message(f"{first} {done}", [section(f"~{first}~\n✓ {done}")])
    return message(words, [section(words), actions(*buttons)])


def _content(handover: Handover, naming: Naming) -> tuple[str, list[Block]]:
    """Return the text, with its main point in the first line, and the buttons."""
    event, register, who = handover.event, handover.register, person_name(naming, handover.event.by)
    match event:
        case MitigationPlanned():
            return _owner(handover, event.mitigation.id, who)
        case MitigationReassigned():
            return _owner(handover, event.mitigation, who)
        case VerificationRefused():
            return _refused(handover, event, who)
        case AcceptanceProposed():
            return _approver(handover, event.proposal, event.by, naming)
        case ApprovalReassigned():
            if handover.proposal is None:
                return (
                    f"{who} requests your approval: accept the risk of {_threat(register, event.threat)}"
                ), []
            return _approver(handover, handover.proposal, event.by, naming)
        case AcceptanceApproved(acceptance=said):
            until = f" until {short_day(said.expires)}" if said.expires else ""
            about = _threat(register, said.threat)
            words = f"{who} approved your proposal: the risk of {about} is accepted{until}."
            return words, [_open(handover, said.threat)]
        case AcceptanceDeclined():
            because = f" Reason: “{escape(event.reason, _REASON)}”" if event.reason else ""
            words = f"{who} declined to accept the risk of {_threat(register, event.threat)}.{because}"
            return words, [_open(handover, event.threat)]
        case ClosingProposed():
            looking = button("Open", ButtonKind.SHOW, Target(name="closing", stream=handover.stream))
            words = (
                f"{who} asks you to confirm closing *{escape_name(register.name)}* ({register.key}) with "
                f"{count_phrase(len(event.proposal.critical), 'open critical threat')}."
            )
            return words, [*closing_answer_buttons(handover.stream, event.proposal), looking]
        case ClosingDeclined():
            because = f" Reason: “{escape(event.reason, _REASON)}”" if event.reason else ""
            words = f"{who} declined to close *{escape_name(register.name)}* ({register.key}).{because}"
            return words, [button("Open", ButtonKind.SHOW, Target(name="plan", stream=handover.stream))]
        case PersonAsked():
            model = f"{escape_name(register.name)} ({register.key})"
            some = count_phrase(handover.count, "question")
            answering = SelectionTarget(name="questions", stream=handover.stream, selection=ASKED_OF_READER)
            words = f"{who} assigned you {some} about {model}. “Don't know” is a valid answer."
            return words, [button("Answer", ButtonKind.OPEN, answering)]
    assert_never(event)


def _refused(handover: Handover, event: VerificationRefused, who: str) -> tuple[str, list[Block]]:
    because = (f"\nReason: “{escape(event.reason, _REASON)}”") if event.reason else ""
    tracked = _tracked(handover, event.mitigation)
    if tracked is None:
        return f"{who} rejected {event.mitigation} in verification.{because}", []
    planned = tracked.mitigation
    mitigation = f"*{escape_name(planned.title)}* ({planned.id})"
    words = f"{who} rejected your mitigation {mitigation} in verification.{because}"
    against = f"\nThreat: {_threat(handover.register, tracked.threat)}{_more_threats(tracked)}."
    return words + against, [*mitigation_buttons(handover.stream, planned), _open(handover, planned.id)]


def _owner(handover: Handover, id: MitigationId, who: str) -> tuple[str, list[Block]]:
    tracked = _tracked(handover, id)
    if tracked is None:
        name = escape_name(handover.register.name)
        return f"{who} assigned you the mitigation {id} in {name} ({handover.register.key}).", []
    planned = tracked.mitigation
    due = f", due {short_day(planned.due)}" if planned.due else ""
    words = (
        f"{who} assigned you the mitigation *{escape_name(planned.title)}* ({id}){due}.\n"
        f"Threat: {_threat(handover.register, tracked.threat)}{_more_threats(tracked)}."
    )
    return words, [*mitigation_buttons(handover.stream, planned), _open(handover, id)]


def _approver(
    handover: Handover, proposal: Response, by: PersonId, naming: Naming
) -> tuple[str, list[Block]]:
    until = f" until {short_day(proposal.expires)}" if proposal.expires else ""
    about = _threat(handover.register, proposal.threat)
    proposed = "" if proposal.by == by else f"{person_name(naming, proposal.by)} proposes this: "
    words = (
        f"{person_name(naming, by)} requests your approval: accept the risk of {about}{until}\n"
        f"{proposed}{response_reason(proposal)}"
    )
    another = reassign_button(handover.stream, proposal)
    return words, [*approval_buttons(handover.stream, proposal), another, _open(handover, proposal.threat)]


def _tracked(handover: Handover, id: MitigationId) -> TrackedMitigation | None:
    return next((each for each in handover.register.mitigations if each.mitigation.id == id), None)


def _more_threats(tracked: TrackedMitigation) -> str:
    more = len(tracked.threats) - 1
    return f", and {count_phrase(more, 'other threat')}" if more > 0 else ""


def _threat(register: ThreatRegister, id: ThreatId) -> str:
    threat = next((handover for handover in register.threats if handover.id == id), None)
    title = f"*{escape_name(threat.title)}* ({id}{band_suffix(register, id)})" if threat else id
    return f"{title} in {escape_name(register.name)} ({register.key})"


def _open(handover: Handover, about: str) -> Block:
    return button("Open", ButtonKind.SHOW, Target(name="response", stream=handover.stream, element=about))


_REASON = 600
