"""Store in memory."""

import hashlib
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import cast

from msgspec.structs import replace

from bot.store import chain
from bot.store.codec import Codec
from bot.store.event_store import Progress, StreamBuilder
from bot.store.health import HealthFinding
from bot.store.memory.appending import MemoryAppender, find_result, seal_of
from bot.store.memory.database import MemoryDatabase
from bot.store.memory.erasing import MemoryEraser
from bot.store.memory.housekeeping import MemoryHousekeeping
from bot.store.memory.installations import MemoryInstallations
from bot.store.memory.streams import CountRow, EventRow, HeadRow, SnapshotRow, StreamRow, Streams
from bot.store.memory.unit import memory_unit
from bot.store.memory.work import MemoryWork
from bot.store.records import (
    Appended,
    CommandKey,
    Fault,
    Head,
    Recorded,
    Snapshot,
    StorableEvent,
    StreamId,
    StreamState,
    StreamSummary,
    Summary,
    Verified,
    is_model,
    key_of,
    tenant_of,
)
from bot.store.replacements import EventsReplaced, Replacements
from bot.store.summaries import listed
from bot.store.timestamps import parse_timestamp
from bot.store.unit_of_work import UnitOfWork
from bot.store.work_queue import MODEL, Item, Touch
from domain.events import Erased, RecordedEvent
from domain.kernel.elements import ChannelId, ModelKey
from domain.replay import replay
from domain.working_hours import WorkingHoursChosen


class MemoryStore:
    """Store in memory; `database` allows tests to make it fail."""

    def __init__(self, database: MemoryDatabase | None = None) -> None:
        self.database = database or MemoryDatabase()
        self._codec = Codec()
        self._appender = MemoryAppender(self.database, self._codec)
        self._eraser = MemoryEraser(self.database)
        self.housekeeping = MemoryHousekeeping(self.database)
        self.work = MemoryWork(self.database, channel_of=self._channel_of)
        self.installations = MemoryInstallations(self.database)

    @classmethod
    def restored(cls, path: Path) -> "MemoryStore":
        """Return a store with the content of a backup."""
        return cls(MemoryDatabase.load(path.read_bytes()))

    def unit(self, tenant: str) -> UnitOfWork:
        """Return the unit of work of a workspace."""
        return memory_unit(self, self.database, self.work, tenant)

    def check_writable(self) -> None:
        """Start and end a change; raises StoreUnavailable if the database was made to fail."""
        with self.database.writing():
            pass

    def key_location(self) -> str:
        """Return where the key is."""
        return "in memory"

    @property
    def location(self) -> str:
        """This process."""
        return "memory"

    def health(self, now: datetime) -> list[HealthFinding]:
        """Return nothing: there is no server."""
        del now
        return []

    def watch(self) -> None:
        """Do nothing: memory needs no repair."""

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
        """Record a command's events, or return the earlier result of the same command."""
        with self.database.writing():
            appended = self._appender.append(
                tenant,
                stream,
                events,
                expected=expected,
                key=key,
                request=self.keyed(request),
                summary=summary,
            )
            if summary is not None and not appended.repeated:
                self._touch(stream)
            return appended

    def begin(self, tenant: str, make: StreamBuilder, *, key: CommandKey, request: bytes) -> Appended:
        """Start a stream under the workspace's next free model key."""
        with self.database.writing():
            tables = Streams(self.database, tenant)
            if earlier := find_result(tables, key, self.keyed(request)):
                return earlier
            number = (tables.counters.get() or CountRow(number=0)).number + 1
            model = ModelKey(f"TM-{number}")
            events, summary = make(model)
            tables.counters.put(CountRow(number=number))
            stream = StreamId(f"{tenant}/{model}")
            return self.append(tenant, stream, events, expected=0, key=key, request=request, summary=summary)

    @contextmanager
    def exclusively(self, tenant: str) -> Generator[None]:
        """Exclude every other writer."""
        del tenant
        with self.database.writing():
            yield

    def durable_at_end(self) -> AbstractContextManager[None]:
        """Return an empty block: nothing waits for a disk."""
        return nullcontext()

    def answered(self, tenant: str, key: CommandKey, request: bytes) -> Appended | None:
        """Return the result of an earlier command with this key, if there is one."""
        return find_result(Streams(self.database, tenant), key, self.keyed(request))

    def keyed(self, request: bytes) -> bytes:
        """Return the digest of a request under the store's key."""
        return hashlib.blake2b(request, key=self.database.secret, digest_size=32).digest()

    def export_seal(self, tenant: str, content: bytes) -> str:
        """Return the seal of an exported history."""
        return self.keyed(f"{tenant}\n".encode() + content).hex()

    def read(self, stream: StreamId, after: int = 0, until: int | None = None) -> Iterator[Recorded]:
        """Yield a stream's events in order."""
        tables, version = Streams(self.database, tenant_of(stream)), after + 1
        while (until is None or version <= until) and (row := tables.events.get(stream, version)):
            yield self._recorded(row)
            version += 1

    def events(self, stream: StreamId, after: int = 0, until: int | None = None) -> Iterator[RecordedEvent]:
        """Yield a stream's events alone, without time and place of recording."""
        return (one.event for one in self.read(stream, after, until))

    def hours(self, person: StreamId) -> list[WorkingHoursChosen]:
        """Return a person's choices of working hours, in order."""
        tables = cast("Iterator[RecordedEvent | WorkingHoursChosen]", self.events(person))
        return [event for event in tables if isinstance(event, WorkingHoursChosen)]

    def replacements(self, stream: StreamId) -> Replacements:
        """Return the events recorded in place of erased ones."""
        rows = Streams(self.database, tenant_of(stream)).events.all(stream)
        stored = [
            (row.version, row.schema, row.data)
            for row in rows
            if row.type == "EventsReplaced" and row.data is not None
        ]
        return self._codec.decode_replacements(stored)

    def tail(self, tenant: str, after_sequence: int, limit: int) -> list[Recorded]:
        """Return a workspace's next events after a sequence."""
        tables, found = Streams(self.database, tenant), list[Recorded]()
        while len(found) < limit and (place := tables.order.get(after_sequence + 1 + len(found))):
            row = tables.events.get(place.stream, place.version)
            if row is None:
                break
            found.append(self._recorded(row))
        return found

    def state(self, stream: StreamId) -> StreamState | None:
        """Return a stream's version and number of erasures; None if it does not exist."""
        row = Streams(self.database, tenant_of(stream)).streams.get(stream)
        return StreamState(version=row.version, erasures=row.erasures) if row else None

    def streams(
        self,
        tenant: str | None = None,
        *,
        channel: ChannelId | None = None,
    ) -> list[StreamSummary]:
        """Return models, oldest first."""
        wanted = self._tenants() if tenant is None else [tenant]
        rows = [row for one in wanted for row in Streams(self.database, one).streams.all()]
        found: list[StreamSummary] = []
        for row in sorted(rows, key=lambda row: (row.started_at, len(row.stream), row.stream)):
            summary = row.summary
            if summary is None or channel not in (None, summary.channel):
                continue
            found.append(_listed(row, summary))
        return found

    def snapshot(self, stream: StreamId, *, fold: str) -> Snapshot | None:
        """Return the stream's last snapshot, unless a different version of the model produced it."""
        tables = Streams(self.database, tenant_of(stream))
        row, state = tables.snapshots.get(stream), tables.streams.get(stream)
        if row is None or state is None or row.snapshot.fold != fold:
            return None
        return replace(row.snapshot, erasures=state.erasures)

    def save_snapshot(self, stream: StreamId, snapshot: Snapshot) -> None:
        """Replace the stream's snapshot."""
        with self.database.writing():
            tables = Streams(self.database, tenant_of(stream))
            state, earlier = tables.streams.get(stream), tables.snapshots.get(stream)
            if state is None or state.erasures != snapshot.erasures or snapshot.version > state.version:
                return
            before = earlier.snapshot if earlier else None
            if before and before.fold == snapshot.fold and before.version >= snapshot.version:
                return
            tables.snapshots.put(SnapshotRow(snapshot=snapshot), stream)

    def verify(
        self,
        tenant: str | None = None,
        *,
        witnessed: Sequence[Head] = (),
        progress: Progress | None = None,
    ) -> Verified | Fault:
        """Check every event against the hash chain, and the chain against heads recorded elsewhere."""
        del progress
        heads, events, erased, removed = list[Head](), 0, 0, list[Head]()
        for one in self._tenants() if tenant is None else [tenant]:
            tables, seals = Streams(self.database, one), {0: chain.GENESIS}
            removed += [
                Head(tenant=one, sequence=row.sequence, hash=row.hash) for row in tables.removals.all()
            ]
            head = tables.heads.get() or HeadRow(sequence=0, hash=chain.GENESIS)
            for sequence in range(1, head.sequence + 1):
                place = tables.order.get(sequence)
                row = tables.events.get(place.stream, place.version) if place else None
                if row is None or seal_of(one, row, seals[sequence - 1]) != row.hash:
                    return _fault(one, sequence, "it was altered")
                seals[sequence] = row.hash
                events, erased = events + 1, erased + (row.data is None)
            for seen in witnessed:
                if seen.tenant == one and seals.get(seen.sequence) != seen.hash:
                    return _fault(one, seen.sequence, "it was recorded by the witness and is missing")
            for row in tables.streams.all():
                if what := self._difference(row):
                    return Fault(tenant=one, sequence=0, stream=row.stream, version=row.version, what=what)
            if head.sequence:
                heads.append(Head(tenant=one, sequence=head.sequence, hash=head.hash))
        return Verified(events=events, erased=erased, heads=tuple(heads), removed=tuple(removed))

    def heads(self) -> list[Head]:
        """Return the end of each workspace's chain."""
        found = ((one, Streams(self.database, one).heads.get()) for one in self._tenants())
        return [Head(tenant=one, sequence=row.sequence, hash=row.hash) for one, row in found if row]

    def note_heads(self) -> list[Head]:
        """Return nothing: no end of this store outlives it."""
        return []

    def erase(self, stream: StreamId, versions: Sequence[int]) -> int:
        """Erase the text of some events."""
        with self.database.writing():
            erased = self._eraser.erase(stream, versions)
            self._touch(stream)
            tables = Streams(self.database, tenant_of(stream))
            row = tables.streams.get(stream)
            if row is not None and row.summary is not None:
                summary = listed(replay(self.events(stream)))
                tables.streams.put(replace(row, summary=summary), stream)
            return erased

    def erase_stream(self, stream: StreamId) -> int:
        """Erase the text of every event of a stream."""
        with self.database.writing():
            self._touch(stream)
            return self._eraser.erase_stream(stream)

    def remove_workspace(self, tenant: str) -> Head | None:
        """Delete all data of a workspace except the end of its chain; None if it had no events."""
        with self.database.writing():
            tables = Streams(self.database, tenant)
            head = tables.heads.get()
            number, removals = tables.counters.get(), tables.removals.all()
            self.database.drop(tenant)
            for one in (*removals, *((head,) if head else ())):
                tables.removals.put(one, one.sequence, one.hash.hex())
            if number is not None:
                tables.counters.put(number)
            return Head(tenant=tenant, sequence=head.sequence, hash=head.hash) if head else None

    def finish_erasing(self, timeout: float = 0.0) -> bool:
        """Do nothing: memory keeps no erased text."""
        del timeout
        return True

    def erasing_is_finished(self) -> bool:
        """Return True: memory keeps no erased text."""
        return True

    def backup(self, path: Path) -> None:
        """Write a consistent copy; raises FileExistsError if the path exists."""
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(self.database.dump())

    def close(self) -> None:
        """Do nothing: memory is released with the process."""

    def _difference(self, row: StreamRow) -> str:
        """Return the part of a list entry that does not follow from the events; empty if there is none."""
        due = listed(replay(self.events(row.stream))) if is_model(row.stream) else None
        for field in ("name", "channel", "phase"):
            if getattr(row.summary, field, None) != getattr(due, field, None):
                return f"`streams` has a {field} that does not match its events"
        return ""

    def _tenants(self) -> list[str]:
        return sorted({tenant for tenant, _ in self.database.tables() if tenant})

    def _recorded(self, row: EventRow) -> Recorded:
        if row.data is None:
            decoded = self.replacements(row.stream).events.get(row.version, Erased())
        else:
            decoded = self._codec.decode(row.type, row.schema, row.data)
        if isinstance(decoded, EventsReplaced):
            decoded = Erased()
        return Recorded(
            position=row.position,
            sequence=row.sequence,
            stream=row.stream,
            version=row.version,
            event=cast("RecordedEvent", decoded),
            recorded_at=parse_timestamp(row.recorded_at),
        )

    def _touch(self, stream: StreamId) -> None:
        if not is_model(stream):
            return
        self.work.touch(
            Touch(item=Item(tenant_of(stream), MODEL, key_of(stream)), lane=f"{MODEL}/{key_of(stream)}")
        )

    def _channel_of(self, tenant: str, model: str) -> str:
        row = Streams(self.database, tenant).streams.get(f"{tenant}/{model}")
        return row.summary.channel if row and row.summary else ""


def _listed(row: StreamRow, summary: Summary) -> StreamSummary:
    return StreamSummary(
        tenant=tenant_of(row.stream),
        stream=row.stream,
        key=key_of(row.stream),
        name=summary.name,
        channel=summary.channel,
        phase=summary.phase,
        version=row.version,
        erasures=row.erasures,
        updated_at=parse_timestamp(row.updated_at),
    )


def _fault(tenant: str, sequence: int, what: str) -> Fault:
    return Fault(tenant=tenant, sequence=sequence, stream=None, version=None, what=what)
