"""The DREAD metrics, and ballots."""

from enum import StrEnum

import msgspec

LOWEST, HIGHEST = 1, 10
"""The range of a number; every whole number in it is allowed."""


class Metric(StrEnum):
    """A DREAD metric."""

    DAMAGE = "damage"
    REPRODUCIBILITY = "reproducibility"
    EXPLOITABILITY = "exploitability"
    AFFECTED_USERS = "affected_users"
    DISCOVERABILITY = "discoverability"

    @property
    def label(self) -> str:
        """Return the metric in words."""
        return self.value.replace("_", " ").capitalize()

    @property
    def question(self) -> str:
        """Return the question that its number answers."""
        return _QUESTIONS[self]


_QUESTIONS = {
    Metric.DAMAGE: "How severe would the impact be?",
    Metric.REPRODUCIBILITY: "How reliably can it be reproduced?",
    Metric.EXPLOITABILITY: "How easily can it be exploited?",
    Metric.AFFECTED_USERS: "How many users are affected?",
    Metric.DISCOVERABILITY: "How easily can it be discovered?",
}


class Discoverability(StrEnum):
    """How a round treats Discoverability, a disputed metric."""

    VOTED = "voted"
    FIXED = "fixed"
    LEFT_OUT = "left_out"

    @property
    def label(self) -> str:
        """Return the policy in words."""
        return {"voted": "voted", "fixed": f"fixed at {HIGHEST}", "left_out": "left out"}[self.value]


class BallotLength(StrEnum):
    """Whether a ballot asks for all metrics, or for those alone that decide the band."""

    FULL = "full"
    QUICK = "quick"


QUICK_METRICS = (Metric.DAMAGE, Metric.EXPLOITABILITY)
"""The metrics of a quick ballot: impact, and the effort that an attack takes."""


class Confidence(StrEnum):
    """A voter's confidence in a ballot."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Numbers(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """Five whole numbers from 1 to 10; None if the voter abstains or was not asked."""

    damage: int | None = None
    reproducibility: int | None = None
    exploitability: int | None = None
    affected_users: int | None = None
    discoverability: int | None = None

    def of(self, metric: Metric) -> int | None:
        """Return the number of one metric."""
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
    """The ballot of one person on one threat; `follow_up` asks for a vote on the metrics left out of it."""

    numbers: Numbers
    reason: str = ""
    confidence: Confidence | None = None
    follow_up: bool = False


def voted_metrics(policy: Discoverability, length: BallotLength = BallotLength.FULL) -> tuple[Metric, ...]:
    """Return the metrics that a first vote asks for."""
    if length is BallotLength.QUICK:
        return QUICK_METRICS
    if policy is Discoverability.VOTED:
        return tuple(Metric)
    return tuple(metric for metric in Metric if metric is not Metric.DISCOVERABILITY)


def follow_up_metrics(policy: Discoverability) -> tuple[Metric, ...]:
    """Return the metrics that a quick ballot left out and a follow-up asks for."""
    return tuple(metric for metric in voted_metrics(policy) if metric not in QUICK_METRICS)
