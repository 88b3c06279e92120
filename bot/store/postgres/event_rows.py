"""Every event of a PostgreSQL database, as stored, for its verification."""

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg

from bot.store.postgres.connection_pool import RawConnection
from bot.store.sql.database import SqlConnection
from bot.store.sql.verify import EVENT_COLUMNS

_ROWS = f"SELECT {', '.join(EVENT_COLUMNS)} FROM events"  # noqa: S608  (our own column names)
_WALK = f"{_ROWS} ORDER BY tenant, sequence".encode()
_WALK_ON = f"{_ROWS} WHERE tenant = %s AND sequence > %s ORDER BY sequence".encode()
_TENANTS = b"SELECT tenant FROM heads ORDER BY tenant"
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

    def walk(
        self, heads: Mapping[str, tuple[int, bytes]] | None = None, place: bytes = b""
    ) -> Iterator[tuple[Any, ...]]:
        del place
        with self._connection.cursor("walk") as cursor:
            cursor.itersize = 1000
            if not heads:
                yield from cursor.execute(_WALK)
                return
        tenants = [tenant for (tenant,) in self._connection.execute(_TENANTS).fetchall()]
        for tenant in tenants:
            with self._connection.cursor("walk") as cursor:
                cursor.itersize = 1000
                yield from cursor.execute(_WALK_ON, (tenant, heads.get(tenant, (0, b""))[0]))

    def place(self) -> bytes:
        return b""  # the ends of the chains say it

    def at(self, tenant: str, sequence: int) -> tuple[Any, ...] | None:
        return self._connection.execute(_BY_SEQUENCE, (tenant, sequence)).fetchone()

    def damage(self) -> str:
        return ""  # damaged pages are found by the server's checksums and by `pg_amcheck`

    def loss(self) -> str:
        return ""  # a count over all workspaces would make them wait for each other
