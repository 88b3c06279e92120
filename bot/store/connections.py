"""One file, one connection for each thread, one transaction for each change."""

import os
import sqlite3
import threading
import time
import weakref
from pathlib import Path
from typing import Any

from bot.store.mends import busy, code_of, exchanged, is_fault_of_the_file, unavailable

PATIENCE_SECONDS = 2.2
"""How long a change waits for others' before it is refused: Slack wants to hear either within 3 s."""

_POLL_SECONDS = 0.005
"""How long SQLite itself waits for a lock; left longer to itself it looks so seldom that some starve."""


class Connection(sqlite3.Connection):
    """A connection that waits patiently, looks often, and knows the thread that opened it."""

    owner: threading.Thread
    patience: float

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Run a statement; while the file is busy, again and again until patience ends."""
        try:
            return super().execute(sql, parameters)
        except sqlite3.OperationalError as error:
            # Within a transaction waiting is of no use: what it has read would be out of date.
            if code_of(error) != sqlite3.SQLITE_BUSY or self.in_transaction:
                raise
        return self._insist(sql, parameters)

    def _insist(self, sql: str, parameters: Any) -> sqlite3.Cursor:
        deadline = time.monotonic() + self.patience
        while True:
            try:
                return super().execute(sql, parameters)
            except sqlite3.OperationalError as error:
                if code_of(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
            time.sleep(0.001)  # where SQLite does not wait by itself


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
        self._opened: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._opening = threading.Lock()
        self._inherited: list[Connection] = []
        # Threads queue here rather than in SQLite, whose waiting is done by sleeping.
        self._turn = threading.Lock()
        self._file: tuple[int, int] | None = None

    def here(self) -> Connection:
        """This thread's connection; a process that was forked gets its own."""
        if self._process != os.getpid():
            self._leave_to_parent()
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            with self.explained():
                connection = self._local.connection = self.open()
        return connection

    def open(self) -> Connection:
        """A connection apart from the threads' own, for the caller to close."""
        self.check_file()  # before SQLite makes an empty one in its place
        connection = sqlite3.connect(
            self.path,
            timeout=_POLL_SECONDS,
            isolation_level=None,
            check_same_thread=False,  # so that close() may close those of threads that have ended
            cached_statements=256,
            factory=Connection,
        )
        connection.owner = threading.current_thread()
        connection.patience = self._patience
        with self._opening:
            self._opened.add(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        # NORMAL may lose acknowledged answers when the power fails.
        connection.execute("PRAGMA synchronous = FULL")
        # What is erased shall not linger in the file's free space.
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        if self._file is None:
            self._file = _identity(self.path)
        return connection

    def check_file(self) -> None:
        """See that the file is still the one that was opened; raises StoreUnavailable.

        SQLite would go on writing into a deleted file, and all of that would be gone at the next start.
        """
        if self._file is not None and _identity(self.path) != self._file:
            raise exchanged(self.path)

    def writing(self) -> "Change":
        """One change: durable when the block ends, wholly absent when it raises; blocks may nest."""
        return Change(self, self._turn, self._patience)

    def explained(self) -> "Explained":
        """Turn what SQLite says about the file into StoreUnavailable, with the mend."""
        return Explained(self.path)

    def wait_at_most(self, seconds: float) -> None:
        """Be more or less patient from now on; what this thread has open is closed."""
        self.close()
        self._patience = seconds

    def close(self) -> None:
        """Close the connections of this thread and of those that have ended; another's ends with it."""
        with self._opening:
            opened, self._opened = list(self._opened), weakref.WeakSet()
        if self._process == os.getpid():
            for connection in opened:
                # Closing it under the hands of a thread at work would end the process.
                if connection.owner is threading.current_thread() or not connection.owner.is_alive():
                    connection.close()
        self._local = threading.local()
        self._file = None

    def _leave_to_parent(self) -> None:
        # Closing an inherited connection, even by forgetting it, would drop the parent's locks.
        self._inherited.extend(self._opened)
        self._opened = weakref.WeakSet()
        self._local = threading.local()
        self._opening, self._turn = threading.Lock(), threading.Lock()
        self._process = os.getpid()


class Explained:
    """A block whose faults of the file are told as StoreUnavailable."""

    # A class, not a generator: these blocks are entered several times for every answer.
    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if is_fault_of_the_file(error):
            raise unavailable(self._path, error) from error


class Change:
    """A block that is one transaction, or part of the one around it."""

    __slots__ = ("_connection", "_database", "_patience", "_turn")

    def __init__(self, database: Connections, turn: threading.Lock, patience: float) -> None:
        self._database = database
        self._turn = turn
        self._patience = patience
        self._connection: Connection | None = None

    def __enter__(self) -> sqlite3.Connection:
        connection = self._database.here()
        if connection.in_transaction:
            return connection
        self._database.check_file()
        deadline = time.monotonic() + self._patience
        if not self._turn.acquire(timeout=self._patience):
            raise busy(self._database.path)
        try:
            _begin(connection, deadline)
        except BaseException as error:
            self._turn.release()
            if is_fault_of_the_file(error):
                raise unavailable(self._database.path, error) from error
            raise
        self._connection = connection
        return connection

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        connection = self._connection
        if connection is None:
            return
        try:
            if error is None:
                with self._database.explained():
                    connection.execute("COMMIT")
            elif is_fault_of_the_file(error):
                raise unavailable(self._database.path, error) from error
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._turn.release()


def _begin(connection: Connection, deadline: float) -> None:
    # What was spent on waiting for other threads is not there to wait for other processes.
    patience, connection.patience = connection.patience, deadline - time.monotonic()
    try:
        connection.execute("BEGIN IMMEDIATE")
    finally:
        connection.patience = patience


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116  (half the time of Path.stat, at every change)
    except OSError:
        return None
    return found.st_dev, found.st_ino
