"""Ends of a copy in a PostgreSQL database."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager

from psycopg import sql

from bot.store.copying import CopyEnd
from bot.store.postgres.connections import PostgresConnection, PostgresConnections, RawConnection
from bot.store.postgres.event_rows import PostgresEventRows
from bot.store.postgres.presence import Presence


class PostgresCopyEnd(CopyEnd):
    """Source or target of a copy, within a transaction of the caller."""

    def __init__(self, raw: RawConnection, location: str) -> None:
        super().__init__(PostgresEventRows(raw, PostgresConnection(raw)), location)
        self._raw = raw

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[tuple[object, ...]]:
        order = ("tenant", "sequence") if table == "events" else ("tenant",)
        query = sql.SQL("SELECT {} FROM {} ORDER BY {}").format(
            _names(columns), sql.Identifier(table), _names(order)
        )
        with self._raw.cursor("rows") as cursor:
            cursor.itersize = 1000
            yield from cursor.execute(query)

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
        names, name = _names(columns), sql.Identifier(table)
        with self._raw.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT {} FROM {} WHERE FALSE").format(names, name))
            kinds = [column.type_code for column in cursor.description or ()]
            with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(name, names)) as copy:
                copy.set_types(kinds)
                for row in rows:
                    copy.write_row([_without_nul(value) for value in row])

    def finish(self) -> None:
        """Do nothing: positions count the events of each workspace, and go on from the last one."""


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
