"""Writes a command's events, all or none, each chained to the one before it."""

import os
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

import msgspec

from bot.store import chain
from bot.store.codec import Codec
from bot.store.errors import KeyUsedForAnother, VersionConflict
from bot.store.records import Appended, CommandKey, StreamId, Summary
from bot.store.times import stamp
from domain.events import Event

_ANSWERED = "SELECT request, stream, first, version FROM commands WHERE tenant = ? AND key = ?"
_COMMAND = "INSERT INTO commands (tenant, key, request, stream, first, version) VALUES (?, ?, ?, ?, ?, ?)"
_VERSION = "SELECT version FROM streams WHERE stream = ?"
_HEAD = "SELECT sequence, hash FROM events WHERE tenant = ? ORDER BY sequence DESC LIMIT 1"
_POSITION = "SELECT seq FROM sqlite_sequence WHERE name = 'events'"
_EVENT = """
    INSERT INTO events (position, tenant, sequence, stream, version, type, schema, salt, data, meta,
        recorded_at, digest, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_STREAM = """
    INSERT INTO streams (stream, tenant, version, name, channel, phase, next_due, started_at, updated_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)
    ON CONFLICT (stream) DO UPDATE SET version = excluded.version, name = excluded.name,
        channel = excluded.channel, phase = excluded.phase, next_due = excluded.next_due,
        updated_at = excluded.updated_at
"""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a command itself: where it was said, its key, the digest of its content."""

    tenant: str
    key: CommandKey
    request: bytes


class Appender:
    """Appends inside a transaction that the caller holds."""

    def __init__(self, codec: Codec, clock: Callable[[], datetime]) -> None:
        self._codec = codec
        self._clock = clock
        self._meta = msgspec.json.encode({"release": _release()}).decode()

    def append(
        self,
        connection: sqlite3.Connection,
        command: Command,
        stream: StreamId,
        events: Sequence[Event],
        *,
        expected: int,
        summary: Summary | None,
    ) -> Appended:
        """Record the events after version `expected`; raises VersionConflict when that is not the last."""
        row = connection.execute(_VERSION, (stream,)).fetchone()
        found: int = row[0] if row else 0
        if found != expected:
            raise VersionConflict(stream, expected=expected, found=found)
        last = found + len(events)
        now = stamp(self._clock())
        connection.executemany(_EVENT, self._chained(connection, command.tenant, stream, events, found, now))
        shown = (summary.name, summary.channel, summary.phase) if summary else (None, None, None)
        due = stamp(summary.next_due) if summary and summary.next_due else None
        connection.execute(_STREAM, (stream, command.tenant, last, *shown, due, now))
        connection.execute(_COMMAND, (command.tenant, command.key, command.request, stream, found + 1, last))
        return Appended(stream=stream, first=found + 1, version=last)

    def _chained(
        self,
        connection: sqlite3.Connection,
        tenant: str,
        stream: StreamId,
        events: Sequence[Event],
        last: int,
        now: str,
    ) -> list[tuple[int | str | bytes, ...]]:
        # The write lock is held: neither position nor sequence can be taken by anybody else.
        row = connection.execute(_POSITION).fetchone()
        position: int = row[0] if row else 0
        head: tuple[int, bytes] | None = connection.execute(_HEAD, (tenant,)).fetchone()
        sequence, previous = head or (0, chain.GENESIS)
        rows: list[tuple[int | str | bytes, ...]] = []
        for number, event in enumerate(events, start=1):
            encoded = self._codec.encode(event)
            salt = os.urandom(chain.SALT_BYTES)
            said = chain.digest(salt, encoded.data)
            link = chain.Link(
                position=position + number,
                tenant=tenant.encode(),
                sequence=sequence + number,
                stream=stream.encode(),
                version=last + number,
                type=encoded.type.encode(),
                schema=encoded.schema,
                meta=self._meta.encode(),
                recorded_at=now.encode(),
            )
            previous = chain.seal(previous, link, said)
            place = (link.position, tenant, link.sequence, stream, link.version)
            words = (encoded.type, encoded.schema, salt, encoded.data.decode(), self._meta)
            rows.append((*place, *words, now, said, previous))
        return rows


def answered(connection: sqlite3.Connection, command: Command) -> Appended | None:
    """What the same command led to before; raises KeyUsedForAnother when its content was another."""
    row = connection.execute(_ANSWERED, (command.tenant, command.key)).fetchone()
    if row is None:
        return None
    request, stream, first, last = row
    if request != command.request:
        raise KeyUsedForAnother(stream, first=first, version=last)
    return Appended(stream=stream, first=first, version=last, repeated=True)


def _release() -> str:
    try:
        return version("threatmodel-bot")
    except PackageNotFoundError:
        return "unreleased"
