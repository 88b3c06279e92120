"""Event store in a PostgreSQL database."""

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from bot.store import chain
from bot.store.codec import Codec
from bot.store.copying import CopySource, CopyTarget
from bot.store.database import HealthFinding
from bot.store.errors import KeyUsedForAnother, StoreUnavailable, VersionConflict
from bot.store.event_store import Progress, StreamBuilder
from bot.store.kept_heads import KeptHeads
from bot.store.keys import RequestKey, differs
from bot.store.postgres.array_literals import bytes_array, text_array
from bot.store.postgres.connections import PostgresConnection, PostgresConnections
from bot.store.postgres.copy_ends import reading_end, writing_end
from bot.store.postgres.event_rows import PostgresEventRows
from bot.store.postgres.migrating import migrate
from bot.store.postgres.presence import Presence
from bot.store.postgres.server_health import server_health
from bot.store.postgres.statement_runner import StatementRunner
from bot.store.postgres.work import PostgresWork
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
    key_of,
)
from bot.store.replacements import Replacements
from bot.store.repositories.housekeeping import Housekeeping
from bot.store.repositories.installations import Installations
from bot.store.sql.database import SqlConnection, SqlCursor
from bot.store.sql.epoch import mark_restored
from bot.store.sql.erasing import ERASING_TIMEOUT_SECONDS, Eraser
from bot.store.sql.event_reader import EventReader
from bot.store.sql.lost_heads import chain_ends, lost_heads
from bot.store.sql.sealed_snapshots import SealedSnapshots
from bot.store.sql.verify import damaged, verify
from bot.store.sql.workspace_removal import remove_workspace
from bot.store.unit_of_work import UnitOfWork, unit_of
from bot.version import version
from domain.events import RecordedEvent
from domain.kernel.elements import ChannelId, ModelKey
from domain.replay import replay
from domain.working_hours import WorkingHoursChosen

_APPEND = """
    SELECT status, earlier_request, earlier_stream, first_version, last_version FROM append_events(
        ?, ?, ?, ?, ?, CAST(? AS text[]), CAST(? AS integer[]), CAST(? AS bytea[]), CAST(? AS text[]),
        CAST(? AS bytea[]), ?, CAST(? AS boolean), CAST(? AS text), CAST(? AS text), CAST(? AS text), ?
    )
"""
_ANSWERED = "SELECT request, stream, first, version FROM commands WHERE tenant = ? AND key = ?"
_NEXT_NUMBER = """
    INSERT INTO counters (tenant, number) VALUES (?, 1)
    ON CONFLICT (tenant) DO UPDATE SET number = counters.number + 1 RETURNING number
"""
_SELECT = "SELECT 1 WHERE NOT pg_is_in_recovery()"


class PostgresStore:
    """Store in one database, which several replicas use; `database` is its connections, for this package."""

    def __init__(self, database: PostgresConnections, key: RequestKey, heads: Path | None = None) -> None:
        self.database = database
        self.work = PostgresWork(database)
        self.installations = Installations(database)
        self.housekeeping = Housekeeping(database)
        self._key = key
        self._kept = KeptHeads(heads)
        self._codec = Codec()
        self._meta = msgspec.json.encode({"release": version()}).decode()
        self._reader = EventReader(database, self._codec)
        self._snapshots = SealedSnapshots(database, key)
        self._eraser = Eraser(database, lambda stream: replay(self.events(stream)), _TextInWal())
        self._presence = Presence(database)

    def migrate(self) -> int:
        """Apply all missing migrations; return how many there were."""
        return migrate(self.database)

    def unit(self, tenant: str) -> UnitOfWork:
        """Return the unit of work of a workspace."""
        return unit_of(self, self.database, self.work, tenant)

    def check_writable(self) -> None:
        """Ask the server; raises StoreUnavailable if it cannot be reached or is a read-only standby."""
        with self.database.translated_faults():
            if self.database.current().execute(_SELECT).fetchone() is None:
                raise StoreUnavailable(
                    f"DATABASE_URL: {self.database.place} is a read-only standby. Name the primary server"
                )

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
        """Record a command's events durably, or return the earlier result of the same command."""
        digest = self._key.digest(request)
        if self.database.runs_alone():
            # The function is one transaction by itself, and the key makes it idempotent.
            return self._append(
                self.database.change,
                tenant,
                stream,
                events,
                expected=expected,
                key=key,
                request=digest,
                summary=summary,
            )
        with self.database.writing() as connection:
            return self._append(
                connection.execute,
                tenant,
                stream,
                events,
                expected=expected,
                key=key,
                request=digest,
                summary=summary,
            )

    def begin(self, tenant: str, make: StreamBuilder, *, key: CommandKey, request: bytes) -> Appended:
        """Start a stream under the workspace's next free model key."""
        digest = self._key.digest(request)
        with self.database.writing(tenant) as connection:
            if earlier := _find_result(connection, tenant, key, digest):
                return earlier
            (number,) = connection.execute(_NEXT_NUMBER, (tenant,)).fetchone()
            model = ModelKey(f"TM-{number}")
            events, summary = make(model)
            stream = StreamId(f"{tenant}/{model}")
            return self._append(
                connection.execute,
                tenant,
                stream,
                events,
                expected=0,
                key=key,
                request=digest,
                summary=summary,
            )

    @contextmanager
    def exclusively(self, tenant: str) -> Generator[None]:
        """Exclude every other writer of the workspace, in this and other replicas."""
        with self.database.writing(tenant):
            yield

    def durable_at_end(self) -> AbstractContextManager[None]:
        """Return a block; each change in it is durable by itself."""
        return nullcontext()

    def answered(self, tenant: str, key: CommandKey, request: bytes) -> Appended | None:
        """Return the result of an earlier command with this key, if there is one."""
        with self.database.translated_faults():
            return _find_result(self.database.current(), tenant, key, self._key.digest(request))

    def keyed(self, request: bytes) -> bytes:
        """Return the digest of a request under the store's key."""
        return self._key.digest(request)

    def export_seal(self, tenant: str, content: bytes) -> str:
        """Return the seal of an exported history; empty without a key."""
        return self._key.export_seal(tenant, content)

    def key_location(self) -> str:
        """Return the location of the key in words for the operator; raises StoreUnavailable."""
        return self._key.location()

    def read(self, stream: StreamId, after: int = 0, until: int | None = None) -> Iterator[Recorded]:
        """Yield a stream's events in order, page by page."""
        return self._reader.read(stream, after, until)

    def events(self, stream: StreamId, after: int = 0, until: int | None = None) -> Iterator[RecordedEvent]:
        """Yield a stream's events alone, without time and place of recording: fast to replay."""
        return self._reader.events(stream, after, until)

    def hours(self, person: StreamId) -> list[WorkingHoursChosen]:
        """Return a person's choices of working hours, in order."""
        return self._reader.hours(person)

    def replacements(self, stream: StreamId) -> Replacements:
        """Return the events recorded in place of erased ones."""
        return self._reader.replacements(stream)

    def tail(self, tenant: str, after_sequence: int, limit: int) -> list[Recorded]:
        """Return a workspace's next events after a sequence."""
        return self._reader.tail(tenant, after_sequence, limit)

    def state(self, stream: StreamId) -> StreamState | None:
        """Return a stream's version and number of erasures; None if it does not exist."""
        return self._reader.state(stream)

    def streams(
        self,
        tenant: str | None = None,
        *,
        channel: ChannelId | None = None,
    ) -> list[StreamSummary]:
        """Return models, oldest first."""
        return self._reader.streams(tenant, channel)

    def snapshot(self, stream: StreamId, *, fold: str) -> Snapshot | None:
        """Return the stream's last snapshot, unless a different version of the model produced it."""
        return self._snapshots.find(stream, fold)

    def save_snapshot(self, stream: StreamId, snapshot: Snapshot) -> None:
        """Replace the stream's snapshot."""
        self._snapshots.save(stream, snapshot)

    def verify(
        self,
        tenant: str | None = None,
        *,
        witnessed: Sequence[Head] = (),
        progress: Progress | None = None,
    ) -> Verified | Fault:
        """Check every event against the hash chain, and other tables against the events."""
        with self.database.translated_faults():
            raw = self.database.connect()
            try:
                raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")  # one snapshot for all checks
                return verify(
                    PostgresEventRows(raw),
                    PostgresConnection(raw, StatementRunner()),
                    tenant,
                    witnessed,
                    progress,
                    self._kept.read(),
                )
            except psycopg.DataError as error:
                return damaged(str(error))
            finally:
                raw.close()

    def heads(self) -> list[Head]:
        """Return the end of each workspace's chain."""
        return self._reader.heads()

    def note_heads(self) -> list[Head]:
        """Keep the ends of all chains outside of the database; return earlier ones that are missing."""
        kept = self._kept.read()
        with self.database.translated_faults():
            connection = self.database.current()
            lost, ends = lost_heads(connection, kept), chain_ends(connection)
        # A missing end stays until an operator accepts its loss.
        if {*lost, *ends} != {*kept}:
            self._kept.write((*lost, *ends))
        return lost

    def erase(self, stream: StreamId, versions: Sequence[int]) -> int:
        """Erase the text of some events."""
        return self._eraser.erase(stream, versions)

    def erase_stream(self, stream: StreamId) -> int:
        """Erase the text of every event of a stream."""
        return self._eraser.erase_stream(stream)

    def remove_workspace(self, tenant: str) -> Head | None:
        """Delete all data of a workspace except the end of its chain; None if there is no such workspace."""
        return remove_workspace(self.database, self._eraser, tenant)

    def finish_erasing(self, timeout: float = ERASING_TIMEOUT_SECONDS) -> bool:
        """Finish what an erasure of an earlier release left; the server's log is not the bot's to empty."""
        return self._eraser.finish(timeout)

    def erasing_is_finished(self) -> bool:
        """Return whether nothing is left to erase in the tables."""
        return not self._eraser.unfinished()

    def backup(self, path: Path) -> None:
        """Raise StoreUnavailable: a server is backed up by its own tools."""
        del path
        raise StoreUnavailable(
            f"DATABASE_URL: {self.database.place} is a PostgreSQL database. Back it up with `pg_dump`, or "
            "continuously with your server's point-in-time recovery"
        )

    @property
    def location(self) -> str:
        """The server and the name of the database."""
        return self.database.place

    def health(self, now: datetime) -> list[HealthFinding]:
        """Return the result of checks of the server."""
        with self.database.translated_faults():
            return list(server_health(self.database.current(), self.database.place, now))

    def serving(self) -> AbstractContextManager[None]:
        """Return a block in which this replica serves; raises StoreUnavailable during a copy."""
        return self._presence.serving()

    def alone(self) -> AbstractContextManager[None]:
        """Return a block in which no replica serves; raises StoreUnavailable while one does."""
        return self._presence.alone()

    def mark_restored(self) -> int:
        """Renew the epoch after a restore; return how many slots are compared again.

        Raises StoreUnavailable if a replica serves.
        """
        with self._presence.alone():
            slots = mark_restored(self.database)
            self._kept.write(chain_ends(self.database.current()))
            return slots

    def copy_source(self) -> AbstractContextManager[CopySource]:
        """Return a block that reads everything in one snapshot; raises StoreUnavailable if it is served."""
        return reading_end(self.database, self._presence)

    def copy_target(self) -> AbstractContextManager[CopyTarget]:
        """Return a block whose rows become durable together; raises StoreUnavailable if it is served."""
        return writing_end(self.database, self._presence)

    def watch(self) -> None:
        """Be present again after the server was restarted; the pool replaces lost connections itself."""
        self._presence.renew()

    def close(self) -> None:
        """Close every connection."""
        self.database.close()

    def _append(
        self,
        execute: Callable[[str, Any], SqlCursor],
        tenant: str,
        stream: StreamId,
        events: Sequence[StorableEvent],
        *,
        expected: int,
        key: CommandKey,
        request: bytes,
        summary: Summary | None,
    ) -> Appended:
        encoded = [self._codec.encode(one) for one in events]
        salts = [os.urandom(chain.SALT_BYTES) for _ in encoded]
        digests = [chain.digest(salt, one.data) for salt, one in zip(salts, encoded, strict=True)]
        listed: tuple[Any, ...] = (
            (True, summary.name, summary.channel, summary.phase) if summary else (False, None, None, None)
        )
        status, earlier_request, earlier_stream, first, last = execute(
            _APPEND,
            (
                tenant,
                stream,
                expected,
                key,
                request,
                text_array(one.type for one in encoded),
                text_array(str(one.schema) for one in encoded),
                bytes_array(salts),
                text_array(one.data.decode() for one in encoded),
                bytes_array(digests),
                self._meta,
                *listed,
                _number_of(tenant, stream),
            ),
        ).fetchone()
        if status == "conflict":
            raise VersionConflict(stream, expected=expected, actual=last)
        if status == "repeated":
            return _repeated_result(request, earlier_request, earlier_stream, first, last)
        return Appended(stream=stream, first=first, version=last)


class _TextInWal:
    """Erased text in the server's log, replicas and backups: it ends with their retention."""

    def note(self, connection: SqlConnection, tenant: str) -> None:
        """Do nothing."""

    def remove(self, timeout: float) -> bool:
        """Return that nothing is left for the bot to remove."""
        del timeout
        return True


def _find_result(connection: SqlConnection, tenant: str, key: CommandKey, request: bytes) -> Appended | None:
    row = connection.execute(_ANSWERED, (tenant, key)).fetchone()
    return _repeated_result(request, *row) if row else None


def _repeated_result(asked: bytes, kept: bytes, stream: StreamId, first: int, last: int) -> Appended:
    if differs(kept, asked):
        raise KeyUsedForAnother(stream, first=first, version=last)
    return Appended(stream=stream, first=first, version=last, repeated=True)


def _number_of(tenant: str, stream: StreamId) -> int:
    """Return the number in the key of a model, 0 for another kind of stream."""
    key = key_of(stream) if stream.startswith(f"{tenant}/TM-") else ""
    number = key.removeprefix("TM-")
    return int(number) if number.isascii() and number.isdecimal() else 0
