"""What people said of candidates and of rows of the coverage grid, as the model keeps it."""

from datetime import datetime
from typing import NewType

import msgspec

from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, PersonId

CandidateId = NewType("CandidateId", str)
"""`rule@element`, or `rule@element@peer`: the same however often it is computed."""


class AnswerAtDecision(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """A fact as it was answered when somebody decided on it; no answer means that nobody had given one."""

    element: ElementId
    fact: str
    answer: Answer | None = None


class PlacementAtDecision(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """Where a component was when somebody decided: its trust level, and its boundaries, innermost first."""

    element: ElementId
    trust_level: ElementId | None = None
    boundaries: tuple[ElementId, ...] = ()


class Dismissal(msgspec.Struct, frozen=True, kw_only=True):
    """That a candidate is no threat: who said so, why, and what they went by.

    `places` are those of the components that it is about; none were kept at first.
    """

    candidate: CandidateId
    reason: str
    rule_version: int
    facts: tuple[AnswerAtDecision, ...]
    by: PersonId
    at: datetime
    places: tuple[PlacementAtDecision, ...] = ()


class AnswerChange(msgspec.Struct, frozen=True, kw_only=True):
    """How a fact was answered when somebody decided on it, and how it is answered now."""

    element: ElementId
    fact: str
    before: Answer | None
    now: Answer | None


class PlacementChange(msgspec.Struct, frozen=True, kw_only=True):
    """Where a component was when somebody decided on it, and where it is now."""

    before: PlacementAtDecision
    now: PlacementAtDecision


class Reappearance(msgspec.Struct, frozen=True, kw_only=True):
    """Why a dismissed candidate is up for decision again: what was answered otherwise, what was moved."""

    dismissal: Dismissal
    changes: tuple[AnswerChange, ...] = ()
    moved: tuple[PlacementChange, ...] = ()


class Consideration(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody looked at an element in every category and found nothing more, and why."""

    element: ElementId
    reason: str
    by: PersonId
    at: datetime


def rule_of(candidate: CandidateId) -> str:
    """The id of the rule that a candidate comes from."""
    return candidate.partition("@")[0]


def elements_of(candidate: CandidateId) -> tuple[ElementId, ...]:
    """The element that a candidate is about, and its peer where the rule looked at two."""
    return tuple(ElementId(one) for one in candidate.split("@")[1:])
