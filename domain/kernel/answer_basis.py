"""The basis of an answer: on whose word it stands, how many elements that covered, and who checked it."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

from domain.kernel.answer import Answer
from domain.kernel.elements import AssumedFact, ElementId, PersonId
from domain.kernel.text_formatting import count_phrase


class BasisKind(StrEnum):
    """What an answer rests on, from the strongest to the weakest."""

    CONFIRMED = "confirmed"
    """Someone else checked it, and gave a link or a sentence as evidence."""
    STATED = "stated"
    """Someone stated it of this element."""
    STATED_FOR_ALL = "stated_for_all"
    """Someone stated it in one line of all elements that were concerned at that time."""
    ASSUMED = "assumed"
    """Someone accepted what a technology or a protocol implies."""

    @property
    def label(self) -> str:
        """Return the kind as text uses it."""
        return self.value.replace("_", " ")


class AnswerBasis(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """What an answer rests on, and who gave it when; `assumed` is an accepted assumption, with its source.

    `former_yes` is what the last *yes* rested on, if the answer was *yes* before and no longer is. `first_at`
    is when the answer was given, if it was stated again `at` a later time.
    """

    kind: BasisKind
    by: PersonId
    at: datetime
    assumed: AssumedFact | None = None
    former_yes: "AnswerBasis | None" = None
    first_at: datetime | None = None

    @property
    def given_at(self) -> datetime:
        """Return since when the answer is what it is, however often it was stated again."""
        return self.first_at or self.at

    @property
    def text(self) -> str:
        """Return the kind, with the source of an assumption."""
        source = f" ({self.assumed.reason}: {self.assumed.url})" if self.assumed else ""
        return f"{self.kind.label}{source}"


def weakest_of(kinds: Iterable[BasisKind]) -> BasisKind:
    """Return the weakest of some kinds: what rests on several answers is as good as the worst of them."""
    return max(kinds, key=_STRENGTH.index, default=BasisKind.STATED)


class CheckOutcome(StrEnum):
    """The result of asking how an answer is known."""

    CONFIRMED = "confirmed"
    WRONG = "wrong"
    NOT_KNOWN = "not_known"

    @property
    def label(self) -> str:
        """Return the outcome as text uses it."""
        return self.value.replace("_", " ")


class AnswerCheck(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """A spot check of an answer by someone who did not give it; `evidence` is a link or a sentence."""

    outcome: CheckOutcome
    answer: Answer
    by: PersonId
    at: datetime
    evidence: str = ""


class SpotCheck(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """An answer that someone who did not give it is asked about: how it is known."""

    element: ElementId
    fact: str
    answer: Answer
    asked: PersonId


class SpotChecks(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """The answers picked for spot checks before a closing; `draw` is the random number that chose one."""

    picked: tuple[SpotCheck, ...]
    draw: int
    at: datetime


class BasisCounts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Numbers of controls in place, by what that rests on."""

    confirmed: int = 0
    stated: int = 0
    stated_for_all: int = 0
    assumed: int = 0

    @property
    def total(self) -> int:
        """Return the number of all controls in place."""
        return self.confirmed + self.stated + self.stated_for_all + self.assumed

    @property
    def by_kind(self) -> dict[BasisKind, int]:
        """Return the numbers by kind, the strongest first; kinds without any are missing."""
        return {kind: number for kind in BasisKind if (number := getattr(self, kind.value))}

    @property
    def text(self) -> str:
        """Return the numbers that are not zero: `3 confirmed, 5 stated, 4 stated for all`."""
        return ", ".join(f"{number:,} {kind.label}" for kind, number in self.by_kind.items())

    @property
    def sentence(self) -> str:
        """Return the number of all controls and what that rests on, without a full stop."""
        if not self.total:
            return "No control in place"
        return f"{count_phrase(self.total, 'control')} in place: {self.text}"


def count_bases(kinds: Iterable[BasisKind]) -> BasisCounts:
    """Return how many there are of each kind."""
    every = list(kinds)
    return BasisCounts(**{kind.value: every.count(kind) for kind in BasisKind})


def add_bases(counts: Iterable[BasisCounts]) -> BasisCounts:
    """Return the sums by kind."""
    every = tuple(counts)
    return BasisCounts(**{kind.value: sum(getattr(one, kind.value) for one in every) for kind in BasisKind})


class CheckCounts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Numbers of spot-checked answers, by outcome."""

    confirmed: int = 0
    wrong: int = 0
    not_known: int = 0

    @property
    def total(self) -> int:
        """Return the number of checked answers."""
        return self.confirmed + self.wrong + self.not_known

    @property
    def sentence(self) -> str:
        """Return how many answers were checked, and the outcomes, without a full stop."""
        if not self.total:
            return "No answer was spot-checked"
        numbers = ((outcome, getattr(self, outcome.value)) for outcome in CheckOutcome)
        parts = ", ".join(f"{number:,} {outcome.label}" for outcome, number in numbers if number)
        return f"{count_phrase(self.total, 'answer')} spot-checked: {parts}"


def count_checks(outcomes: Iterable[CheckOutcome]) -> CheckCounts:
    """Return how many there are of each outcome."""
    every = list(outcomes)
    return CheckCounts(**{outcome.value: every.count(outcome) for outcome in CheckOutcome})


def add_checks(counts: Iterable[CheckCounts]) -> CheckCounts:
    """Return the sums by outcome."""
    every = tuple(counts)
    return CheckCounts(
        **{outcome.value: sum(getattr(one, outcome.value) for one in every) for outcome in CheckOutcome}
    )


_STRENGTH = tuple(BasisKind)
