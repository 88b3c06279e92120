"""Pending imports: parsed files kept until they are confirmed, for at most a day."""

from datetime import datetime, timedelta

import msgspec
import structlog

from bot.formats.import_preview import ImportPreview
from bot.store import HistoryUnreadable
from bot.store.repositories.drafts import ImportDraft, ImportDrafts
from domain.events import Event
from domain.kernel.elements import ChannelId, PersonId

log = structlog.get_logger()

KEPT_FOR = timedelta(days=1)
"""Time until an unconfirmed import expires."""


class PendingImport(msgspec.Struct, frozen=True, kw_only=True):
    """File that a person may import into a channel, by its SHA-256, with preview and events."""

    channel: ChannelId
    person: PersonId
    digest: str
    preview: ImportPreview
    events: tuple[Event, ...]
    at: datetime


class PendingImports:
    """Pending imports of one workspace; methods raise StoreUnavailable."""

    def __init__(self, drafts: ImportDrafts) -> None:
        self._drafts = drafts

    def save(self, draft: PendingImport) -> None:
        """Store an import in place of an earlier one of the same file."""
        self._drafts.save(
            ImportDraft(
                channel=draft.channel,
                person=draft.person,
                digest=draft.digest,
                preview=msgspec.json.encode(draft.preview),
                events=draft.events,
                at=draft.at,
            )
        )

    def find(self, channel: ChannelId, person: PersonId, digest: str) -> PendingImport | None:
        """Return the import of a file; None if there is none, or another version of the bot wrote it."""
        try:
            found = self._drafts.find(channel, person, digest)
            if found is None:
                return None
            preview = msgspec.json.decode(found.preview, type=ImportPreview)
        except (HistoryUnreadable, msgspec.ValidationError) as fault:
            log.warning("import draft of another release", fault=str(fault))
            return None
        return PendingImport(
            channel=channel, person=person, digest=digest, preview=preview, events=found.events, at=found.at
        )

    def forget(self, channel: ChannelId, person: PersonId, digest: str) -> None:
        """Delete an import that was confirmed."""
        self._drafts.forget(channel, person, digest)

    def forget_old(self, now: datetime) -> None:
        """Delete imports that were not confirmed in time."""
        self._drafts.forget_before(now - KEPT_FOR)
