"""Data of the portfolio page, and what buttons carry of its filter and order."""

import hashlib
from collections.abc import Iterable

import msgspec

from domain.dread.scoring import Band
from domain.kernel.elements import PersonId
from domain.portfolio.portfolio_entry import PortfolioEntry
from domain.portfolio.portfolio_filter import PortfolioFilter, PortfolioOrder
from domain.portfolio.portfolio_totals import PortfolioTotals

ALL, OVERDUE, CRITICAL, HIGH, MINE = "", "overdue", "critical", "high", "mine"
"""Conditions; the others are `phase/…`, and `label/…` with the ID of a label."""

PHASE, LABEL = "phase/", "label/"


class PortfolioSelection(msgspec.Struct, frozen=True, kw_only=True):
    """The condition and the order of a portfolio page."""

    condition: str = ALL
    order: PortfolioOrder = PortfolioOrder.RISK

    @property
    def code(self) -> str:
        """Return it as buttons carry it; no text of users is in it."""
        return f"{self.condition}|{self.order}"

    def filter_for(self, reader: PersonId, labels: Iterable[str]) -> PortfolioFilter:
        """Return the filter for a reader; `labels` are those that the reader may see."""
        if self.condition.startswith(LABEL):
            wanted = self.condition.removeprefix(LABEL)
            found = tuple(one for one in labels if label_id(one) == wanted)
            # A label that no model has any longer matches nothing.
            return PortfolioFilter(labels=found[:1] or (wanted,))
        if self.condition.startswith(PHASE):
            return PortfolioFilter(phases=(self.condition.removeprefix(PHASE),))
        match self.condition:
            case "overdue":
                return PortfolioFilter(overdue=True)
            case "critical":
                return PortfolioFilter(band=Band.CRITICAL)
            case "high":
                return PortfolioFilter(band=Band.HIGH)
            case "mine":
                return PortfolioFilter(waits_for=reader)
            case _:
                return PortfolioFilter()


class PortfolioScreen(msgspec.Struct, frozen=True, kw_only=True):
    """Data of the page: the selected entries in order with the totals of all of them.

    `models` counts the models that the reader may see, `labels` are theirs, and `missing` those whose entries
    are still being computed. `weeks` are the open threats some weeks ago, the latest first. `channels` are
    the names of channels by ID; the models are in the workspace `tenant`.
    """

    tenant: str
    selection: PortfolioSelection
    entries: tuple[PortfolioEntry, ...]
    totals: PortfolioTotals
    models: int
    labels: tuple[str, ...]
    missing: int
    weeks: tuple[tuple[int, int], ...]
    channels: dict[str, str]


def label_id(label: str) -> str:
    """Return the ID of a label, the same for any capitalization."""
    return hashlib.sha256(label.casefold().encode()).hexdigest()[:12]


def read_selection(code: str) -> PortfolioSelection:
    """Return the selection of a code; the default one for a code that cannot be read."""
    condition, _, order = code.partition("|")
    known = order in {str(one) for one in PortfolioOrder}
    return PortfolioSelection(
        condition=condition, order=PortfolioOrder(order) if known else PortfolioOrder.RISK
    )
