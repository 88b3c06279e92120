"""The five things that a ballot says a number about."""

from enum import StrEnum

import msgspec

LOWEST, HIGHEST = 1, 10
"""The range of a number; every whole number in it is allowed."""


class Metric(StrEnum):
    """One of the five letters of DREAD."""

    DAMAGE = "damage"
    REPRODUCIBILITY = "reproducibility"
    EXPLOITABILITY = "exploitability"
    AFFECTED_USERS = "affected_users"
    DISCOVERABILITY = "discoverability"

    @property
    def words(self) -> str:
        """The metric as people read it."""
        return self.value.replace("_", " ").capitalize()

    @property
    def question(self) -> str:
        """What its number answers."""
        return _QUESTIONS[self]


_QUESTIONS = {
    Metric.DAMAGE: "How bad would it be?",
    Metric.REPRODUCIBILITY: "How surely does it work again?",
    Metric.EXPLOITABILITY: "How little does it take to do it?",
    Metric.AFFECTED_USERS: "How many does it hit?",
    Metric.DISCOVERABILITY: "How easily is it found out?",
}


class Discoverability(StrEnum):
    """What a round does about the last metric, over which opinions differ."""

    VOTED = "voted"
    FIXED = "fixed"
    LEFT_OUT = "left_out"

    @property
    def words(self) -> str:
        """The policy as people read it."""
        return {"voted": "voted", "fixed": f"fixed at {HIGHEST}", "left_out": "left out"}[self.value]


class Confidence(StrEnum):
    """How sure a voter is of a ballot."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Numbers(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """Five whole numbers from 1 to 10; None where the voter abstains or was not asked."""

    damage: int | None = None
    reproducibility: int | None = None
    exploitability: int | None = None
    affected_users: int | None = None
    discoverability: int | None = None

    def of(self, metric: Metric) -> int | None:
        """The number of one metric."""
        match metric:
            case Metric.DAMAGE:
                return self.damage
            case Metric.REPRODUCIBILITY:
                return self.reproducibility
            case Metric.EXPLOITABILITY:
                return self.exploitability
            case Metric.AFFECTED_USERS:
                return self.affected_users
            case Metric.DISCOVERABILITY:
                return self.discoverability


class Ballot(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """What one person says of one threat."""

    numbers: Numbers
    reason: str = ""
    confidence: Confidence | None = None


def voted_metrics(policy: Discoverability) -> tuple[Metric, ...]:
    """The metrics that voters are asked for."""
    if policy is Discoverability.VOTED:
        return tuple(Metric)
    return tuple(metric for metric in Metric if metric is not Metric.DISCOVERABILITY)
