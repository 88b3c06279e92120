"""Ends of a copy in a SQLite file."""

import sqlite3
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager

from bot.store.copying import CopyEnd
from bot.store.sqlite.connections import Connections
from bot.store.sqlite.event_rows import SqliteEventRows

_LAST = "SELECT last FROM positions"
_SKIP = "UPDATE positions SET last = max(last, (SELECT coalesce(max(position), 0) FROM events))"
# What a workspace brings along, which this file did not record.
_IMPORT = """
    INSERT INTO copied_workspaces (tenant, live, removed, removals, skipped)
    SELECT ?1, coalesce((SELECT sequence FROM heads WHERE tenant = ?1), 0),
        (SELECT coalesce(sum(sequence), 0) FROM removals WHERE tenant = ?1),
        (SELECT count(*) FROM removals WHERE tenant = ?1), ?2
"""


class SqliteCopyEnd(CopyEnd):
    """Source or target of a copy, within a transaction of the caller."""

    def __init__(self, connection: sqlite3.Connection, location: str) -> None:
        super().__init__(SqliteEventRows(connection), location)
        self._earlier = self.tenants()

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[tuple[object, ...]]:
        # The rowid follows the order of recording, which a copy of the events has to keep.
        order = "tenant, sequence" if table == "events" else "tenant"
        yield from self._connection.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}")  # noqa: S608  (our own names)

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
        places = ", ".join("?" for _ in columns)
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608  (our own names)
        self._connection.executemany(sql, rows)

    def finish(self) -> None:
        """Record what was copied: this file's count of events does not cover it."""
        (before,) = self._connection.execute(_LAST).fetchone()
        self._connection.execute(_SKIP)
        (after,) = self._connection.execute(_LAST).fetchone()
        for number, tenant in enumerate(sorted(self.tenants() - self._earlier)):
            self._connection.execute(_IMPORT, (tenant, 0 if number else after - before))


@contextmanager
def reading_end(database: Connections) -> Generator[SqliteCopyEnd]:
    """Return a block that reads one snapshot of a file."""
    with database.translated_faults():
        connection = database.open()
        try:
            connection.execute("BEGIN")
            yield SqliteCopyEnd(connection, str(database.path))
        finally:
            connection.close()


@contextmanager
def writing_end(database: Connections) -> Generator[SqliteCopyEnd]:
    """Return a block whose rows become durable together at its end, or not at all."""
    with database.writing() as connection:
        yield SqliteCopyEnd(connection, str(database.path))
