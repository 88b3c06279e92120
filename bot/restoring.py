"""Recognition of a history that this installation exported itself, and that may come back as it was."""

import hashlib
import hmac

import msgspec

from bot.formats.exporters.history_export import HistoryHeader, chained
from bot.formats.importers.history_import import ImportedHistory
from bot.formats.importers.imported_model import ImportedModel
from bot.store import CommandKey, EventStore, codec
from bot.store.records import RETURNED
from domain.kernel.elements import ModelKey
from domain.rejections import Rejected


class SealedOrigin(msgspec.Struct, frozen=True, kw_only=True):
    """The model of this workspace that a sealed history is, and the end of its chain."""

    key: ModelKey
    head: str

    @property
    def command(self) -> tuple[CommandKey, bytes]:
        """The key and the request of its return, which happens once."""
        return CommandKey(f"{RETURNED}{self.key}"), hashlib.sha256(self.key.encode()).digest()


class RestoredMeanwhile(Rejected):
    """Error: since its preview, the model of a sealed file was changed, or came back."""

    def __init__(self) -> None:
        super().__init__(
            "This model has changed since the preview, or was restored by someone else. Close this form and "
            "choose “Import as threat model” again."
        )


def sealed_origin(
    store: EventStore, tenant: str, found: ImportedModel | ImportedHistory
) -> SealedOrigin | None:
    """Return the origin of a file if it may come back as itself; None if its statements are not verified."""
    if not isinstance(found, ImportedHistory) or not _is_sealed(store, tenant, found.header):
        return None
    origin = SealedOrigin(key=ModelKey(found.header.key), head=found.header.head)
    return origin if is_restorable(store, tenant, origin) else None


def is_restorable(store: EventStore, tenant: str, origin: SealedOrigin) -> bool:
    """Return whether a model did not come back before, and is gone or unchanged since it was exported.

    A model that went on would come back with words that people have taken back since.
    """
    if store.answered(tenant, *origin.command) is not None:
        return False
    live = next((stream for stream in store.streams(tenant) if stream.key == origin.key), None)
    return live is None or chained(origin.key, [*store.events(live.stream)], codec.encode)[1] == origin.head


def _is_sealed(store: EventStore, tenant: str, header: HistoryHeader) -> bool:
    expected = store.export_seal(tenant, header.sealed)
    return bool(expected) and hmac.compare_digest(expected.encode(), header.seal.encode())
