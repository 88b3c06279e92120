"""Epoch of a database: it changes when the database was restored to an earlier moment."""

import secrets
from typing import Final

from bot.store.sql.database import SqlDatabase

_EPOCH: Final = "SELECT epoch FROM database_epoch"
_RENEW: Final = "UPDATE database_epoch SET epoch = :epoch"
_RELEASE: Final = "UPDATE work SET token = NULL, not_before = 0 WHERE token IS NOT NULL"
_DOUBT: Final = "UPDATE deliveries SET shown = ''"
_TOUCH: Final = """
    INSERT INTO work (tenant, kind, subject, lane, due, touched)
    SELECT tenant, 'model', substr(stream, length(tenant) + 2),
        coalesce(channel, substr(stream, length(tenant) + 2)), '0', 1
    FROM streams WHERE name IS NOT NULL
    ON CONFLICT (tenant, kind, subject) DO UPDATE SET due = excluded.due, touched = work.touched + 1
"""


def epoch_of(database: SqlDatabase) -> str:
    """Return the epoch; empty until the database was restored for the first time."""
    (epoch,) = database.one(_EPOCH)
    return epoch


def mark_restored(database: SqlDatabase) -> int:
    """Renew the epoch after a restore, and have everything shown compared again; return the number of slots.

    Claims were those of the processes of an earlier moment. What slots show is unknown, because the bot went
    on after that moment.
    """
    with database.writing() as connection:
        connection.execute(_RENEW, {"epoch": secrets.token_hex(4)})
        connection.execute(_RELEASE)
        slots = connection.execute(_DOUBT).rowcount
        connection.execute(_TOUCH)
    return slots
