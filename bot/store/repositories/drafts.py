"""Import drafts: content of files until it is imported."""

from datetime import datetime
from typing import Protocol

import msgspec

from domain.events import Event
from domain.kernel.elements import ChannelId, PersonId


class ImportDraft(msgspec.Struct, frozen=True, kw_only=True):
    """Import of one person into one channel: the SHA-256 of the file, a preview, the events.

    `preview` is JSON, which this store does not read.
    """

    channel: ChannelId
    person: PersonId
    digest: str
    preview: bytes
    events: tuple[Event, ...]
    at: datetime


class ImportDrafts(Protocol):
    """Drafts of one workspace; raises StoreUnavailable like every store."""

    def save(self, draft: ImportDraft) -> None:
        """Store a draft in place of an earlier one of the same file."""
        ...

    def find(self, channel: ChannelId, person: PersonId, digest: str) -> ImportDraft | None:
        """Return the draft of a file, if there is one; raises HistoryUnreadable if it cannot be read."""
        ...

    def forget(self, channel: ChannelId, person: PersonId, digest: str) -> None:
        """Delete a draft that was imported."""
        ...

    def forget_person(self, person: PersonId) -> int:
        """Delete the drafts of a person; returns how many."""
        ...

    def forget_before(self, moment: datetime) -> None:
        """Delete the drafts that are older than a moment."""
        ...
