"""Migration of a database file, once, even if several processes start together."""

import sqlite3
from collections.abc import Iterator

from sqlite_utils import Database, Migrations

from bot.store.errors import StoreUnavailable
from bot.store.migrations import SQLITE, Migration, migrations, missing_steps
from bot.store.sqlite.connections import Connections

APPLICATION_ID = 0x544D424F
"""Marks the file as ours (`TMBO` in its header), so that another program's database is never touched."""

_APPLIED = f"SELECT name FROM {Migrations.migrations_table}"  # noqa: S608  (a constant of the library)
_EXISTS = "SELECT 1 FROM sqlite_schema WHERE name = ?"


def migrate(database: Connections, steps: tuple[Migration, ...] | None = None) -> None:
    """Apply all missing steps in one transaction; raises StoreUnavailable, which leaves the file as it is."""
    steps = migrations(SQLITE) if steps is None else steps
    with database.translated_faults():
        if not missing_steps(steps, _applied(database.current()), str(database.path)):
            return
    with database.writing() as connection:
        _refuse_a_stranger(connection, database)
        missing = missing_steps(steps, _applied(connection), str(database.path))
        _as_library_steps(missing).apply(Database(connection))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _as_library_steps(steps: tuple[Migration, ...]) -> Migrations:
    applied_together = Migrations("threatmodel")
    for step in steps:

        @applied_together(name=f"{step.number:04} {step.digest}")
        def _(db: Database, sql: str = step.sql) -> None:
            for statement in statements(sql):
                db.conn.execute(statement)

    return applied_together


def statements(sql: str) -> Iterator[str]:
    """Yield the statements of a script one by one: `executescript` would commit the transaction before it."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _applied(connection: sqlite3.Connection) -> dict[int, str]:
    """Return the digests of the applied steps by number; 0 for those of a development version."""
    if not connection.execute(_EXISTS, (Migrations.migrations_table,)).fetchone():
        return {}
    names = [name.partition(" ") for (name,) in connection.execute(_APPLIED)]
    return {int(number) if number.isdecimal() else 0: digest for number, _, digest in names}


def _refuse_a_stranger(connection: sqlite3.Connection, database: Connections) -> None:
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if mark != APPLICATION_ID and tables:
        raise StoreUnavailable(
            f"DATABASE_URL: {database.path} contains data of another program. Choose another file"
        )
