"""Finds out what a file is and reads it, whatever format of ours it has."""

from datetime import datetime

from bot.formats.import_preview import KNOWN, Preview
from bot.formats.importers.history_import import FoundHistory, Read, from_history, is_history, retold
from bot.formats.importers.imported_model import Found
from bot.formats.importers.model_creation import Brought, brought
from bot.formats.importers.otm_import import from_otm
from bot.formats.importers.threat_dragon_import import from_threat_dragon
from bot.formats.importers.tm_bom_import import from_tm_bom
from bot.formats.importers.untrusted_document import Notes, Thing, Unreadable, document_of, text_of
from domain.kernel.elements import ChannelId, Kind, ModelKey, PersonId, number_of
from domain.kernel.text_formatting import count_phrase


def read_file(content: bytes, read: Read) -> Found | FoundHistory:
    """The threat model in a file; `read` makes events of their words. Raises Unreadable."""
    text_of(content)  # its size and encoding come first, whatever it is
    if is_history(content):
        return from_history(content, read)
    plain = document_of(content)
    document = Thing(plain, "the file", Notes())
    if "otmVersion" in plain:
        return from_otm(document)
    if "summary" in plain and "detail" in plain:
        return from_threat_dragon(document)
    if "trust_zones" in plain and "scope" in plain:
        return from_tm_bom(document)
    raise Unreadable(f"The file is none that can be imported: {KNOWN}.")


def brought_here(found: Found | FoundHistory, *, channel: ChannelId, by: PersonId, at: datetime) -> Brought:
    """What a file becomes in a channel, under a key that is still to be given.

    Raises Rejected and Unreadable where it cannot become a model.
    """
    if isinstance(found, FoundHistory):
        return retold(found, key=_NO_KEY, channel=channel, by=by, at=at)
    return brought(found, key=_NO_KEY, channel=channel, by=by, at=at)


def preview_of(found: Found | FoundHistory, brought: Brought) -> Preview:
    """What people see of a file that was read."""
    model = brought.model
    others = {
        "assumption": len(model.assumptions),
        "threat": len(model.threats),
        "mitigation": len(model.mitigations),
    }
    return Preview(
        title=found.title,
        name=model.name,
        parts=(
            *(number_of(kind, len(model.of_kind(kind))) for kind in Kind),
            *(count_phrase(number, word) for word, number in others.items()),
        ),
        events=len(brought.events),
        past=isinstance(found, FoundHistory),
        notes=brought.notes,
    )


_NO_KEY = ModelKey("TM-0")
