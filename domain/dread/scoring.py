"""What the ballots on one threat amount to: medians, total, mean, band, and where people disagree."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from fractions import Fraction

import msgspec

from domain.dread.metrics import HIGHEST, Discoverability, Metric, Numbers, voted_metrics

BANDS_FROM = (4, 6, 8)
"""Means from which a threat is medium, high and critical."""

FLOOR_DAMAGE, CEILING_DAMAGE = 9, 2
"""A Damage median from which a threat is never below high, and up to which it is never above medium."""

LOW_GROUP, HIGH_GROUP = 3, 8
"""Up to and from which numbers count as plainly low and plainly high (RAND's disagreement of panels)."""

FEW, SPREAD = 8, 5
"""With fewer ballots than these, numbers so far apart are a disagreement too."""


class Band(StrEnum):
    """How bad a threat is, in a word."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def order(self) -> int:
        """0 for low, 3 for critical."""
        return tuple(Band).index(self)


class Held(StrEnum):
    """What kept a band from following the mean."""

    FLOOR = "floor"
    CEILING = "ceiling"


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """The ballots on one threat, counted; the numbers of a metric stand in order, whoever gave them.

    `medians` lacks a metric for which nobody gave a number: it is not counted. `lowest` and `highest` are
    the bands of single ballots, where these differ.
    """

    total: float
    mean: float
    band: Band
    medians: dict[Metric, float]
    numbers: dict[Metric, tuple[int, ...]]
    ballots: int
    contested: tuple[Metric, ...]
    held: Held | None = None
    lowest: Band | None = None
    highest: Band | None = None

    @property
    def silent(self) -> tuple[Metric, ...]:
        """The metrics that were asked for and that nobody gave a number for."""
        return tuple(metric for metric in self.numbers if metric not in self.medians)


def tallied(ballots: Sequence[Numbers], policy: Discoverability) -> Tally | None:
    """Count ballots; None where nobody gave any number.

    The mean is the total divided by the metrics counted, so that rounds that left one out compare.
    """
    numbers = {metric: _given(ballots, metric) for metric in voted_metrics(policy)}
    if not any(numbers.values()):
        return None
    medians = {metric: median(given) for metric, given in numbers.items() if given}
    contested = tuple(metric for metric, given in numbers.items() if is_contested(given))
    if policy is Discoverability.FIXED:
        medians[Metric.DISCOVERABILITY] = HIGHEST
    band, held = banded(medians)
    bands = sorted(_bands_of_ballots(ballots, policy), key=lambda one: one.order)
    differ = bool(bands) and bands[0] is not bands[-1]
    total = sum(medians.values())
    return Tally(
        total=total,
        mean=total / len(medians),
        band=band,
        medians=medians,
        numbers=numbers,
        ballots=len(ballots),
        contested=contested,
        held=held,
        lowest=bands[0] if differ else None,
        highest=bands[-1] if differ else None,
    )


def median(given: Sequence[int]) -> float:
    """The middle number, or the mean of the middle two; a whole one is an int."""
    ordered = sorted(given)
    middle = Fraction(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2], 2)
    return int(middle) if middle.denominator == 1 else float(middle)


def is_contested(given: Sequence[int]) -> bool:
    """Whether a third or more are plainly low and a third or more plainly high, or few are far apart."""
    if not given:
        return False
    low = sum(number <= LOW_GROUP for number in given)
    high = sum(number >= HIGH_GROUP for number in given)
    if 3 * low >= len(given) and 3 * high >= len(given):
        return True
    return len(given) < FEW and max(given) - min(given) >= SPREAD


def banded(medians: Mapping[Metric, float]) -> tuple[Band, Held | None]:
    """The band of the mean, and what held it; Damage alone is a reason not to follow the mean."""
    mean = sum(medians.values()) / len(medians)
    band = tuple(Band)[sum(mean >= start for start in BANDS_FROM)]
    damage = medians.get(Metric.DAMAGE)
    if damage is None:
        return band, None
    if damage >= FLOOR_DAMAGE and band.order < Band.HIGH.order:
        return Band.HIGH, Held.FLOOR
    if damage <= CEILING_DAMAGE and band.order > Band.MEDIUM.order:
        return Band.MEDIUM, Held.CEILING
    return band, None


def _given(ballots: Sequence[Numbers], metric: Metric) -> tuple[int, ...]:
    return tuple(sorted(number for one in ballots if (number := one.of(metric)) is not None))


def _bands_of_ballots(ballots: Sequence[Numbers], policy: Discoverability) -> list[Band]:
    bands: list[Band] = []
    for one in ballots:
        own: dict[Metric, float] = {
            metric: number for metric in voted_metrics(policy) if (number := one.of(metric)) is not None
        }
        if own and policy is Discoverability.FIXED:
            own[Metric.DISCOVERABILITY] = HIGHEST
        if own:
            bands.append(banded(own)[0])
    return bands
