"""Stored imports in memory."""

from datetime import datetime

import msgspec

from bot.store.codec import decode_events, encode_events
from bot.store.memory.database import MemoryDatabase, Table
from bot.store.repositories.stored_imports import StoredImport
from domain.kernel.elements import ChannelId, PersonId


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    channel: ChannelId
    person: PersonId
    digest: str
    preview: bytes
    events: bytes
    at: datetime


class MemoryStoredImports:
    """Stored imports in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._database = database
        self._imports = Table(database, tenant, "imports", _Row)

    def save(self, one: StoredImport) -> None:
        """Store an import in place of an earlier one of the same file."""
        row = _Row(
            channel=one.channel,
            person=one.person,
            digest=one.digest,
            preview=one.preview,
            events=encode_events(one.events),
            at=one.at,
        )
        self._imports.put(row, one.channel, one.person, one.digest)

    def find(self, channel: ChannelId, person: PersonId, digest: str) -> StoredImport | None:
        """Return the import of a file, if there is one; raises HistoryUnreadable where it cannot be read."""
        row = self._imports.get(channel, person, digest)
        if row is None:
            return None
        return StoredImport(
            channel=channel,
            person=person,
            digest=digest,
            preview=row.preview,
            events=decode_events(row.events),
            at=row.at,
        )

    def forget(self, channel: ChannelId, person: PersonId, digest: str) -> None:
        """Delete an import that was carried out."""
        self._imports.delete(channel, person, digest)

    def forget_person(self, person: PersonId) -> int:
        """Delete the imports of a person; returns how many."""
        with self._database.writing():
            theirs = [one for one in self._imports.all() if one.person == person]
            for one in theirs:
                self._imports.delete(one.channel, one.person, one.digest)
        return len(theirs)

    def forget_before(self, moment: datetime) -> None:
        """Delete the imports that are older than a moment."""
        with self._database.writing():
            for one in self._imports.all():
                if one.at < moment:
                    self._imports.delete(one.channel, one.person, one.digest)

    def forget_channel(self, channel: ChannelId) -> None:
        """Delete the imports of a channel, because one may contain the file that became the model."""
        self._imports.delete_all(channel)
