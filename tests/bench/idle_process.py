"""The idle bot as a process of its own, called by `tests.bench.idle`.

It is given a file, Slack's address, two tokens, the number of models and seconds. It waits until every model
has its card and nothing is due, and then counts for so many seconds.
"""

import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from bot.commands.command_handler import CommandHandler
from bot.sandbox.api import TEAM_ID
from bot.settings import DatabaseUrl, Secret, Settings
from bot.slack.slack_bot import SlackBot
from bot.slack.slots.work_scheduler import Pace
from bot.store import SqliteStore, open_store, utc_now
from bot.store.sqlite.connections import Connection

SETTLE_SECONDS = 300.0
QUIET_SECONDS = 45
"""Longer than anything waits for a pause."""


class IdleFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What the process did in so many seconds; `processor` are the seconds of a core that it took."""

    seconds: float
    statements: int
    processor: float


class _Counted:
    """Counts every statement of every connection, those that begin and end transactions, too."""

    def __init__(self) -> None:
        self.statements = 0
        execute, executemany = Connection.execute, Connection.executemany

        def counted(connection: Connection, sql: str, parameters: Any = (), /) -> Any:
            self.statements += 1
            return execute(connection, sql, parameters)

        def counted_many(connection: Connection, sql: str, parameters: Iterable[Any], /) -> Any:
            self.statements += 1
            return executemany(connection, sql, parameters)

        setattr(Connection, "execute", counted)  # noqa: B010  (not of its type)
        setattr(Connection, "executemany", counted_many)  # noqa: B010  (the same)


def main(path: str, url: str, bot_token: str, app_token: str, models: int, seconds: float) -> IdleFigures:
    """Run the bot, and count what it does while nothing happens."""
    counted = _Counted()
    settings = Settings(
        bot_token=Secret(bot_token),
        app_token=Secret(app_token),
        signing_secret=Secret(""),
        api_url=url,
        database_url=DatabaseUrl(f"sqlite:///{Path(path)}"),
        host="127.0.0.1",
        port=None,
        log_level="error",
        log_format="text",
    )
    store = open_store(settings.database_url)
    command_handler = CommandHandler(store)
    bot = SlackBot(settings, command_handler, store, utc_now, pace=Pace(channel_interval=0.02))
    bot.start()
    try:
        _settle(store, models)
        statements, processor, began = counted.statements, time.process_time(), time.monotonic()
        time.sleep(seconds)
        return IdleFigures(
            seconds=time.monotonic() - began,
            statements=counted.statements - statements,
            processor=time.process_time() - processor,
        )
    finally:
        bot.stop()
        store.close()


def _settle(store: SqliteStore, models: int) -> None:
    deadline = time.monotonic() + SETTLE_SECONDS
    quiet = 0
    while time.monotonic() < deadline and quiet < QUIET_SECONDS:
        time.sleep(1)
        quiet = quiet + 1 if store.work.backlog(utc_now(), tenant=TEAM_ID).due == 0 else 0
    if quiet < QUIET_SECONDS:
        raise SystemExit(f"the bot of {models} models is not idle after {SETTLE_SECONDS:.0f} s")


if __name__ == "__main__":
    file, address, bot, app, count, during = sys.argv[1:]
    print(msgspec.json.encode(main(file, address, bot, app, int(count), float(during))).decode(), flush=True)
