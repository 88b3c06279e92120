"""Storage of all data by workspace: the event store, and repositories for other data."""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from bot.store.database_store import HealthFinding, Store
from bot.store.errors import (
    ForeignStream,
    HistoryUnreadable,
    KeyUsedForAnother,
    StoreError,
    StoreUnavailable,
    VersionConflict,
)
from bot.store.event_store import EventStore
from bot.store.keys import RequestKey
from bot.store.records import (
    Appended,
    CommandKey,
    Fault,
    Head,
    Recorded,
    StreamId,
    StreamSummary,
    Summary,
    Verified,
    key_of,
    model_stream,
    person_stream,
    tenant_of,
    workspace_stream,
)
from bot.store.sqlite.connections import BUSY_TIMEOUT_SECONDS, Connections
from bot.store.sqlite.key_file import KeyFile
from bot.store.sqlite.sqlite_store import SqliteStore
from bot.store.timestamps import utc_now
from bot.store.unit_of_work import UnitOfWork
from bot.version import installing

__all__ = [
    "Appended",
    "CommandKey",
    "EventStore",
    "Fault",
    "ForeignStream",
    "Head",
    "HealthFinding",
    "HistoryUnreadable",
    "KeyUsedForAnother",
    "Recorded",
    "SqliteStore",
    "Store",
    "StoreError",
    "StoreUnavailable",
    "StreamId",
    "StreamSummary",
    "Summary",
    "UnitOfWork",
    "Verified",
    "VersionConflict",
    "key_of",
    "model_stream",
    "open_database",
    "open_store",
    "person_stream",
    "sqlite_version",
    "tenant_of",
    "utc_now",
    "workspace_stream",
]

_SCHEME = "sqlite:///"
_SERVER = ("postgresql://", "postgres://")
_STARTUP_SECONDS = 20.0
"""How long a start waits for other processes that start at the same time."""


def open_store(
    url: str,
    *,
    timeout: float = BUSY_TIMEOUT_SECONDS,
    key: str = "",
    heads: Path | None = None,
) -> SqliteStore:
    """Open the store in a SQLite file; create and migrate it.

    `timeout` is how many seconds a change waits for other processes; `key` is the key of request digests, by
    default stored in a file beside the database; `heads` is the file of the ends of chains, by default beside
    the database as well. Raises StoreUnavailable.
    """
    path = _path_of(url)
    database = Connections(path, timeout=max(timeout, _STARTUP_SECONDS))
    with database.translated_faults():
        _create(path)
    store = SqliteStore(database, RequestKey(KeyFile(database), key), heads)
    try:
        store.migrate()
    except BaseException:
        store.close()
        raise
    database.wait_at_most(timeout)
    with suppress(StoreUnavailable):  # a process without write permission leaves it to the next one
        store.finish_erasing(0)
    return store


def open_database(
    url: str, *, key: str = "", timeout: float = BUSY_TIMEOUT_SECONDS, heads: Path | None = None
) -> Store:
    """Open the store of a DATABASE_URL, a SQLite file or a PostgreSQL database; raises StoreUnavailable."""
    if not url.startswith(_SERVER):
        return open_store(url, key=key, timeout=timeout, heads=heads)
    try:
        from bot.store.postgres.postgres_store import open_postgres
    except ModuleNotFoundError as missing:
        raise StoreUnavailable(
            f"DATABASE_URL: a PostgreSQL database needs {missing.name}. {installing('postgres')}"
        ) from None
    return open_postgres(url, key=key, timeout=timeout, heads=heads)


def sqlite_version() -> tuple[str, bool]:
    """Return the version of SQLite in this Python, and whether it is new enough: it needs STRICT tables."""
    return sqlite3.sqlite_version, sqlite3.sqlite_version_info >= (3, 37)


def _path_of(url: str) -> Path:
    name = url.removeprefix(_SCHEME)
    if name == url:
        raise StoreUnavailable(f"DATABASE_URL: {url.partition(':')[0]}: is not supported. Use sqlite:///FILE")
    if name in ("", ":memory:"):
        raise StoreUnavailable(
            "DATABASE_URL: an in-memory database would be lost at exit. Use sqlite:///FILE"
        )
    return Path(name).absolute()


def _create(path: Path) -> None:
    # Before SQLite does it: a threat model is confidential. SQLite's other files copy this mode.
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError:
        return  # it exists already, or cannot be created; then opening reports the reason
