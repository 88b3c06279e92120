"""Rows of events, streams and commands of one workspace in memory."""

import msgspec

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.records import CommandKey, Snapshot, StreamId, Summary


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    """One event, chained to the previous one; an erased event has neither salt nor data."""

    position: int
    sequence: int
    stream: StreamId
    version: int
    type: str
    schema: int
    meta: str
    recorded_at: str
    digest: bytes
    hash: bytes
    salt: bytes | None
    data: bytes | None


class StreamRow(msgspec.Struct, frozen=True, kw_only=True):
    """Version of a stream, and its list entry."""

    version: int
    stream: StreamId
    started_at: str
    updated_at: str
    erasures: int = 0
    summary: Summary | None = None


class CommandRow(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a command."""

    key: CommandKey
    request: bytes
    stream: StreamId
    first: int
    version: int


class HeadRow(msgspec.Struct, frozen=True, kw_only=True):
    """End of a workspace's hash chain."""

    sequence: int
    hash: bytes


class PlaceRow(msgspec.Struct, frozen=True, kw_only=True):
    """Position of the event with a sequence number."""

    stream: StreamId
    version: int


class CountRow(msgspec.Struct, frozen=True, kw_only=True):
    """Number that only increases."""

    number: int


class SnapshotRow(msgspec.Struct, frozen=True, kw_only=True):
    """Snapshot of a model."""

    snapshot: Snapshot


class Streams:
    """The tables of one workspace's events."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self.events = Table(database, tenant, "events", EventRow)
        self.order = Table(database, tenant, "order", PlaceRow)
        self.streams = Table(database, tenant, "streams", StreamRow)
        self.commands = Table(database, tenant, "commands", CommandRow)
        self.heads = Table(database, tenant, "heads", HeadRow)
        self.counters = Table(database, tenant, "counters", CountRow)
        self.snapshots = Table(database, tenant, "snapshots", SnapshotRow)
        self.removals = Table(database, tenant, "removals", HeadRow)
