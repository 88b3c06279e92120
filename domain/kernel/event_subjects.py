"""Subjects: the aspects of a model that events change, touch or presuppose, identified by codes."""

from collections.abc import Mapping
from enum import StrEnum, auto
from functools import partial
from typing import NamedTuple


class Side(StrEnum):
    """The aspects of a model that events change or touch."""

    THING = auto()
    """Anything with an id of its own, in all its aspects."""
    ELEMENT = auto()
    FACTS = auto()
    ASSUMED = auto()
    LINK = auto()
    COMPLETE = auto()
    ASSUMPTION = auto()
    SOURCE = auto()
    THREAT = auto()
    SCORE = auto()
    SUGGESTED_THREAT = auto()
    ROW = auto()
    PROMPT = auto()
    QUESTION = auto()
    SCREENING = auto()
    RESPONSE = auto()
    MITIGATION = auto()
    MITIGATED = auto()
    ISSUE = auto()
    REMINDER = auto()
    RETROSPECTIVE = auto()
    SCOPE = auto()
    LABELS = auto()
    PHASE = auto()
    CLOSING = auto()
    TERMS = auto()
    POLICY = auto()
    TRACKER = auto()
    SHARING = auto()
    CHANNEL = auto()
    FACILITATOR = auto()
    PARTICIPANTS = auto()
    ORDER = auto()


class Subject(NamedTuple):
    """One aspect of one thing, such as the response to a threat; no id for what exists once."""

    side: Side
    id: str = ""


thing = partial(Subject, Side.THING)
"""Anything with an id of its own, in all its aspects."""
element = partial(Subject, Side.ELEMENT)
"""An element: its existence and its description."""
facts = partial(Subject, Side.FACTS)
"""The answers about an element."""
assumed = partial(Subject, Side.ASSUMED)
"""What is assumed of an element because of its technology or protocol."""


def link(dependency: str, component: str) -> Subject:
    """Return the subject of whether an external dependency and a component are the same thing."""
    return Subject(Side.LINK, f"{dependency} and {component}")


complete = partial(Subject, Side.COMPLETE)
"""Whether a register is complete."""
assumption = partial(Subject, Side.ASSUMPTION)
"""An assumption."""
source = partial(Subject, Side.SOURCE)
"""What a key of the source of a draft stands for."""
threat = partial(Subject, Side.THREAT)
"""A threat: its existence and its description."""
score = partial(Subject, Side.SCORE)
"""A threat's score."""
suggested_threat = partial(Subject, Side.SUGGESTED_THREAT)
"""The decision on a suggested threat."""
row = partial(Subject, Side.ROW)
"""The decision that no further threat was found for an element."""


def prompt(kind: str, element: str, person: str) -> Subject:
    """Return the subject of a person's answer to a prompt to think further about an element."""
    return Subject(Side.PROMPT, f"{kind} about {element} by {person}")


def question(fact: str, element: str) -> Subject:
    """Return the subject of the person to whom a question was assigned."""
    return Subject(Side.QUESTION, f"{fact} about {element}")


screening = partial(Subject, Side.SCREENING)
"""The answer about a topic of the screening."""
reminder = partial(Subject, Side.REMINDER)
"""The snoozing of a reminder."""
response = partial(Subject, Side.RESPONSE)
"""The response to a threat, chosen or proposed."""
mitigation = partial(Subject, Side.MITIGATION)
"""A mitigation."""


def mitigated(mitigation: str, threat: str) -> Subject:
    """Return the subject of whether a mitigation serves a threat."""
    return Subject(Side.MITIGATED, f"{mitigation} to {threat}")


issue = partial(Subject, Side.ISSUE)
"""The issue of a mitigation in a tracker."""
retrospective = partial(Subject, Side.RETROSPECTIVE)
"""A person's retrospective."""
SCOPE = Subject(Side.SCOPE)
LABELS = Subject(Side.LABELS)
PHASE = Subject(Side.PHASE)
CLOSING = Subject(Side.CLOSING)
TERMS = Subject(Side.TERMS)
POLICY = Subject(Side.POLICY)
TRACKER = Subject(Side.TRACKER)
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
        Side.SUGGESTED_THREAT,
        Side.MITIGATION,
    }
)
"""Sides of things that have an ID of their own."""

_NAMES: Mapping[Side, str] = {
    Side.ASSUMED: "the assumptions about {}",
    Side.LINK: "whether {} are the same",
    Side.COMPLETE: "register {}",
    Side.SOURCE: "the source {}",
    Side.ROW: "the coverage of {}",
    Side.PROMPT: "the prompt {}",
    Side.QUESTION: "the question {}",
    Side.SCREENING: "the screening of {}",
    Side.RESPONSE: "the response to {}",
    Side.MITIGATED: "the link of {}",
    Side.ISSUE: "the issue of {}",
    Side.REMINDER: "the reminder {}",
    Side.RETROSPECTIVE: "the retrospective of {}",
    Side.SCOPE: "the scope",
    Side.LABELS: "the labels",
    Side.PHASE: "the phase",
    Side.CLOSING: "the proposal to close",
    Side.TERMS: "the voting defaults",
    Side.POLICY: "the remediation policy",
    Side.TRACKER: "the tracker",
    Side.SHARING: "the sharing setting",
    Side.CHANNEL: "the channel",
    Side.FACILITATOR: "the facilitator",
    Side.PARTICIPANTS: "the participants",
    Side.ORDER: "the order of the trust levels",
}
"""Names of all other sides, with the place of the ID."""


def coarse(subject: Subject) -> Subject:
    """Return a subject without its aspect, if it has an id of its own."""
    return thing(subject.id) if subject.side in _IDENTIFIED else subject


def subject_text(subject: Subject) -> str:
    """Return a subject in the words of a rejection."""
    return subject.id if subject.side in _IDENTIFIED else _NAMES[subject.side].format(subject.id)
