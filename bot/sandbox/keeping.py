"""What survives a restart: a file of small records, written as things change."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

T = TypeVar("T")
FILE = "workspace.db"


class Keeping(Protocol):
    """Records by kind and key."""

    def keep(self, kind: str, key: str, value: object) -> None:
        """Write a record, in place of an earlier one."""
        ...

    def drop(self, kind: str, key: str) -> None:
        """Take a record away, if it is there."""
        ...

    def read(self, kind: str, key: str, shape: type[T]) -> T | None:
        """Return one record, or None."""
        ...

    def read_all(self, kind: str, shape: type[T]) -> dict[str, T]:
        """Return the records of a kind by key, in the order of the keys."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class KeptNowhere:
    """Forgets everything when the process ends."""

    def keep(self, kind: str, key: str, value: object) -> None:
        """Write nothing."""

    def drop(self, kind: str, key: str) -> None:
        """Take nothing away."""

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


class KeptInFile:
    """Keeps records in a SQLite file, each whole once `keep` returned, though the process be killed."""

    def __init__(self, directory: Path) -> None:
        """Open or make the file; raises OSError where the directory cannot be used."""
        path = directory / FILE
        # Made by hand first, because it holds tokens and is nobody else's to read.
        path.touch(mode=0o600)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # A killed process loses nothing this way; only a machine that loses power might.
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS kept "
            "(kind TEXT, key TEXT, value BLOB NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID"
        )

    def keep(self, kind: str, key: str, value: object) -> None:
        """Write a record, in place of an earlier one."""
        written = msgspec.json.encode(value)
        with self._lock:
            self._database.execute("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", (kind, key, written))

    def drop(self, kind: str, key: str) -> None:
        """Take a record away, if it is there."""
        with self._lock:
            self._database.execute("DELETE FROM kept WHERE kind = ? AND key = ?", (kind, key))

    def read(self, kind: str, key: str, shape: type[T]) -> T | None:
        """Return one record, or None."""
        rows = self._rows("SELECT key, value FROM kept WHERE kind = ? AND key = ?", kind, key)
        return next((msgspec.json.decode(value, type=shape) for _, value in rows), None)

    def read_all(self, kind: str, shape: type[T]) -> dict[str, T]:
        """Return the records of a kind by key, in the order of the keys."""
        decoder = msgspec.json.Decoder(shape)
        rows = self._rows("SELECT key, value FROM kept WHERE kind = ? ORDER BY key", kind)
        return {key: decoder.decode(value) for key, value in rows}

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._database.close()

    def _rows(self, query: str, *values: str) -> Iterator[tuple[str, bytes]]:
        with self._lock:
            return iter(self._database.execute(query, values).fetchall())
