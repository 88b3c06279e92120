"""Composition of the repositories of one workspace in memory."""

from bot.store.event_store import EventStore
from bot.store.memory.access_tokens import MemoryAccessTokens
from bot.store.memory.agent_calls import MemoryAgentCalls
from bot.store.memory.database import MemoryDatabase
from bot.store.memory.deliveries import MemoryDeliveries
from bot.store.memory.drafts import MemoryDrafts
from bot.store.memory.open_forms import MemoryOpenForms
from bot.store.memory.pending_requests import MemoryPendingRequests
from bot.store.memory.portfolio_entries import MemoryPortfolioEntries
from bot.store.memory.projections import MemoryProjections
from bot.store.memory.reminder_rows import MemoryReminderRows
from bot.store.memory.stored_imports import MemoryStoredImports
from bot.store.memory.tracker_connections import MemoryTrackerConnections
from bot.store.memory.workspace_directory import MemoryDirectory
from bot.store.reminder_store import ReminderStore
from bot.store.unit_of_work import UnitOfWork
from bot.store.work_queue import WorkQueue
from bot.store.workspace_events import WorkspaceEvents


def memory_unit(store: EventStore, database: MemoryDatabase, work: WorkQueue, tenant: str) -> UnitOfWork:
    """Return the unit of work of one workspace in memory."""
    events = WorkspaceEvents(store, tenant)
    return UnitOfWork(
        tenant=tenant,
        events=events,
        reminders=ReminderStore(events, MemoryReminderRows(database, tenant), work, tenant),
        directory=MemoryDirectory(database, tenant),
        pending=MemoryPendingRequests(database, tenant),
        imports=MemoryStoredImports(database, tenant),
        drafts=MemoryDrafts(database, tenant),
        open_forms=MemoryOpenForms(database, tenant),
        deliveries=MemoryDeliveries(database, tenant),
        portfolio_entries=MemoryPortfolioEntries(database, tenant),
        projections=MemoryProjections(database, tenant),
        access_tokens=MemoryAccessTokens(database, tenant),
        agent_calls=MemoryAgentCalls(database, tenant),
        tracker_connections=MemoryTrackerConnections(database, tenant),
    )
