"""Effort of a voter in a round: pages, numbers and time."""

import math
from typing import Final

import msgspec

from domain.dread.metrics import QUICK_METRICS, Metric

QUICK_BALLOTS_ON_A_PAGE: Final = 5
"""The number of threats on a page of quick ballots."""

SECONDS_FOR_THREAT, SECONDS_FOR_NUMBER = 15, 10
"""Estimated time to read a threat, and to choose a number by the rubric."""


class VotingEffort(msgspec.Struct, frozen=True, kw_only=True):
    """The pages that a voter fills in, the numbers on them, and the estimated minutes."""

    pages: int
    numbers: int
    minutes: int


def voting_effort(*, full: int, quick: int = 0, follow_ups: int = 0) -> VotingEffort:
    """Return the effort for threats with full ballots, with quick ones, and with a follow-up."""
    numbers = (full * len(Metric)) + (quick * len(QUICK_METRICS))
    numbers += follow_ups * (len(Metric) - len(QUICK_METRICS))
    seconds = (full + quick + follow_ups) * SECONDS_FOR_THREAT + numbers * SECONDS_FOR_NUMBER
    return VotingEffort(
        pages=full + math.ceil(quick / QUICK_BALLOTS_ON_A_PAGE) + follow_ups,
        numbers=numbers,
        minutes=max(1, round(seconds / 60)),
    )
