"""Takes a database back to what an earlier release kept in it."""

import sqlite3

from sqlite_utils import Database

from bot.store.sqlite.slack_schema import SLACK


def back_to_before(connection: sqlite3.Connection, step: str) -> None:
    """Leave the tables about Slack as they were before a migration step, without their rows."""
    tables = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'slack!_%' ESCAPE '!'"
    ).fetchall()
    later = [("installations",), ("used_install_states",)]
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
