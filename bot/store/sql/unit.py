"""Composition of the repositories of one workspace, in SQL."""

from bot.store.event_store import EventStore
from bot.store.reminder_store import ReminderStore
from bot.store.sql.access_tokens import SqlAccessTokens
from bot.store.sql.agent_calls import SqlAgentCalls
from bot.store.sql.database import SqlDatabase
from bot.store.sql.deliveries import SqlDeliveries
from bot.store.sql.drafts import SqlDrafts
from bot.store.sql.epoch import epoch_of
from bot.store.sql.open_forms import SqlOpenForms
from bot.store.sql.pending_requests import SqlPendingRequests
from bot.store.sql.portfolio_entries import SqlPortfolioEntries
from bot.store.sql.projections import SqlProjections
from bot.store.sql.reminder_rows import SqlReminderRows
from bot.store.sql.rows import WorkspaceRows
from bot.store.sql.stored_imports import SqlStoredImports
from bot.store.sql.tracker_connections import SqlTrackerConnections
from bot.store.sql.workspace_directory import SqlDirectory
from bot.store.unit_of_work import UnitOfWork
from bot.store.work_queue import WorkQueue
from bot.store.workspace_events import WorkspaceEvents


def sql_unit(store: EventStore, database: SqlDatabase, work: WorkQueue, tenant: str) -> UnitOfWork:
    """Return the unit of work of a workspace in a file."""
    rows = WorkspaceRows(database, tenant)
    events = WorkspaceEvents(store, tenant)
    return UnitOfWork(
        tenant=tenant,
        epoch=epoch_of(database),
        events=events,
        reminders=ReminderStore(events, SqlReminderRows(rows), work, tenant),
        directory=SqlDirectory(rows),
        pending=SqlPendingRequests(rows),
        imports=SqlStoredImports(rows),
        drafts=SqlDrafts(rows),
        open_forms=SqlOpenForms(rows),
        deliveries=SqlDeliveries(rows),
        portfolio_entries=SqlPortfolioEntries(rows),
        projections=SqlProjections(rows),
        access_tokens=SqlAccessTokens(rows),
        agent_calls=SqlAgentCalls(rows),
        tracker_connections=SqlTrackerConnections(rows),
    )
