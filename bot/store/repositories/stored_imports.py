"""Stored imports: content of files until it is imported."""

from datetime import datetime
from typing import Protocol

import msgspec

from domain.events import Event
from domain.kernel.elements import ChannelId, PersonId


class StoredImport(msgspec.Struct, frozen=True, kw_only=True):
    """Import of one person into one channel: the SHA-256 of the file, a preview, the events.

    `preview` is JSON, which this store does not read.
    """

    channel: ChannelId
    person: PersonId
    digest: str
    preview: bytes
    events: tuple[Event, ...]
    at: datetime


class StoredImports(Protocol):
    """Imports of one workspace; raises StoreUnavailable like every store."""

    def save(self, one: StoredImport) -> None:
        """Store an import in place of an earlier one of the same file."""
        ...

    def find(self, channel: ChannelId, person: PersonId, digest: str) -> StoredImport | None:
        """Return the import of a file, if there is one; raises HistoryUnreadable if it cannot be read."""
        ...

    def forget(self, channel: ChannelId, person: PersonId, digest: str) -> None:
        """Delete an import that was carried out."""
        ...

    def forget_person(self, person: PersonId) -> int:
        """Delete the imports of a person; returns how many."""
        ...

    def forget_before(self, moment: datetime) -> None:
        """Delete the imports that are older than a moment."""
        ...
