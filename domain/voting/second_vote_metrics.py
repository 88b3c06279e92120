"""Metrics of a second vote: those that are repeated, those that are voted on for the first time."""

from collections.abc import Sequence
from typing import Self

import msgspec

from domain.dread.metrics import Metric, Numbers
from domain.dread.scoring import is_shown


class SecondVote(msgspec.Struct, frozen=True, kw_only=True):
    """The second vote on one threat: what it asks for, and for which metrics its `numbers` count.

    A metric counts with enough numbers. A follow-up counts only as a whole, so that all means of threats
    with five metrics are means of the same metrics.
    """

    to_repeat: tuple[Metric, ...] = ()
    repeated: tuple[Metric, ...] = ()
    to_follow_up: tuple[Metric, ...] = ()
    followed_up: tuple[Metric, ...] = ()
    numbers: Sequence[Numbers] = ()

    @classmethod
    def of(
        cls,
        first: Sequence[Metric],
        second: Sequence[Metric],
        numbers: Sequence[Numbers],
        enough: int,
    ) -> Self:
        """Return the second vote on a threat whose votes asked for these metrics."""
        to_repeat = tuple(metric for metric in second if metric in first)
        to_follow_up = tuple(metric for metric in second if metric not in first)
        counted = {metric for metric in second if is_shown(_given(numbers, metric), enough)}
        return cls(
            to_repeat=to_repeat,
            repeated=tuple(metric for metric in to_repeat if metric in counted),
            to_follow_up=to_follow_up,
            followed_up=to_follow_up if counted.issuperset(to_follow_up) else (),
            numbers=numbers,
        )


def _given(ballots: Sequence[Numbers], metric: Metric) -> list[int]:
    return [number for one in ballots if (number := one.of(metric)) is not None]
