"""Storage of small records across restarts, written on each change."""

import sqlite3
import threading
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

T = TypeVar("T")
FILE = "workspace.db"


class StorageUnusable(Exception):
    """Error: the directory cannot store a workspace; the text gives the reason and the solution."""


class RecordStorage:
    """Records in a SQLite file, each durable once `save` returns; without a directory, nothing is stored."""

    def __init__(self, directory: Path | None = None) -> None:
        """Open or create the file; raises StorageUnusable."""
        self._file = None if directory is None else _File(directory / FILE)
        self._prefix = ""

    def part(self, prefix: str) -> "RecordStorage":
        """Return the part for the records of one workspace among several."""
        part = RecordStorage()
        part._file, part._prefix = self._file, prefix
        return part

    def save(self, kind: str, key: str, value: object) -> None:
        """Write a record, replacing an earlier one."""
        if self._file is not None:
            record = (self._prefix + kind, key, msgspec.json.encode(value))
            self._file.write("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", record)

    def drop(self, kind: str, key: str) -> None:
        """Delete a record, if it exists."""
        if self._file is not None:
            self._file.write("DELETE FROM kept WHERE kind = ? AND key = ?", (self._prefix + kind, key))

    def read(self, kind: str, key: str, shape: type[T]) -> T | None:
        """Return one record, or None; raises StorageUnusable."""
        return self._read("kind = ? AND key = ?", (self._prefix + kind, key), shape).get(key)

    def read_all(self, kind: str, shape: type[T]) -> dict[str, T]:
        """Return the records of a kind, ordered by key; raises StorageUnusable."""
        return self._read("kind = ? ORDER BY key", (self._prefix + kind,), shape)

    def close(self) -> None:
        """Close the file; later writes are ignored."""
        if self._file is not None:
            self._file.close()

    def _read(self, which: str, values: tuple[str, ...], shape: type[T]) -> dict[str, T]:
        if self._file is None:
            return {}
        decoder = msgspec.json.Decoder(shape)
        try:
            return {key: decoder.decode(value) for key, value in self._file.read(which, values)}
        except (msgspec.DecodeError, sqlite3.DatabaseError) as unread:
            sentence = f"{self._file.path} was written by another version or is damaged ({unread}): delete it"
            raise StorageUnusable(f"{sentence} to begin with a new workspace.") from unread


class _File:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            # Created with owner-only access first, because it holds tokens.
            path.touch(mode=0o600)
            self._database = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
            for statement in _BEGINNING:
                self._database.execute(statement)
        except sqlite3.OperationalError as busy:
            raise StorageUnusable(f"{path} is in use ({busy}): stop the other sandbox.") from busy
        except (OSError, sqlite3.DatabaseError) as broken:
            raise StorageUnusable(f"{path} cannot be used ({broken}): choose another directory.") from broken

    def write(self, statement: str, values: tuple[object, ...]) -> None:
        # Retries of events and similar tasks may end after the workspace, when the file is closed.
        with self._lock, suppress(sqlite3.ProgrammingError):
            self._database.execute(statement, values)

    def read(self, which: str, values: tuple[str, ...]) -> list[tuple[str, bytes]]:
        with self._lock:
            return self._database.execute(f"SELECT key, value FROM kept WHERE {which}", values).fetchall()  # noqa: S608  (constants)

    def close(self) -> None:
        with self._lock:
            self._database.close()


_BEGINNING = (
    # No other process may write while this one runs.
    "PRAGMA locking_mode = EXCLUSIVE",
    # A killed process loses nothing this way; only a loss of power might.
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = OFF",
    """
    CREATE TABLE IF NOT EXISTS kept (kind TEXT, key TEXT, value BLOB NOT NULL, PRIMARY KEY (kind, key))
    WITHOUT ROWID
    """,
    "BEGIN EXCLUSIVE",
    "COMMIT",
)
