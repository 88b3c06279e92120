"""Portfolio as a report: figures, one row for each model, the trend, accepted risks, remediation times."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial

import msgspec

from bot.picture.charts import draw_portfolio_trend
from bot.report.document_parts import (
    Badge,
    Block,
    Column,
    Figure,
    Report,
    ReportLine,
    Section,
    Tone,
    line_of,
    without_empty_sections,
)
from bot.report.sections.section_formatting import (
    Cell,
    cell,
    chart_picture,
    format_day,
    format_short_day,
    listing,
    paragraph,
    quiet,
    strong,
    table,
)
from domain.compliance import BASIS_WORDS
from domain.dread.scoring import Band
from domain.kernel.text_formatting import Naming, count_phrase
from domain.portfolio.portfolio_entry import BandCounts, OpenRisk, PortfolioEntry, days_since
from domain.portfolio.portfolio_totals import PortfolioTotals, open_risk_over_time, portfolio_totals
from domain.threat_trend import OpenThreats

TREND = timedelta(days=90)
"""The time that the trend shows."""


class PortfolioSource(msgspec.Struct, frozen=True, kw_only=True):
    """What a portfolio shows: its entries in order, the moment, names of people, days in the reader's zone.

    `conditions` are the filters in words; none if every model is shown.
    """

    entries: tuple[PortfolioEntry, ...]
    now: datetime
    naming: Naming
    day_of: Callable[[datetime], date]
    conditions: tuple[str, ...] = ()


def portfolio_report(source: PortfolioSource) -> Report:
    """Return the portfolio as a report: numbers of threats, without their titles or ballots."""
    totals = portfolio_totals(source.entries, source.now)
    return without_empty_sections(
        Report(
            key="Portfolio",
            title="Portfolio of threat models",
            subtitle=", ".join((count_phrase(totals.models, "model"), *source.conditions)),
            day=format_day(source.day_of(source.now)),
            figures=_figures(totals),
            sections=(
                Section("models", "Models", tuple(_models(source))),
                Section("trend", "Open threats over time", tuple(_trend(source))),
                Section("attention", "Overdue and waiting", tuple(_attention(source))),
                Section("accepted", "Accepted risks", tuple(_accepted(source))),
                Section("controls", "Controls in place", tuple(_controls(source, totals))),
                Section("remediation", "Time to mitigate", tuple(_remediation(totals))),
            ),
        )
    )


def _figures(totals: PortfolioTotals) -> tuple[Figure, ...]:
    overdue = totals.overdue_mitigations + totals.overdue_approvals + totals.overdue_reviews
    counts = totals.open
    return (
        Figure(str(totals.models), "Models"),
        Figure(str(counts.total), "Open threats"),
        Figure(str(counts.critical), "Critical", Tone.CRITICAL if counts.critical else Tone.GOOD),
        Figure(str(counts.high), "High", Tone.HIGH if counts.high else Tone.GOOD),
        Figure(str(counts.unscored), "Unscored", Tone.WAITING if counts.unscored else Tone.NEUTRAL),
        Figure(str(overdue), "Overdue", Tone.CRITICAL if overdue else Tone.GOOD),
        Figure(str(totals.accepted), "Accepted"),
    )


def _models(source: PortfolioSource) -> Iterator[Block]:
    if not source.entries:
        yield paragraph("No model matches.")
    yield from listing(
        source.entries,
        (Column("Model", 4.0), _titled),
        (Column("Phase", 1.3), lambda one: one.phase.capitalize()),
        (Column("Open threats", 1.6), lambda one: _counts(one.open)),
        (
            Column("Highest", 0.8, numbers=True),
            lambda one: "" if one.highest is None else f"{one.highest:.1f}",
        ),
        (Column("Overdue", 1.0, numbers=True), lambda one: _number(one.overdue(source.now))),
        (Column("Oldest open", 1.1, numbers=True), lambda one: _days(one.oldest_open_at, source.now)),
        (Column("Last activity", 1.1, numbers=True), lambda one: _days(one.last_activity_at, source.now)),
        (Column("Next step", 2.6), lambda one: tuple(_next(one, source))),
    )


def _titled(one: PortfolioEntry) -> Cell:
    return (line_of(strong(one.name)), line_of(quiet(" · ".join((one.key, *one.labels)))))


def _counts(counts: BandCounts) -> Cell:
    badges = (
        Badge(f"{number} {band or 'unscored'}", _tone(band)) for band, number in counts.worst_first if number
    )
    return tuple(line_of(badge) for badge in badges)


def _next(one: PortfolioEntry, source: PortfolioSource) -> Iterator[ReportLine]:
    if one.next:
        yield line_of(one.next)
    if awaited := ", ".join(map(source.naming, one.waits_for)):
        yield line_of(quiet(f"Waits for {awaited}"))
    if one.pending_screening:
        yield line_of(quiet(one.pending_screening.text))
    elif one.questions_open and not one.ended:
        yield line_of(quiet(count_phrase(one.questions_open, "open question")))
    if one.review_due is not None:
        tone = Tone.CRITICAL if one.review_overdue(source.now) else Tone.NEUTRAL
        yield line_of(Badge(f"Review {format_short_day(source.day_of(one.review_due))}", tone))


def _trend(source: PortfolioSource) -> Iterator[Block]:
    since = source.now.astimezone(UTC).date() - TREND
    points = open_risk_over_time(source.entries, since, source.now) if source.entries else ()
    if not any(point.counts.total for point in points):
        return
    days = [_open_threats(point) for point in points]
    draw = partial(draw_portfolio_trend, len(source.entries), days)
    yield chart_picture("open-threats", "Open threats", draw)
    bands = ("Critical", "High", "Medium", "Low", "Unscored")
    columns = [Column("Week until", 2.0), *(Column(name, 1.0, numbers=True) for name in (*bands, "Open"))]
    weeks = [(one, one.counts.worst_first) for one in _weekly(points)]
    yield table(
        columns,
        (
            (format_short_day(one.day), *(str(number) for _, number in counts), str(one.counts.total))
            for one, counts in weeks
        ),
    )


def _weekly(points: Sequence[OpenRisk]) -> list[OpenRisk]:
    """Return the state at the end of each of the last weeks, the latest first."""
    last = points[-1].day
    days = [last - timedelta(days=7 * weeks) for weeks in range(_WEEKS)]
    return [
        OpenRisk(day=day, counts=next(point.counts for point in reversed(points) if point.day <= day))
        for day in days
        if day >= points[0].day
    ]


def _open_threats(point: OpenRisk) -> OpenThreats:
    return OpenThreats(
        day=point.day, bands={band: number for band, number in point.counts.worst_first if number}
    )


def _attention(source: PortfolioSource) -> Iterator[Block]:
    now = source.now
    yield from listing(
        [one for one in source.entries if one.overdue(now) or one.approvals_since or one.review_overdue(now)],
        (Column("Model", 3.0), _named),
        (Column("Overdue mitigations", 1.0, numbers=True), lambda one: _number(one.overdue_mitigations)),
        (Column("Overdue approvals", 1.0, numbers=True), lambda one: _number(one.overdue_approvals(now))),
        (Column("Approvals waiting", 1.0, numbers=True), lambda one: _number(len(one.approvals_since))),
        (Column("Review was due", 1.5), lambda one: _review_was_due(one, source)),
    )


def _review_was_due(one: PortfolioEntry, source: PortfolioSource) -> str:
    overdue = one.review_due is not None and one.review_overdue(source.now)
    return format_short_day(source.day_of(one.review_due)) if one.review_due and overdue else ""


def _accepted(source: PortfolioSource) -> Iterator[Block]:
    expiring = [(entry, entry.next_expiry()) for entry in source.entries if entry.accepted_until]
    expiring.sort(key=lambda pair: (pair[1] is None, pair[1] or source.now))
    yield from listing(
        expiring,
        (Column("Model", 3.0), lambda pair: _named(pair[0])),
        (Column("Accepted risks", 1.0, numbers=True), lambda pair: str(len(pair[0].accepted_until))),
        (
            Column("Next one expires", 1.5),
            lambda pair: format_short_day(source.day_of(pair[1])) if pair[1] else "",
        ),
    )


def _controls(source: PortfolioSource, totals: PortfolioTotals) -> Iterator[Block]:
    """Yield what the controls in place rest on, and how often spot checks found that wrong."""
    if not totals.in_place.total:
        return
    yield paragraph(f"{totals.in_place.sentence}. {totals.checks.sentence}.")
    yield from listing(
        [one for one in source.entries if one.in_place.total],
        (Column("Model", 3.0), _named),
        (Column("In place", 0.9, numbers=True), lambda one: str(one.in_place.total)),
        (Column("Confirmed", 0.9, numbers=True), lambda one: _number(one.in_place.confirmed)),
        (Column("Stated", 0.9, numbers=True), lambda one: _number(one.in_place.stated)),
        (Column("Stated for all", 0.9, numbers=True), lambda one: _number(one.in_place.stated_for_all)),
        (Column("Assumed", 0.9, numbers=True), lambda one: _number(one.in_place.assumed)),
        (Column("Spot-checked", 1.0, numbers=True), lambda one: _number(one.checks.total)),
        (Column("Wrong", 0.8, numbers=True), lambda one: _number(one.checks.wrong)),
        caption=f"A control is in place {BASIS_WORDS}.",
    )


def _remediation(totals: PortfolioTotals) -> Iterator[Block]:
    yield from listing(
        totals.remediation_days.items(),
        (Column("Band", 2.0), lambda pair: cell(Badge(str(pair[0]), _tone(pair[0])))),
        (Column("Median days from found to mitigated", 2.0, numbers=True), lambda pair: f"{pair[1]:g}"),
    )


def _named(one: PortfolioEntry) -> Cell:
    return (line_of(strong(one.name), " ", quiet(one.key)),)


def _number(number: int) -> str:
    return str(number) if number else ""


def _days(moment: datetime | None, now: datetime) -> str:
    days = days_since(moment, now)
    return "" if days is None else f"{days:,} d"


def _tone(band: Band | None) -> Tone:
    return Tone.NEUTRAL if band is None else Tone(band.value)


_WEEKS = 8
