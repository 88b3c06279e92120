"""Reader of events and streams."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, cast

from bot.store.codec import Codec
from bot.store.errors import HistoryUnreadable
from bot.store.records import Head, Recorded, StreamId, StreamState, StreamSummary, key_of, tenant_of
from bot.store.replacements import NO_REPLACEMENTS, EventsReplaced, Replacements
from bot.store.sql.database import SqlConnection, SqlDatabase
from bot.store.timestamps import parse_timestamp
from domain.events import Erased, RecordedEvent
from domain.kernel.elements import ChannelId
from domain.working_hours import WorkingHoursChosen

PAGE = 256
"""Events read at a time: a slow reader holds no lock between two pages."""

_FIELDS = "position, sequence, stream, version, type, schema, CAST(data AS BLOB), recorded_at"
_READ = (
    f"SELECT {_FIELDS} FROM events"  # noqa: S608  (our own column names)
    " WHERE tenant = ? AND stream = ? AND version > ? AND version <= ? ORDER BY version LIMIT ?"
)
_EVENTS = """
    SELECT schema, CAST(data AS BLOB) FROM events
    WHERE tenant = ? AND stream = ? AND version > ? AND version <= ? ORDER BY version LIMIT ?
"""
_TAIL = f"SELECT {_FIELDS} FROM events WHERE tenant = ? AND sequence > ? ORDER BY sequence LIMIT ?"  # noqa: S608  (our own column names)
_REPLACED = """
    SELECT version, schema, CAST(data AS BLOB) FROM events
    WHERE tenant = ? AND stream = ? AND type = 'EventsReplaced' AND data IS NOT NULL ORDER BY version
"""
_STATE = "SELECT version, erasures FROM streams WHERE tenant = ? AND stream = ?"
_LISTED = """
    SELECT tenant, stream, name, channel, phase, version, erasures, updated_at
    FROM streams{} WHERE name IS NOT NULL
"""
_HEADS = """
    SELECT tenant, sequence, hash FROM events
    WHERE (tenant, sequence) IN (SELECT tenant, max(sequence) FROM events GROUP BY tenant) ORDER BY tenant
"""

_NEVER = 1 << 62
"""Greater than every version."""

EventRow = tuple[int, int, StreamId, int, str, int, bytes | None, str]
VersionedData = tuple[int, bytes | None]
SummaryRow = tuple[str, StreamId, str, ChannelId, str, int, int, str]


class EventReader:
    """Reader of events through the calling thread's connection."""

    def __init__(self, database: SqlDatabase, codec: Codec) -> None:
        self._database = database
        self._codec = codec

    def read(self, stream: StreamId, after: int, until: int | None) -> Iterator[Recorded]:
        """Yield a stream's events in order, page by page."""
        replaced = _LateReplacements(self, stream)
        for _, rows in self._pages(_READ, stream, after, until):
            yield from self._recorded_page(rows, replaced)

    def events(self, stream: StreamId, after: int, until: int | None) -> Iterator[RecordedEvent]:
        """Yield a stream's events alone, without time and place of recording."""
        pages, replaced = self._pages(_EVENTS, stream, after, until), _LateReplacements(self, stream)
        return chain.from_iterable(self._understood(stream, first, rows, replaced) for first, rows in pages)

    def hours(self, person: StreamId) -> list[WorkingHoursChosen]:
        """Return a person's choices of working hours, in order, without erased ones."""
        events = cast("Iterator[RecordedEvent | WorkingHoursChosen]", self.events(person, 0, None))
        return [event for event in events if isinstance(event, WorkingHoursChosen)]

    def tail(self, tenant: str, after_sequence: int, limit: int) -> list[Recorded]:
        """Return a workspace's next events."""
        rows: list[EventRow] = self._rows(_TAIL, tenant, after_sequence, limit)
        erased = {row[2] for row in rows if _is_erased(row)}
        replaced = {stream: self.replacements(stream) for stream in erased}
        return [self._recorded(row, replaced.get(row[2], NO_REPLACEMENTS)) for row in rows]

    def replacements(self, stream: StreamId) -> Replacements:
        """Return the events in place of erased ones in a stream."""
        with self._database.translated_faults():
            return load_replacements(self._database.current(), self._codec, stream)

    def state(self, stream: StreamId) -> StreamState | None:
        """Return a stream's version and number of erasures."""
        for version, erasures in self._rows(_STATE, tenant_of(stream), stream):
            return StreamState(version=version, erasures=erasures)
        return None

    def streams(self, tenant: str | None, channel: ChannelId | None) -> list[StreamSummary]:
        """Return models, oldest first."""
        asked = {"tenant = ?": tenant, "channel = ?": channel}
        wanted = {condition: value for condition, value in asked.items() if value is not None}
        # By default, SQLite reads every stream of the workspace, including those of people and places.
        index = "" if tenant is None else " INDEXED BY streams_listed"
        sql = " AND ".join((_LISTED.format(index), *wanted)) + " ORDER BY started_at, length(stream), stream"
        return [_summary(row) for row in self._rows(sql, *wanted.values())]

    def heads(self) -> list[Head]:
        """Return the end of each workspace's chain."""
        return [Head(tenant=tenant, sequence=last, hash=seal) for tenant, last, seal in self._rows(_HEADS)]

    def _pages(
        self, sql: str, stream: StreamId, after: int, until: int | None
    ) -> Iterator[tuple[int, list[Any]]]:
        last, tenant = _NEVER if until is None else until, tenant_of(stream)
        while after < last and (rows := self._rows(sql, tenant, stream, after, last, PAGE)):
            yield after + 1, rows
            if len(rows) < PAGE:
                return  # it was the last page, so none is asked for after it
            after += len(rows)

    def _understood(
        self, stream: StreamId, first: int, rows: list[VersionedData], replaced: "_LateReplacements"
    ) -> Sequence[RecordedEvent]:
        schemas, words = zip(*rows, strict=True)
        page = self._codec.decode_page(schemas, words)
        if page is None:
            pages = self._pages(_READ, stream, first - 1, first - 1 + len(rows))
            return [one.event for _, page in pages for one in self._recorded_page(page, replaced)]
        # A stream contains events of one family, and this is a model's; a person's is read by `hours`.
        return cast("list[RecordedEvent]", page)

    def _rows(self, sql: str, *parameters: int | str) -> list[Any]:  # each query knows its columns
        with self._database.translated_faults():
            return self._database.current().execute(sql, parameters).fetchall()

    def _recorded_page(self, rows: list[EventRow], replaced: "_LateReplacements") -> Iterator[Recorded]:
        found = replaced.load() if any(map(_is_erased, rows)) else NO_REPLACEMENTS
        return (self._recorded(row, found) for row in rows)

    def _recorded(self, row: EventRow, replaced: Replacements) -> Recorded:
        position, sequence, stream, version, kind, schema, data, recorded_at = row
        try:
            event = stored_event(self._codec, (kind, schema, data), replaced.events.get(version))
        except HistoryUnreadable as error:
            raise HistoryUnreadable(f"{stream}, version {version}: {error}") from error
        return Recorded(
            position=position,
            sequence=sequence,
            stream=stream,
            version=version,
            event=event,
            recorded_at=parse_timestamp(recorded_at),
        )


class _LateReplacements:
    """Replacements of one stream for one reader, loaded at its first erased event."""

    def __init__(self, reader: EventReader, stream: StreamId) -> None:
        self._reader = reader
        self._stream = stream
        self._loaded: Replacements | None = None

    def load(self) -> Replacements:
        """Return the events in place of erased ones."""
        if self._loaded is None:
            self._loaded = self._reader.replacements(self._stream)
        return self._loaded


def load_replacements(connection: SqlConnection, codec: Codec, stream: StreamId) -> Replacements:
    """Return the events in place of erased ones in a stream; raises HistoryUnreadable."""
    rows: list[tuple[int, int, bytes]] = connection.execute(_REPLACED, (tenant_of(stream), stream)).fetchall()
    try:
        return codec.decode_replacements(rows)
    except HistoryUnreadable as error:
        raise HistoryUnreadable(f"{stream}, events recorded again: {error}") from error


def stored_event(
    codec: Codec, stored: tuple[str, int, bytes | None], replacement: RecordedEvent | None
) -> RecordedEvent:
    """Return an event from its type, schema and data; its replacement if it is erased."""
    kind, schema, data = stored
    if data is None:
        return replacement or Erased()
    event = codec.decode(kind, schema, data)
    return Erased() if isinstance(event, EventsReplaced) else cast("RecordedEvent", event)


def _is_erased(row: EventRow) -> bool:
    return row[6] is None


def _summary(row: SummaryRow) -> StreamSummary:
    tenant, stream, name, channel, phase, version, erasures, updated_at = row
    return StreamSummary(
        tenant=tenant,
        stream=stream,
        key=key_of(stream),
        name=name,
        channel=channel,
        phase=phase,
        version=version,
        erasures=erasures,
        updated_at=parse_timestamp(updated_at),
    )
