"""Store in a PostgreSQL database, which several replicas use."""

from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from bot.store.copying import CopyEnd
from bot.store.database_store import HealthFinding, Store
from bot.store.errors import StoreUnavailable
from bot.store.kept_heads import KeptHeads
from bot.store.keys import SETTING, RequestKey
from bot.store.postgres.connections import BUSY_TIMEOUT_SECONDS, PostgresConnections
from bot.store.postgres.copy_ends import reading_end, writing_end
from bot.store.postgres.migrating import migrate
from bot.store.postgres.presence import Presence
from bot.store.postgres.server_health import server_health
from bot.store.postgres.work import PostgresWork

_SELECT = "SELECT 1 WHERE NOT pg_is_in_recovery()"


class PostgresStore(Store):
    """Store in one database; `database` is its connections, for this package."""

    def __init__(self, database: PostgresConnections, key: RequestKey, heads: Path | None = None) -> None:
        self.database = database
        self._presence = Presence(database)
        super().__init__(database, PostgresWork(database, self._presence), key, KeptHeads(heads))

    @property
    def location(self) -> str:
        return self.database.place

    def migrate(self) -> None:
        migrate(self.database)

    def check_writable(self) -> None:
        if self.database.one(_SELECT) is None:
            raise StoreUnavailable(
                f"DATABASE_URL: {self.database.place} is a read-only standby. Name the primary server"
            )

    def health(self, now: datetime) -> list[HealthFinding]:
        with self.database.translated_faults():
            return list(server_health(self.database.current(), self.database.place, now))

    def watch(self) -> None:
        # Present again after the server was restarted; the pool replaces lost connections itself.
        self._presence.renew()

    def serving(self) -> AbstractContextManager[None]:
        return self._presence.serving()

    def alone(self) -> AbstractContextManager[None]:
        return self._presence.alone()

    def backup(self, path: Path) -> None:
        """Raise StoreUnavailable: a server is backed up by its own tools."""
        del path
        raise StoreUnavailable(
            f"DATABASE_URL: {self.database.place} is a PostgreSQL database. Back it up with `pg_dump`, or "
            "continuously with your server's point-in-time recovery"
        )

    def copy_source(self) -> AbstractContextManager[CopyEnd]:
        return reading_end(self.database, self._presence)

    def copy_target(self) -> AbstractContextManager[CopyEnd]:
        return writing_end(self.database, self._presence)

    def close(self) -> None:
        self._presence.close()
        self.database.close()


class NoKeptKey:
    """A server has no place beside the database in which the bot could keep a key."""

    def find(self) -> str:
        return ""

    def create(self) -> str:
        """Raise StoreUnavailable: all replicas need the same key."""
        raise StoreUnavailable(
            f"{SETTING}: with a PostgreSQL database a key is needed, the same for all replicas. "
            f"Set {SETTING} to a long random text, for example from `openssl rand -hex 32`"
        )

    def description(self) -> str:
        return SETTING


def open_postgres(
    url: str, *, key: str = "", timeout: float = BUSY_TIMEOUT_SECONDS, heads: Path | None = None
) -> PostgresStore:
    """Open the store of a `postgresql://` URL and migrate its database; raises StoreUnavailable."""
    store = PostgresStore(PostgresConnections(url, timeout=timeout), RequestKey(NoKeptKey(), key), heads)
    try:
        store.migrate()
    except BaseException:
        store.close()
        raise
    return store
