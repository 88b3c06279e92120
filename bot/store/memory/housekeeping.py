"""Housekeeping of all workspaces in memory."""

from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec

from bot.store.memory.access_tokens import MemoryAccessTokens
from bot.store.memory.agent_calls import MemoryAgentCalls
from bot.store.memory.database import MemoryDatabase, Table
from bot.store.memory.drafts import MemoryDrafts
from bot.store.memory.installations import MemoryInstallations
from bot.store.memory.open_forms import MemoryOpenForms
from bot.store.memory.pending_requests import MemoryPendingRequests
from bot.store.memory.reminder_rows import MemoryReminderRows
from bot.store.memory.stored_imports import MemoryStoredImports
from bot.store.memory.tracker_connections import MemoryTrackerConnections
from bot.store.memory.work import MemoryWork
from bot.store.repositories.tracker_connections import TrackerConnection


class _Check(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime


class MemoryHousekeeping:
    """Housekeeping in memory."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def tenants_with_pending_requests(self) -> list[str]:
        """Return the workspaces with requests that wait for a check."""
        return [one for one in self._tenants() if MemoryPendingRequests(self._database, one).all()]

    def forget_imports_before(self, moment: datetime) -> None:
        """Delete the stored imports that are older than a moment."""
        for tenant in self._tenants():
            MemoryStoredImports(self._database, tenant).forget_before(moment)

    def forget_drafts_before(self, moment: datetime) -> None:
        """Delete the drafts that are older than a moment."""
        for tenant in self._tenants():
            MemoryDrafts(self._database, tenant).forget_before(moment)

    def forget_open_forms_before(self, moment: datetime) -> None:
        """Delete the open forms that are older than a moment."""
        for tenant in self._tenants():
            MemoryOpenForms(self._database, tenant).forget_before(moment)

    def forget_agent_calls_before(self, moment: datetime) -> None:
        """Delete the calls of agents that are older than a moment."""
        for tenant in self._tenants():
            MemoryAgentCalls(self._database, tenant).forget_before(moment)

    def forget_tokens_expired_before(self, moment: datetime) -> None:
        """Delete the access tokens that expired before a moment."""
        for tenant in self._tenants():
            MemoryAccessTokens(self._database, tenant).forget_expired_before(moment)

    def tracker_connections(self) -> list[tuple[str, TrackerConnection]]:
        """Return the connections to trackers, each with the ID of its workspace."""
        return [
            (tenant, one)
            for tenant in self._tenants()
            for one in MemoryTrackerConnections(self._database, tenant).all()
        ]

    def note_reminder_check(self, at: datetime) -> None:
        """Record when due reminders were last looked for."""
        with self._database.writing():
            self._checks.put(_Check(at=at))

    def last_reminder_check(self) -> datetime | None:
        """Return when due reminders were last looked for."""
        found = self._checks.get()
        return found.at if found is not None else None

    def overdue_reminders(self, kinds: Collection[str], now: datetime, *, seconds: float) -> int:
        """Return the number of reminders that have been due for so many seconds, in all workspaces."""
        found = MemoryWork(self._database).count_overdue(kinds, now, seconds=seconds)
        for tenant in self._tenants():
            claimed = MemoryReminderRows(self._database, tenant).claimed()
            found[tenant] += sum(one.due <= now - timedelta(seconds=seconds) for one in claimed)
        for tenant in MemoryInstallations(self._database).ended():
            del found[tenant]
        return found.total()

    @property
    def _checks(self) -> Table[_Check]:
        return Table(self._database, "", "reminder checks", _Check)

    def _tenants(self) -> list[str]:
        return sorted({tenant for tenant, _ in self._database.tables()})
