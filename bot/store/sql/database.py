"""Interface of a database that understands SQL: SQLite or PostgreSQL."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import msgspec

from bot.store.records import CommandKey, StreamId, Summary
from bot.store.work_queue import Claim


class EncodedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Event as it is to be stored, without its place in the chain."""

    type: str
    schema: int
    salt: bytes
    data: bytes
    digest: bytes


class Append(msgspec.Struct, frozen=True, kw_only=True):
    """Events of a command, to be recorded after version `expected` of a stream.

    `request` is the digest of the command's content, `number` that in the key of a model, or 0.
    """

    tenant: str
    stream: StreamId
    expected: int
    key: CommandKey
    request: bytes
    events: tuple[EncodedEvent, ...]
    meta: str
    summary: Summary | None
    number: int


class AppendResult(msgspec.Struct, frozen=True, kw_only=True):
    """Result of an append: nothing if it was recorded.

    Otherwise the request, stream, first and last version of an `earlier` command with its key, or the version
    of the stream that is in `conflict` with the expected one.
    """

    earlier: tuple[bytes, StreamId, int, int] | None = None
    conflict: int | None = None


RECORDED = AppendResult()


class SqlCursor(Protocol):
    """Result of a statement; each statement knows its columns."""

    @property
    def rowcount(self) -> int:
        """Number of changed rows."""
        ...

    @property
    def description(self) -> Any:
        """A sequence for each column of the rows, which begins with its name."""
        ...

    def fetchone(self) -> Any:
        """Return the next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """Return all remaining rows."""
        ...

    def fetchmany(self, size: int = ..., /) -> list[Any]:
        """Return up to `size` further rows."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """Yield the remaining rows."""
        ...


class SqlConnection(Protocol):
    """Connection that runs statements; parameters are `:name`."""

    def execute(self, sql: str, parameters: Any = (), /) -> SqlCursor:
        """Run a statement."""
        ...

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> object:
        """Run a statement for each of some rows."""
        ...


class EventRows(Protocol):
    """Every stored event, with texts as bytes, through a connection in one transaction."""

    @property
    def connection(self) -> SqlConnection:
        """The connection, for checks of other tables."""
        ...

    def count(self) -> int:
        """Return the number of events."""
        ...

    def walk(
        self, heads: Mapping[str, tuple[int, bytes]] | None = None, place: bytes = b""
    ) -> Iterator[tuple[object, ...]]:
        """Yield every event, those of each workspace in the order of recording.

        After an interruption, those after `heads`, and after the `place` of the earlier walk.
        """
        ...

    def place(self) -> bytes:
        """Return where the walk stands, to go on there later."""
        ...

    def at(self, tenant: str, sequence: int) -> tuple[object, ...] | None:
        """Return one event of a workspace."""
        ...

    def damage(self) -> str:
        """Return the damage that the database itself finds; empty if it is sound."""
        ...

    def loss(self) -> str:
        """Return, after a walk, which events are missing according to a count over all workspaces."""
        ...

    @property
    def unreadable(self) -> type[Exception]:
        """The error of a damaged row."""
        ...


class WriteGuard(threading.local):
    """The claim of the work that a thread does: its changes are refused once the claim was taken over."""

    claim: Claim | None = None


class SqlDatabase(Protocol):
    """Database with connections for all threads."""

    def current(self) -> SqlConnection:
        """Return the connection with which this thread reads; inside of a change, the change's."""
        ...

    def all(self, sql: str, **values: Any) -> list[Any]:
        """Return every row that a statement finds; each statement knows its columns."""
        with self.translated_faults():
            return self.current().execute(sql, values).fetchall()

    def one(self, sql: str, **values: Any) -> Any:
        """Return the first row that a statement finds, or None."""
        return next(iter(self.all(sql, **values)), None)

    def writing(self, tenant: str = "", *, durable: bool = True) -> AbstractContextManager[SqlConnection]:
        """Return a block that is one change: durable when it ends, undone when it raises; blocks may nest.

        It excludes other changes of the workspace `tenant`; a database may exclude all other changes.
        """
        ...

    def change_rows(self, tenant: str, sql: str, rows: Sequence[Any], *, durable: bool = True) -> int:
        """Run a statement for each of some rows as one change; return how many rows a single one changed."""
        ...

    def append(self, command: Append) -> AppendResult:
        """Record the events of a command, each chained to the event before it, as one change."""
        ...

    def durable_at_end(self) -> AbstractContextManager[None]:
        """Return a block in which this thread's changes do not wait for the disk; its end waits for them."""
        ...

    def wait_for_disk(self) -> None:
        """Wait until everything that this thread can read is on disk."""
        ...

    def check_file(self) -> None:
        """Raise StoreUnavailable if the file of the database was deleted or replaced; a server has none."""
        ...

    def snapshot(self) -> AbstractContextManager[EventRows]:
        """Return a block that reads one unchanging state of the database, to verify it."""
        ...

    def note_text_in_log(self, connection: SqlConnection, tenant: str) -> None:
        """Record, in the transaction that erases text of a workspace, that the log has some of it."""
        ...

    def remove_text_from_log(self, timeout: float) -> bool:
        """Remove erased text from the log; False if a reader prevents it for `timeout` seconds."""
        ...

    def translated_faults(self) -> AbstractContextManager[None]:
        """Return a block that raises faults of the database as StoreUnavailable, with the repair."""
        ...


def change_in_transaction(
    database: SqlDatabase, tenant: str, sql: str, rows: Sequence[Any], *, durable: bool
) -> int:
    """Run a statement for each of some rows in a transaction; return how many rows a single one changed."""
    with database.writing(tenant, durable=durable) as connection:
        if len(rows) == 1:
            return connection.execute(sql, rows[0]).rowcount
        connection.executemany(sql, rows)
        return 0
