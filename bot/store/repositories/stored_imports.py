"""Stored imports: content of files until it is imported."""

from datetime import datetime

import msgspec

from bot.store.errors import HistoryUnreadable
from bot.store.sql.rows import PersonalRecords, Table
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


IMPORTS = Table("pending_imports", StoredImport, "channel, person, digest")


class StoredImports(PersonalRecords):
    """Imports of one workspace."""

    personal = IMPORTS

    def save(self, one: StoredImport) -> None:
        """Store an import in place of an earlier one of the same file."""
        self._rows.put(IMPORTS, one)

    def find(self, channel: ChannelId, person: PersonId, digest: str) -> StoredImport | None:
        """Return the import of a file, if there is one; raises HistoryUnreadable if it cannot be read."""
        try:
            return self._rows.find(IMPORTS, channel=channel, person=person, digest=digest)
        except msgspec.MsgspecError as error:
            raise HistoryUnreadable(f"a stored import: {error}") from error

    def forget(self, channel: ChannelId, person: PersonId, digest: str) -> None:
        """Delete an import that was carried out."""
        self._rows.delete(IMPORTS, channel=channel, person=person, digest=digest)
