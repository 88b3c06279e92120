"""Interface of a database that understands SQL: SQLite or PostgreSQL."""

from collections.abc import Iterable, Iterator
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

    def translated_faults(self) -> AbstractContextManager[None]:
        """Return a block that raises faults of the database as StoreUnavailable, with the repair."""
        ...
