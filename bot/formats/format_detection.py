"""Format detection, and import of a file in any supported format."""

from datetime import datetime

from bot.formats.import_preview import IMPORT_FORMATS, ImportPreview
from bot.formats.importers.history_import import (
    ImportedHistory,
    Read,
    import_history,
    is_history,
    replayed_history,
)
from bot.formats.importers.imported_model import ImportedModel
from bot.formats.importers.model_creation import CreatedModel, create_model
from bot.formats.importers.otm_import import import_otm
from bot.formats.importers.threat_dragon_import import import_threat_dragon
from bot.formats.importers.tm_bom_import import import_tm_bom
from bot.formats.importers.untrusted_document import (
    DocumentObject,
    ImportNotes,
    UnreadableFile,
    decode_text,
    parse_document,
)
from domain.kernel.elements import ChannelId, Kind, ModelKey, PersonId, number_of
from domain.kernel.text_formatting import count_phrase


def read_file(content: bytes, read: Read) -> ImportedModel | ImportedHistory:
    """Return the threat model in a file; `read` decodes stored events. Raises UnreadableFile."""
    decode_text(content)  # size and encoding are checked first, for every format
    if is_history(content):
        return import_history(content, read)
    plain = parse_document(content)
    document = DocumentObject(plain, "the file", ImportNotes())
    if "otmVersion" in plain:
        return import_otm(document)
    if "summary" in plain and "detail" in plain:
        return import_threat_dragon(document)
    if "trust_zones" in plain and "scope" in plain:
        return import_tm_bom(document)
    raise UnreadableFile(f"The file format is not supported. Import one of: {IMPORT_FORMATS}.")


def create_model_here(
    found: ImportedModel | ImportedHistory,
    *,
    channel: ChannelId,
    by: PersonId,
    at: datetime,
    sealed: bool = False,
) -> CreatedModel:
    """Return the events of an imported file for a channel, and the one that marks them; the key comes later.

    Raises Rejected and UnreadableFile if it cannot be imported.
    """
    if isinstance(found, ImportedHistory):
        created = replayed_history(found, key=_NO_KEY, channel=channel, by=by, at=at)
    else:
        created = create_model(found, key=_NO_KEY, channel=channel, by=by, at=at)
    return created.marked(by=by, at=at, sealed=sealed)


def preview_of(
    found: ImportedModel | ImportedHistory, brought: CreatedModel, *, sealed: bool = False
) -> ImportPreview:
    """Return the preview of an imported file."""
    model = brought.model
    others = {
        "assumption": len(model.assumptions),
        "threat": len(model.threats),
        "mitigation": len(model.mitigations),
    }
    return ImportPreview(
        title=found.title,
        name=model.name,
        parts=(
            *(number_of(kind, len(model.of_kind(kind))) for kind in Kind),
            *(count_phrase(number, word) for word, number in others.items()),
        ),
        events=len(brought.events),
        past=isinstance(found, ImportedHistory),
        notes=brought.notes,
        similar=brought.similar,
        sealed=sealed,
    )


_NO_KEY = ModelKey("TM-0")
