"""Filters and orders of the portfolio."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from domain.dread.scoring import Band
from domain.kernel.elements import PersonId
from domain.kernel.text_formatting import Naming
from domain.portfolio.portfolio_entry import PortfolioEntry


class PortfolioOrder(StrEnum):
    """The orders of the portfolio; the values are words that people type."""

    RISK = "risk"
    """Most critical threats first, then the most high ones, and so on."""
    OVERDUE = "overdue"
    """Most overdue mitigations and approvals first."""
    AGE = "age"
    """The oldest open threat first."""
    ACTIVITY = "activity"
    """The longest untouched model first."""
    REVIEW = "review"
    """The next review first, then models without one."""
    NAME = "name"


class PortfolioFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which models are shown: those that match every condition; archived ones only if their phase is named.

    `labels` must all be there, in any capitalization. `phases` are alternatives. With `overdue`, something in
    the model must be overdue: a mitigation, an approval or its review; with `band`, an open threat must have
    at least that band; with `waits_for`, the next step must wait for that person; with `facilitator`, that
    person must be the facilitator.
    """

    labels: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    overdue: bool = False
    band: Band | None = None
    waits_for: PersonId | None = None
    facilitator: PersonId | None = None

    def accepts(self, entry: PortfolioEntry, now: datetime) -> bool:
        """Return whether a model is shown."""
        labels = {label.casefold() for label in entry.labels}
        return (
            all(label.casefold() in labels for label in self.labels)
            and (entry.phase in self.phases if self.phases else entry.phase != "archived")
            and not (self.overdue and not entry.overdue(now) and not entry.review_overdue(now))
            and not (self.band is not None and not entry.open.at_least(self.band))
            and not (self.waits_for is not None and self.waits_for not in entry.waits_for)
            and not (self.facilitator is not None and self.facilitator != entry.facilitator)
        )

    def conditions(self, naming: Naming) -> tuple[str, ...]:
        """Return the conditions in words, as people read them in Slack, in the terminal and on the page."""
        found: list[str] = []
        if self.phases:
            found.append(f"in {' or '.join(self.phases)}")
        if self.overdue:
            found.append("something is overdue")
        if self.band is not None:
            found.append(_BANDS[self.band])
        if self.waits_for is not None:
            found.append(f"waits for {naming(self.waits_for)}")
        if self.facilitator is not None:
            found.append(f"facilitated by {naming(self.facilitator)}")
        return (*found, *(f"label “{label}”" for label in self.labels))


def select_entries(
    entries: Iterable[PortfolioEntry],
    wanted: PortfolioFilter,
    order: PortfolioOrder,
    now: datetime,
) -> tuple[PortfolioEntry, ...]:
    """Return the entries that a filter accepts, in an order; equal ones by name and key."""
    shown = [entry for entry in entries if wanted.accepts(entry, now)]
    return tuple(sorted(shown, key=lambda one: (*_place(one, order, now), one.name.casefold(), one.key)))


def _place(entry: PortfolioEntry, order: PortfolioOrder, now: datetime) -> tuple[float, ...]:
    match order:
        case PortfolioOrder.RISK:
            return (*(-number for _, number in entry.open.worst_first), -(entry.highest or 0.0))
        case PortfolioOrder.OVERDUE:
            return (-entry.overdue(now), -entry.review_overdue(now), -entry.open.total)
        case PortfolioOrder.AGE:
            return (_seconds(entry.oldest_open_at),)
        case PortfolioOrder.ACTIVITY:
            return (_seconds(entry.last_activity_at),)
        case PortfolioOrder.REVIEW:
            return (_seconds(entry.review_due),)
        case PortfolioOrder.NAME:
            return ()


def _seconds(moment: datetime | None) -> float:
    """Return a sort key: earlier moments first, none last."""
    return float("inf") if moment is None else (moment - _EPOCH).total_seconds()


_BANDS = {
    Band.CRITICAL: "critical threats are open",
    Band.HIGH: "high or critical threats are open",
    Band.MEDIUM: "medium, high or critical threats are open",
    Band.LOW: "scored threats are open",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
