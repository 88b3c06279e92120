"""Housekeeping of all workspaces by one statement each, so that an idle workspace costs nothing."""

from datetime import datetime
from typing import Protocol


class Housekeeping(Protocol):
    """Statements over all workspaces; every method raises StoreUnavailable."""

    def tenants_with_pending_requests(self) -> list[str]:
        """Return the workspaces with requests that wait for a check, sorted."""
        ...

    def forget_drafts_before(self, moment: datetime) -> None:
        """Delete the import drafts that are older than a moment."""
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

    def note_reminder_check(self, at: datetime) -> None:
        """Record when due reminders of all workspaces were last looked for."""
        ...

    def last_reminder_check(self) -> datetime | None:
        """Return when due reminders of all workspaces were last looked for."""
        ...
