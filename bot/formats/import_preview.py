"""Preview of an import, shown before anything is stored."""

import msgspec

IMPORT_FORMATS = "Open Threat Model, Threat Dragon 2, TM-BOM, or the events that this bot has written"
"""What can be imported."""


class ImportPreview(msgspec.Struct, frozen=True, kw_only=True):
    """Preview of an import, before anything is stored.

    `title` is the format, `name` the model's, `parts` how many there are of each kind, `events` how many
    events it becomes; `past` where those have told them whom the file names; `notes` what is not as it was.
    """

    title: str
    name: str
    parts: tuple[str, ...]
    events: int
    past: bool
    notes: tuple[str, ...]
