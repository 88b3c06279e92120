"""Every event of a PostgreSQL database, as stored, for its verification."""

from collections.abc import Iterator
from typing import Any

import psycopg

from bot.store.postgres.connection_pool import RawConnection
from bot.store.sql.database import SqlConnection
from bot.store.sql.verify import EVENT_COLUMNS

_ROWS = f"SELECT {', '.join(EVENT_COLUMNS)} FROM events"  # noqa: S608  (our own column names)
_WALK = f"{_ROWS} ORDER BY tenant, sequence".encode()
_BY_SEQUENCE = f"{_ROWS} WHERE tenant = $1 AND sequence = $2".encode()


class PostgresEventRows:
    """Events of a database through a connection of the caller, within its transaction."""

    unreadable = psycopg.DataError

    def __init__(self, raw: RawConnection, connection: SqlConnection) -> None:
        self._connection = raw
        self.connection = connection

    def count(self) -> int:
        row = self._connection.execute("SELECT count(*) FROM events").fetchone()
        return row[0] if row else 0

    def walk(self) -> Iterator[tuple[Any, ...]]:
        with self._connection.cursor("walk") as cursor:
            cursor.itersize = 1000
            yield from cursor.execute(_WALK)

    def at(self, tenant: str, sequence: int) -> tuple[Any, ...] | None:
        return self._connection.execute(_BY_SEQUENCE, (tenant, sequence)).fetchone()

    def damage(self) -> str:
        return ""  # damaged pages are found by the server's checksums and by `pg_amcheck`

    def loss(self) -> str:
        return ""  # a count over all workspaces would make them wait for each other
