"""Subjects: the aspects of a model that events change, touch or presuppose, identified by codes."""

from collections.abc import Mapping
from enum import StrEnum, auto
from typing import NamedTuple


class Side(StrEnum):
    """The aspects of a model that events change or touch."""

    THING = auto()
    """Anything with an id of its own, in all its aspects."""
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
    """One aspect of one thing, such as the response to a threat; no id for what exists once."""

    side: Side
    id: str = ""


def thing(id: str) -> Subject:
    """Anything with an id of its own, in all its aspects."""
    return Subject(Side.THING, id)


def element(id: str) -> Subject:
    """Return the subject of an element: its existence and its description."""
    return Subject(Side.ELEMENT, id)


def facts(id: str) -> Subject:
    """Return the subject of the answers about an element."""
    return Subject(Side.FACTS, id)


def complete(kind: str) -> Subject:
    """Return the subject of whether a register is complete."""
    return Subject(Side.COMPLETE, kind)


def assumption(id: str) -> Subject:
    """Return the subject of an assumption."""
    return Subject(Side.ASSUMPTION, id)


def threat(id: str) -> Subject:
    """Return the subject of a threat: its existence and its description."""
    return Subject(Side.THREAT, id)


def score(id: str) -> Subject:
    """Return the subject of a threat's score."""
    return Subject(Side.SCORE, id)


def candidate(id: str) -> Subject:
    """Return the subject of the decision on a candidate."""
    return Subject(Side.CANDIDATE, id)


def row(id: str) -> Subject:
    """Return the subject of the decision that no further threat was found for an element."""
    return Subject(Side.ROW, id)


def question(fact: str, element: str) -> Subject:
    """Return the subject of whom a question was handed to."""
    return Subject(Side.QUESTION, f"{fact} about {element}")


def nudge(key: str) -> Subject:
    """Return the subject of the snoozing of a nudge."""
    return Subject(Side.NUDGE, key)


def response(threat: str) -> Subject:
    """Return the subject of the response to a threat, chosen or proposed."""
    return Subject(Side.RESPONSE, threat)


def mitigation(id: str) -> Subject:
    """Return the subject of a mitigation."""
    return Subject(Side.MITIGATION, id)


def retrospective(person: str) -> Subject:
    """Return the subject of a person's retrospective."""
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
    """Return a subject without its aspect, if it has an id of its own."""
    return thing(subject.id) if subject.side in _IDENTIFIED else subject


def words(subject: Subject) -> str:
    """Return a subject in the words of a rejection."""
    return subject.id if subject.side in _IDENTIFIED else _NAMES[subject.side].format(subject.id)
