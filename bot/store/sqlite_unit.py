"""Composition of the repositories of one workspace in a SQLite file."""

from bot.store.connections import Connections
from bot.store.event_store import EventStore
from bot.store.reminder_store import ReminderStore
from bot.store.sqlite_repositories.deliveries import SqliteDeliveries
from bot.store.sqlite_repositories.drafts import SqliteImportDrafts
from bot.store.sqlite_repositories.open_forms import SqliteOpenForms
from bot.store.sqlite_repositories.pending_requests import SqlitePendingRequests
from bot.store.sqlite_repositories.projections import SqliteProjections
from bot.store.sqlite_repositories.reminder_rows import SqliteReminderRows
from bot.store.sqlite_repositories.rows import WorkspaceRows
from bot.store.sqlite_repositories.workspace_directory import SqliteDirectory
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
