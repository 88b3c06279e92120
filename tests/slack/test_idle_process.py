"""A process that serves many idle workspaces: few statements a second, and always the same threads."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.commands.command_handler import CommandHandler
from bot.delivery.poll_timer import POLL_SECONDS
from bot.metrics import Metrics
from bot.settings import Secret
from bot.slack.process_app import ProcessApp
from bot.slack.protocol.installation import Installation, InstalledWorkspace
from bot.store import SqliteStore, open_store
from bot.store.timestamps import format_timestamp
from domain.kernel.elements import PersonId
from tests.depth import count
from tests.fresh_database import copy_fresh_file
from tests.slack.installing import oauth_settings
from tests.waiting import wait_until

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
MOST_PER_SECOND = 3.0


class Everywhere:
    """The app is installed in every workspace; this costs no statement."""

    def find(self, enterprise: str, team: str) -> InstalledWorkspace:
        installation = Installation(
            team=team, url="", bot_user=PersonId("U1"), bot_name="bot", enterprise=enterprise
        )
        return InstalledWorkspace(installation=installation, token=Secret("xoxb-1"))

    def tenants(self) -> list[str]:
        return []


@contextmanager
def process_of(folder: Path, workspaces: int) -> Generator[tuple[ProcessApp, SqliteStore]]:
    """A process with workspaces whose models wait for the next day."""
    copy_fresh_file(folder / "idle.db")
    store = open_store(f"sqlite:///{folder / 'idle.db'}")
    tomorrow = format_timestamp(NOON + timedelta(days=1))
    with store.database.writing(durable=False) as connection:
        connection.executemany(
            "INSERT INTO work (tenant, kind, subject, lane, due) VALUES (?, 'reminders', 'TM-1', 'TM-1', ?)",
            [(f"T{number}", tomorrow) for number in range(workspaces)],
        )
    command_handler = CommandHandler(store)
    settings = oauth_settings("http://127.0.0.1:9/api/")
    process = ProcessApp(settings, Everywhere(), command_handler, store, lambda: NOON, metrics=Metrics())
    try:
        yield process, store
    finally:
        process.stop(1.0)
        command_handler.close()
        store.close()


def statements_per_second(process: ProcessApp, store: SqliteStore) -> float:
    """Count what every periodic job and the poll of the queue ask of the database, by their intervals."""
    asked: list[str] = []
    connection = store.database.current()
    rate = 0.0
    for job in [*process.rounds._jobs]:  # pyright: ignore[reportPrivateUsage]  all of them
        job.work()  # the first time there may be more to do
        connection.set_trace_callback(asked.append)
        job.work()
        connection.set_trace_callback(None)
        rate += len(asked) / job.every
        asked.clear()
    connection.set_trace_callback(asked.append)
    process.dispatcher.poll()
    connection.set_trace_callback(None)
    return rate + len(asked) / POLL_SECONDS


def test_idle_workspaces_cost_next_to_nothing(tmp_path: Path) -> None:
    workspaces = count(1_000, deep=10_000)
    with process_of(tmp_path, workspaces) as (process, store):
        assert statements_per_second(process, store) <= MOST_PER_SECOND
        assert process.workspaces.sending() == [], "none was opened"


def test_the_number_of_threads_does_not_depend_on_the_workspaces(tmp_path: Path) -> None:
    with process_of(tmp_path, 100) as (process, store):
        before = threading.active_count()
        process.start()
        wait_until(lambda: store.housekeeping.last_reminder_check() is not None)
        few = threading.active_count() - before
        for number in range(100):
            process.workspaces.of_tenant(f"T{number}")
        wait_until(lambda: not any(one.holds_unsaved for one in process.workspaces.sending()))
        assert len(process.workspaces.sending()) == 100
        most = before + min(few, 18) + 16  # the threads of the pool, for any number of workspaces
        wait_until(lambda: threading.active_count() <= most)
