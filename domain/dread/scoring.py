"""The tally of the ballots on one threat: medians, total, mean, band, and contested metrics."""

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
    """The severity band of a threat."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def order(self) -> int:
        """Return 0 for low, 3 for critical."""
        return tuple(Band).index(self)


class BandOverride(StrEnum):
    """The reason why a band deviates from the mean."""

    FLOOR = "floor"
    CEILING = "ceiling"


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """The publishable result of the ballots on one threat; each metric's numbers are sorted, without names.

    A metric with fewer than `fewest` numbers is `withheld`: it stands in no other field, and `total`,
    `mean` and `band` are computed without it, so that they cannot be used to work it out. `abstained`
    counts the ballots without a number for a metric that is shown. `lowest` and `highest` are the bands of
    single ballots of the first vote, where these differ.
    """

    total: float
    mean: float
    band: Band
    medians: dict[Metric, float]
    numbers: dict[Metric, tuple[int, ...]]
    ballots: int
    contested: tuple[Metric, ...]
    abstained: dict[Metric, int] = {}
    withheld: tuple[Metric, ...] = ()
    fewest: int
    held: BandOverride | None = None
    lowest: Band | None = None
    highest: Band | None = None


def count_ballots(
    ballots: Sequence[Numbers],
    policy: Discoverability,
    *,
    fewest: int,
    again: Mapping[Metric, Sequence[Numbers]] | None = None,
) -> Tally | None:
    """Count ballots as far as they may be shown; None where that is not at all.

    A metric is shown from `fewest` numbers on, and from one at least. `again` has the ballots of a second
    vote by metric; they replace those of the first vote. The two are never mixed: from a mixture and the
    first result, the number of someone who did not vote again could be worked out. The mean is the total
    divided by the metrics shown, so that rounds that left one out compare.
    """
    counted = dict.fromkeys(voted_metrics(policy), ballots) | dict(again or {})
    given = {metric: _given(cast, metric) for metric, cast in counted.items()}
    numbers = {metric: some for metric, some in given.items() if is_shown(some, fewest)}
    if not numbers:
        return None
    medians = {metric: median(some) for metric, some in numbers.items()}
    contested = tuple(metric for metric, some in numbers.items() if is_contested(some))
    if policy is Discoverability.FIXED:
        medians[Metric.DISCOVERABILITY] = HIGHEST
    band, held = band_of(medians)
    first = [metric for metric in given if is_shown(_given(ballots, metric), fewest)]
    bands = sorted(_bands_of_ballots(ballots, first, policy), key=lambda one: one.order)
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
        abstained={metric: len(counted[metric]) - len(some) for metric, some in numbers.items()},
        withheld=tuple(metric for metric in given if metric not in numbers),
        fewest=fewest,
        held=held,
        lowest=bands[0] if differ else None,
        highest=bands[-1] if differ else None,
    )


def is_shown(given: Sequence[int], fewest: int) -> bool:
    """Return whether a metric has enough numbers to be shown."""
    return len(given) >= max(1, fewest)


def median(given: Sequence[int]) -> float:
    """Return the median; a whole number as an int."""
    ordered = sorted(given)
    middle = Fraction(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2], 2)
    return int(middle) if middle.denominator == 1 else float(middle)


def is_contested(given: Sequence[int]) -> bool:
    """Return whether at least a third are low and a third high, or few numbers are far apart."""
    if not given:
        return False
    low = sum(number <= LOW_GROUP for number in given)
    high = sum(number >= HIGH_GROUP for number in given)
    if 3 * low >= len(given) and 3 * high >= len(given):
        return True
    return len(given) < FEW and max(given) - min(given) >= SPREAD


def band_of(medians: Mapping[Metric, float]) -> tuple[Band, BandOverride | None]:
    """Return the band of the mean, and the override by Damage if there is one."""
    mean = sum(medians.values()) / len(medians)
    band = tuple(Band)[sum(mean >= start for start in BANDS_FROM)]
    damage = medians.get(Metric.DAMAGE)
    if damage is None:
        return band, None
    if damage >= FLOOR_DAMAGE and band.order < Band.HIGH.order:
        return Band.HIGH, BandOverride.FLOOR
    if damage <= CEILING_DAMAGE and band.order > Band.MEDIUM.order:
        return Band.MEDIUM, BandOverride.CEILING
    return band, None


def _given(ballots: Sequence[Numbers], metric: Metric) -> tuple[int, ...]:
    return tuple(sorted(number for one in ballots if (number := one.of(metric)) is not None))


def _bands_of_ballots(
    ballots: Sequence[Numbers], metrics: Sequence[Metric], policy: Discoverability
) -> list[Band]:
    bands: list[Band] = []
    for one in ballots:
        own: dict[Metric, float] = {
            metric: number for metric in metrics if (number := one.of(metric)) is not None
        }
        if own and policy is Discoverability.FIXED:
            own[Metric.DISCOVERABILITY] = HIGHEST
        if own:
            bands.append(band_of(own)[0])
    return bands
