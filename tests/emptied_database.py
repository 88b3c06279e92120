"""A migrated PostgreSQL database for each test: every worker has one, and empties it."""

import os
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg

from bot.store import SqliteStore, Store, open_database
from bot.store.postgres.postgres_store import open_postgres
from bot.store.sqlite.work import SqliteWork
from tests.postgres_server import server

KEY = "key-of-the-tests-that-all-replicas-know"


def open_shared(url: str, *, timeout: float) -> Store:
    """Open a file or a server's database that several processes of a test use."""
    store = open_database(url, key=KEY if url.startswith("postgresql:") else "", timeout=timeout)
    if isinstance(store, SqliteStore):
        # A bot serves a file alone. Processes of a test that share one say by their IDs whether they live.
        store.work = SqliteWork(store.database, owner=f"{os.getpid()} {uuid4().hex}", is_gone=_has_ended)
    return store


def _has_ended(owner: str) -> bool:
    try:
        status = Path(f"/proc/{owner.split()[0]}/stat").read_text()
    except OSError:
        return True
    return status.rpartition(") ")[2][0] == "Z"


def empty_database() -> str:
    """Return the URL of this process's database, without rows."""
    url = _own()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_emptying(url))
    return url


@cache
def _own() -> str:
    """Create a migrated database for this process."""
    url, name = server(), f"own_{uuid4().hex}"
    with psycopg.connect(url.format("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    open_postgres(url.format(name), key=KEY).close()
    return url.format(name)


@cache
def _emptying(url: str) -> bytes:
    """Return statements that empty every table without asking the rules that forbid it.

    Most tables are empty or small: deleting their rows is faster than giving each a new file.
    """
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        tables = sorted(name for (name,) in rows if name not in ("database_epoch", "migrations"))
    deletes = "".join(f"DELETE FROM {table};" for table in tables)
    return f"SET session_replication_role = replica; {deletes} UPDATE database_epoch SET epoch = ''".encode()
