"""Unit of work: access to the data of one workspace."""

from contextlib import AbstractContextManager

import msgspec

from bot.store.event_store import EventStore
from bot.store.reminder_store import ReminderStore
from bot.store.repositories.access_tokens import AccessTokens
from bot.store.repositories.agent_calls import AgentCalls
from bot.store.repositories.cards import Cards
from bot.store.repositories.deliveries import Deliveries
from bot.store.repositories.drafts import Drafts
from bot.store.repositories.open_forms import OpenForms
from bot.store.repositories.pending_requests import PendingRequests
from bot.store.repositories.portfolio_entries import PortfolioEntries
from bot.store.repositories.projections import Projections
from bot.store.repositories.stored_imports import StoredImports
from bot.store.repositories.thread_messages import ThreadMessages
from bot.store.repositories.tracker_connections import TrackerConnections
from bot.store.repositories.workspace_directory import DirectoryRecords
from bot.store.sql.database import SqlDatabase
from bot.store.sql.epoch import epoch_of
from bot.store.sql.rows import WorkspaceRows
from bot.store.work_queue import WorkQueue


class UnitOfWork(msgspec.Struct, frozen=True, kw_only=True):
    """All data of one workspace; no repository here sees another workspace's rows.

    Threads may share it. Each change is durable by itself; those in one `transaction` together.
    """

    tenant: str
    epoch: str = ""
    """Part of the marks of messages; it changes when the database was restored to an earlier moment."""
    events: EventStore
    """The workspace's events; raises ForeignStream for a stream of another workspace."""
    reminders: ReminderStore
    directory: DirectoryRecords
    pending: PendingRequests
    imports: StoredImports
    drafts: Drafts
    open_forms: OpenForms
    deliveries: Deliveries
    portfolio_entries: PortfolioEntries
    projections: Projections
    access_tokens: AccessTokens
    agent_calls: AgentCalls
    tracker_connections: TrackerConnections

    @property
    def cards(self) -> Cards:
        """The cards, by the records of their slots."""
        return Cards(self.deliveries)

    @property
    def thread_messages(self) -> ThreadMessages:
        """The messages in the threads of cards, by the records of their slots."""
        return ThreadMessages(self.deliveries, self.projections)

    def transaction(self) -> AbstractContextManager[None]:
        """Return a block whose changes become durable together at its end, or not at all if it raises.

        It excludes every other writer of the workspace until then.
        """
        return self.events.exclusively(self.tenant)


def unit_of(events: EventStore, database: SqlDatabase, work: WorkQueue, tenant: str) -> UnitOfWork:
    """Return the unit of work of a workspace, with its events."""
    rows = WorkspaceRows(database, tenant)
    return UnitOfWork(
        tenant=tenant,
        epoch=epoch_of(database),
        events=events,
        reminders=ReminderStore(events, rows, work, tenant),
        directory=DirectoryRecords(rows),
        pending=PendingRequests(rows),
        imports=StoredImports(rows),
        drafts=Drafts(rows),
        open_forms=OpenForms(rows),
        deliveries=Deliveries(rows),
        portfolio_entries=PortfolioEntries(rows),
        projections=Projections(rows),
        access_tokens=AccessTokens(rows),
        agent_calls=AgentCalls(rows),
        tracker_connections=TrackerConnections(rows),
    )
