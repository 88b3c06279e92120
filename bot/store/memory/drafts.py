"""Import drafts in memory."""

from datetime import datetime

import msgspec

from bot.store.draft_events import decode_events, encode_events
from bot.store.memory.database import MemoryDatabase, Table
from bot.store.repositories.drafts import ImportDraft
from domain.kernel.elements import ChannelId, PersonId


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    channel: ChannelId
    person: PersonId
    digest: str
    preview: bytes
    events: bytes
    at: datetime


class MemoryImportDrafts:
    """Import drafts in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._database = database
        self._drafts = Table(database, tenant, "drafts", _Row)

    def save(self, draft: ImportDraft) -> None:
        """Store a draft in place of an earlier one of the same file."""
        row = _Row(
            channel=draft.channel,
            person=draft.person,
            digest=draft.digest,
            preview=draft.preview,
            events=encode_events(draft.events),
            at=draft.at,
        )
        self._drafts.put(row, draft.channel, draft.person, draft.digest)

    def find(self, channel: ChannelId, person: PersonId, digest: str) -> ImportDraft | None:
        """Return the draft of a file, if there is one; raises HistoryUnreadable where it cannot be read."""
        row = self._drafts.get(channel, person, digest)
        if row is None:
            return None
        return ImportDraft(
            channel=channel,
            person=person,
            digest=digest,
            preview=row.preview,
            events=decode_events(row.events),
            at=row.at,
        )

    def forget(self, channel: ChannelId, person: PersonId, digest: str) -> None:
        """Delete a draft that was imported."""
        self._drafts.delete(channel, person, digest)

    def forget_person(self, person: PersonId) -> int:
        """Delete the drafts of a person; returns how many."""
        with self._database.writing():
            theirs = [one for one in self._drafts.all() if one.person == person]
            for one in theirs:
                self._drafts.delete(one.channel, one.person, one.digest)
        return len(theirs)

    def forget_before(self, moment: datetime) -> None:
        """Delete the drafts that are older than a moment."""
        with self._database.writing():
            for one in self._drafts.all():
                if one.at < moment:
                    self._drafts.delete(one.channel, one.person, one.digest)

    def forget_channel(self, channel: ChannelId) -> None:
        """Delete the drafts of a channel, because one may contain the file that became the model."""
        self._drafts.delete_all(channel)
