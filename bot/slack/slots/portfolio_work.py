"""Work that computes what the portfolio lacks, a few seconds at a time."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from bot.delivery.work_kinds import Done, Kind, Waits
from bot.portfolio.portfolio_reader import PortfolioReader
from bot.slack.slots.work_scheduler import WorkKind
from bot.store import EventStore

PORTFOLIO: Final[WorkKind] = "portfolio"

SECONDS = 3.0
"""Seconds of one piece of the work, after which others go first."""


def portfolio_kind(
    reader: PortfolioReader, events: EventStore, *, tenant: str, now: Callable[[], datetime], waits: Waits
) -> Kind:
    """Return the kind of work; it is due again while entries are missing."""

    def run(_: object) -> Done:
        missing = reader.read(events.streams(tenant), now(), seconds=SECONDS).missing
        return Done(again_after=0.0) if missing else Done()

    return Kind(name=PORTFOLIO, waits=waits, run=run)
