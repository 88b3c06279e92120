"""Closing a model: conditions passed with a reason, a second person, and the retrospective."""

from datetime import date, datetime
from enum import StrEnum

import msgspec

from domain.kernel.elements import ElementId, PersonId
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import SuggestedThreatId, ThreatId


class ConditionReason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The reason given for passing an unmet condition."""

    condition: str
    reason: str


class ConditionOverride(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An unmet condition that was passed, the reason, and its text then.

    It was passed `until` a day, according to the policy for the most severe threat concerned; older events
    have no such day.
    """

    condition: str
    reason: str = ""
    text: str = ""
    until: date | None = None


class OverriddenCondition(msgspec.Struct, frozen=True, kw_only=True):
    """A condition override in force: the step it led to, and who is responsible for it."""

    override: ConditionOverride
    step: str
    by: PersonId
    at: datetime


class ClosingProposal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A closing that needs confirmation by a second person, because `critical` threats would stay open.

    `asked` is the person whom the proposer asks to confirm it; any other participant may do so as well.
    `review_on` is the day of the next review.
    """

    by: PersonId
    at: datetime
    reason: str = ""
    overrides: tuple[ConditionOverride, ...] = ()
    critical: tuple[ThreatId, ...] = ()
    asked: PersonId | None = None
    review_on: date | None = None


class Review(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The review of a model: when it was closed, and what was open then, which it does not ask again.

    `unplaced` are components without a place, `left_open` questions, `undecided` suggested threats,
    `unscored` threats without a score. `sampled` are verified mitigations, picked to be verified again.
    """

    since: datetime
    unplaced: tuple[ElementId, ...] = ()
    left_open: tuple[tuple[ElementId, str], ...] = ()
    undecided: tuple[SuggestedThreatId, ...] = ()
    unscored: tuple[ThreatId, ...] = ()
    sampled: tuple[MitigationId, ...] = ()


class RetrospectiveQuestion(StrEnum):
    """The questions of the retrospective; the values are stored and never change, the words may."""

    SURPRISE = "surprise"
    MISSED = "missed"
    SLOW = "slow"
    DOUBT = "doubt"
    NEXT_TIME = "next_time"

    @property
    def text(self) -> str:
        """Return the question in words."""
        return _TEXTS[self]


class RetrospectiveAnswer(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """One answer to one of the questions."""

    question: RetrospectiveQuestion
    text: str


class Retrospective(msgspec.Struct, frozen=True, kw_only=True):
    """The answers of one person, in the order of the questions."""

    by: PersonId
    answers: tuple[RetrospectiveAnswer, ...]


_TEXTS = {
    RetrospectiveQuestion.SURPRISE: "What surprised you most?",
    RetrospectiveQuestion.MISSED: "What did we find late, or only by luck?",
    RetrospectiveQuestion.SLOW: "What took longer than it was worth?",
    RetrospectiveQuestion.DOUBT: "Which of our answers do you trust least?",
    RetrospectiveQuestion.NEXT_TIME: "What should we do differently next time?",
}
