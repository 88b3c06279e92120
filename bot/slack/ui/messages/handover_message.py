"""Direct message about an assignment, a question or an answer, with its outcome."""

from typing import assert_never

from bot.slack.protocol.block_builders import Block, Message, actions, button, message, section
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.interactions import ButtonKind, Target
from bot.slack.screens.handover_details import Handover
from bot.slack.ui.modals.analysis.question_forms import ASKED_OF_READER
from bot.slack.ui.modals.remediation.mitigation_rows import mitigation_buttons
from bot.slack.ui.modals.remediation.response_page import approval_buttons, reassign_button
from bot.slack.ui.modals.steering.closing_page import closing_answer_buttons
from bot.slack.ui.words.common_words import person_name
from bot.slack.ui.words.remediation_words import because_words
from bot.slack.ui.words.score_words import band_suffix
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


def handover_message(one: Handover, naming: Naming) -> Message:
    """Return the message about an assignment or question; without buttons once it is settled."""
    words, buttons = _told(one, naming)
    if one.over:
        first = words.partition("\n")[0]
        done = escape(one.over, _REASON)
        return message(f"{first} {done}", [section(f"~{first}~\n✓ {done}")])
    return message(words, [section(words), actions(*buttons)])


def _told(one: Handover, naming: Naming) -> tuple[str, list[Block]]:
    """Return the text, with its main point in the first line, and the buttons."""
    event, register, who = one.event, one.register, person_name(naming, one.event.by)
    match event:
        case MitigationPlanned():
            return _owner(one, event.mitigation.id, who)
        case MitigationReassigned():
            return _owner(one, event.mitigation, who)
        case VerificationRefused():
            return _refused(one, event, who)
        case AcceptanceProposed():
            return _approver(one, event.proposal, event.by, naming)
        case ApprovalReassigned():
            if one.proposal is None:
                return f"{who} asks you to agree: accept the risk of {_threat(register, event.threat)}?", []
            return _approver(one, one.proposal, event.by, naming)
        case AcceptanceApproved(acceptance=said):
            until = f" until {short_day(said.expires)}" if said.expires else ""
            about = _threat(register, said.threat)
            words = f"{who} approved what you proposed: the risk of {about} is accepted{until}."
            return words, [_open(one, said.threat)]
        case AcceptanceDeclined():
            because = f" Because: “{escape(event.reason, _REASON)}”" if event.reason else ""
            words = f"{who} did not agree to accept the risk of {_threat(register, event.threat)}.{because}"
            return words, [_open(one, event.threat)]
        case ClosingProposed():
            looking = button("Open", ButtonKind.SHOW, Target(name="closing", stream=one.stream))
            words = (
                f"{who} asks you to confirm that *{escape_name(register.name)}* ({register.key}) "
                "is closed over "
                f"{count_phrase(len(event.proposal.critical), 'critical threat')}."
            )
            return words, [*closing_answer_buttons(one.stream, event.proposal), looking]
        case ClosingDeclined():
            because = f" Because: “{escape(event.reason, _REASON)}”" if event.reason else ""
            words = f"{who} declined to close *{escape_name(register.name)}* ({register.key}).{because}"
            return words, [button("Open", ButtonKind.SHOW, Target(name="plan", stream=one.stream))]
        case PersonAsked():
            model = f"{escape_name(register.name)} ({register.key})"
            some = count_phrase(one.count, "question")
            answering = Target(name="questions", stream=one.stream, deed=ASKED_OF_READER)
            words = f"{who} asks you {some} about {model}. “I don't know” is an answer, too."
            return words, [button("Answer", ButtonKind.OPEN, answering)]
    assert_never(event)


def _refused(one: Handover, event: VerificationRefused, who: str) -> tuple[str, list[Block]]:
    because = f"\nBecause: “{escape(event.reason, _REASON)}”" if event.reason else ""
    tracked = _tracked(one, event.mitigation)
    if tracked is None:
        return f"{who} found that {event.mitigation} does not hold.{because}", []
    planned = tracked.mitigation
    mitigation = f"*{escape_name(planned.title)}* ({planned.id})"
    words = f"{who} found that your mitigation {mitigation} does not hold.{because}"
    against = f"\nIt is against {_threat(one.register, tracked.threat)}."
    return words + against, [*mitigation_buttons(one.stream, planned), _open(one, planned.id)]


def _owner(one: Handover, id: MitigationId, who: str) -> tuple[str, list[Block]]:
    tracked = _tracked(one, id)
    if tracked is None:
        return (
            f"{who} gave you the mitigation {id} in {escape_name(one.register.name)} ({one.register.key}).",
            [],
        )
    planned = tracked.mitigation
    due = f", due {short_day(planned.due)}" if planned.due else ""
    words = (
        f"{who} gave you the mitigation *{escape_name(planned.title)}* ({id}){due}.\n"
        f"It is against {_threat(one.register, tracked.threat)}."
    )
    return words, [*mitigation_buttons(one.stream, planned), _open(one, id)]


def _approver(one: Handover, proposal: Response, by: PersonId, naming: Naming) -> tuple[str, list[Block]]:
    until = f" until {short_day(proposal.expires)}" if proposal.expires else ""
    about = _threat(one.register, proposal.threat)
    proposed = "" if proposal.by == by else f"{person_name(naming, proposal.by)} proposes it: "
    words = (
        f"{person_name(naming, by)} asks you to agree: accept the risk of {about}{until}?\n"
        f"{proposed}{because_words(proposal)}"
    )
    another = reassign_button(one.stream, proposal)
    return words, [*approval_buttons(one.stream, proposal), another, _open(one, proposal.threat)]


def _tracked(one: Handover, id: MitigationId) -> TrackedMitigation | None:
    return next((each for each in one.register.mitigations if each.mitigation.id == id), None)


def _threat(register: ThreatRegister, id: ThreatId) -> str:
    threat = next((one for one in register.threats if one.id == id), None)
    title = f"*{escape_name(threat.title)}* ({id}{band_suffix(register, id)})" if threat else id
    return f"{title} in {escape_name(register.name)} ({register.key})"


def _open(one: Handover, about: str) -> Block:
    return button("Open", ButtonKind.SHOW, Target(name="response", stream=one.stream, element=about))


_REASON = 600
