"""Interface of a database that understands SQL: SQLite or PostgreSQL."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol


class SqlCursor(Protocol):
    """Result of a statement; each statement knows its columns."""

    @property
    def rowcount(self) -> int:
        """Number of changed rows."""
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
    """Connection that runs statements; parameters are `?`, `?1` or `:name`, as in SQLite."""

    def execute(self, sql: str, parameters: Any = (), /) -> SqlCursor:
        """Run a statement."""
        ...

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> object:
        """Run a statement for each of some rows."""
        ...


class SqlDatabase(Protocol):
    """Database with connections for all threads."""

    def current(self) -> SqlConnection:
        """Return the connection with which this thread reads; inside of a change, the change's."""
        ...

    def writing(self, tenant: str = "", *, durable: bool = True) -> AbstractContextManager[SqlConnection]:
        """Return a block that is one change: durable when it ends, undone when it raises; blocks may nest.

        It excludes other changes of the workspace `tenant`; a database may exclude all other changes.
        """
        ...

    def change_rows(
        self, tenant: str, sql: str, rows: Sequence[tuple[object, ...]], *, durable: bool = True
    ) -> int:
        """Run a statement for each of some rows as one change; return how many rows a single one changed."""
        ...

    def translated_faults(self) -> AbstractContextManager[None]:
        """Return a block that raises faults of the database as StoreUnavailable, with the repair."""
        ...


def change_in_transaction(
    database: SqlDatabase, tenant: str, sql: str, rows: Sequence[tuple[object, ...]], *, durable: bool
) -> int:
    """Run a statement for each of some rows in a transaction; return how many rows a single one changed."""
    with database.writing(tenant, durable=durable) as connection:
        if len(rows) == 1:
            return connection.execute(sql, rows[0]).rowcount
        connection.executemany(sql, rows)
        return 0
