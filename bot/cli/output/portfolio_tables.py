"""Portfolio: tables and JSON."""

from datetime import datetime
from typing import Any

import msgspec
from rich.console import Console

from bot.cli.local_moments import format_rfc3339, local_day
from bot.cli.model_queries.portfolio_lookup import LoadedPortfolio
from bot.cli.output.json_document import fields
from bot.cli.output.text_grid import text_grid
from domain.kernel.answer_basis import BasisCounts, CheckCounts
from domain.kernel.text_formatting import Naming, count_phrase
from domain.portfolio.portfolio_entry import BandCounts, PortfolioEntry, days_since
from domain.portfolio.portfolio_totals import PortfolioTotals, open_risk_over_time, portfolio_totals


def print_portfolio(portfolio: LoadedPortfolio, console: Console, zone: str | None) -> None:
    """Print the models as a table, and the totals below it."""
    columns = ("Model", "Phase", "Open", "Highest", "Overdue", "Oldest", "Activity", "Review", "Next step")
    console.print(text_grid(columns, (_cells(entry, portfolio, zone) for entry in portfolio.entries)))
    console.print()
    for line in _total_lines(portfolio_totals(portfolio.entries, portfolio.now), portfolio, zone):
        console.print(line, soft_wrap=True, markup=False, highlight=False)


def portfolio_json(portfolio: LoadedPortfolio) -> dict[str, Any]:
    """Return the portfolio for programs: moments in RFC 3339, people by their ids."""
    now, entries = portfolio.now, portfolio.entries
    totals = portfolio_totals(entries, now)
    first = min((point.day for entry in entries for point in entry.trend), default=now.date())
    return {
        "as_of": format_rfc3339(now),
        "models": [_entry_json(entry, now) for entry in entries],
        "totals": {
            **fields(totals, *_PLAIN_TOTALS),
            "open": _numbers(totals.open),
            **fields(totals, "next_expiry"),
            "controls_in_place": _numbers(totals.in_place),
            "spot_checks": _numbers(totals.checks),
            "median_days_to_mitigate": {str(band): days for band, days in totals.remediation_days.items()},
        },
        "trend": [
            {"day": point.day.isoformat(), "open": _numbers(point.counts)}
            for point in (open_risk_over_time(entries, first, now) if entries else ())
        ],
    }


_PLAIN_TOTALS = (
    *("models", "active", "overdue_mitigations", "overdue_approvals", "overdue_reviews", "approvals"),
    *("accepted", "expiring_soon", "questions_open", "cells_open"),
)


def _cells(one: PortfolioEntry, portfolio: LoadedPortfolio, zone: str | None) -> tuple[str, ...]:
    now = portfolio.now
    labels = f" [{', '.join(one.labels)}]" if one.labels else ""
    return (
        f"{one.key} {one.name}{labels}",
        one.phase,
        one.open.text,
        "" if one.highest is None else f"{one.highest:.1f}",
        str(one.overdue(now) or ""),
        _days(one.oldest_open_at, now),
        _days(one.last_activity_at, now),
        _review(one, now, zone),
        _next(one, portfolio.naming),
    )


def _days(moment: datetime | None, now: datetime) -> str:
    days = days_since(moment, now)
    return "" if days is None else f"{days} d"


def _review(one: PortfolioEntry, now: datetime, zone: str | None) -> str:
    if one.review_due is None:
        return ""
    return f"{local_day(one.review_due, zone)}{' (overdue)' if one.review_overdue(now) else ''}"


def _next(one: PortfolioEntry, naming: Naming) -> str:
    awaited = ", ".join(naming(person) for person in one.waits_for)
    return f"{one.next} ({awaited})" if one.next and awaited else one.next


def _total_lines(totals: PortfolioTotals, portfolio: LoadedPortfolio, zone: str | None) -> list[str]:
    shown = count_phrase(totals.models, "model")
    left = portfolio.of - totals.models
    filtered = f", {left} not shown" if left else ""
    overdue = ", ".join(
        (
            count_phrase(totals.overdue_mitigations, "mitigation"),
            count_phrase(totals.overdue_approvals, "approval"),
            count_phrase(totals.overdue_reviews, "review"),
        )
    )
    lines = [
        f"{shown} ({totals.active} active{filtered})",
        *((f"Filter: {'; '.join(portfolio.conditions)}",) if portfolio.conditions else ()),
        f"Open threats: {totals.open.total} ({totals.open.text})",
        f"Overdue: {overdue}",
    ]
    if totals.accepted:
        until = f"; the next expires on {local_day(totals.next_expiry, zone)}" if totals.next_expiry else ""
        lines.append(f"Accepted risks: {totals.accepted}{until}")
    if totals.in_place.total:
        lines.append(f"{totals.in_place.sentence}. {totals.checks.sentence}.")
    if totals.remediation_days:
        days = ", ".join(f"{band} {days:g}" for band, days in totals.remediation_days.items())
        lines.append(f"Median days from found to mitigated: {days}")
    return lines


def _entry_json(one: PortfolioEntry, now: datetime) -> dict[str, Any]:
    expiry, progress = one.next_expiry(), one.question_progress
    return {
        **fields(one, "key", "name", "channel", "phase", "labels", "facilitator"),
        **fields(one, "started_at", "last_activity_at", "threats"),
        "open": _numbers(one.open),
        **fields(one, "highest", "oldest_open_at"),
        "mitigations": {"to_do": one.mitigations_to_do, "overdue": one.overdue_mitigations},
        "approvals": {"waiting": len(one.approvals_since), "overdue": one.overdue_approvals(now)},
        "accepted": {"risks": len(one.accepted_until), "next_expiry": _moment(expiry)},
        "questions": {
            "open": one.questions_open,
            "settled": progress.settled if progress else None,
            "total": progress.total if progress else None,
        },
        "undecided_cells": one.cells_open,
        "controls_in_place": _numbers(one.in_place),
        "spot_checks": _numbers(one.checks),
        "review": {"due": _moment(one.review_due), "overdue": one.review_overdue(now)},
        "next": {"text": one.next, "waits_for": list(one.waits_for)},
        "rounds": [
            {"voted": round.cast, "voters": round.panel, "deadline": _moment(round.deadline)}
            for round in one.rounds
        ],
    }


def _numbers(counts: BandCounts | BasisCounts | CheckCounts) -> dict[str, int]:
    return {"total": counts.total, **msgspec.structs.asdict(counts)}


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else format_rfc3339(moment)
