"""Migration of a database file, once, even if several processes start together."""

import sqlite3
from collections.abc import Sequence

from sqlite_utils import Database, Migrations

from bot.store.errors import StoreUnavailable
from bot.store.keys import RequestKey
from bot.store.sqlite.connections import Connections
from bot.store.sqlite.schema import EVENTS

APPLICATION_ID = 0x544D424F
"""Marks the file as ours (`TMBO` in its header), so that another program's database is never touched."""


def migrate(database: Connections, key: RequestKey, tables: Sequence[Migrations] = ()) -> None:
    """Apply all missing steps, those of the store first, in one transaction."""
    steps = (EVENTS, *tables)
    with database.translated_faults():
        if _is_current(database.current(), steps):
            return
    with database.writing() as connection:
        _refuse_a_stranger(connection, database)
        db = Database(connection)
        # For the step that keys the digests of earlier versions; a new file has none.
        connection.create_function("keyed", 1, key.digest, deterministic=True)
        connection.create_function("keyed_name", 1, key.renamed, deterministic=True)
        if _has_commands(connection):
            key.digest(b"")  # here, because SQLite does not report errors raised by our functions
        for step in steps:
            _refuse_the_future(step, db, database)
            step.apply(db)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _is_current(connection: sqlite3.Connection, steps: Sequence[Migrations]) -> bool:
    db = Database(connection)
    return all(_known(step) == [done.name for done in step.applied(db)] for step in steps)


def _has_commands(connection: sqlite3.Connection) -> bool:
    there = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'commands'").fetchone()
    return bool(there and connection.execute("SELECT 1 FROM commands LIMIT 1").fetchone())


def _refuse_a_stranger(connection: sqlite3.Connection, database: Connections) -> None:
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if mark != APPLICATION_ID and tables:
        raise StoreUnavailable(
            f"DATABASE_URL: {database.path} contains data of another program. Choose another file"
        )


def _refuse_the_future(step: Migrations, db: Database, database: Connections) -> None:
    if unknown := [done.name for done in step.applied(db) if done.name not in _known(step)]:
        raise StoreUnavailable(
            f"DATABASE_URL: {database.path} was written by a newer release ({unknown[0]}); install that one"
        )


def _known(step: Migrations) -> list[str]:
    return [one.name for one in step._migrations]  # pyright: ignore[reportPrivateUsage]  there is no public list
