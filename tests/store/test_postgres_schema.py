"""PostgreSQL has the tables of a SQLite file, column by column."""

from collections.abc import Iterator

import psycopg
import pytest

from bot.store import SqliteStore
from tests.emptied_database import empty_database
from tests.store.saying import plainly

KINDS = {
    "TEXT": "text",
    "INTEGER": "integer",
    "BLOB": "bytea",
    "REAL": "double precision",
    "bigint": "integer",
}
ONE_OF_THEM = {"copied_workspaces", "positions", "write_checks", "migrations"}
"""The count over all workspaces and the trial of a file; the record of the steps of a server."""

Columns = dict[tuple[str, str], tuple[str, bool]]


@pytest.fixture
def server() -> Iterator[psycopg.Connection[tuple[str, ...]]]:
    with psycopg.connect(empty_database()) as connection:
        yield connection


def of_sqlite(store: SqliteStore) -> tuple[Columns, dict[str, list[str]]]:
    columns: Columns = {}
    keys: dict[str, list[str]] = {}
    for (table,) in plainly(store.database.path, "SELECT name FROM sqlite_schema WHERE type = 'table'"):
        if table.startswith(("_", "sqlite_")) or table in ONE_OF_THEM:
            continue
        rows = plainly(store.database.path, f"PRAGMA table_info({table})")
        for _, name, kind, needed, _, key in rows:
            columns[table, name] = (KINDS[kind], bool(needed or key))
        keys[table] = [row[1] for row in sorted(rows, key=lambda row: row[5]) if row[5]]
    return columns, keys


def test_every_table_has_the_same_columns_and_key(
    store: SqliteStore, server: psycopg.Connection[tuple[str, ...]]
) -> None:
    columns, keys = of_sqlite(store)

    assert columns == {
        (table, name): (KINDS.get(kind, kind), nullable == "NO")
        for table, name, kind, nullable in server.execute("""
            SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
            WHERE table_schema = 'public'
        """)
        if table not in ONE_OF_THEM
    }
    found: dict[str, list[str]] = {}
    for table, name in server.execute("""
        SELECT conrelid::regclass::text, attname FROM pg_constraint
        CROSS JOIN LATERAL unnest(conkey) WITH ORDINALITY AS parts (number, place)
        JOIN pg_attribute ON attrelid = conrelid AND attnum = parts.number
        WHERE contype = 'p' AND connamespace = 'public'::regnamespace ORDER BY conrelid, place
    """):
        if table not in ONE_OF_THEM:
            found.setdefault(table, []).append(name)
    assert found == keys


def test_texts_sort_by_bytes_as_in_a_file(server: psycopg.Connection[tuple[str, ...]]) -> None:
    other = server.execute("""
        SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        JOIN pg_collation ON pg_collation.oid = attcollation
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'migrations'
        AND collname <> 'C'
    """).fetchall()

    assert other == []
