"""A PostgreSQL server of the benchmark's own, as durable as in production."""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg

from bot.store.keys import RequestKey
from bot.store.postgres.connections import CONNECTIONS, PostgresConnections
from bot.store.postgres.postgres_store import NoKeptKey, PostgresStore
from tests.postgres_server import PostgresServer

KEY: Final = "key-of-the-benchmark-0123456789abcdef"

DURABLE: Final[Mapping[str, str]] = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "max_connections": "100",
    "listen_addresses": "",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track": "top",
    "autovacuum_naptime": "10s",
}


class BenchmarkServer:
    """A running server; each part of the benchmark has a database of its own."""

    def __init__(self, server: PostgresServer) -> None:
        self._url = server.url

    def create_database(self, name: str) -> str:
        """Create a database, and return its URL."""
        with psycopg.connect(self._url.format("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        with psycopg.connect(self._url.format(name), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION pg_stat_statements")
        return self._url.format(name)


@contextmanager
def benchmark_server(directory: Path) -> Generator[BenchmarkServer]:
    """Run a server in a directory on the disk to be measured."""
    if os.getuid() == 0:
        directory.chmod(0o711)  # the server has a user of its own, who has to reach its directory
    server = PostgresServer(directory / "postgres")
    try:
        server.create(DURABLE)
        server.start()
        yield BenchmarkServer(server)
    finally:
        server.remove()


def open_benchmark_store(url: str, *, connections: int = CONNECTIONS) -> PostgresStore:
    """Open the bot's store, and migrate its database."""
    database = PostgresConnections(url, connections=connections)
    store = PostgresStore(database, RequestKey(NoKeptKey(), KEY))
    store.migrate()
    return store
