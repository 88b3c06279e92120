"""Removal of a workspace with all of its rows, except a record of the end of its chain."""

from bot.store.records import Head
from bot.store.sql.database import SqlDatabase
from bot.store.sql.erasing import Eraser
from bot.store.timestamps import format_timestamp, utc_now

_LAST = "heads"
"""Deleted after the events: the record of the removal permits their deletion."""

_REMOVED = "INSERT INTO removals (tenant, sequence, hash, at) VALUES (?, ?, ?, ?)"

_KEPT = {"counters", "removals"}
"""The count of models is kept, so that a workspace that returns reuses no key."""


def remove_workspace(database: SqlDatabase, eraser: Eraser, tenant: str) -> Head | None:
    """Delete every row of a workspace; return the end of its chain, None if it had no events."""
    with database.writing(tenant) as connection:
        row = connection.execute("SELECT sequence, hash FROM heads WHERE tenant = ?", (tenant,)).fetchone()
        removed = None
        if row is not None:
            removed = Head(tenant=tenant, sequence=row[0], hash=row[1])
            connection.execute(_REMOVED, (tenant, *row, format_timestamp(utc_now())))
        for table in sorted(eraser.tables() - _KEPT, key=lambda one: (one == _LAST, one)):
            connection.execute(f"DELETE FROM {table} WHERE tenant = ?", (tenant,))  # noqa: S608  (our own names)
        eraser.note_text_in_log(connection, tenant)
    return removed
