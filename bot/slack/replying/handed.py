"""The word to somebody who was handed questions: once, however many follow while some of them are open."""

from bot.slack.forms.questions import MINE
from bot.slack.kit.blocks import Message, actions, button, message, section
from bot.slack.kit.text import name
from bot.slack.kit.triggers import FormName, Target, Trigger
from bot.slack.replying.answers import TellPerson
from bot.slack.views.wording import counted, person
from bot.workshop import Done
from domain.elements import PersonId
from domain.events import PersonAsked
from domain.naming import Naming
from domain.register import ThreatRegister


def word_to_the_asked(done: Done, register: ThreatRegister, naming: Naming) -> tuple[TellPerson, ...]:
    """What is said by direct message; nothing where nobody was asked, or they have such a word already."""
    handed = [one for one in done.events if isinstance(one, PersonAsked)]
    if done.repeated or not handed:
        return ()
    asked, by = handed[0].person, handed[0].by
    now = {(one.element, one.fact) for one in handed}
    open_before = [one for one in register.questions if one.asked_of == asked]
    if asked is None or asked == by or any((one.element, one.fact) not in now for one in open_before):
        return ()
    return (TellPerson(person=asked, message=_asked(done.stream, register, by, len(handed), naming)),)


def _asked(stream: str, register: ThreatRegister, by: PersonId, count: int, naming: Naming) -> Message:
    some = counted(count, "question")
    model = f"{name(register.name)} ({register.key})"
    words = f"{person(naming, by)} asks you {some} about {model}. “I don't know” is an answer, too."
    answering = Target(what=FormName.QUESTIONS, stream=stream, deed=MINE)
    return message(words, [section(words), actions(button("Answer", Trigger.OPEN, answering))])
