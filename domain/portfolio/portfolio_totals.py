"""Totals of the portfolio: sums over its models, weekly changes, and the time that remediation takes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median

import msgspec

from domain.dread.scoring import Band
from domain.kernel.answer_basis import BasisCounts, CheckCounts, add_bases, add_checks
from domain.portfolio.portfolio_entry import BandCounts, OpenRisk, PortfolioEntry, add_counts, count_bands
from domain.remediation.status import ThreatState

EXPIRES_SOON = timedelta(days=30)
"""The time before its expiry from which an accepted risk is counted as expiring soon."""


class PortfolioTotals(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over models.

    `remediation_days` are the median days from found to mitigated by band; bands without a mitigated threat
    are missing. `next_expiry` is when the next accepted risk expires.
    """

    models: int
    active: int
    open: BandCounts
    overdue_mitigations: int
    overdue_approvals: int
    overdue_reviews: int
    approvals: int
    accepted: int
    expiring_soon: int
    next_expiry: datetime | None
    questions_open: int
    cells_open: int
    in_place: BasisCounts
    checks: CheckCounts
    remediation_days: dict[Band, float]


def portfolio_totals(entries: Sequence[PortfolioEntry], now: datetime) -> PortfolioTotals:
    """Return the sums over some models."""
    expiries = [until for entry in entries for until in entry.accepted_until if until is not None]
    return PortfolioTotals(
        models=len(entries),
        active=sum(not entry.ended for entry in entries),
        open=add_counts(entry.open for entry in entries),
        overdue_mitigations=sum(entry.overdue_mitigations for entry in entries),
        overdue_approvals=sum(entry.overdue_approvals(now) for entry in entries),
        overdue_reviews=sum(entry.review_overdue(now) for entry in entries),
        approvals=sum(len(entry.approvals_since) for entry in entries),
        accepted=sum(len(entry.accepted_until) for entry in entries),
        expiring_soon=sum(until <= now + EXPIRES_SOON for until in expiries),
        next_expiry=min(expiries, default=None),
        questions_open=sum(entry.questions_open for entry in entries),
        cells_open=sum(entry.cells_open for entry in entries),
        in_place=add_bases(entry.in_place for entry in entries),
        checks=add_checks(entry.checks for entry in entries),
        remediation_days=remediation_days(entries),
    )


def remediation_days(entries: Iterable[PortfolioEntry]) -> dict[Band, float]:
    """Return the median days from found to mitigated by band, the highest first."""
    days: dict[Band, list[float]] = {band: [] for band in reversed(Band)}
    for one in (found for entry in entries for found in entry.found):
        if one.band is not None and one.state is ThreatState.MITIGATED and one.settled_at is not None:
            days[one.band].append(max(0.0, (one.settled_at - one.found_at) / timedelta(days=1)))
    return {band: round(median(some), 1) for band, some in days.items() if some}


def open_risk_over_time(
    entries: Sequence[PortfolioEntry], since: date, now: datetime
) -> tuple[OpenRisk, ...]:
    """Return the open threats of all models together, for each UTC day with a change and the last one."""
    last = now.astimezone(UTC).date()
    changed = {since, last} | {
        point.day for entry in entries for point in entry.trend if since < point.day < last
    }
    return tuple(
        OpenRisk(day=day, counts=add_counts(one.open_on(day) for one in entries)) for day in sorted(changed)
    )


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
        worse=sum(change > 0 for change in changes),
        better=sum(change < 0 for change in changes),
        untouched=sum(
            not one.ended and one.last_activity_at is not None and one.last_activity_at <= since
            for one in entries
        ),
        expiring=sum(end <= until + EXPIRES_WITHIN for end in expiries),
        reviews=sum(one.review_due is not None and one.review_due <= until + WEEK for one in entries),
    )


def _severe(counts: BandCounts) -> int:
    return counts.critical + counts.high
