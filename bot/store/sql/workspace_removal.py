"""Removal of a workspace with all of its rows, except a record of the end of its chain."""

import sqlite3

from bot.store.records import Head
from bot.store.sql.erasing import note_text_in_log
from bot.store.sqlite.connections import Connections
from bot.store.timestamps import format_timestamp, utc_now

_LAST = "heads"
"""Deleted after the events: the record of the removal permits their deletion."""

_REMOVED = "INSERT INTO removals (tenant, sequence, hash, at) VALUES (?, ?, ?, ?)"

_KEPT = {"counters", "removals"}
"""The count of models is kept, so that a workspace that returns reuses no key."""


def remove_workspace(database: Connections, tenant: str) -> Head | None:
    """Delete every row of a workspace; return the end of its chain, None if there is none."""
    with database.writing() as connection:
        row = connection.execute("SELECT sequence, hash FROM heads WHERE tenant = ?", (tenant,)).fetchone()
        if row is None:
            return None
        removed = Head(tenant=tenant, sequence=row[0], hash=row[1])
        connection.execute(_REMOVED, (tenant, *row, format_timestamp(utc_now())))
        for table in sorted(_tables(connection), key=lambda one: (one == _LAST, one)):
            columns = {name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")}
            if "tenant" in columns:
                connection.execute(f"DELETE FROM {table} WHERE tenant = ?", (tenant,))  # noqa: S608  (a table's own name)
        note_text_in_log(connection, tenant)
    return removed


def _tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("""
        SELECT name FROM sqlite_schema
        WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_%' ESCAPE '\\'
    """)
    return [name for (name,) in rows if name not in _KEPT]
