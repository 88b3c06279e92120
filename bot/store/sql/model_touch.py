"""Work that a changed model makes due."""

from typing import Final

from bot.store.records import StreamId, key_of
from bot.store.sql.database import SqlConnection
from bot.store.timestamps import DUE_NOW
from bot.store.work_queue import MODEL

# The displayed content of the model has changed; see the work queue.
_WORK: Final = f"""
    INSERT INTO work (tenant, kind, subject, lane, due, latest, not_before, touched)
    VALUES (
        :tenant, '{MODEL}', :model,
        coalesce(
            (SELECT channel FROM streams WHERE tenant = :tenant AND stream = :tenant || '/' || :model), :model
        ),
        '{DUE_NOW}', machine_time(), machine_time(), 1
    )
    ON CONFLICT (tenant, kind, subject) DO UPDATE SET
        lane = CASE WHEN work.token IS NULL THEN excluded.lane ELSE work.lane END, patience = 0,
        due = excluded.due, latest = coalesce(work.latest, excluded.latest),
        not_before = excluded.not_before, touched = work.touched + 1
"""  # noqa: S608  (our own constants)


def touch_model(connection: SqlConnection, tenant: str, stream: StreamId) -> None:
    """Make the work of a changed model due, in the transaction that changes it."""
    connection.execute(_WORK, {"tenant": tenant, "model": key_of(stream)})
