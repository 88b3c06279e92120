"""A statement is run with any value; each connection prepares the statements that it runs often."""

import math
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from bot.store import StoreUnavailable
from bot.store.postgres.postgres_store import PostgresStore

OFTEN = 5
"""Uses of a statement on a connection before the library prepares it."""

VALUES: tuple[tuple[str, object, object], ...] = (
    ("text", "O'Brien''s $1 ?1 :name %s \\ \n\u202e\N{PILE OF POO}", None),
    ("text", "\u00e4" * 100_000, None),
    ("text", "a\0b", "a\N{REPLACEMENT CHARACTER}b"),
    ("text", "", None),
    ("bytea", bytes(range(256)), None),
    ("bytea", b"", None),
    ("int", True, 1),
    ("int", -(2**31), None),
    ("bigint", 2**62, None),
    ("float8", -1e300, None),
    ("float8", math.inf, None),
    ("float8", 7, 7.0),
)
"""Types, values, and what is read of those that are read as something else."""


def read(store: PostgresStore, sql: str, *values: object) -> list[Any]:
    return store.database.current().execute(sql, values).fetchall()


def read_while(store: PostgresStore, meanwhile: Callable[[], object]) -> None:
    with store.database.writing("T1") as connection:
        connection.execute("SELECT 1")
        meanwhile()
        connection.execute("SELECT 1")


def forget_during_a_change(store: PostgresStore) -> None:
    with store.database.writing("T1") as connection:
        for _ in range(OFTEN + 1):
            connection.execute("SELECT 1")
        store.database.changing().pgconn.exec_(b"DEALLOCATE ALL")
        connection.execute("SELECT 1")


def test_every_value_is_read_as_it_was_written_before_and_after_it_is_prepared(store: PostgresStore) -> None:
    for kind, value, told in VALUES:
        for _ in range(OFTEN + 2):
            assert read(store, f"SELECT CAST($1 AS {kind})", value) == [(value if told is None else told,)]
        assert read(store, f"SELECT CAST($1 AS {kind})", None) == [(None,)]
    assert read(store, "SELECT 1, true, 0.5::float8, NULL WHERE 1 = $1", 1) == [(1, True, 0.5, None)]


def test_rows_are_read_one_by_one_in_parts_and_all(store: PostgresStore) -> None:
    found = store.database.current().execute("SELECT generate_series(1, 7)")

    assert (found.rowcount, found.fetchone(), found.fetchmany(2)) == (7, (1,), [(2,), (3,)])
    assert (next(iter(found)), found.fetchall(), found.fetchone()) == ((4,), [(5,), (6,), (7,)], None)


def test_a_change_tells_how_many_rows_it_changed(store: PostgresStore) -> None:
    many = "INSERT INTO lanes (tenant, lane, not_before) SELECT 'T1', n::text, 0 FROM generate_series(1, 3) n"
    with store.database.writing("T1") as connection:
        assert connection.execute(many).rowcount == 3
        assert connection.execute("DELETE FROM lanes WHERE lane = $1", ("9",)).rowcount == 0
        assert connection.execute("DELETE FROM lanes RETURNING lane").rowcount == 3


def test_a_statement_that_the_server_forgot_is_prepared_again(store: PostgresStore) -> None:
    for _ in range(2 * OFTEN):
        assert read(store, "SELECT 1") == [(1,)]
        with store.database.borrowed() as raw:
            raw.pgconn.exec_(b"DEALLOCATE ALL")  # unseen by the library
    with pytest.raises(psycopg.errors.InvalidSqlStatementName):
        forget_during_a_change(store)
    assert read(store, "SELECT 1") == [(1,)], "the change was undone"


def test_a_refused_statement_leaves_the_connection_usable(store: PostgresStore) -> None:
    refused: list[tuple[type[Exception], str, tuple[object, ...]]] = [
        (psycopg.errors.SyntaxError, "SELECT FROM WHERE", ()),
        (psycopg.errors.UndefinedTable, "SELECT * FROM nothing", ()),
        (psycopg.errors.DivisionByZero, "SELECT 1 / $1", (0,)),
        (UnicodeEncodeError, "SELECT CAST($1 AS text)", ("\ud800",)),
        (psycopg.ProgrammingError, "SELECT $1", (object(),)),
        (psycopg.errors.ProtocolViolation, "SELECT CAST($2 AS text)", ("one",)),
    ]
    with store.database.borrowed() as raw:
        before = raw.info.backend_pid
    for error, sql, values in refused:
        for _ in range(OFTEN + 2):
            with pytest.raises(error):
                read(store, sql, *values)
    with store.database.borrowed() as raw:
        assert raw.info.backend_pid == before
    assert read(store, "SELECT 1") == [(1,)]


def test_a_lost_connection_is_called_so_and_a_read_runs_on_another(store: PostgresStore, url: str) -> None:
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    mine = f"{end} AND datname = current_database()"
    with psycopg.connect(url, autocommit=True) as other:
        for _ in range(OFTEN + 2):
            other.execute(mine.encode())
            assert read(store, "SELECT 1") == [(1,)]
        with pytest.raises(StoreUnavailable, match="ended the connection"):
            read_while(store, lambda: other.execute(mine.encode()))
    assert read(store, "SELECT 1") == [(1,)]
