"""Copy of workspaces from one database to another, with everything that belongs to them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from bot.store.errors import StoreUnavailable
from bot.store.records import Fault, Head, Verified

CopyProgress = Callable[[str, int], None]
"""Called with the name of a table, and the number of its rows copied so far."""

_RELEASED = {"work": "token"}
"""Claims of the processes that served the source: they have expired."""


class CopySource(Protocol):
    """Database that is read in one snapshot, while nothing writes to it."""

    location: str

    def heads(self) -> list[Head]:
        """Return the end of each workspace's chain."""
        ...

    def tables(self) -> dict[str, list[str]]:
        """Return the tables with rows of workspaces, each with its columns; those of the chain first."""
        ...

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[tuple[object, ...]]:
        """Yield the rows of a table, by its key."""
        ...


class CopyTarget(Protocol):
    """Database that is written in one transaction."""

    location: str

    def tenants(self) -> set[str]:
        """Return the workspaces that it has, or that it was told to remove."""
        ...

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
        """Insert rows."""
        ...

    def finish(self) -> None:
        """Record what follows from the inserted rows."""
        ...

    def verify(self) -> Verified | Fault:
        """Check every event, and every table derived from the events, as they are in the transaction."""
        ...


class CopyRefused(StoreUnavailable):
    """The databases do not allow the copy; nothing was changed."""


def copy_workspaces(
    source: AbstractContextManager[CopySource],
    target: AbstractContextManager[CopyTarget],
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
