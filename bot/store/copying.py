"""Copy of workspaces from one database to another, with everything that belongs to them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager

from bot.store.errors import StoreUnavailable
from bot.store.records import Fault, Head, Verified
from bot.store.sql.cross_checks import chain_ends
from bot.store.sql.database import EventRows
from bot.store.sql.erasure_rules import copied_tables
from bot.store.sql.verify import verify

_TENANTS = "SELECT tenant FROM heads UNION SELECT tenant FROM removals"
_NO_ROWS = "SELECT * FROM {} WHERE FALSE"

CopyProgress = Callable[[str, int], None]
"""Called with the name of a table, and the number of its rows copied so far."""

_RELEASED = {"work": "token"}
"""Claims of the processes that served the source: they have expired."""


class CopyEnd(ABC):
    """Source or target of a copy: a source is one snapshot without writers, a target is one transaction.

    `events` are those of the database, in the transaction; `location` is its place in words.
    """

    def __init__(self, events: EventRows, location: str) -> None:
        self._events = events
        self._connection = events.connection
        self.location = location

    def heads(self) -> list[Head]:
        """Return the end of each workspace's chain."""
        return sorted(chain_ends(self._connection), key=lambda head: head.tenant)

    def tenants(self) -> set[str]:
        """Return the workspaces that it has, or that it was told to remove."""
        return {tenant for (tenant,) in self._connection.execute(_TENANTS)}

    def tables(self) -> dict[str, list[str]]:
        """Return the tables with rows of workspaces, each with its columns; those of the chain first."""
        return {
            table: sorted(
                column[0] for column in self._connection.execute(_NO_ROWS.format(table)).description
            )
            for table in copied_tables()
        }

    def verify(self) -> Verified | Fault:
        """Check every event, and every table derived from the events, as they are in the transaction."""
        return verify(self._events)

    @abstractmethod
    def rows(self, table: str, columns: Sequence[str]) -> Iterator[tuple[object, ...]]:
        """Yield the rows of a table; those of events in the order of recording."""

    @abstractmethod
    def insert(self, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
        """Insert rows."""

    @abstractmethod
    def finish(self) -> None:
        """Record what follows from the inserted rows."""


class CopyRefused(StoreUnavailable):
    """The databases do not allow the copy; nothing was changed."""


def copy_workspaces(
    source: AbstractContextManager[CopyEnd],
    target: AbstractContextManager[CopyEnd],
    progress: CopyProgress = lambda _table, _rows: None,
) -> list[Head]:
    """Copy every workspace; return the ends of their chains, which are equal in both databases.

    Raises CopyRefused if the target has one of the workspaces, or if the copy does not verify. The target
    commits all of it or nothing.
    """
    with source as reading, target as writing:
        heads = reading.heads()
        if taken := sorted({head.tenant for head in heads} & writing.tenants()):
            raise CopyRefused(
                f"{writing.location} already has workspace {taken[0]}"
                f"{f' and {len(taken) - 1} more' if len(taken) > 1 else ''}. Copy into an empty database"
            )
        for table, columns in reading.tables().items():
            rows = _released(table, columns, reading.rows(table, columns))
            writing.insert(table, columns, _counted(table, rows, progress))
        writing.finish()
        found = writing.verify()
        if isinstance(found, Fault):
            raise CopyRefused(f"the copy does not verify: {found}. Run `threatmodel verify` on the source")
        copied = {head.tenant: head for head in found.heads}
        for head in heads:
            if copied.get(head.tenant) != head:
                raise CopyRefused(f"the chain of {head.tenant} ends differently in the copy. Copy again")
    return heads


def _released(
    table: str, columns: Sequence[str], rows: Iterator[tuple[object, ...]]
) -> Iterator[tuple[object, ...]]:
    column = _RELEASED.get(table)
    if column is None:
        yield from rows
        return
    place = columns.index(column)
    for row in rows:
        yield (*row[:place], None, *row[place + 1 :])


def _counted(
    table: str, rows: Iterator[tuple[object, ...]], progress: CopyProgress
) -> Iterator[tuple[object, ...]]:
    count = 0
    for count, row in enumerate(rows, start=1):
        if not count % 1000:
            progress(table, count)
        yield row
    progress(table, count)
