"""Appender of a command's events: all or none, each chained to the event before it."""

import sqlite3

from bot.store import chain
from bot.store.records import StreamId, key_of
from bot.store.sql.database import RECORDED, Append, AppendResult
from bot.store.sql.model_touch import touch_model
from bot.store.timestamps import DUE_NOW, format_timestamp, utc_now
from bot.store.work_queue import MODEL

_COMMAND = "INSERT INTO commands (tenant, key, request, stream, first, version) VALUES (?, ?, ?, ?, ?, ?)"
# One query instead of four: apart from the disk, most of an append's time is spent on queries.
_STATE_BEFORE = f"""
    SELECT command.request, command.stream, command.first, command.version,
        stream.version, positions.last, head.sequence, head.hash, work.latest
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


def append(connection: sqlite3.Connection, command: Append) -> AppendResult:
    """Record the events of a command inside a transaction that the caller holds."""
    tenant, stream, expected = command.tenant, command.stream, command.expected
    parameters = (tenant, command.key, stream, key_of(stream))
    status: StateBefore = connection.execute(_STATE_BEFORE, parameters).fetchone()
    request, where, first, version, actual, position, sequence, seal, due_since = status
    if request is not None:
        return AppendResult(earlier=(request, where, first, version))
    if (actual or 0) != expected:
        return AppendResult(conflict=actual or 0)
    now = format_timestamp(utc_now())
    # The write lock is held: no other process can take the position or sequence.
    place = (position or 0, sequence or 0)
    rows, end = _chained(command, place, seal or chain.GENESIS, now)
    connection.executemany(_EVENT, rows)
    connection.execute(_POSITION, (place[0] + len(rows),))
    connection.execute(_HEAD, (tenant, place[1] + len(rows), end))
    if not expected and command.number:
        connection.execute(_NUMBERED, (tenant, command.number))
    last, summary = expected + len(rows), command.summary
    shown = (summary.name, summary.channel, summary.phase) if summary is not None else (None, None, None)
    connection.execute(_STREAM, (tenant, stream, last, *shown, now))
    # Most changes occur while the model is due already: its row, which is never claimed, stays unchanged.
    if summary is not None and due_since is None:
        touch_model(connection, tenant, stream)
    connection.execute(_COMMAND, (tenant, command.key, command.request, stream, expected + 1, last))
    return RECORDED


def _chained(
    command: Append, place: tuple[int, int], seal: bytes, now: str
) -> tuple[list[tuple[int | str | bytes, ...]], bytes]:
    """Return the rows of the events, and the hash of the last one."""
    position, sequence = place
    rows: list[tuple[int | str | bytes, ...]] = []
    for number, event in enumerate(command.events, start=1):
        link = chain.Link(
            position=position + number,
            tenant=command.tenant.encode(),
            sequence=sequence + number,
            stream=command.stream.encode(),
            version=command.expected + number,
            type=event.type.encode(),
            schema=event.schema,
            meta=command.meta.encode(),
            recorded_at=now.encode(),
        )
        seal = chain.seal(seal, link, event.digest)
        where = (link.position, command.tenant, link.sequence, command.stream, link.version)
        words = (event.type, event.schema, event.salt, event.data, command.meta)
        rows.append((*where, *words, now, event.digest, seal))
    return rows, seal
