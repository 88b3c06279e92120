"""The tally of the ballots on one threat: medians, total, mean, band, and contested metrics."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from fractions import Fraction

import msgspec

from domain.dread.metrics import (
    HIGHEST,
    QUICK_METRICS,
    BallotLength,
    Discoverability,
    Metric,
    Numbers,
    voted_metrics,
)

BANDS_FROM = (4, 6, 8)
"""Means from which a threat is medium, high and critical."""

NEAR_CRITICAL = 0.5
"""The distance of a mean from critical within which a quick ballot is followed up."""

FLOOR_DAMAGE, CEILING_DAMAGE = 9, 2
"""A Damage median from which a threat is never below high, and up to which it is never above medium."""


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


class MetricSource(StrEnum):
    """The source of the number of a metric."""

    VOTED = "voted"
    FIXED = "fixed"
    DERIVED = "derived"


class MetricVote(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """The sorted numbers of a metric in one vote, and how many ballots have none."""

    numbers: tuple[int, ...]
    abstained: int = 0


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """The publishable result of the ballots on one threat; each metric's numbers are sorted, without names.

    A metric that may not be shown is `withheld`: it stands in no other field, and `total`, `mean` and `band`
    are computed without it, so that they cannot be used to work it out. A metric is shown from `fewest`
    numbers on. `abstained` counts the ballots without a number for a metric that is shown. `lowest` and
    `highest` are the bands of single ballots of the first vote, where these differ. `derived` has the metrics
    that a quick ballot left out, computed from the model: they only order threats of the same band, mean and
    Damage.
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
    derived: dict[Metric, int] = {}
    held: BandOverride | None = None
    lowest: Band | None = None
    highest: Band | None = None

    @property
    def sources(self) -> dict[Metric, MetricSource]:
        """Return the source of each metric that has a number; only derived ones do not make the band."""
        return {
            metric: MetricSource.VOTED
            if metric in self.numbers
            else MetricSource.FIXED
            if metric in self.medians
            else MetricSource.DERIVED
            for metric in Metric
            if metric in self.medians or metric in self.derived
        }


MIDDLE_HALF_APART = 4
"""The distance between the quartiles from which a metric is contested."""

FEW_BALLOTS, SPREAD_OF_FEW = 5, 6
"""With fewer ballots than these, quartiles say little: the distance of lowest and highest decides."""

FAR_FROM_MEDIAN = 5
"""The distance from the median from which a voter is asked for a reason."""

LOW_GROUP, HIGH_GROUP = 3, 8
"""Up to and from which numbers counted as plainly low and plainly high in the test by thirds."""

FEW, SPREAD = 8, 5
"""With fewer ballots than these, numbers so far apart were a disagreement too in the test by thirds."""


class DisagreementTest(StrEnum):
    """The test of whether a metric is contested; a round keeps the test that it was opened with."""

    THIRDS = "thirds"
    """A third of the numbers low and a third high, or few numbers far apart: rounds of earlier releases."""
    MIDDLE_HALF = "middle_half"
    """The middle half of the numbers far apart, so that a single number decides nothing."""


def median(given: Sequence[int]) -> float:
    """Return the median; a whole number as an int."""
    middle = _quantile(given, Fraction(1, 2))
    return int(middle) if middle.denominator == 1 else float(middle)


def is_contested(given: Sequence[int], test: DisagreementTest = DisagreementTest.MIDDLE_HALF) -> bool:
    """Return whether the numbers of a metric disagree so far that it is voted on again."""
    if not given:
        return False
    match test:
        case DisagreementTest.MIDDLE_HALF:
            return _has_wide_middle(given)
        case DisagreementTest.THIRDS:
            return _has_two_camps(given)


def is_far_from_median(number: int, given: Sequence[int]) -> bool:
    """Return whether a number is so far from the median that its voter is asked for a reason."""
    return abs(number - median(given)) >= FAR_FROM_MEDIAN


def _has_wide_middle(given: Sequence[int]) -> bool:
    if len(given) < FEW_BALLOTS:
        return max(given) - min(given) >= SPREAD_OF_FEW
    return _quantile(given, Fraction(3, 4)) - _quantile(given, Fraction(1, 4)) >= MIDDLE_HALF_APART


def _has_two_camps(given: Sequence[int]) -> bool:
    low = sum(number <= LOW_GROUP for number in given)
    high = sum(number >= HIGH_GROUP for number in given)
    if 3 * low >= len(given) and 3 * high >= len(given):
        return True
    return len(given) < FEW and max(given) - min(given) >= SPREAD


def _quantile(given: Sequence[int], share: Fraction) -> Fraction:
    """Return the number below which a share of the sorted numbers lies, interpolated between neighbors."""
    ordered = sorted(given)
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def tally_votes(
    votes: Mapping[Metric, MetricVote],
    policy: Discoverability,
    *,
    ballots: int,
    fewest: int,
    length: BallotLength = BallotLength.FULL,
    bands: tuple[Band, Band] | None = None,
    derived: Numbers | None = None,
    test: DisagreementTest = DisagreementTest.MIDDLE_HALF,
) -> Tally | None:
    """Return the result of the votes on the metrics that may be shown; None where that is not at all.

    The mean is the total divided by the metrics shown, so that rounds that left one out compare. The band of
    a quick ballot comes from Damage and Exploitability alone, and there is none without both. A follow-up
    adds its metrics to the mean. `bands` are the lowest and the highest one of single ballots.
    """
    quick = length is BallotLength.QUICK
    numbers = {metric: votes[metric].numbers for metric in Metric if metric in votes}
    if not numbers or (quick and not numbers.keys() >= {*QUICK_METRICS}):
        return None
    medians = {metric: median(some) for metric, some in numbers.items()}
    is_complete = not quick or numbers.keys() > {*QUICK_METRICS}
    if policy is Discoverability.FIXED and is_complete:
        medians[Metric.DISCOVERABILITY] = HIGHEST
    band, held = band_of(medians)
    differ = bands is not None and bands[0] is not bands[1]
    total = sum(medians.values())
    return Tally(
        total=total,
        mean=total / len(medians),
        band=band,
        medians=medians,
        numbers=numbers,
        ballots=ballots,
        contested=tuple(metric for metric, some in numbers.items() if is_contested(some, test)),
        abstained={metric: votes[metric].abstained for metric in numbers},
        withheld=tuple(metric for metric in voted_metrics(policy, length) if metric not in numbers),
        fewest=fewest,
        derived=_derived(derived, medians),
        held=held,
        lowest=bands[0] if bands and differ else None,
        highest=bands[1] if bands and differ else None,
    )


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


def bands_of_ballots(
    ballots: Sequence[Numbers], metrics: Sequence[Metric], policy: Discoverability, length: BallotLength
) -> tuple[Band, Band] | None:
    """Return the lowest and the highest band that a single ballot has by some metrics."""
    fixed = policy is Discoverability.FIXED and length is BallotLength.FULL
    bands: list[Band] = []
    for ballot in ballots:
        own: dict[Metric, float] = {
            metric: number for metric in metrics if (number := ballot.of(metric)) is not None
        }
        if own and fixed:
            own[Metric.DISCOVERABILITY] = HIGHEST
        if own:
            bands.append(band_of(own)[0])
    bands.sort(key=lambda band: band.order)
    return (bands[0], bands[-1]) if bands else None


def is_near_critical(tally: Tally) -> bool:
    """Return whether the mean is so close to critical that more metrics may decide the band."""
    return abs(tally.mean - BANDS_FROM[-1]) <= NEAR_CRITICAL


def _derived(derived: Numbers | None, medians: Mapping[Metric, float]) -> dict[Metric, int]:
    """Return the derived numbers of the metrics that were not voted on."""
    if derived is None:
        return {}
    return {
        metric: number
        for metric in Metric
        if metric not in medians and (number := derived.of(metric)) is not None
    }
