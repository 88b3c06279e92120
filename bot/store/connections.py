"""One file, one connection for each thread, one transaction for each change."""

import os
import sqlite3
import threading
import time
import weakref
from pathlib import Path

from bot.store.errors import StoreUnavailable

PATIENCE_SECONDS = 2.5
"""How long a change waits for others' before it is refused: Slack wants to hear either within 3 s."""

_OUR_MISTAKES = (sqlite3.IntegrityError, sqlite3.ProgrammingError)

_STARTUP_SECONDS = 10.0
"""How long a start waits for others that start at the same moment."""

_MENDS = {
    sqlite3.SQLITE_BUSY: "is locked by others for too long; end what holds it (a backup tool, a shell)",
    sqlite3.SQLITE_LOCKED: "is locked by others for too long; end what holds it (a backup tool, a shell)",
    sqlite3.SQLITE_FULL: "cannot grow, the disk is full; free some space",
    sqlite3.SQLITE_IOERR: "cannot be read or written (disk full, over quota or failing); free some space",
    sqlite3.SQLITE_READONLY: "is read-only; give this user the right to write the file and its directory",
    sqlite3.SQLITE_PERM: "is not accessible; give this user the right to write the file and its directory",
    sqlite3.SQLITE_AUTH: "is not accessible; give this user the right to write the file and its directory",
    sqlite3.SQLITE_NOTADB: "is not a SQLite database; name another file or restore a backup",
    sqlite3.SQLITE_CORRUPT: "is damaged; stop the bot and restore a backup",
}


class _Connection(sqlite3.Connection):
    """A connection that can be referred to weakly, and the thread that opened it."""

    owner: threading.Thread


class Connections:
    """The connections to a database file, opened when a thread first needs one.

    Rooms with tables of their own in the same file read through `here()` and change through `writing()`.
    """

    def __init__(self, path: Path, *, patience: float = PATIENCE_SECONDS) -> None:
        self.path = path
        self._patience = patience
        self._process = os.getpid()
        self._local = threading.local()
        # Weak, so that a thread that ends takes its connection with it.
        self._opened: weakref.WeakSet[_Connection] = weakref.WeakSet()
        self._inherited: list[sqlite3.Connection] = []
        # Threads queue here rather than in SQLite, whose waiting is done by sleeping.
        self._turn = threading.Lock()

    def here(self) -> sqlite3.Connection:
        """This thread's connection; a process that was forked gets its own."""
        if self._process != os.getpid():
            self._leave_to_parent()
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            with self.explained():
                connection = self._local.connection = self.open()
        return connection

    def open(self) -> sqlite3.Connection:
        """A connection apart from the threads' own, for the caller to close."""
        connection = sqlite3.connect(
            self.path,
            timeout=self._patience,
            isolation_level=None,
            check_same_thread=False,  # only so that close() may close the others' connections
            cached_statements=256,
            factory=_Connection,
        )
        connection.owner = threading.current_thread()
        self._opened.add(connection)
        self._use_wal(connection)
        # NORMAL may lose acknowledged answers when the power fails.
        connection.execute("PRAGMA synchronous = FULL")
        # What is erased shall not linger in the file's free space.
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        return connection

    def writing(self) -> "Change":
        """One change: durable when the block ends, wholly absent when it raises; blocks may nest."""
        return Change(self, self._turn, self._patience)

    def explained(self) -> "Explained":
        """Turn what SQLite says about the file into StoreUnavailable, with the mend."""
        return Explained(self)

    def unavailable(self, error: sqlite3.Error) -> StoreUnavailable:
        """What an operator should read about a fault of the file."""
        code = _primary(error)
        if code == sqlite3.SQLITE_CANTOPEN:
            mend = self._cannot_open()
        else:
            mend = _MENDS.get(code, f"refused the work ({error})")
        return StoreUnavailable(f"DATABASE_URL: {self.path} {mend}")

    def close(self) -> None:
        """Close the connections of this thread and of those that have ended; another's ends with it."""
        if self._process == os.getpid():
            for connection in self._opened:
                # Closing it under the hands of a thread at work would end the process.
                if connection.owner is threading.current_thread() or not connection.owner.is_alive():
                    connection.close()
            self._opened = weakref.WeakSet()
        self._local = threading.local()

    def _leave_to_parent(self) -> None:
        # Closing an inherited connection, even by forgetting it, would drop the parent's locks.
        self._inherited.extend(self._opened)
        self._opened = weakref.WeakSet()
        self._local = threading.local()
        self._turn = threading.Lock()
        self._process = os.getpid()

    def _use_wal(self, connection: sqlite3.Connection) -> None:
        # Changing the mode needs the file alone, and SQLite does not wait for that by itself.
        deadline = time.monotonic() + max(self._patience, _STARTUP_SECONDS)
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if _primary(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return

    def _cannot_open(self) -> str:
        directory = self.path.parent
        if not directory.exists():
            return f"cannot be opened, there is no directory {directory}; create it"
        if self.path.is_dir():
            return "is a directory; name a file in it"
        return "cannot be opened; give this user the right to write the file and its directory"


class Explained:
    """A block whose faults of the file are told as StoreUnavailable."""

    # A class, not a generator: these blocks are entered several times for every answer.
    __slots__ = ("_database",)

    def __init__(self, database: Connections) -> None:
        self._database = database

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, _OUR_MISTAKES):
            raise self._database.unavailable(error) from error


class Change:
    """A block that is one transaction, or part of the one around it."""

    __slots__ = ("_connection", "_database", "_patience", "_turn")

    def __init__(self, database: Connections, turn: threading.Lock, patience: float) -> None:
        self._database = database
        self._turn = turn
        self._patience = patience
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> sqlite3.Connection:
        connection = self._database.here()
        if connection.in_transaction:
            return connection
        if not self._turn.acquire(timeout=self._patience):
            raise StoreUnavailable(f"DATABASE_URL: {self._database.path} {_MENDS[sqlite3.SQLITE_BUSY]}")
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.DatabaseError as error:
            self._turn.release()
            raise self._database.unavailable(error) from error
        self._connection = connection
        return connection

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        connection = self._connection
        if connection is None:
            return
        try:
            with self._database.explained():
                if error is None:
                    connection.execute("COMMIT")
                elif isinstance(error, sqlite3.Error):
                    raise error
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._turn.release()


def _primary(error: sqlite3.Error) -> int:
    # The lower byte is the kind of fault, the rest its detail.
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
