"""Appender of events in memory, each chained to the event before it."""

import os
from collections.abc import Sequence

from msgspec.structs import replace

from bot.store import chain
from bot.store.codec import Codec
from bot.store.errors import KeyUsedForAnother, VersionConflict
from bot.store.memory.database import MemoryDatabase
from bot.store.memory.streams import CommandRow, CountRow, EventRow, HeadRow, PlaceRow, StreamRow, Streams
from bot.store.records import Appended, CommandKey, StorableEvent, StreamId, Summary
from bot.store.timestamps import format_timestamp, utc_now

NO_TENANT = ""
"""The workspace of rows that belong to none."""


class MemoryAppender:
    """Appender inside a transaction that the caller holds."""

    def __init__(self, database: MemoryDatabase, codec: Codec) -> None:
        self._database = database
        self._codec = codec

    def append(
        self,
        tenant: str,
        stream: StreamId,
        events: Sequence[StorableEvent],
        *,
        expected: int,
        key: CommandKey,
        request: bytes,
        summary: Summary | None,
    ) -> Appended:
        """Record the events after version `expected`, or return the earlier result of the same command."""
        streams = Streams(self._database, tenant)
        if earlier := find_result(streams, key, request):
            return earlier
        existing = streams.streams.get(stream)
        actual = existing.version if existing else 0
        if actual != expected:
            raise VersionConflict(stream, expected=expected, actual=actual)
        now = format_timestamp(utc_now())
        for version, event in enumerate(events, start=expected + 1):
            self._chain(streams, tenant, stream, version, event, now)
        last = expected + len(events)
        if not expected and (number := _number_of(tenant, stream)):
            count = streams.counters.get() or CountRow(number=0)
            streams.counters.put(CountRow(number=max(count.number, number)))
        before = existing or StreamRow(version=0, stream=stream, started_at=now, updated_at=now)
        streams.streams.put(
            replace(
                before,
                version=last,
                updated_at=now,
                summary=summary,
            ),
            stream,
        )
        streams.commands.put(
            CommandRow(key=key, request=request, stream=stream, first=expected + 1, version=last), key
        )
        return Appended(stream=stream, first=expected + 1, version=last)

    def _chain(
        self, streams: Streams, tenant: str, stream: StreamId, version: int, event: StorableEvent, now: str
    ) -> None:
        encoded, salt = self._codec.encode(event), os.urandom(chain.SALT_BYTES)
        head = streams.heads.get() or HeadRow(sequence=0, hash=chain.GENESIS)
        row = EventRow(
            position=head.sequence + 1,
            sequence=head.sequence + 1,
            stream=stream,
            version=version,
            type=encoded.type,
            schema=encoded.schema,
            meta="{}",
            recorded_at=now,
            digest=chain.digest(salt, encoded.data),
            hash=b"",
            salt=salt,
            data=encoded.data,
        )
        sealed = replace(row, hash=seal_of(tenant, row, head.hash))
        streams.events.put(sealed, stream, version)
        streams.order.put(PlaceRow(stream=stream, version=version), row.sequence)
        streams.heads.put(HeadRow(sequence=row.sequence, hash=sealed.hash))


def find_result(streams: Streams, key: CommandKey, request: bytes) -> Appended | None:
    """Return the result of the same command; raises KeyUsedForAnother for other content."""
    row = streams.commands.get(key)
    if row is None:
        return None
    if row.request != request:
        raise KeyUsedForAnother(row.stream, first=row.first, version=row.version)
    return Appended(stream=row.stream, first=row.first, version=row.version, repeated=True)


def seal_of(tenant: str, row: EventRow, previous: bytes) -> bytes:
    """Return the hash of an event after that of the event before it."""
    link = chain.Link(
        position=row.position,
        tenant=tenant.encode(),
        sequence=row.sequence,
        stream=row.stream.encode(),
        version=row.version,
        type=row.type.encode(),
        schema=row.schema,
        meta=row.meta.encode(),
        recorded_at=row.recorded_at.encode(),
    )
    return chain.seal(previous, link, row.digest)


def _number_of(tenant: str, stream: StreamId) -> int:
    number = stream.removeprefix(f"{tenant}/TM-")
    return int(number) if number.isascii() and number.isdecimal() else 0
