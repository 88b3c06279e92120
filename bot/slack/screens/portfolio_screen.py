"""Data of the portfolio page, and what buttons carry of its filter and order."""

import hashlib
import re
from collections.abc import Iterable

import msgspec

from domain.dread.scoring import Band
from domain.kernel.elements import PersonId
from domain.portfolio.portfolio_entry import PortfolioEntry
from domain.portfolio.portfolio_filter import PortfolioFilter, PortfolioOrder
from domain.portfolio.portfolio_totals import PortfolioTotals

OVERDUE, CRITICAL, HIGH, MINE, FACILITATED = "overdue", "critical", "high", "mine", "facilitated"
"""Conditions; the others are `phase/…`, and `label/…` with the ID of a label."""

PHASE, LABEL = "phase/", "label/"

CONDITIONS = 20
"""Most conditions of one page."""


class PortfolioSelection(msgspec.Struct, frozen=True, kw_only=True):
    """The conditions and the order of a portfolio page."""

    conditions: tuple[str, ...] = ()
    order: PortfolioOrder = PortfolioOrder.RISK

    @property
    def code(self) -> str:
        """Return it as buttons carry it; no text of users is in it."""
        return f"{','.join(self.conditions)}|{self.order}"

    def filter_for(self, reader: PersonId, labels: Iterable[str]) -> PortfolioFilter:
        """Return the filter for a reader; `labels` are those that the reader may see."""
        names = {label_id(label): label for label in labels}
        wanted = [one.removeprefix(LABEL) for one in self.conditions if one.startswith(LABEL)]
        bands = [band for condition, band in _BANDS.items() if condition in self.conditions]
        return PortfolioFilter(
            # A label that no model has any longer matches nothing.
            labels=tuple(names.get(one, one) for one in wanted),
            phases=tuple(one.removeprefix(PHASE) for one in self.conditions if one.startswith(PHASE)),
            overdue=OVERDUE in self.conditions,
            band=max(bands, key=lambda one: one.order, default=None),
            waits_for=reader if MINE in self.conditions else None,
            facilitator=reader if FACILITATED in self.conditions else None,
        )


class PortfolioScreen(msgspec.Struct, frozen=True, kw_only=True):
    """Data of the page: the selected entries in order with the totals of all of them.

    `models` counts the models that the reader may see, `labels` are theirs, and `missing` those whose entries
    are still being computed. `conditions` are those of the selection in words. `weeks` are the open threats
    some weeks ago, the latest first. `channels` are the names of channels by ID; the models are in the
    workspace `tenant`.
    """

    tenant: str
    selection: PortfolioSelection
    entries: tuple[PortfolioEntry, ...]
    totals: PortfolioTotals
    models: int
    labels: tuple[str, ...]
    missing: int
    conditions: tuple[str, ...]
    weeks: tuple[tuple[int, int], ...]
    channels: dict[str, str]


def label_id(label: str) -> str:
    """Return the ID of a label, the same for any capitalization."""
    return hashlib.sha256(label.casefold().encode()).hexdigest()[:12]


def read_selection(code: str) -> PortfolioSelection:
    """Return the selection of a code; what cannot be read of it is left out."""
    conditions, _, order = code.partition("|")
    known = order in {str(portfolio_order) for portfolio_order in PortfolioOrder}
    return PortfolioSelection(
        conditions=read_conditions(conditions.split(",")),
        order=PortfolioOrder(order) if known else PortfolioOrder.RISK,
    )


def read_conditions(conditions: Iterable[str]) -> tuple[str, ...]:
    """Return the conditions that can be read, each once."""
    return tuple(dict.fromkeys(one for one in conditions if _CONDITION.fullmatch(one)))[:CONDITIONS]


_BANDS = {CRITICAL: Band.CRITICAL, HIGH: Band.HIGH}
_CONDITION = re.compile(
    f"{OVERDUE}|{CRITICAL}|{HIGH}|{MINE}|{FACILITATED}|{LABEL}[0-9a-f]{{12}}"
    f"|{PHASE}(?:collection|analysis|remediation|closed|archived)"
)
