"""Pending imports: parsed files kept until they are confirmed, for at most a day."""

from datetime import datetime, timedelta

import msgspec
import structlog

from bot.formats.import_preview import ImportPreview
from bot.restoring import SealedOrigin
from bot.store import HistoryUnreadable
from bot.store.repositories.stored_imports import StoredImport, StoredImports
from domain.events import Event
from domain.kernel.elements import ChannelId, PersonId

log = structlog.get_logger()

KEPT_FOR = timedelta(days=1)
"""Time until an unconfirmed import expires."""


class PendingImport(msgspec.Struct, frozen=True, kw_only=True):
    """File that a person may import into a channel, by its SHA-256, with preview and events.

    `origin` is the model that comes back with it as it was, if this installation exported the file.
    """

    channel: ChannelId
    person: PersonId
    digest: str
    preview: ImportPreview
    events: tuple[Event, ...]
    at: datetime
    origin: SealedOrigin | None = None


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What a stored import keeps besides its events."""

    preview: ImportPreview
    origin: SealedOrigin | None = None


class PendingImports(msgspec.Struct, frozen=True, eq=False):
    """Pending imports of one workspace; methods raise StoreUnavailable."""

    imports: StoredImports

    def save(self, pending: PendingImport) -> None:
        """Store an import in place of an earlier one of the same file."""
        self.imports.save(
            StoredImport(
                channel=pending.channel,
                person=pending.person,
                digest=pending.digest,
                preview=msgspec.json.encode(_Kept(preview=pending.preview, origin=pending.origin)),
                events=pending.events,
                at=pending.at,
            )
        )

    def find(self, channel: ChannelId, person: PersonId, digest: str) -> PendingImport | None:
        """Return the import of a file; None if there is none, or another version of the bot wrote it."""
        try:
            found = self.imports.find(channel, person, digest)
            if found is None:
                return None
            kept = msgspec.json.decode(found.preview, type=_Kept)
        except (HistoryUnreadable, msgspec.ValidationError) as fault:
            log.warning("pending import of another release", fault=str(fault))
            return None
        return PendingImport(
            channel=channel,
            person=person,
            digest=digest,
            preview=kept.preview,
            events=found.events,
            at=found.at,
            origin=kept.origin,
        )

    def forget(self, channel: ChannelId, person: PersonId, digest: str) -> None:
        """Delete an import that was confirmed."""
        self.imports.forget(channel, person, digest)
