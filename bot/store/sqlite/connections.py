"""Connections to a SQLite file: one for each thread, one transaction for each change."""

import os
import secrets
import sqlite3
import threading
import time
import weakref
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.store.sql.database import (
    Append,
    AppendResult,
    SqlConnection,
    SqlDatabase,
    WriteGuard,
    change_in_transaction,
)
from bot.store.sqlite.appending import append
from bot.store.sqlite.database_faults import (
    busy_error,
    error_code,
    failing_disk_error,
    is_database_fault,
    missing_log_error,
    replaced_file_error,
    unavailable_error,
)
from bot.store.sqlite.event_rows import SqliteEventRows
from bot.store.sqlite.functions import define_functions
from bot.store.sqlite.log_sync import LogSync
from bot.store.sqlite.side_files import Identity, SideFiles, identity
from bot.store.timestamps import format_timestamp, utc_now
from bot.store.work_queue import Overtaken

BUSY_TIMEOUT_SECONDS = 2.2
"""How long a change waits for other processes before it is refused: Slack expects an answer within 3 s."""

_LOG = "log"
_NOTE = """
    INSERT INTO pending_erasures (tenant, what, since) VALUES (?, ?, ?)
    ON CONFLICT (tenant, what) DO UPDATE SET since = excluded.since
"""
_NOTED = "SELECT tenant, what, since FROM pending_erasures WHERE what = ?"
_NOTE_IS_DONE = "DELETE FROM pending_erasures WHERE tenant = ? AND what = ? AND since = ?"
_ERASING_POLL_SECONDS = 0.05

_POLL_SECONDS = 0.005
"""How long SQLite itself waits for a lock; with longer waits it polls so rarely that some starve."""


_IS_HELD = "SELECT 1 FROM work WHERE tenant = ? AND kind = ? AND subject = ? AND token = ?"


class Connection(sqlite3.Connection):
    """Connection that polls a busy file until its timeout, and knows the thread that opened it."""

    owner: threading.Thread
    timeout: float

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Run a statement; retry until the timeout while the file is busy."""
        try:
            return super().execute(sql, parameters)
        except sqlite3.OperationalError as error:
            # Within a transaction waiting is useless: the data read so far would be outdated.
            if error_code(error) != sqlite3.SQLITE_BUSY or self.in_transaction:
                raise
        return self._insist(sql, parameters)

    def _insist(self, sql: str, parameters: Any) -> sqlite3.Cursor:
        deadline = time.monotonic() + self.timeout
        while True:
            try:
                return super().execute(sql, parameters)
            except sqlite3.OperationalError as error:
                if error_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
            time.sleep(0.001)  # an error for which SQLite does not wait itself


class Connections(SqlDatabase):
    """Connections to a database file, opened when a thread first needs one.

    Repositories read through `here()` and write through `writing()`.
    """

    def __init__(self, path: Path, *, timeout: float = BUSY_TIMEOUT_SECONDS) -> None:
        self.path = path
        self._timeout = timeout
        self._process = os.getpid()
        self._local = threading.local()
        # Weak, so that a thread's connection is closed with the thread.
        self._opened: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._opening = threading.Lock()
        self._inherited: list[Connection] = []
        # Threads wait here rather than in SQLite, which waits by sleeping.
        self._turn = threading.Lock()
        self._sync = LogSync(self._flush)
        self._deferred = DeferredSync()
        # After a failed flush the log's content in the file system's memory may never reach the disk.
        self._log_is_doubtful = False
        self.guard = WriteGuard()
        self._file: Identity | None = None
        self._side = SideFiles(path)
        # Open while the process uses the file: SQLite deletes the log with its last connection.
        self._anchor: Connection | None = None

    def current(self) -> Connection:
        if self._process != os.getpid():
            self._leave_to_parent()
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            with self.translated_faults():
                connection = self._local.connection = self.open()
                if self._side.has_log():
                    # The log is flushed after the commit instead, when the next change may begin already.
                    connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def open(self) -> Connection:
        """Return a new connection, which the caller closes."""
        self.check_file()  # before SQLite creates an empty one instead
        with self._opening:
            try:
                if self._anchor is None:
                    self._side.recover()
                    self._anchor = self._connect()
                    self._file = self._file or identity(self.path)
                    self._side.link()
                connection = self._connect()
            except sqlite3.OperationalError:
                self.check_file()  # the reason, if it was deleted in this moment
                raise
            self._opened.add(connection)
        return connection

    def _connect(self) -> Connection:
        # Only the first connection may create the file: a later one would put an empty file in the place of
        # one that was deleted a moment ago.
        created = self._file is None
        connection = sqlite3.connect(
            self.path if created else f"{self.path.absolute().as_uri()}?mode=rw",
            uri=not created,
            timeout=_POLL_SECONDS,
            isolation_level=None,
            check_same_thread=False,  # so that close() may close those of threads that have ended
            cached_statements=256,
            factory=Connection,
        )
        connection.owner = threading.current_thread()
        connection.timeout = self._timeout
        connection.execute("PRAGMA journal_mode = WAL")
        # NORMAL may lose acknowledged answers when the power fails.
        connection.execute("PRAGMA synchronous = FULL")
        # Erased content must not remain in the file's free space.
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        define_functions(connection)
        return connection

    def check_file(self) -> None:
        """Check that the file and its log are still those that were opened; raises StoreUnavailable.

        SQLite would continue to write into a deleted file, and all of that would be lost at the next start. A
        deleted log is restored; if that is impossible, its content is saved first.
        """
        if self._file is None:
            return
        if identity(self.path) != self._file:
            raise replaced_file_error(self.path)
        self.check_log()

    def check_log(self) -> None:
        """Check that the log has its name; raises StoreUnavailable if it cannot be restored."""
        if not self._side.exist():
            raise missing_log_error(self._side.log, saved=self._save())

    def check_before(self) -> None:
        """Check that the file can be changed; its log is checked after the change, before the ack."""
        if self._side.lost:
            self.check_file()
        elif self._file is not None and identity(self.path) != self._file:
            raise replaced_file_error(self.path)

    def _save(self) -> bool:
        """Copy the deleted log's content into the database through a connection that still has it open."""
        if not self._side.are_only_deleted():
            return False  # another log has taken its place, and it is unknown which of the two is right
        _, copied = self._copy_log()
        return copied

    def _copy_log(self) -> tuple[bool, bool]:
        """Copy the log into the database durably; return whether it is empty, and whether all is copied."""
        if self._anchor is None:
            return False, False
        try:
            with self._opening:
                hindered, there, copied = self._anchor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.DatabaseError:
            return False, False
        return not hindered, not hindered or there == copied

    @contextmanager
    def writing(self, tenant: str = "", *, durable: bool = True) -> Generator[Connection]:
        """Return a block that is one change: durable when it ends, undone when it raises; blocks may nest.

        A file has one lock for all its workspaces, so it excludes every other change, not only of `tenant`.
        A change that need not be `durable` does not wait for the disk. A loss of power may undo it, but
        nothing written before it; the next durable change makes it durable, too.
        """
        del tenant
        connection = self.current()
        if connection.in_transaction:
            yield connection
            return
        self.check_before()
        deadline, turn = time.monotonic() + self._timeout, self._turn
        if not turn.acquire(timeout=self._timeout):
            raise busy_error(self.path)
        try:
            with self.translated_faults():
                _begin(connection, deadline)
                self._check_claim(connection)
                yield connection
                connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            turn.release()
        if durable:
            self.wait_for_disk()
        else:
            # If the log has no name now, a kill would lose the change.
            self.check_log()

    def _check_claim(self, connection: Connection) -> None:
        """Raise Overtaken if another process took over the work of this thread."""
        if (claim := self.guard.claim) is not None:
            held = (*claim.item, claim.token)
            if connection.execute(_IS_HELD, held).fetchone() is None:
                raise Overtaken

    def change_rows(self, tenant: str, sql: str, rows: Sequence[Any], *, durable: bool = True) -> int:
        return change_in_transaction(self, tenant, sql, rows, durable=durable)

    @contextmanager
    def durable_at_end(self) -> Generator[None]:
        """Return a block in which this thread's changes do not wait for the disk; its end waits for them all.

        If the disk fails, it raises StoreUnavailable.
        """
        if self._deferred.active:
            yield
            return
        self._deferred.active, self._deferred.last = True, 0
        try:
            yield
        finally:
            self._deferred.active = False
            if self._deferred.last:
                self._sync.wait_for(self._deferred.last)

    def wait_for_disk(self) -> None:
        """Wait until every committed change is on disk, now or at the end of the block."""
        number = self._sync.record_commit()
        if self._deferred.active:
            self._deferred.last = number
        else:
            self._sync.wait_for(number)

    def append(self, command: Append) -> AppendResult:
        with self.writing() as connection:
            return append(connection, command)

    @contextmanager
    def snapshot(self) -> Generator[SqliteEventRows]:
        connection = self.open()
        try:
            connection.execute("BEGIN")
            yield SqliteEventRows(connection)
        finally:
            connection.close()

    def note_text_in_log(self, connection: SqlConnection, tenant: str) -> None:
        connection.execute(_NOTE, (tenant, _LOG, f"{format_timestamp(utc_now())} {secrets.token_hex(8)}"))

    def remove_text_from_log(self, timeout: float) -> bool:
        """Copy the log into the file and truncate it, as soon as no process reads from it."""
        deadline = time.monotonic() + timeout
        connection = self.current()
        if connection.in_transaction:
            return False  # its changes are not durable yet; a later call continues
        while True:
            with self.translated_faults():
                notes = connection.execute(_NOTED, (_LOG,)).fetchall()
                if not notes:
                    return True
                hindered, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not hindered:
                # A later erasure by another process has another mark.
                with self.writing() as writing:
                    writing.executemany(_NOTE_IS_DONE, notes)
            elif time.monotonic() >= deadline:
                return False
            else:
                time.sleep(_ERASING_POLL_SECONDS)

    def _flush(self) -> None:
        """Write the log to disk; raises StoreUnavailable if that or its name is in doubt."""
        self.check_log()
        if not self._log_is_doubtful:
            try:
                self._side.flush()
            except OSError:
                self._log_is_doubtful = True
            else:
                return
        # The system reports a failed write only once, so its next success proves nothing.
        emptied, copied = self._copy_log()
        if not copied:
            raise failing_disk_error(self.path)
        self._log_is_doubtful = not emptied

    @contextmanager
    def translated_faults(self) -> Generator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if is_database_fault(error):
                raise unavailable_error(self.path, error) from error
            raise

    def wait_at_most(self, seconds: float) -> None:
        """Set how long changes wait from now on; closes this thread's connection."""
        self.close()
        self._timeout = seconds

    def close(self) -> None:
        """Close the connections of this thread and of ended threads; those of others are closed with them."""
        with self._opening:
            opened, self._opened = list(self._opened), weakref.WeakSet()
        if self._process == os.getpid():
            for connection in opened:
                # Closing the connection of a running thread would crash the process.
                if connection.owner is threading.current_thread() or not connection.owner.is_alive():
                    connection.close()
            if self._anchor is not None:
                self._anchor.close()
                self._side.release()
        self._anchor = None
        self._local = threading.local()
        self._file = None

    def _leave_to_parent(self) -> None:
        # Closing an inherited connection, even by garbage collection, would drop the parent's locks.
        self._inherited.extend(self._opened)
        if self._anchor is not None:
            self._inherited.append(self._anchor)
        self._anchor, self._side = None, SideFiles(self.path)
        self._opened = weakref.WeakSet()
        self._local = threading.local()
        self._opening, self._turn = threading.Lock(), threading.Lock()
        self._sync, self._deferred = LogSync(self._flush), DeferredSync()
        self._process = os.getpid()


class DeferredSync(threading.local):
    """Whether this thread waits for the disk later, and the last change that it waits for."""

    active: bool = False
    last: int = 0


def _begin(connection: Connection, deadline: float) -> None:
    # Time spent waiting for other threads is deducted from the timeout for other processes.
    timeout, connection.timeout = connection.timeout, deadline - time.monotonic()
    try:
        connection.execute("BEGIN IMMEDIATE")
    finally:
        connection.timeout = timeout
