"""Housekeeping of all workspaces by one statement each, so that an idle workspace costs nothing."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from bot.store.repositories.tracker_connections import TrackerConnection


class Housekeeping(Protocol):
    """Statements over all workspaces; every method raises StoreUnavailable."""

    def tenants_with_pending_requests(self) -> list[str]:
        """Return the workspaces with requests that wait for a check, sorted."""
        ...

    def forget_imports_before(self, moment: datetime) -> None:
        """Delete the stored imports that are older than a moment."""
        ...

    def forget_drafts_before(self, moment: datetime) -> None:
        """Delete the drafts that are older than a moment."""
        ...

    def forget_open_forms_before(self, moment: datetime) -> None:
        """Delete the open forms that are older than a moment."""
        ...

    def forget_agent_calls_before(self, moment: datetime) -> None:
        """Delete the calls of agents that are older than a moment."""
        ...

    def forget_tokens_expired_before(self, moment: datetime) -> None:
        """Delete the access tokens that expired before a moment."""
        ...

    def tracker_connections(self) -> list[tuple[str, TrackerConnection]]:
        """Return the connections to trackers, each with the ID of its workspace, in the order of both."""
        ...

    def note_reminder_check(self, at: datetime) -> None:
        """Record when due reminders of all workspaces were last looked for."""
        ...

    def last_reminder_check(self) -> datetime | None:
        """Return when due reminders of all workspaces were last looked for."""
        ...

    def overdue_reminders(self, kinds: Collection[str], now: datetime, *, seconds: float) -> int:
        """Return the number of reminders that have been due for so many seconds, in all workspaces.

        Reminders whose sending was begun count one by one, others by the rows of these kinds of work: for
        each place to send to, and each model to plan. Workspaces that no longer have the app are left out. It
        is one statement, whose cost does not depend on idle workspaces.
        """
        ...
