"""Storage of small records across restarts, written on each change."""

import sqlite3
import threading
from pathlib import Path
from typing import TypeAlias, TypeVar

import msgspec

T = TypeVar("T")
FILE = "workspace.db"


class StorageUnusable(Exception):
    """Error: the directory cannot store a workspace; the text gives the reason and the solution."""


class NullStorage:
    """Storage that stores nothing."""

    def save(self, kind: str, key: str, value: object) -> None:
        """Do nothing."""

    def drop(self, kind: str, key: str) -> None:
        """Do nothing."""

    def read(self, kind: str, key: str, shape: type[T]) -> T | None:
        """Return None."""
        del kind, key, shape
        return None

    def read_all(self, kind: str, shape: type[T]) -> dict[str, T]:
        """Return nothing."""
        del kind, shape
        return {}

    def close(self) -> None:
        """Do nothing."""


class PrefixedStorage:
    """Part of a storage, for the records of one workspace among several."""

    def __init__(self, kept: "RecordStorage", prefix: str) -> None:
        self._kept, self._prefix = kept, prefix

    def save(self, kind: str, key: str, value: object) -> None:
        """Write a record, replacing an earlier one."""
        self._kept.save(self._prefix + kind, key, value)

    def drop(self, kind: str, key: str) -> None:
        """Delete a record, if it exists."""
        self._kept.drop(self._prefix + kind, key)

    def read(self, kind: str, key: str, shape: type[T]) -> T | None:
        """Return one record, or None; raises StorageUnusable."""
        return self._kept.read(self._prefix + kind, key, shape)

    def read_all(self, kind: str, shape: type[T]) -> dict[str, T]:
        """Return the records of a kind, ordered by key; raises StorageUnusable."""
        return self._kept.read_all(self._prefix + kind, shape)

    def close(self) -> None:
        """Do nothing: the whole storage is closed by its owner."""


class FileStorage:
    """Records in a SQLite file, each durable once `save` returns."""

    def __init__(self, directory: Path) -> None:
        """Open or create the file; raises StorageUnusable."""
        self._path = directory / FILE
        self._lock = threading.Lock()
        self._closed = False
        try:
            # Created with owner-only access first, because it holds tokens.
            self._path.touch(mode=0o600)
            self._database = sqlite3.connect(
                self._path, timeout=0, isolation_level=None, check_same_thread=False
            )
            for statement in _BEGINNING:
                self._database.execute(statement)
        except sqlite3.OperationalError as busy:
            raise StorageUnusable(f"{self._path} is in use ({busy}): stop the other sandbox.") from busy
        except (OSError, sqlite3.DatabaseError) as broken:
            raise StorageUnusable(
                f"{self._path} cannot be used ({broken}): choose another directory."
            ) from broken

    def save(self, kind: str, key: str, value: object) -> None:
        """Write a record, replacing an earlier one."""
        self._write("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", kind, key, msgspec.json.encode(value))

    def drop(self, kind: str, key: str) -> None:
        """Delete a record, if it exists."""
        self._write("DELETE FROM kept WHERE kind = ? AND key = ?", kind, key)

    def read(self, kind: str, key: str, shape: type[T]) -> T | None:
        """Return one record, or None; raises StorageUnusable."""
        return self._read("SELECT key, value FROM kept WHERE kind = ? AND key = ?", (kind, key), shape).get(
            key
        )

    def read_all(self, kind: str, shape: type[T]) -> dict[str, T]:
        """Return the records of a kind, ordered by key; raises StorageUnusable."""
        return self._read("SELECT key, value FROM kept WHERE kind = ? ORDER BY key", (kind,), shape)

    def close(self) -> None:
        """Close the file; later writes are ignored."""
        with self._lock:
            self._closed = True
            self._database.close()

    def _write(self, statement: str, *values: object) -> None:
        with self._lock:
            # Retries of events and similar tasks may end after the workspace.
            if not self._closed:
                self._database.execute(statement, values)

    def _read(self, query: str, values: tuple[str, ...], shape: type[T]) -> dict[str, T]:
        decoder = msgspec.json.Decoder(shape)
        try:
            with self._lock:
                rows: list[tuple[str, bytes]] = self._database.execute(query, values).fetchall()
            return {key: decoder.decode(value) for key, value in rows}
        except (msgspec.DecodeError, sqlite3.DatabaseError) as unread:
            sentence = f"{self._path} was written by another version or is damaged ({unread}): delete it"
            raise StorageUnusable(f"{sentence} to begin with a new workspace.") from unread


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


RecordStorage: TypeAlias = NullStorage | PrefixedStorage | FileStorage
