"""Takes a database back to what an earlier release kept in it."""

import sqlite3
from contextlib import closing

from sqlite_utils import Database

from bot.store.sqlite.functions import define_functions
from bot.store.sqlite.schema import EVENTS
from bot.store.sqlite.slack_schema import SLACK


def _of_steps_about_slack(connection: sqlite3.Connection) -> list[str]:
    """The tables with other names that such a step has created."""
    everything = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    with closing(sqlite3.connect(":memory:")) as without:
        define_functions(without)
        for name in ("keyed", "keyed_name"):
            without.create_function(name, 1, str)
        EVENTS.apply(Database(without))
        known = {name for (name,) in without.execute(everything)}
    found = {name for (name,) in connection.execute(everything)} - known
    return sorted(name for name in found if not name.startswith("slack_"))


def back_to_before(connection: sqlite3.Connection, step: str) -> None:
    """Leave the tables about Slack as they were before a migration step, without their rows."""
    tables = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'slack!_%' ESCAPE '!'"
    ).fetchall()
    later = [(table,) for table in _of_steps_about_slack(connection)]
    for (table,) in (*tables, *later):
        connection.execute(f"DROP TABLE {table}")
    for table in ("deliveries", "projections"):
        connection.execute(f"DELETE FROM {table}")
    # A table of the store's own steps that a step about Slack takes away.
    connection.execute("""
        CREATE TABLE IF NOT EXISTS homes (
            tenant TEXT NOT NULL,
            person TEXT NOT NULL,
            opened_at TEXT NOT NULL,
            shown TEXT NOT NULL,
            PRIMARY KEY (tenant, person)
        ) STRICT, WITHOUT ROWID
    """)
    connection.execute("DELETE FROM _sqlite_migrations WHERE migration_set = ?", (SLACK.name,))
    SLACK.apply(Database(connection), stop_before=step)
