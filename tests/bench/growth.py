"""One workspace that has grown for years; `python -m tests.bench growth [--events N] [--postgres]`."""

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import psycopg
from rich.console import Console
from rich.table import Table

from bot.commands.command_handler import CommandHandler
from bot.store import CommandKey, Store, StreamId, Verified, open_database
from bot.store.records import summary_of
from bot.store.sql import verify_workers
from domain.commands import NameElements
from domain.events import Event
from domain.kernel.elements import ChannelId, PersonId
from domain.replay import replay
from tests.bench.benchmark_models import revision_event
from tests.bench.measurements import Say, medians
from tests.bench.portfolio import read, read_in_new_process
from tests.bench.scale_server import KEY, benchmark_server
from tests.portfolio_models import generated_events
from tests.store.saying import say as append

TENANT: Final = "T1"
COMMANDS: Final = 200
_DOCTOR: Final = "from bot.__main__ import main; main()"
_SQLITE_SIZES: Final = """
    SELECT main.tbl_name, sum(dbstat.pgsize) FROM dbstat JOIN sqlite_master AS main ON main.name = dbstat.name
    GROUP BY 1 ORDER BY 2 DESC
"""
_POSTGRES_SIZES: Final = """
    SELECT relname, pg_total_relation_size(oid) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC
"""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured, and how much it was."""

    what: str
    value: str


def main(arguments: list[str]) -> int:
    """Fill a database, measure it, and print the figures; 0 if `doctor` takes two seconds at most."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench growth", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--models", type=int, default=5_000)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL server of its own")
    parser.add_argument("--alone", action="store_true", help="verify also with one process, to compare")
    parser.add_argument("--on", type=Path, help="a directory on the disk to be measured (default: here)")
    asked = parser.parse_args(arguments)
    console = Console()
    started = time.monotonic()

    def say(what: str) -> None:
        console.print(f"[dim]{time.monotonic() - started:6.1f} s  growth:[/dim] {what}", soft_wrap=True)

    table = Table("what", "value", title=f"{asked.events:,} events, {asked.models:,} models, one workspace")
    doctor = 0.0
    with _database(asked.on or Path.cwd(), postgres=asked.postgres) as (directory, url):
        for figure in measure(directory, url, asked.events, asked.models, say, alone=asked.alone):
            say(f"{figure.what}: {figure.value}")
            table.add_row(figure.what, figure.value)
            if figure.what == "doctor":
                doctor = float(figure.value.split()[0])
    console.print(table)
    return 0 if doctor <= 2.0 else 1


def measure(
    directory: Path, url: str, events: int, models: int, say: Say, *, alone: bool = False
) -> Iterator[Figure]:
    """Yield each figure as soon as it is known."""
    say("filling the database")
    started = time.perf_counter()
    with closing(_opened(url)) as store:
        store.migrate()
        written = _fill(store, events, models, say)
    seconds = time.perf_counter() - started
    yield Figure(what="filling", value=f"{seconds:,.0f} s, {written / seconds:,.0f} events a second")
    yield _seconds("start: first answer of a new process", lambda: _first_answer(url))
    with closing(_opened(url)) as store:
        numbers = iter(range(COMMANDS * 2))
        handler = CommandHandler(store)
        took = medians({"append": lambda: _append(handler, models, next(numbers))}, rounds=COMMANDS)
        yield Figure(
            what="append, with its replay when cold", value=f"{took['append'] / 1e3:,.2f} ms (median)"
        )
        now = datetime.now(UTC)
        yield _seconds("portfolio, computed first", lambda: read_in_new_process(store, now))
    with closing(_opened(url)) as store:
        yield _seconds("portfolio, in a new process", lambda: read_in_new_process(store, now))
        reader = read_in_new_process(store, now)
        yield _seconds("portfolio, in memory", lambda: read(store, reader, now))
        if alone:
            with _one_process():
                yield _seconds("verify, one process", lambda: _verify(store))
        yield _seconds("doctor, never verified", lambda: _doctor(url))
        yield _seconds(f"verify, {os.cpu_count()} processors", lambda: _verify(store))
        yield _seconds("doctor", lambda: _doctor(url))
        if url.startswith("sqlite"):
            yield _seconds("backup", lambda: store.backup(directory / "backup.db"))
    yield from _sizes(url)


def _fill(store: Store, events: int, models: int, say: Say) -> int:
    each = events // models
    written = 0
    for number in range(models):
        past: list[Event] = generated_events(number, ChannelId(f"C{number % 500}"), datetime.now(UTC))
        past += [revision_event(one) for one in range(len(past) + 1, each + 1)]
        stream = StreamId(f"{TENANT}/TM-{number + 1}")
        append(store, *past, stream=stream, summary=summary_of(replay(past)))
        written += len(past)
        if (number + 1) % max(1, models // 10) == 0:
            say(f"{written:,} events")
    return written


def _append(handler: CommandHandler, models: int, number: int) -> None:
    stream = StreamId(f"{TENANT}/TM-{number * 10 % models + 1}")  # each tenth one is closed, and no first one
    command = NameElements(by=PersonId("UAMINA"), at=datetime.now(UTC), assets=(f"Box {number}",))
    handler.execute(command, stream=stream, key=CommandKey(f"growth-{number}"))


def _first_answer(url: str) -> None:
    with closing(_opened(url)) as store:
        store.migrate()
        store.streams(TENANT)
        _append(CommandHandler(store), 1, COMMANDS * 2)


def _verify(store: Store) -> None:
    found = store.verify()
    assert isinstance(found, Verified), found


@contextmanager
def _one_process() -> Generator[None]:
    usual = verify_workers.PARALLEL_FROM
    verify_workers.PARALLEL_FROM = sys.maxsize  # pyright: ignore[reportAttributeAccessIssue, reportConstantRedefinition]
    try:
        yield
    finally:
        verify_workers.PARALLEL_FROM = usual  # pyright: ignore[reportAttributeAccessIssue, reportConstantRedefinition]


def _doctor(url: str) -> None:
    # Without tokens: what needs the network is left out.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLACK_")}
    environment = {**kept, "DATABASE_URL": url, "THREATMODEL_KEY": KEY}
    subprocess.run(
        [sys.executable, "-c", _DOCTOR, "doctor"], env=environment, capture_output=True, check=False
    )


def _sizes(url: str) -> Iterator[Figure]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            rows = connection.execute(_SQLITE_SIZES).fetchall()
    else:
        with psycopg.connect(url) as connection:
            rows = connection.execute(_POSTGRES_SIZES).fetchall()
    yield Figure(what="size", value=f"{sum(size for _, size in rows) / 1e6:,.0f} MB")
    for table, size in rows:
        if size >= 1e6:
            yield Figure(what=f"size of {table}", value=f"{size / 1e6:,.0f} MB")


def _seconds(what: str, work: object) -> Figure:
    assert callable(work)
    started = time.perf_counter()
    work()
    return Figure(what=what, value=f"{time.perf_counter() - started:,.2f} s")


def _opened(url: str) -> Store:
    return open_database(url, key=KEY)


@contextmanager
def _database(on: Path, *, postgres: bool) -> Generator[tuple[Path, str]]:
    with ExitStack() as parts:
        directory = Path(parts.enter_context(tempfile.TemporaryDirectory(prefix=".bench-", dir=on)))
        if postgres:
            yield directory, parts.enter_context(benchmark_server(directory)).create_database("growth")
        else:
            yield directory, f"sqlite:///{directory}/growth.db"
