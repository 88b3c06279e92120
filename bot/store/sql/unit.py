"""Composition of the repositories of one workspace in a SQLite file."""

from bot.store.event_store import EventStore
from bot.store.reminder_store import ReminderStore
from bot.store.sql.deliveries import SqliteDeliveries
from bot.store.sql.drafts import SqliteImportDrafts
from bot.store.sql.open_forms import SqliteOpenForms
from bot.store.sql.pending_requests import SqlitePendingRequests
from bot.store.sql.projections import SqliteProjections
from bot.store.sql.reminder_rows import SqliteReminderRows
from bot.store.sql.rows import WorkspaceRows
from bot.store.sql.workspace_directory import SqliteDirectory
from bot.store.sqlite.connections import Connections
from bot.store.unit_of_work import UnitOfWork
from bot.store.work_queue import WorkQueue
from bot.store.workspace_events import WorkspaceEvents


def sqlite_unit(store: EventStore, database: Connections, work: WorkQueue, tenant: str) -> UnitOfWork:
    """Return the unit of work of a workspace in a file."""
    rows = WorkspaceRows(database, tenant)
    events = WorkspaceEvents(store, tenant)
    return UnitOfWork(
        tenant=tenant,
        events=events,
        reminders=ReminderStore(events, SqliteReminderRows(rows), work, tenant),
        directory=SqliteDirectory(rows),
        pending=SqlitePendingRequests(rows),
        drafts=SqliteImportDrafts(rows),
        open_forms=SqliteOpenForms(rows),
        deliveries=SqliteDeliveries(rows),
        projections=SqliteProjections(rows),
    )
