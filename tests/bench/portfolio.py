"""The portfolio of many models: cold, as a new process reads what earlier ones have kept, and warm."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bot.commands.command_handler import CommandHandler
from bot.portfolio.portfolio_reader import PortfolioReader
from bot.store import Store, open_store
from domain.kernel.due_dates import utc_zone
from domain.kernel.elements import ChannelId
from domain.portfolio.portfolio_filter import PortfolioFilter, PortfolioOrder, select_entries
from domain.portfolio.portfolio_totals import portfolio_totals
from tests.bench.measurements import Row, Say, at_most
from tests.portfolio_models import save_generated_models

FEW, MANY = 20, 500
WARM_MS, COLD_MS = 200.0, 2_000.0
TENANT = "T1"


def run(directory: Path, say: Say) -> list[Row]:
    """Read the portfolio of 20 and of 500 generated models, against the limits."""
    few, many = (_measured(directory, number, say) for number in (FEW, MANY))
    return [
        at_most(f"portfolio of {FEW} models, kept in memory ÷ allowed", few.warm, WARM_MS, "ms", aim=1.0),
        at_most(f"portfolio of {MANY} models, in a new process ÷ allowed", many.cold, COLD_MS, "ms", aim=1.0),
    ]


class Milliseconds(msgspec.Struct, frozen=True, kw_only=True):
    """What reading takes in a new process, and once it is in memory."""

    cold: float
    warm: float


def _measured(directory: Path, number: int, say: Say) -> Milliseconds:
    address = f"sqlite:///{directory}/portfolio-{number}.db"
    now = datetime.now(UTC)
    say(f"recording {number} models of up to 500 events")
    store = open_store(address)
    save_generated_models(store, number, tenant=TENANT, channels=[ChannelId("C1")], now=now)
    first = milliseconds(lambda: read_in_new_process(store, now))
    store.close()
    again = open_store(address)
    cold = milliseconds(lambda: read_in_new_process(again, now))
    reader = read_in_new_process(again, now)
    warm = min(milliseconds(lambda: read(again, reader, now)) for _ in range(5))
    again.close()
    each = first / number
    say(f"{number} models: first {first:,.0f} ms ({each:.1f} each), cold {cold:,.0f} ms, warm {warm:,.1f} ms")
    return Milliseconds(cold=cold, warm=warm)


def read_in_new_process(store: Store, now: datetime) -> PortfolioReader:
    """Read with nothing in memory; returns the reader, which then has everything."""
    reader = PortfolioReader(CommandHandler(store), store.unit(TENANT), zones=utc_zone)
    read(store, reader, now)
    return reader


def read(store: Store, reader: PortfolioReader, now: datetime) -> None:
    """List the models, read their entries, sort and sum them."""
    entries = reader.read(store.streams(TENANT), now).entries
    select_entries(entries, PortfolioFilter(), PortfolioOrder.RISK, now)
    portfolio_totals(entries, now)


def milliseconds(work: Callable[[], object]) -> float:
    """The time that work takes."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1e3
