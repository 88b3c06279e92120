"""The database of a running bot in tests: a file, or a PostgreSQL database where the deep run asks for it.

THREATMODEL_TESTS_ON=postgres python -m pytest tests/slack
"""

import os
from functools import cache
from pathlib import Path
from typing import cast
from uuid import uuid4

import psycopg
import pytest

from bot.settings import DatabaseUrl
from bot.store import SqliteStore, open_database, open_store
from tests.emptied_database import KEY
from tests.fresh_database import copy_fresh_file
from tests.postgres_server import server

VARIABLE = "THREATMODEL_TESTS_ON"
ON_A_SERVER = os.environ.get(VARIABLE) == "postgres"

only_on_a_file = pytest.mark.skipif(ON_A_SERVER, reason="is about a database file")
"""Marks a test of what only a file has: its path, its log, files of earlier versions, SQL of SQLite."""


def url_of(path: Path) -> DatabaseUrl:
    """Return the URL of the database that a test means by a path; one that is new is created."""
    if ON_A_SERVER:
        return _database(path)
    copy_fresh_file(path)
    return DatabaseUrl(f"sqlite:///{path}")


def environment_of(path: Path) -> dict[str, str]:
    """Return the environment variables of a process that serves the database that a test means by a path."""
    return {"DATABASE_URL": url_of(path), **({"THREATMODEL_KEY": KEY} if ON_A_SERVER else {})}


def open_running(path: Path) -> SqliteStore:
    """Open the store that a test means by a path; tests that need no file work with either."""
    if ON_A_SERVER:
        return cast("SqliteStore", open_database(url_of(path), key=KEY))
    return open_store(url_of(path))


@cache
def _database(path: Path) -> DatabaseUrl:
    """Create a migrated database for a path."""
    template, name = _template(), f"of_{uuid4().hex}"
    with psycopg.connect(server().format("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    del path  # the key of the cache
    return DatabaseUrl(server().format(name))


@cache
def _template() -> str:
    name = f"template_{uuid4().hex}"
    with psycopg.connect(server().format("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    open_database(server().format(name), key=KEY).close()
    return name
