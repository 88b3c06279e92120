"""Opening of a PostgreSQL database by its URL."""

from pathlib import Path

from bot.store.errors import StoreUnavailable
from bot.store.keys import SETTING, RequestKey
from bot.store.postgres.connections import BUSY_TIMEOUT_SECONDS, PostgresConnections
from bot.store.postgres.postgres_store import PostgresStore


class NoKeptKey:
    """A server has no place beside the database in which the bot could keep a key."""

    def find(self) -> str:
        """Return nothing."""
        return ""

    def create(self) -> str:
        """Raise StoreUnavailable: all replicas need the same key."""
        raise StoreUnavailable(
            f"{SETTING}: with a PostgreSQL database a key is needed, the same for all replicas. "
            f"Set {SETTING} to a long random text, for example from `openssl rand -hex 32`"
        )

    def description(self) -> str:
        """Return where the key has to be."""
        return SETTING


def open_postgres(
    url: str, *, key: str = "", timeout: float = BUSY_TIMEOUT_SECONDS, heads: Path | None = None
) -> PostgresStore:
    """Open the store of a `postgresql://` URL and migrate its database; raises StoreUnavailable."""
    database = PostgresConnections(url, timeout=timeout)
    store = PostgresStore(database, RequestKey(NoKeptKey(), key), heads)
    try:
        store.migrate()
    except BaseException:
        store.close()
        raise
    return store
