"""What an event can be about: one side of one thing, identified by codes."""

from enum import StrEnum, auto
from typing import NamedTuple, assert_never


class Side(StrEnum):
    """The sides of a model that events change or touch."""

    THING = auto()
    """Whatever has an id of its own, whichever side of it."""
    ELEMENT = auto()
    FACTS = auto()
    COMPLETE = auto()
    ASSUMPTION = auto()
    THREAT = auto()
    SCORE = auto()
    CANDIDATE = auto()
    ROW = auto()
    QUESTION = auto()
    RESPONSE = auto()
    MITIGATION = auto()
    NUDGE = auto()
    RETROSPECTIVE = auto()
    SCOPE = auto()
    PHASE = auto()
    CLOSING = auto()
    TERMS = auto()
    SHARING = auto()
    CHANNEL = auto()
    FACILITATOR = auto()
    PARTICIPANTS = auto()
    ORDER = auto()


class Subject(NamedTuple):
    """One side of one thing, such as the response to a threat; no id for what there is once."""

    side: Side
    id: str = ""


def thing(id: str) -> Subject:
    """Whatever has an id of its own, whichever side of it."""
    return Subject(Side.THING, id)


def element(id: str) -> Subject:
    """An element: that it is there, and what is said about it."""
    return Subject(Side.ELEMENT, id)


def facts(id: str) -> Subject:
    """What was answered about an element."""
    return Subject(Side.FACTS, id)


def complete(kind: str) -> Subject:
    """Whether nothing is missing in a list."""
    return Subject(Side.COMPLETE, kind)


def assumption(id: str) -> Subject:
    """An assumption."""
    return Subject(Side.ASSUMPTION, id)


def threat(id: str) -> Subject:
    """A threat: that it is there, and what is said about it."""
    return Subject(Side.THREAT, id)


def score(id: str) -> Subject:
    """What votes on a threat came to."""
    return Subject(Side.SCORE, id)


def candidate(id: str) -> Subject:
    """What was decided about a candidate."""
    return Subject(Side.CANDIDATE, id)


def row(id: str) -> Subject:
    """That nothing more was found about an element."""
    return Subject(Side.ROW, id)


def question(fact: str, element: str) -> Subject:
    """Who was asked about a fact."""
    return Subject(Side.QUESTION, f"{fact} about {element}")


def nudge(key: str) -> Subject:
    """Until when a reminder is put off."""
    return Subject(Side.NUDGE, key)


def response(threat: str) -> Subject:
    """What is done about a threat, or proposed."""
    return Subject(Side.RESPONSE, threat)


def mitigation(id: str) -> Subject:
    """A mitigation."""
    return Subject(Side.MITIGATION, id)


def retrospective(person: str) -> Subject:
    """What somebody said looking back."""
    return Subject(Side.RETROSPECTIVE, person)


SCOPE = Subject(Side.SCOPE)
PHASE = Subject(Side.PHASE)
CLOSING = Subject(Side.CLOSING)
TERMS = Subject(Side.TERMS)
SHARING = Subject(Side.SHARING)
CHANNEL = Subject(Side.CHANNEL)
FACILITATOR = Subject(Side.FACILITATOR)
PARTICIPANTS = Subject(Side.PARTICIPANTS)
ORDER = Subject(Side.ORDER)


def coarse(subject: Subject) -> Subject:
    """Return a subject without its side, where it has an id of its own."""
    match subject.side:
        case (
            Side.THING
            | Side.ELEMENT
            | Side.FACTS
            | Side.ASSUMPTION
            | Side.THREAT
            | Side.SCORE
            | Side.CANDIDATE
            | Side.MITIGATION
        ):
            return thing(subject.id)
        case _:
            return subject


def words(subject: Subject) -> str:
    """Return a subject as a refusal names it."""
    id = subject.id
    match subject.side:
        case (
            Side.THING
            | Side.ELEMENT
            | Side.FACTS
            | Side.ASSUMPTION
            | Side.THREAT
            | Side.SCORE
            | Side.CANDIDATE
            | Side.MITIGATION
        ):
            return id
        case Side.COMPLETE:
            return f"register {id}"
        case Side.ROW:
            return f"the row of {id}"
        case Side.QUESTION:
            return f"the question {id}"
        case Side.RESPONSE:
            return f"the response to {id}"
        case Side.NUDGE:
            return f"the nudge {id}"
        case Side.RETROSPECTIVE:
            return f"the retrospective of {id}"
        case Side.SCOPE:
            return "the scope"
        case Side.PHASE:
            return "the phase"
        case Side.CLOSING:
            return "the proposal to close"
        case Side.TERMS:
            return "the terms of rounds"
        case Side.SHARING:
            return "sharing"
        case Side.CHANNEL:
            return "the channel"
        case Side.FACILITATOR:
            return "the facilitator"
        case Side.PARTICIPANTS:
            return "the participants"
        case Side.ORDER:
            return "the order of the trust levels"
        case _:
            assert_never(subject.side)
