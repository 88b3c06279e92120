"""A durable answer, against inserting and committing one row."""

from itertools import cycle
from pathlib import Path

import msgspec

from bot.commands.command_handler import CommandHandler
from bot.store import EventStore, StreamId, open_store, snapshots
from bot.store.models import SNAPSHOT_EVERY
from bot.store.records import Snapshot
from domain.replay import replay
from tests.bench.benchmark_models import append_past, raw_insert, revision_command, revision_event
from tests.bench.measurements import Row, Say, at_most, medians
from tests.store.saying import say as append

ROUNDS = 600
SHORT, LONG = 10, 100_000
KEPT, SINCE, COLD = 2_000, SNAPSHOT_EVERY // 2, 20
"""Cold models: how long their past is, how far behind the snapshot (half of what it may be), how many."""


def run(directory: Path, say: Say) -> list[Row]:
    """Compare appending, commanding with a short and a long past, and starting cold."""
    say(f"giving one model a past of {LONG:,} events")
    store = open_store(f"sqlite:///{directory}/store.db")
    appending = append_past(store, StreamId("T1/TM-1"), SHORT)
    short = append_past(store, StreamId("T1/TM-2"), SHORT)
    long = append_past(store, StreamId("T1/TM-3"), LONG)
    cold = cycle([with_snapshot(store, StreamId(f"T1/TM-{number}")) for number in range(10, 10 + COLD)])
    command_handler = CommandHandler(store)
    version = SHORT

    def append_one() -> None:
        nonlocal version
        append(store, revision_event(version + 1), stream=appending, expected=version)
        version += 1

    def command(stream: StreamId, at: CommandHandler) -> None:
        asked, key = revision_command()
        at.execute(asked, stream=stream, key=key)

    say(f"{ROUNDS} rounds of appends and commands in turns")
    times = medians(
        {
            "raw": raw_insert(directory / "raw.db", msgspec.json.encode(revision_event(1))),
            "append": append_one,
            "short": lambda: command(short, command_handler),
            "long": lambda: command(long, command_handler),
            "cold": lambda: command(next(cold), CommandHandler(store)),
        },
        rounds=ROUNDS,
    )
    command_handler.close()
    store.close()

    def row(what: str, ours: str, theirs: str, aim: float) -> Row:
        return at_most(what, times[ours], times[theirs], "µs", aim=aim)

    past = f"{KEPT:,} events, {SINCE} since its snapshot"
    return [
        row("append with its work row ÷ raw insert and commit", "append", "raw", 2.2),
        row("cached command ÷ raw insert and commit", "short", "raw", 2.8),
        row(f"cached command at {LONG:,} events ÷ at {SHORT}", "long", "short", 1.25),
        row(f"cold command ({past}) ÷ raw insert and commit", "cold", "raw", 5),
    ]


def with_snapshot(store: EventStore, stream: StreamId) -> StreamId:
    """Give a stream a past, and a snapshot from some time ago."""
    append_past(store, stream, KEPT)
    model = replay(store.events(stream, until=KEPT - SINCE))
    data = snapshots.encode(model)
    kept = Snapshot(version=model.version, fold=snapshots.fold(), data=data, erasures=0)
    store.save_snapshot(stream, kept)
    return stream
