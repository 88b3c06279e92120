"""A durable answer, against inserting and committing one row."""

from pathlib import Path

import msgspec

from bot.commands.command_handler import CommandHandler
from bot.store import StreamId, open_store
from tests.bench.benchmark_models import append_past, raw_insert, revision_command, revision_event
from tests.bench.measurements import Row, Say, at_most, medians
from tests.store.saying import say as append

ROUNDS = 600
SHORT, LONG = 10, 100_000


def run(directory: Path, say: Say) -> list[Row]:
    """Compare appending, and commanding with a short and a long past."""
    say(f"giving one model a past of {LONG:,} events")
    store = open_store(f"sqlite:///{directory}/store.db")
    appending = append_past(store, StreamId("T1/TM-1"), SHORT)
    short = append_past(store, StreamId("T1/TM-2"), SHORT)
    long = append_past(store, StreamId("T1/TM-3"), LONG)
    command_handler = CommandHandler(store)
    version = SHORT

    def append_one() -> None:
        nonlocal version
        append(store, revision_event(version + 1), stream=appending, expected=version)
        version += 1

    def command(stream: StreamId) -> None:
        asked, key = revision_command()
        command_handler.execute(asked, stream=stream, key=key)

    say(f"{ROUNDS} rounds of appends and commands in turns")
    times = medians(
        {
            "raw": raw_insert(directory / "raw.db", msgspec.json.encode(revision_event(1))),
            "append": append_one,
            "short": lambda: command(short),
            "long": lambda: command(long),
        },
        rounds=ROUNDS,
    )
    store.close()

    def row(what: str, ours: str, theirs: str, aim: float) -> Row:
        return at_most(what, times[ours], times[theirs], "µs", aim=aim)

    return [
        row("append with its work row ÷ raw insert and commit", "append", "raw", 2.2),
        row("cached command ÷ raw insert and commit", "short", "raw", 2.8),
        row(f"cached command at {LONG:,} events ÷ at {SHORT}", "long", "short", 1.25),
    ]
