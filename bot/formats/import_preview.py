"""Preview of an import, shown before anything is stored."""

import msgspec

IMPORT_FORMATS = "Open Threat Model, Threat Dragon 2, TM-BOM, or events exported by this bot"
"""The supported formats."""


class ImportPreview(msgspec.Struct, frozen=True, kw_only=True):
    """Preview of an import, before anything is stored.

    `title` is the format, `name` the model's, `parts` the number of each kind of part, `events` the number of
    resulting events; `past` if the events name people already notified; `notes` are the differences from the
    file. `similar` are names in the file that probably mean the same. `sealed` if this installation exported
    it, so that its approvals and votes count.
    """

    title: str
    name: str
    parts: tuple[str, ...]
    events: int
    past: bool
    notes: tuple[str, ...]
    similar: tuple[str, ...] = ()
    sealed: bool = False
