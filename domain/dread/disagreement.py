"""Disagreement of a panel on one metric: median, middle half, and single numbers far from the median."""

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction

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
