"""What an event can be about: one side of one thing, identified by codes."""

from collections.abc import Mapping
from enum import StrEnum, auto
from typing import NamedTuple


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


_IDENTIFIED = frozenset(
    {
        Side.THING,
        Side.ELEMENT,
        Side.FACTS,
        Side.ASSUMPTION,
        Side.THREAT,
        Side.SCORE,
        Side.CANDIDATE,
        Side.MITIGATION,
    }
)
"""Sides of things that have an ID of their own."""

_NAMES: Mapping[Side, str] = {
    Side.COMPLETE: "register {}",
    Side.ROW: "the row of {}",
    Side.QUESTION: "the question {}",
    Side.RESPONSE: "the response to {}",
    Side.NUDGE: "the nudge {}",
    Side.RETROSPECTIVE: "the retrospective of {}",
    Side.SCOPE: "the scope",
    Side.PHASE: "the phase",
    Side.CLOSING: "the proposal to close",
    Side.TERMS: "the terms of rounds",
    Side.SHARING: "sharing",
    Side.CHANNEL: "the channel",
    Side.FACILITATOR: "the facilitator",
    Side.PARTICIPANTS: "the participants",
    Side.ORDER: "the order of the trust levels",
}
"""Names of all other sides, with the place of the ID."""


def coarse(subject: Subject) -> Subject:
    """Return a subject without its side, where it has an id of its own."""
    return thing(subject.id) if subject.side in _IDENTIFIED else subject


def words(subject: Subject) -> str:
    """Return a subject as a refusal names it."""
    return subject.id if subject.side in _IDENTIFIED else _NAMES[subject.side].format(subject.id)
