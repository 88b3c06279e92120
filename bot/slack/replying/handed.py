"""The words by direct message to those who were handed something, or who wait for an answer to theirs."""

from bot.slack.forms.form import Lazily
from bot.slack.forms.questions import MINE
from bot.slack.forms.responding import band_of
from bot.slack.kit.blocks import Block, Message, actions, button, message, section
from bot.slack.kit.text import escape, name
from bot.slack.kit.triggers import FormName, Page, Target, Trigger
from bot.slack.replying.answers import TellPerson
from bot.slack.views.mitigation import mitigation_buttons
from bot.slack.views.remedies import because_words
from bot.slack.views.response import approval_buttons
from bot.slack.views.wording import counted, person
from bot.workshop import Done
from domain.due_dates import short_day
from domain.elements import PersonId
from domain.events import (
    AcceptanceApproved,
    AcceptanceDeclined,
    AcceptanceProposed,
    Erased,
    Event,
    MitigationPlanned,
    MitigationReassigned,
    PersonAsked,
)
from domain.mitigations import Mitigation, MitigationId
from domain.model import ThreatModel
from domain.naming import Naming
from domain.own_threats import ThreatId
from domain.register import ThreatRegister
from domain.responses import Response


def words_to_others(
    before: ThreatModel, done: Done, register: Lazily, naming: Naming
) -> tuple[TellPerson, ...]:
    """Who is told what of something that was said; nobody of what they said themselves, and nothing twice.

    `before` is the model until then.
    """
    if done.repeated:
        return ()
    said = [one for one in done.events if not isinstance(one, Erased) and one.undoes is None]
    handed = [one for one in said if isinstance(one, PersonAsked)]
    told = _to_the_asked(done.stream, handed, register, naming) if handed else []
    for event in said:
        to = _whom(event, before)
        if to is not None and to != event.by:
            words = _words(done.stream, event, register(), naming)
            told += [TellPerson(person=to, message=words)] if words else []
    return tuple(told)


def _whom(event: Event, before: ThreatModel) -> PersonId | None:
    """Whom something concerns beside the one who said it."""
    match event:
        case MitigationPlanned():
            return event.mitigation.owner
        case MitigationReassigned():
            return event.owner
        case AcceptanceProposed():
            return event.proposal.asked
        case AcceptanceApproved():
            return event.acceptance.by
        case AcceptanceDeclined():
            proposal = before.proposals.get(event.threat)
            return proposal.by if proposal else None
        case _:
            return None


def _words(stream: str, event: Event, register: ThreatRegister, naming: Naming) -> Message | None:
    who = person(naming, event.by)
    match event:
        case MitigationPlanned():
            return _owner(stream, event.mitigation.id, register, who)
        case MitigationReassigned():
            return _owner(stream, event.mitigation, register, who)
        case AcceptanceProposed():
            return _approver(stream, event.proposal, register, who)
        case AcceptanceApproved():
            said = event.acceptance
            until = f" until {short_day(said.expires)}" if said.expires else ""
            about = _threat(register, said.threat)
            words = f"{who} approved what you proposed: the risk of {about} is accepted{until}."
        case AcceptanceDeclined():
            because = f" Because: “{escape(event.reason, _REASON)}”" if event.reason else ""
            words = f"{who} did not agree to accept the risk of {_threat(register, event.threat)}.{because}"
            return _told(stream, words, event.threat)
        case _:
            return None
    return _told(stream, words, event.acceptance.threat)


def _owner(stream: str, id: MitigationId, register: ThreatRegister, who: str) -> Message | None:
    tracked = next((one for one in register.mitigations if one.mitigation.id == id), None)
    if tracked is None:
        return None
    one: Mitigation = tracked.mitigation
    due = f", due {short_day(one.due)}" if one.due else ""
    words = (
        f"{who} gave you the mitigation *{name(one.title)}* ({id}){due}.\n"
        f"It is against {_threat(register, tracked.threat)}."
    )
    return _told(stream, words, id, *mitigation_buttons(stream, one))


def _approver(stream: str, proposal: Response, register: ThreatRegister, who: str) -> Message:
    until = f" until {short_day(proposal.expires)}" if proposal.expires else ""
    words = (
        f"{who} asks you to agree: accept the risk of {_threat(register, proposal.threat)}{until}?\n"
        f"{because_words(proposal)}"
    )
    return _told(stream, words, proposal.threat, *approval_buttons(stream, proposal))


def _threat(register: ThreatRegister, id: ThreatId) -> str:
    threat = next((one for one in register.threats if one.id == id), None)
    title = f"*{name(threat.title)}* ({id}{band_of(register, id)})" if threat else id
    return f"{title} in {name(register.name)} ({register.key})"


def _told(stream: str, words: str, about: str, *buttons: Block) -> Message:
    looking = button("Open", Trigger.SHOW, Target(what=Page.RESPONSE, stream=stream, element=about))
    return message(words, [section(words), actions(*buttons, looking)])


def _to_the_asked(
    stream: str, handed: list[PersonAsked], register: Lazily, naming: Naming
) -> list[TellPerson]:
    """Once, however many questions follow while some of them are open."""
    asked, by = handed[0].person, handed[0].by
    if asked is None or asked == by:
        return []
    now = {(one.element, one.fact) for one in handed}
    open_before = [one for one in register().questions if one.asked_of == asked]
    if any((one.element, one.fact) not in now for one in open_before):
        return []
    return [TellPerson(person=asked, message=_asked(stream, register(), by, len(handed), naming))]


def _asked(stream: str, register: ThreatRegister, by: PersonId, count: int, naming: Naming) -> Message:
    some = counted(count, "question")
    model = f"{name(register.name)} ({register.key})"
    words = f"{person(naming, by)} asks you {some} about {model}. “I don't know” is an answer, too."
    answering = Target(what=FormName.QUESTIONS, stream=stream, deed=MINE)
    return message(words, [section(words), actions(button("Answer", Trigger.OPEN, answering))])


_REASON = 600
