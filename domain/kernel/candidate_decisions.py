"""Decisions on candidates and on rows of the coverage grid, as the model keeps them."""

from datetime import datetime
from typing import NewType

import msgspec

from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, PersonId

CandidateId = NewType("CandidateId", str)
"""`rule@element`, or `rule@element@peer`: the same however often it is computed."""


class AnswerAtDecision(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to a fact when a decision was based on it; None if it was unanswered."""

    element: ElementId
    fact: str
    answer: Answer | None = None


class ConfirmedPlace(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """A candidate confirmed as a place of a threat, with the facts on which the decision was based."""

    candidate: CandidateId
    rule_version: int
    facts: tuple[AnswerAtDecision, ...] = ()


class PlacementAtDecision(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """The placement of a component when a decision was made: trust level, and boundaries, innermost first."""

    element: ElementId
    trust_level: ElementId | None = None
    boundaries: tuple[ElementId, ...] = ()


class Dismissal(msgspec.Struct, frozen=True, kw_only=True):
    """The dismissal of a candidate: who decided it, why, and the answers it was based on.

    `places` are the placements of the components involved; early events have none.
    """

    candidate: CandidateId
    reason: str
    rule_version: int
    facts: tuple[AnswerAtDecision, ...]
    by: PersonId
    at: datetime
    places: tuple[PlacementAtDecision, ...] = ()


class AnswerChange(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that has changed since a decision was based on it."""

    element: ElementId
    fact: str
    before: Answer | None
    now: Answer | None


class PlacementChange(msgspec.Struct, frozen=True, kw_only=True):
    """A component's placement that has changed since a decision was based on it."""

    before: PlacementAtDecision
    now: PlacementAtDecision


class Reappearance(msgspec.Struct, frozen=True, kw_only=True):
    """The reasons why a dismissed candidate needs a decision again: changed answers and placements."""

    dismissal: Dismissal
    changes: tuple[AnswerChange, ...] = ()
    moved: tuple[PlacementChange, ...] = ()


class Consideration(msgspec.Struct, frozen=True, kw_only=True):
    """The statement that an element was considered in every category and no further threat was found."""

    element: ElementId
    reason: str
    by: PersonId
    at: datetime


def rule_of(candidate: CandidateId) -> str:
    """Return the id of the rule that a candidate comes from."""
    return candidate.partition("@")[0]


def elements_of(candidate: CandidateId) -> tuple[ElementId, ...]:
    """Return the element that a candidate is about, and its peer if the rule compares two."""
    return tuple(ElementId(one) for one in candidate.split("@")[1:])
