"""Ends of a copy in a PostgreSQL database."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager

from psycopg import sql

from bot.store.postgres.connections import PostgresConnection, PostgresConnections, RawConnection
from bot.store.postgres.event_rows import PostgresEventRows
from bot.store.postgres.presence import Presence
from bot.store.records import Fault, Head, Verified
from bot.store.sql.erasure_rules import copied_tables
from bot.store.sql.verify import verify

_HEADS = "SELECT tenant, sequence, hash FROM heads ORDER BY tenant"
_TENANTS = "SELECT tenant FROM heads UNION SELECT tenant FROM removals"
_COLUMNS = """
    SELECT attname::text FROM pg_attribute
    WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY 1
"""
_KINDS = """
    SELECT atttypid::regtype::text FROM pg_attribute
    WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname::text
"""
_FETCH = b"FETCH 1000 FROM rows"


class PostgresCopyEnd:
    """Source or target of a copy, within a transaction of the caller."""

    def __init__(self, connection: RawConnection, location: str) -> None:
        self._connection = connection
        self.location = location

    def heads(self) -> list[Head]:
        """Return the end of each workspace's chain."""
        rows = self._connection.execute(_HEADS)
        return [Head(tenant=tenant, sequence=last, hash=seal) for tenant, last, seal in rows]

    def tenants(self) -> set[str]:
        """Return the workspaces that it has, or that it was told to remove."""
        return {tenant for (tenant,) in self._connection.execute(_TENANTS)}

    def tables(self) -> dict[str, list[str]]:
        """Return the tables with rows of workspaces, each with its columns."""
        return {
            table: [name for (name,) in self._connection.execute(_COLUMNS, (table,))]
            for table in copied_tables()
        }

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[tuple[object, ...]]:
        """Yield the rows of a table, by its key."""
        order = ("tenant", "sequence") if table == "events" else ("tenant",)
        query = sql.SQL("DECLARE rows NO SCROLL CURSOR FOR SELECT {} FROM {} ORDER BY {}").format(
            _names(columns), sql.Identifier(table), _names(order)
        )
        self._connection.execute(query, prepare=False)
        try:
            while page := self._connection.execute(_FETCH, prepare=False).fetchall():
                yield from page
        finally:
            self._connection.execute("CLOSE rows")

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
        """Insert rows."""
        kinds = [kind for (kind,) in self._connection.execute(_KINDS, (table,))]
        query = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
            sql.Identifier(table), _names(columns)
        )
        with self._connection.cursor() as cursor, cursor.copy(query) as copy:
            copy.set_types(kinds)
            for row in rows:
                copy.write_row([_without_nul(value) for value in row])

    def finish(self) -> None:
        """Do nothing: positions count the events of each workspace, and go on from the last one."""

    def verify(self) -> Verified | Fault:
        """Check every event, and every table derived from the events."""
        connection = PostgresConnection(self._connection)
        return verify(PostgresEventRows(self._connection, connection))


@contextmanager
def reading_end(database: PostgresConnections, presence: Presence) -> Generator[PostgresCopyEnd]:
    """Return a block that reads one snapshot of a database that no replica serves."""
    with database.translated_faults(), presence.alone(), database.borrowed() as raw:
        raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", prepare=False)
        try:
            yield PostgresCopyEnd(raw, database.place)
        finally:
            raw.rollback()


@contextmanager
def writing_end(database: PostgresConnections, presence: Presence) -> Generator[PostgresCopyEnd]:
    """Return a block whose rows become durable together at its end, or not at all."""
    with presence.alone(), database.writing(), database.translated_faults():
        yield PostgresCopyEnd(database.changing(), database.place)


def _without_nul(value: object) -> object:
    """Return a value without the character NUL, which PostgreSQL's texts cannot contain."""
    return (
        value.replace("\0", "\N{REPLACEMENT CHARACTER}")
        if isinstance(value, str) and "\0" in value
        else value
    )


def _names(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column) for column in columns)
