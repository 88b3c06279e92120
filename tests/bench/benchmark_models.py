"""What the contenders work on: a model of ordinary size with a past as long as wanted."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from bot.store import CommandKey, EventStore, StreamId
from domain.commands import ReviseAsset
from domain.events import AssetRevised, Erased, Event
from domain.kernel.elements import Asset, ElementId, PersonId, Rating
from tests.examples import house
from tests.store.saying import say

WHO = PersonId("U0BENCH")
NOW = datetime.now(UTC)
"""What is measured runs by the real clock: it forgets forms of an older date, and sends reminders then."""

DESCRIPTION = "What the family keeps in the drawer of the old desk, mostly letters and a watch"

CHECKPOINT_PAGES = 1_100

_numbers = count(1)


def append_past(store: EventStore, stream: StreamId, events: int) -> StreamId:
    """Give a stream the House and then revisions of its assets, up to a number of events."""
    beginning = [event for event in house()[:events] if not isinstance(event, Erased)]
    say(store, *beginning, stream=stream)
    for done in range(len(beginning), events, 1000):
        batch = [revision_event(number) for number in range(done + 1, min(done + 1000, events) + 1)]
        say(store, *batch, stream=stream, expected=done)
    return stream


def revision_event(version: int) -> Event:
    """A revision of one of the House's four assets, as the event of a version."""
    asset = Asset(
        id=ElementId(f"AS-{version % 4 + 1}"),
        name=f"Letters {version}",
        description=DESCRIPTION,
        confidentiality=Rating.HIGH,
    )
    return AssetRevised(by=WHO, at=NOW, answer=version, asset=asset)


def revision_command() -> tuple[ReviseAsset, CommandKey]:
    """A command that always changes something and never grows the model, with a key of its own."""
    number = next(_numbers)
    command = ReviseAsset(
        by=PersonId("UAMINA"),
        at=NOW,
        element=ElementId("AS-1"),
        name=f"Letters {number}",
        description=DESCRIPTION,
        confidentiality=Rating.HIGH,
    )
    return command, CommandKey(f"view:V{number * 7919 % 1_000_003}:{number}")


def raw_insert(path: Path, data: bytes) -> Callable[[], object]:
    """The baseline: one row of the same words inserted and committed, as durably as ours."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, stream TEXT NOT NULL, data TEXT NOT NULL)")
    text = data.decode()

    def insert() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO rows (stream, data) VALUES (?, ?)", ("T1/TM-1", text))
        connection.execute("COMMIT")

    # Past the first checkpoint the log is written over; until then it grows, which costs more.
    for _ in range(CHECKPOINT_PAGES):
        insert()
    return insert
