"""Import drafts, in SQL."""

from datetime import datetime

from bot.store.draft_events import decode_events, encode_events
from bot.store.repositories.drafts import ImportDraft
from bot.store.sql.rows import WorkspaceRows
from domain.kernel.elements import ChannelId, PersonId

_KEEP = """
    INSERT INTO slack_drafts (tenant, channel, person, digest, preview, events, at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (tenant, channel, person, digest) DO UPDATE
    SET preview = excluded.preview, events = excluded.events, at = excluded.at
"""
_FIND = """
    SELECT preview, events, at FROM slack_drafts
    WHERE tenant = ?1 AND channel = ?2 AND person = ?3 AND digest = ?4
"""
_FORGET = "DELETE FROM slack_drafts WHERE tenant = ?1 AND channel = ?2 AND person = ?3 AND digest = ?4"
_FORGET_PERSON = "DELETE FROM slack_drafts WHERE tenant = ?1 AND person = ?2"
_FORGET_BEFORE = "DELETE FROM slack_drafts WHERE tenant = ?1 AND at < ?2"


class SqlImportDrafts:
    """Import drafts in a file."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def save(self, draft: ImportDraft) -> None:
        """Store a draft in place of an earlier one of the same file."""
        read = (draft.preview.decode(), encode_events(draft.events), draft.at.isoformat())
        self._rows.write(_KEEP, draft.channel, draft.person, draft.digest, *read)

    def find(self, channel: ChannelId, person: PersonId, digest: str) -> ImportDraft | None:
        """Return the draft of a file, if there is one; raises HistoryUnreadable where it cannot be read."""
        row = self._rows.one(_FIND, channel, person, digest)
        if row is None:
            return None
        preview, events, at = row
        return ImportDraft(
            channel=channel,
            person=person,
            digest=digest,
            preview=preview.encode(),
            events=decode_events(events),
            at=datetime.fromisoformat(at),
        )

    def forget(self, channel: ChannelId, person: PersonId, digest: str) -> None:
        """Delete a draft that was imported."""
        self._rows.write(_FORGET, channel, person, digest)

    def forget_person(self, person: PersonId) -> int:
        """Delete the drafts of a person; returns how many."""
        return self._rows.write(_FORGET_PERSON, person)

    def forget_before(self, moment: datetime) -> None:
        """Delete the drafts that are older than a moment."""
        self._rows.write(_FORGET_BEFORE, moment.isoformat())
