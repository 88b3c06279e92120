"""Short ways to say something to a store."""

import itertools
import os
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.store import Appended, CommandKey, EventStore, StreamId, Summary
from domain.events import AssetAdded, Event, RecordedEvent, ThreatModelStarted
from domain.kernel.elements import Asset, ChannelId, ElementId, ModelKey, PersonId

TENANT = "T1"
HOUSE = StreamId("T1/TM-1")
ANNA = PersonId("U1")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LISTED = Summary(name="House", channel=ChannelId("C1"), phase="collection")

_numbers = itertools.count(1)


def started(key: str = "TM-1", name: str = "House") -> ThreatModelStarted:
    return ThreatModelStarted(
        by=ANNA, at=NOON, answer=1, key=ModelKey(key), name=name, channel=ChannelId("C1"), facilitator=ANNA
    )


def asset(name: str, *, number: int = 1, answer: int = 1) -> AssetAdded:
    return AssetAdded(by=ANNA, at=NOON, answer=answer, asset=Asset(id=ElementId(f"AS-{number}"), name=name))


def say(
    store: EventStore,
    *events: Event,
    stream: StreamId = HOUSE,
    expected: int = 0,
    key: str | None = None,
    request: bytes | None = None,
    summary: Summary | None = LISTED,
) -> Appended:
    """Append under a key of its own, unless one is given."""
    key = key or f"key-{os.getpid()}-{next(_numbers)}"
    return store.append(
        stream.partition("/")[0],
        stream,
        events,
        expected=expected,
        key=CommandKey(key),
        request=key.encode() if request is None else request,
        summary=summary,
    )


def said(store: EventStore, stream: StreamId = HOUSE, after: int = 0) -> list[RecordedEvent]:
    return [recorded.event for recorded in store.read(stream, after)]


def versions(store: EventStore, stream: StreamId = HOUSE) -> list[int]:
    return [recorded.version for recorded in store.read(stream)]


def plainly(path: Path, *statements: str, without_triggers: bool = False) -> Sequence[sqlite3.Row]:
    """Run SQL behind the store's back; the last statement's rows."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        if without_triggers:
            connection.execute("DROP TRIGGER events_stay")
            connection.execute("DROP TRIGGER events_are_only_erased")
        rows: list[sqlite3.Row] = []
        for statement in statements:
            rows = connection.execute(statement).fetchall()
        return rows
    finally:
        connection.close()
