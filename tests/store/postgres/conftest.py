"""A store in an empty PostgreSQL database, and a server that a test may stop."""

from collections.abc import Iterator

import pytest

from bot.store.postgres.postgres_store import PostgresStore, open_postgres
from tests.emptied_database import KEY, empty_database
from tests.postgres_server import PostgresServer, own_server


@pytest.fixture
def url() -> str:
    return empty_database()


@pytest.fixture
def store(url: str) -> Iterator[PostgresStore]:
    store = open_postgres(url, key=KEY)
    yield store
    store.close()


@pytest.fixture(scope="module")
def stoppable() -> Iterator[PostgresServer]:
    """One server for the tests of a module, which leave it running."""
    with own_server() as server:
        yield server
