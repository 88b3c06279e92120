"""Stored imports: content of files until it is imported."""

from datetime import datetime

import msgspec

from bot.store.codec import decode_events, encode_events
from bot.store.sql.rows import WorkspaceRows
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


_KEEP = """
    INSERT INTO pending_imports (tenant, channel, person, digest, preview, events, at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (tenant, channel, person, digest) DO UPDATE
    SET preview = excluded.preview, events = excluded.events, at = excluded.at
"""
_FIND = """
    SELECT preview, events, at FROM pending_imports
    WHERE tenant = ?1 AND channel = ?2 AND person = ?3 AND digest = ?4
"""
_FORGET = "DELETE FROM pending_imports WHERE tenant = ?1 AND channel = ?2 AND person = ?3 AND digest = ?4"
_FORGET_PERSON = "DELETE FROM pending_imports WHERE tenant = ?1 AND person = ?2"
_FORGET_BEFORE = "DELETE FROM pending_imports WHERE tenant = ?1 AND at < ?2"


class StoredImports:
    """Imports of one workspace; raises StoreUnavailable like every store."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def save(self, one: StoredImport) -> None:
        """Store an import in place of an earlier one of the same file."""
        read = (one.preview.decode(), encode_events(one.events), one.at.isoformat())
        self._rows.write(_KEEP, one.channel, one.person, one.digest, *read)

    def find(self, channel: ChannelId, person: PersonId, digest: str) -> StoredImport | None:
        """Return the import of a file, if there is one; raises HistoryUnreadable if it cannot be read."""
        row = self._rows.one(_FIND, channel, person, digest)
        if row is None:
            return None
        preview, events, at = row
        return StoredImport(
            channel=channel,
            person=person,
            digest=digest,
            preview=preview.encode(),
            events=decode_events(events),
            at=datetime.fromisoformat(at),
        )

    def forget(self, channel: ChannelId, person: PersonId, digest: str) -> None:
        """Delete an import that was carried out."""
        self._rows.write(_FORGET, channel, person, digest)

    def forget_person(self, person: PersonId) -> int:
        """Delete the imports of a person; returns how many."""
        return self._rows.write(_FORGET_PERSON, person)

    def forget_before(self, moment: datetime) -> None:
        """Delete the imports that are older than a moment."""
        self._rows.write(_FORGET_BEFORE, moment.isoformat())
