"""Rows of every workspace in memory, changed by one transaction at a time."""

import secrets
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from enum import Enum
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec
from rpds import HashTrieMap

from bot.store.errors import StoreUnavailable

Key = tuple[str | int, ...]
Rows: TypeAlias = "HashTrieMap[Key, bytes]"
Place = tuple[str, str]
"""A workspace and a table."""

Row = TypeVar("Row")

LOCK_TIMEOUT_SECONDS = 2.2


class Moment(Enum):
    """The points at which a database can be made to fail."""

    READ = "read"
    BEGIN = "begin"
    COMMIT = "commit"


class MemoryDatabase:
    """Committed rows, and those of each thread's transaction.

    A reader sees the last commit; a thread in a transaction also sees its own changes.
    """

    def __init__(self, rows: "HashTrieMap[Place, Rows] | None" = None) -> None:
        self._committed: HashTrieMap[Place, Rows] = HashTrieMap() if rows is None else rows
        self.secret = secrets.token_bytes(32)
        """Key of request digests; a copy has another one."""
        self._turn = threading.Lock()
        self._local = threading.local()
        self._failing: dict[Moment, int] = {}

    @property
    def guard(self) -> Callable[[], None]:
        """Check that precedes each change of this thread; it may raise."""
        return getattr(self._local, "guard", _nothing)

    @guard.setter
    def guard(self, guard: Callable[[], None]) -> None:
        self._local.guard = guard

    def fail_next(self, moment: Moment, times: int = 1) -> None:
        """Make the next reads, beginnings or commits raise StoreUnavailable."""
        self._failing[moment] = times

    def rows(self, tenant: str, table: str) -> Rows:
        """Return the rows of a workspace in a table."""
        self._fail(Moment.READ)
        return self._seen().get((tenant, table)) or HashTrieMap()

    def tables(self) -> list[Place]:
        """Return the tables that have rows, by workspace."""
        return sorted(place for place, rows in self._seen().items() if rows)

    def change(self, tenant: str, table: str, rows: Rows) -> None:
        """Replace the rows of a table; only inside of `writing`."""
        self._local.working = self._local.working.insert((tenant, table), rows)

    def drop(self, tenant: str) -> None:
        """Drop the rows of a workspace; only inside of `writing`."""
        for place in list(self._local.working):
            if place[0] == tenant:
                self._local.working = self._local.working.remove(place)

    @contextmanager
    def writing(self) -> Generator[None]:
        """Return a block that is one change: kept when it ends, undone when it raises; blocks may nest."""
        if getattr(self._local, "working", None) is not None:
            yield
            return
        self._fail(Moment.BEGIN)
        if not self._turn.acquire(timeout=LOCK_TIMEOUT_SECONDS):
            raise StoreUnavailable("the database in memory is locked for too long")
        try:
            self._local.working = self._committed
            self.guard()
            yield
            self._fail(Moment.COMMIT)
            self._committed = self._local.working
        finally:
            self._local.working = None
            self._turn.release()

    def dump(self) -> bytes:
        """Return every committed row as bytes."""
        return msgspec.msgpack.encode(
            [
                (tenant, table, [(list(key), data) for key, data in rows.items()])
                for (tenant, table), rows in self._committed.items()
            ]
        )

    @classmethod
    def load(cls, dump: bytes) -> "MemoryDatabase":
        """Return a database with the rows of a dump."""
        tables = msgspec.msgpack.decode(dump, type=list[tuple[str, str, list[tuple[list[str | int], bytes]]]])
        rows: dict[Place, Rows] = {
            (tenant, table): HashTrieMap({tuple(key): data for key, data in rows})
            for tenant, table, rows in tables
        }
        return cls(HashTrieMap(rows))

    def _seen(self) -> "HashTrieMap[Place, Rows]":
        working = getattr(self._local, "working", None)
        return self._committed if working is None else working

    def _fail(self, moment: Moment) -> None:
        left = self._failing.get(moment, 0)
        if left:
            self._failing[moment] = left - 1
            raise StoreUnavailable(f"the database in memory fails at its next {moment.value}")


def _nothing() -> None:
    pass


class Table(Generic[Row]):
    """Rows of one workspace in one table, encoded when written and decoded when read."""

    def __init__(self, database: MemoryDatabase, tenant: str, name: str, kind: type[Row]) -> None:
        self.tenant = tenant
        self._database = database
        self._name = name
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder: msgspec.msgpack.Decoder[Row] = msgspec.msgpack.Decoder(kind)

    def get(self, *key: str | int) -> Row | None:
        """Return the row of a key."""
        data = self._rows().get(key)
        return None if data is None else self._decoder.decode(data)

    def all(self, *prefix: str | int) -> list[Row]:
        """Return the rows whose keys start with a prefix, in the order of their keys."""
        found = [(key, data) for key, data in self._rows().items() if key[: len(prefix)] == prefix]
        return [self._decoder.decode(data) for _, data in sorted(found)]

    def put(self, row: Row, *key: str | int) -> None:
        """Write a row, replacing an earlier one."""
        data: Any = self._encoder.encode(row)
        with self._database.writing():
            self._database.change(self.tenant, self._name, self._rows().insert(key, data))

    def add(self, row: Row, *key: str | int) -> bool:
        """Add a row unless its key exists; return whether it was added."""
        with self._database.writing():
            if key in self._rows():
                return False
            self.put(row, *key)
            return True

    def delete(self, *key: str | int) -> bool:
        """Delete the row of a key; return whether it existed."""
        with self._database.writing():
            if key not in self._rows():
                return False
            self._database.change(self.tenant, self._name, self._rows().remove(key))
            return True

    def delete_all(self, *prefix: str | int) -> None:
        """Delete the rows whose keys start with a prefix."""
        with self._database.writing():
            for key in [key for key in self._rows() if key[: len(prefix)] == prefix]:
                self.delete(*key)

    def _rows(self) -> Rows:
        return self._database.rows(self.tenant, self._name)
