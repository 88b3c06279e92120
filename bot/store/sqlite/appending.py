"""Appender of a command's events: all or none, each chained to the event before it."""

import os
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from bot.store import chain
from bot.store.codec import Codec
from bot.store.errors import KeyUsedForAnother, VersionConflict
from bot.store.keys import differs
from bot.store.records import Appended, CommandKey, StorableEvent, StreamId, Summary, key_of
from bot.store.sql.model_touch import touch_model
from bot.store.timestamps import DUE_NOW, format_timestamp
from bot.store.work_queue import MODEL
from bot.version import version

_ANSWERED = "SELECT request, stream, first, version FROM commands WHERE tenant = ? AND key = ?"
_COMMAND = "INSERT INTO commands (tenant, key, request, stream, first, version) VALUES (?, ?, ?, ?, ?, ?)"
# One query instead of four: apart from the disk, most of an append's time is spent on queries.
_STATE_BEFORE = f"""
    SELECT command.request, command.stream, command.first, command.version,
        stream.version, positions.last, head.sequence, head.hash, work.first
    FROM (SELECT 1)
    LEFT JOIN commands AS command ON command.tenant = ?1 AND command.key = ?2
    LEFT JOIN streams AS stream ON stream.tenant = ?1 AND stream.stream = ?3
    LEFT JOIN positions
    LEFT JOIN work ON work.tenant = ?1 AND work.kind = '{MODEL}' AND work.subject = ?4
        AND work.due = '{DUE_NOW}'
    LEFT JOIN events AS head ON head.tenant = ?1
        AND head.sequence = (SELECT max(sequence) FROM events WHERE tenant = ?1)
"""  # noqa: S608  (our own constants)
_EVENT = """
    INSERT INTO events (position, tenant, sequence, stream, version, type, schema, salt, data, meta,
        recorded_at, digest, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
# A position is never reused, even if its event was lost.
_POSITION = "UPDATE positions SET last = ?"
# A second record of the end of the chain and the number of commands, so that losses are detected.
_HEAD = """
    INSERT INTO heads (tenant, sequence, hash, commands) VALUES (?, ?, ?, 1)
    ON CONFLICT (tenant) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash,
        commands = commands + 1
"""
# A model with a given key, as in a demo, uses up its number.
_NUMBERED = """
    INSERT INTO counters (tenant, number) VALUES (?, ?)
    ON CONFLICT (tenant) DO UPDATE SET number = max(number, excluded.number)
"""
# The columns by which models are listed rarely change; if unchanged, the index is not written.
_STREAM_GOES_ON = """
    UPDATE streams SET version = ?3, phase = ?6, updated_at = ?7
    WHERE tenant = ?1 AND stream = ?2 AND name IS ?4 AND channel IS ?5
"""
_STREAM = """
    INSERT INTO streams
        (tenant, stream, version, name, channel, phase, started_at, updated_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
    ON CONFLICT (tenant, stream) DO UPDATE SET version = excluded.version, name = excluded.name,
        channel = excluded.channel, phase = excluded.phase, updated_at = excluded.updated_at
"""

StateBefore = tuple[
    bytes | None, StreamId, int, int, int | None, int | None, int | None, bytes | None, float | None
]


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """Identity of a command: its workspace, its key, and the digest of its content."""

    tenant: str
    key: CommandKey
    request: bytes


class Appender:
    """Appender inside a transaction that the caller holds."""

    def __init__(self, codec: Codec, clock: Callable[[], datetime]) -> None:
        self._codec = codec
        self._clock = clock
        self._meta = msgspec.json.encode({"release": version()}).decode()

    def append(
        self,
        connection: sqlite3.Connection,
        command: Command,
        stream: StreamId,
        events: Sequence[StorableEvent],
        *,
        expected: int,
        summary: Summary | None,
    ) -> Appended:
        """Record the events after version `expected`, or return the earlier result of the same command.

        Raises VersionConflict if the stream is at another version, KeyUsedForAnother.
        """
        parameters = (command.tenant, command.key, stream, key_of(stream))
        status: StateBefore = connection.execute(_STATE_BEFORE, parameters).fetchone()
        request, where, first, version, actual, position, sequence, seal, due_since = status
        if request is not None:
            return _repeated_result(command, request, where, first, version)
        if (actual or 0) != expected:
            raise VersionConflict(stream, expected=expected, actual=actual or 0)
        now = format_timestamp(self._clock())
        # The write lock is held: no other process can take the position or sequence.
        link = chain.Link(
            position=position or 0,
            tenant=command.tenant.encode(),
            sequence=sequence or 0,
            stream=stream.encode(),
            version=expected,
            type=b"",
            schema=0,
            meta=self._meta.encode(),
            recorded_at=now.encode(),
        )
        rows = self._chained(link, seal or chain.GENESIS, events)
        connection.executemany(_EVENT, rows)
        connection.execute(_POSITION, (link.position + len(rows),))
        end = rows[-1][-1] if rows else seal or chain.GENESIS
        connection.execute(_HEAD, (command.tenant, link.sequence + len(rows), end))
        if not expected and (number := _number_of(command.tenant, stream)):
            connection.execute(_NUMBERED, (command.tenant, number))
        last = expected + len(events)
        self._sum_up(connection, command.tenant, stream, last, summary, now)
        # Most changes occur while the model is due already: its row, which is never claimed, stays unchanged.
        if summary is not None and due_since is None:
            touch_model(connection, command.tenant, stream)
        connection.execute(
            _COMMAND, (command.tenant, command.key, command.request, stream, expected + 1, last)
        )
        return Appended(stream=stream, first=expected + 1, version=last)

    def _chained(
        self, last: chain.Link, seal: bytes, events: Sequence[StorableEvent]
    ) -> list[tuple[int | str | bytes, ...]]:
        rows: list[tuple[int | str | bytes, ...]] = []
        tenant, stream, now = last.tenant.decode(), last.stream.decode(), last.recorded_at.decode()
        for number, event in enumerate(events, start=1):
            encoded = self._codec.encode(event)
            salt = os.urandom(chain.SALT_BYTES)
            text_digest = chain.digest(salt, encoded.data)
            link = replace(
                last,
                position=last.position + number,
                sequence=last.sequence + number,
                version=last.version + number,
                type=encoded.type.encode(),
                schema=encoded.schema,
            )
            seal = chain.seal(seal, link, text_digest)
            place = (link.position, tenant, link.sequence, stream, link.version)
            words = (encoded.type, encoded.schema, salt, encoded.data.decode(), self._meta)
            rows.append((*place, *words, now, text_digest, seal))
        return rows

    def _sum_up(
        self,
        connection: sqlite3.Connection,
        tenant: str,
        stream: StreamId,
        version: int,
        summary: Summary | None,
        now: str,
    ) -> None:
        name, channel, phase = None, None, None
        if summary is not None:
            name, channel, phase = summary.name, summary.channel, summary.phase
        values = (tenant, stream, version, name, channel, phase, now)
        if not connection.execute(_STREAM_GOES_ON, values).rowcount:
            connection.execute(_STREAM, values)


def find_result(connection: sqlite3.Connection, command: Command) -> Appended | None:
    """Return the result of the same command; raises KeyUsedForAnother for other content."""
    row = connection.execute(_ANSWERED, (command.tenant, command.key)).fetchone()
    if row is None:
        return None
    return _repeated_result(command, *row)


def _repeated_result(
    command: Command, request: bytes, stream: StreamId, first: int, version: int
) -> Appended:
    if differs(request, command.request):
        raise KeyUsedForAnother(stream, first=first, version=version)
    return Appended(stream=stream, first=first, version=version, repeated=True)


def _number_of(tenant: str, stream: StreamId) -> int:
    """Return the number in the key of a model, 0 for another kind of stream."""
    number = stream.removeprefix(f"{tenant}/TM-")
    return int(number) if number.isascii() and number.isdecimal() else 0
