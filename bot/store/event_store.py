"""Append-only store of events, by stream within workspace (the tenant)."""

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from itertools import chain as chained
from typing import Any, cast

import msgspec

from bot.store import chain, codec
from bot.store.errors import (
    ForeignStream,
    HistoryUnreadable,
    KeyUsedForAnother,
    VersionConflict,
    check_ownership,
)
from bot.store.kept_heads import KeptHeads, verified_file
from bot.store.keys import RequestKey, differs
from bot.store.records import (
    Appended,
    CommandKey,
    Fault,
    Head,
    Recorded,
    StorableEvent,
    StreamId,
    StreamState,
    StreamSummary,
    Summary,
    Verified,
    key_of,
    tenant_of,
)
from bot.store.replacements import NO_REPLACEMENTS, Replacements
from bot.store.sql.database import Append, EncodedEvent, SqlDatabase
from bot.store.sql.erasing import Eraser
from bot.store.sql.stored_events import load_replacements, stored_event
from bot.store.sql.verified_file import VerifiedFile
from bot.store.sql.verify import Progress, verify
from bot.store.timestamps import parse_timestamp
from bot.version import version
from domain.events import Event, RecordedEvent
from domain.kernel.elements import ChannelId, ModelKey
from domain.replay import replay
from domain.working_hours import WorkingHoursChosen

StreamBuilder = Callable[[ModelKey], tuple[Sequence[Event], Summary]]
"""Creates the first events of a new model from its key; may refuse by raising."""

PAGE = 256
"""Events read at a time: a slow reader holds no lock between two pages."""

_ANSWERED = "SELECT request, stream, first, version FROM commands WHERE tenant = :tenant AND key = :key"
_NEXT_NUMBER = """
    INSERT INTO counters (tenant, number) VALUES (:tenant, 1)
    ON CONFLICT (tenant) DO UPDATE SET number = counters.number + 1 RETURNING number
"""
_FIELDS = "position, sequence, stream, version, type, schema, data, recorded_at"
_PART = f"""
    WHERE tenant = :tenant AND stream = :stream AND version > :after AND version <= :last
    ORDER BY version LIMIT {PAGE}
"""
_READ = f"SELECT {_FIELDS} FROM events {_PART}"  # noqa: S608  (our own column names)
_EVENTS = f"SELECT schema, data FROM events {_PART}"  # noqa: S608  (our own condition)
_TAIL = f"""
    SELECT {_FIELDS} FROM events WHERE tenant = :tenant AND sequence > :after ORDER BY sequence LIMIT :limit
"""  # noqa: S608  (our own column names)
_STATE = "SELECT version, erasures FROM streams WHERE tenant = :tenant AND stream = :stream"
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


class EventStore:
    """Events of all workspaces, or of the one of a unit of work, which refuses every other one.

    Every method raises StoreUnavailable when the database cannot be used, and that of one workspace
    ForeignStream for a stream of another.
    """

    def __init__(
        self, database: SqlDatabase, key: RequestKey, kept: KeptHeads, workspace: str | None = None
    ) -> None:
        self._database = database
        self._key = key
        self._kept = kept
        self._verified = VerifiedFile(verified_file(kept.path), key)
        self._workspace = workspace
        self._eraser = Eraser(database, lambda stream: replay(self.events(stream)))

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
        """Record a command's events durably, or return the earlier result of the same command.

        Raises VersionConflict if the stream is not at `expected` (0: it does not exist yet),
        KeyUsedForAnother if the key was used with another request.
        """
        self._check_tenant(tenant)
        command = Append(
            tenant=tenant,
            stream=self._own(stream),
            expected=expected,
            key=key,
            request=self._key.digest(request),
            events=tuple(self._encoded(event) for event in events),
            meta=_meta(),
            summary=summary,
            number=_number_of(tenant, stream),
        )
        result = self._database.append(command)
        if result.earlier is not None:
            return _repeated(command.request, *result.earlier)
        if result.conflict is not None:
            raise VersionConflict(stream, expected=expected, actual=result.conflict)
        return Appended(stream=stream, first=expected + 1, version=expected + len(events))

    def begin(self, tenant: str, make: StreamBuilder, *, key: CommandKey, request: bytes) -> Appended:
        """Start a stream under the workspace's next free model key.

        Errors of `make` are passed on; then no number is used up. Raises KeyUsedForAnother as `append`.
        """
        self._check_tenant(tenant)
        with self._database.writing(tenant) as connection:
            if (earlier := self.answered(tenant, key, request)) is not None:
                return earlier
            (number,) = connection.execute(_NEXT_NUMBER, {"tenant": tenant}).fetchone()
            model = ModelKey(f"TM-{number}")
            events, summary = make(model)
            stream = StreamId(f"{tenant}/{model}")
            return self.append(tenant, stream, events, expected=0, key=key, request=request, summary=summary)

    @contextmanager
    def exclusively(self, tenant: str) -> Generator[None]:
        """Exclude every other writer of the workspace, so that reads inside stay current until the end.

        Appends inside become durable together at the end, or not at all if the block raises.
        """
        self._check_tenant(tenant)
        with self._database.writing(tenant):
            yield

    def durable_at_end(self) -> AbstractContextManager[None]:
        """Return a block in which this thread's changes do not wait for the disk; its end waits for them all.

        They are visible at once. The end raises StoreUnavailable if they may not be on disk.
        """
        return self._database.durable_at_end()

    def answered(self, tenant: str, key: CommandKey, request: bytes) -> Appended | None:
        """Return the result of an earlier command with this key, if any; raises KeyUsedForAnother."""
        self._check_tenant(tenant)
        for row in self._database.all(_ANSWERED, tenant=tenant, key=key):
            found = _repeated(self._key.digest(request), *row)
            self._database.wait_for_disk()  # another thread or process may have committed it just now
            return found
        return None

    def keyed(self, request: bytes) -> bytes:
        """Return the digest of a request under the store's key."""
        return self._key.digest(request)

    def export_seal(self, tenant: str, content: bytes) -> str:
        """Return the seal by which a workspace's exported history is recognized; empty without a key."""
        self._check_tenant(tenant)
        return self._key.export_seal(tenant, content)

    def read(self, stream: StreamId, after: int = 0, until: int | None = None) -> Iterator[Recorded]:
        """Yield a stream's events after version `after` and up to `until`, in order, page by page."""
        replaced = _LateReplacements(self, self._own(stream))
        for _, rows in self._pages(_READ, stream, after, until):
            yield from self._recorded_page(rows, replaced)

    def events(self, stream: StreamId, after: int = 0, until: int | None = None) -> Iterator[RecordedEvent]:
        """Yield a stream's events alone, without time and place of recording: fast to replay."""
        replaced = _LateReplacements(self, self._own(stream))
        pages = self._pages(_EVENTS, stream, after, until)
        return chained.from_iterable(self._understood(stream, first, rows, replaced) for first, rows in pages)

    def hours(self, person: StreamId) -> list[WorkingHoursChosen]:
        """Return a person's choices of working hours, in order, without erased ones."""
        events = cast("Iterator[RecordedEvent | WorkingHoursChosen]", self.events(person))
        return [event for event in events if isinstance(event, WorkingHoursChosen)]

    def replacements(self, stream: StreamId) -> Replacements:
        """Return the events recorded in place of erased ones, which `read` and `events` return for them."""
        with self._database.translated_faults():
            return load_replacements(self._database.current(), self._own(stream))

    def tail(self, tenant: str, after_sequence: int, limit: int) -> list[Recorded]:
        """Return a workspace's next events after a sequence; no earlier event ever appears later."""
        self._check_tenant(tenant)
        rows: list[EventRow] = self._database.all(_TAIL, tenant=tenant, after=after_sequence, limit=limit)
        erased = {row[2] for row in rows if _is_erased(row)}
        replaced = {stream: self.replacements(stream) for stream in erased}
        return [self._recorded(row, replaced.get(row[2], NO_REPLACEMENTS)) for row in rows]

    def state(self, stream: StreamId) -> StreamState | None:
        """Return a stream's version and number of erasures; None if it does not exist."""
        for last_version, erasures in self._database.all(
            _STATE, tenant=tenant_of(stream), stream=self._own(stream)
        ):
            return StreamState(version=last_version, erasures=erasures)
        return None

    def streams(
        self,
        tenant: str | None = None,
        *,
        channel: ChannelId | None = None,
    ) -> list[StreamSummary]:
        """Return models, oldest first: all, or those of a workspace or of a channel."""
        self._check_tenant(tenant)
        self._database.check_file()
        conditions = {"tenant": tenant or self._workspace, "channel": channel}
        wanted = {column: value for column, value in conditions.items() if value is not None}
        # By default, SQLite reads every stream of the workspace, including those of people and places.
        index = " INDEXED BY streams_listed" if "tenant" in wanted else ""
        where = "".join(f" AND {column} = :{column}" for column in wanted)
        sql = f"{_LISTED.format(index)}{where} ORDER BY started_at, length(stream), stream"
        rows = self._database.all(sql, **wanted)
        return [
            StreamSummary(
                tenant=of,
                stream=stream,
                key=key_of(stream),
                name=name,
                channel=place,
                phase=phase,
                version=last,
                erasures=erasures,
                updated_at=parse_timestamp(updated_at),
            )
            for of, stream, name, place, phase, last, erasures, updated_at in rows
        ]

    def verify(
        self,
        tenant: str | None = None,
        *,
        witnessed: Sequence[Head] = (),
        progress: Progress | None = None,
    ) -> Verified | Fault:
        """Check every event against the hash chain, and the chain against heads recorded elsewhere.

        Tables derived from the events are compared as well. `progress` reports the number of completed steps.
        A long check uses all processors; an interrupted one goes on where it was.
        """
        self._check_tenant(tenant)
        with self._database.translated_faults(), self._database.snapshot() as rows:
            kept = self._kept.read()
            return verify(rows, tenant or self._workspace, witnessed, progress, kept, self._verified)

    def heads(self) -> list[Head]:
        """Return the end of each workspace's chain, for an outside witness."""
        return [
            Head(tenant=tenant, sequence=last, hash=seal)
            for tenant, last, seal in self._database.all(_HEADS)
            if self._workspace in (None, tenant)
        ]

    def erase(self, stream: StreamId, versions: Sequence[int]) -> int:
        """Erase the text of some events and their command keys; returns how many were erased."""
        return self._eraser.erase(self._own(stream), versions)

    def erase_stream(self, stream: StreamId) -> int:
        """Erase the text of every event of a stream, and its list entry; returns how many were erased."""
        return self._eraser.erase_stream(self._own(stream))

    def _own(self, stream: StreamId) -> StreamId:
        return stream if self._workspace is None else check_ownership(stream, self._workspace)

    def _check_tenant(self, tenant: str | None) -> None:
        if self._workspace is not None and tenant not in (None, self._workspace):
            raise ForeignStream(StreamId(f"{tenant}/"), self._workspace)

    def _encoded(self, event: StorableEvent) -> EncodedEvent:
        encoded, salt = codec.encode(event), os.urandom(chain.SALT_BYTES)
        return EncodedEvent(
            type=encoded.type,
            schema=encoded.schema,
            salt=salt,
            data=encoded.data,
            digest=chain.digest(salt, encoded.data),
        )

    def _pages(
        self, sql: str, stream: StreamId, after: int, until: int | None
    ) -> Iterator[tuple[int, list[Any]]]:
        last, tenant = _NEVER if until is None else until, tenant_of(stream)
        while after < last and (
            rows := self._database.all(sql, tenant=tenant, stream=stream, after=after, last=last)
        ):
            yield after + 1, rows
            if len(rows) < PAGE:
                return  # it was the last page, so none is asked for after it
            after += len(rows)

    def _understood(
        self,
        stream: StreamId,
        first: int,
        rows: list[tuple[int, bytes | None]],
        replaced: "_LateReplacements",
    ) -> Sequence[RecordedEvent]:
        schemas, words = zip(*rows, strict=True)
        page = codec.decode_page(schemas, words)
        if page is None:
            pages = self._pages(_READ, stream, first - 1, first - 1 + len(rows))
            return [one.event for _, page in pages for one in self._recorded_page(page, replaced)]
        # A stream contains events of one family, and this is a model's; a person's is read by `hours`.
        return cast("list[RecordedEvent]", page)

    def _recorded_page(self, rows: list[EventRow], replaced: "_LateReplacements") -> Iterator[Recorded]:
        found = replaced.load() if any(map(_is_erased, rows)) else NO_REPLACEMENTS
        return (self._recorded(row, found) for row in rows)

    def _recorded(self, row: EventRow, replaced: Replacements) -> Recorded:
        position, sequence, stream, last_version, kind, schema, data, recorded_at = row
        try:
            event = stored_event((kind, schema, data), replaced.events.get(last_version))
        except HistoryUnreadable as error:
            raise HistoryUnreadable(f"{stream}, version {last_version}: {error}") from error
        return Recorded(
            position=position,
            sequence=sequence,
            stream=stream,
            version=last_version,
            event=event,
            recorded_at=parse_timestamp(recorded_at),
        )


class _LateReplacements:
    """Replacements of one stream for one reader, loaded at its first erased event."""

    def __init__(self, store: EventStore, stream: StreamId) -> None:
        self._store = store
        self._stream = stream
        self._loaded: Replacements | None = None

    def load(self) -> Replacements:
        if self._loaded is None:
            self._loaded = self._store.replacements(self._stream)
        return self._loaded


@cache
def _meta() -> str:
    return msgspec.json.encode({"release": version()}).decode()


def _repeated(asked: bytes, kept: bytes, stream: StreamId, first: int, last: int) -> Appended:
    if differs(kept, asked):
        raise KeyUsedForAnother(stream, first=first, version=last)
    return Appended(stream=stream, first=first, version=last, repeated=True)


def _number_of(tenant: str, stream: StreamId) -> int:
    """Return the number in the key of a model, 0 for another kind of stream."""
    number = stream.removeprefix(f"{tenant}/TM-")
    return int(number) if number.isascii() and number.isdecimal() else 0


def _is_erased(row: EventRow) -> bool:
    return row[6] is None
