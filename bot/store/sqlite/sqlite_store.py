"""Event store in a SQLite file."""

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import datetime
from pathlib import Path

from bot.store.codec import Codec
from bot.store.copying import CopySource, CopyTarget
from bot.store.database import HealthFinding
from bot.store.errors import StoreUnavailable
from bot.store.event_store import Progress, StreamBuilder
from bot.store.kept_heads import KeptHeads, heads_file
from bot.store.keys import RequestKey
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
)
from bot.store.replacements import Replacements
from bot.store.repositories.housekeeping import Housekeeping
from bot.store.repositories.installations import Installations
from bot.store.sql.epoch import mark_restored
from bot.store.sql.erasing import ERASING_TIMEOUT_SECONDS, Eraser
from bot.store.sql.event_reader import EventReader
from bot.store.sql.lost_heads import chain_ends, lost_heads
from bot.store.sql.sealed_snapshots import SealedSnapshots
from bot.store.sql.verify import damaged, verify
from bot.store.sql.workspace_removal import remove_workspace
from bot.store.sqlite.appending import Appender, Command, find_result
from bot.store.sqlite.connections import Connections
from bot.store.sqlite.copy_ends import reading_end, writing_end
from bot.store.sqlite.event_rows import SqliteEventRows
from bot.store.sqlite.file_backup import backup
from bot.store.sqlite.text_in_log import TextInSqliteLog
from bot.store.sqlite.work import SqliteWork
from bot.store.timestamps import format_timestamp, utc_now
from bot.store.unit_of_work import UnitOfWork, unit_of
from domain.events import RecordedEvent
from domain.kernel.elements import ChannelId, ModelKey
from domain.replay import replay
from domain.working_hours import WorkingHoursChosen

_NEXT_NUMBER = """
    INSERT INTO counters (tenant, number) VALUES (?, 1)
    ON CONFLICT (tenant) DO UPDATE SET number = number + 1 RETURNING number
"""
_BEAT = "INSERT OR REPLACE INTO write_checks (only, at, filler) VALUES (1, ?, zeroblob(?))"
_BEAT_BYTES = 16_384
"""More than a page can hold, like a long answer."""


class SqliteStore:
    """Store in one file; `database` is its connections, for this package only."""

    def __init__(self, database: Connections, key: RequestKey, heads: Path | None = None) -> None:
        self.database = database
        self.work = SqliteWork(database)
        self.housekeeping = Housekeeping(database)
        self.installations = Installations(database)
        self._key = key
        self._kept = KeptHeads(heads or heads_file(database.path))
        codec = Codec()
        self._appender = Appender(codec, utc_now)
        self._reader = EventReader(database, codec)
        self._snapshots = SealedSnapshots(database, key)
        self._eraser = Eraser(database, lambda stream: replay(self.events(stream)), TextInSqliteLog(database))

    def migrate(self) -> None:
        """Create the tables of the file, or bring them to the schema of this release."""
        # Imported here: sqlite-utils takes longer to load than `--help` may take.
        from bot.store.sqlite.migrate import migrate

        migrate(self.database)

    def unit(self, tenant: str) -> UnitOfWork:
        """Return the unit of work of a workspace."""
        return unit_of(self, self.database, self.work, tenant)

    def check_writable(self) -> None:
        """Write a row that is longer than a page; raises StoreUnavailable if the file cannot be written."""
        with self.database.writing() as connection:
            connection.execute(_BEAT, (format_timestamp(utc_now()), _BEAT_BYTES))

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
        command = self._command(tenant, key, request)
        with self.database.writing() as connection:
            return self._appender.append(
                connection, command, stream, events, expected=expected, summary=summary
            )

    def begin(self, tenant: str, make: StreamBuilder, *, key: CommandKey, request: bytes) -> Appended:
        """Start a stream under the workspace's next free model key."""
        command = self._command(tenant, key, request)
        with self.database.writing() as connection:
            if earlier := find_result(connection, command):
                return earlier
            (number,) = connection.execute(_NEXT_NUMBER, (tenant,)).fetchone()
            model = ModelKey(f"TM-{number}")
            events, summary = make(model)
            stream = StreamId(f"{tenant}/{model}")
            return self._appender.append(connection, command, stream, events, expected=0, summary=summary)

    @contextmanager
    def exclusively(self, tenant: str) -> Generator[None]:
        """Exclude every other writer; a file has one lock for all its workspaces."""
        del tenant
        with self.database.writing():
            yield

    def durable_at_end(self) -> AbstractContextManager[None]:
        """Return a block whose end waits for this thread's changes to be on disk."""
        return self.database.durable_at_end()

    def answered(self, tenant: str, key: CommandKey, request: bytes) -> Appended | None:
        """Return the result of an earlier command with this key, if there is one; it is durable."""
        command = self._command(tenant, key, request)
        with self.database.translated_faults():
            found = find_result(self.database.current(), command)
        if found is not None:
            self.database.committed()  # by another thread or process, which may still wait for the disk
        return found

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
        self.database.check_file()
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
            connection = self.database.open()
            try:
                connection.execute("BEGIN")  # one transaction for all checks
                kept = self._kept.read()
                return verify(SqliteEventRows(connection), connection, tenant, witnessed, progress, kept)
            except sqlite3.DatabaseError as error:
                return damaged(str(error))
            finally:
                connection.close()

    def heads(self) -> list[Head]:
        """Return the end of each workspace's chain."""
        return self._reader.heads()

    def note_heads(self) -> list[Head]:
        """Keep the ends of all chains outside of the database; return earlier ones that are missing."""
        kept = self._kept.read()
        with self.database.translated_faults():
            connection = self.database.current()
            lost, ends = lost_heads(connection, kept), chain_ends(connection)
        self.database.committed()  # by another thread or process, which may still wait for the disk
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
        """Delete all data of a workspace except the end of its chain; None if it had no events."""
        removed = remove_workspace(self.database, self._eraser, tenant)
        self._eraser.finish(ERASING_TIMEOUT_SECONDS)
        return removed

    def finish_erasing(self, timeout: float = ERASING_TIMEOUT_SECONDS) -> bool:
        """Remove erased text from the file's log; False if a reader prevents it."""
        return self._eraser.finish(timeout)

    def erasing_is_finished(self) -> bool:
        """Return whether no erased text is left in the file or its log."""
        return not self._eraser.unfinished()

    def backup(self, path: Path) -> None:
        """Write a consistent copy while work continues."""
        backup(self.database, path)

    @property
    def location(self) -> str:
        """The path of the file."""
        return str(self.database.path)

    def health(self, now: datetime) -> list[HealthFinding]:
        """Return nothing: a file has no server."""
        del now
        return []

    def serving(self) -> AbstractContextManager[None]:
        """Return an empty block: a lock file beside the database says who serves it."""
        return nullcontext()

    def alone(self) -> AbstractContextManager[None]:
        """Return an empty block: a lock file beside the database says who serves it."""
        return nullcontext()

    def mark_restored(self) -> int:
        """Renew the epoch after a restore; return how many slots are compared again."""
        slots = mark_restored(self.database)
        self._kept.write(chain_ends(self.database.current()))
        return slots

    def copy_source(self) -> AbstractContextManager[CopySource]:
        """Return a block that reads everything in one snapshot."""
        return reading_end(self.database)

    def copy_target(self) -> AbstractContextManager[CopyTarget]:
        """Return a block whose rows become durable together at its end, or not at all."""
        return writing_end(self.database)

    def watch(self) -> None:
        """Restore the file's log if it was deleted while idle; a change reports other faults."""
        with suppress(StoreUnavailable):
            self.database.check_file()

    def close(self) -> None:
        """Close every connection."""
        self.database.close()

    def _command(self, tenant: str, key: CommandKey, request: bytes) -> Command:
        return Command(tenant=tenant, key=key, request=self._key.digest(request))
