"""What changed in the portfolio within a week, in numbers alone."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from domain.dread.scoring import Band
from domain.portfolio.band_counts import BandCounts, add_counts, count_bands
from domain.portfolio.portfolio_entry import PortfolioEntry
from domain.portfolio.portfolio_totals import PortfolioTotals, portfolio_totals
from domain.remediation.status import ThreatState

WEEK = timedelta(days=7)
"""The period of the digest."""

EXPIRES_WITHIN = timedelta(days=14)
"""The time within which expiring acceptances are announced."""


class WeeklyChanges(msgspec.Struct, frozen=True, kw_only=True):
    """The week before `until`: the totals at its end, and what got worse, was done, and expires.

    `before` are the open threats a week ago, by UTC days. `found` counts the threats found by band; `settled`
    those mitigated, accepted, transferred or avoided, by state. `worse` and `better` count the models with
    more, or fewer, critical and high open threats than a week ago. `expiring` acceptances end within two
    weeks, `reviews` are due within one.
    """

    until: datetime
    totals: PortfolioTotals
    before: BandCounts
    found: BandCounts
    settled: dict[ThreatState, int]
    worse: int
    better: int
    untouched: int
    expiring: int
    reviews: int

    @property
    def done(self) -> int:
        """Return the number of threats that were settled."""
        return sum(self.settled.values())


def weekly_changes(entries: Sequence[PortfolioEntry], until: datetime) -> WeeklyChanges:
    """Return what changed in some models in the week before a moment."""
    since = until - WEEK
    day = since.astimezone(UTC).date()
    found: Counter[Band | None] = Counter()
    settled: Counter[ThreatState] = Counter()
    for one in (threat for entry in entries for threat in entry.found):
        if since < one.found_at <= until:
            found[one.band] += 1
        if one.state is not None and one.settled_at is not None and since < one.settled_at <= until:
            settled[one.state] += 1
    changes = [_severe(one.open) - _severe(one.open_on(day)) for one in entries]
    expiries = [end for one in entries for end in one.accepted_until if end is not None]
    return WeeklyChanges(
        until=until,
        totals=portfolio_totals(entries, until),
        before=add_counts(one.open_on(day) for one in entries),
        found=count_bands(found),
        settled={state: settled[state] for state in ThreatState if state in settled},
        worse=sum(one > 0 for one in changes),
        better=sum(one < 0 for one in changes),
        untouched=sum(
            not one.ended and one.last_activity_at is not None and one.last_activity_at <= since
            for one in entries
        ),
        expiring=sum(end <= until + EXPIRES_WITHIN for end in expiries),
        reviews=sum(one.review_due is not None and one.review_due <= until + WEEK for one in entries),
    )


def _severe(counts: BandCounts) -> int:
    return counts.critical + counts.high
