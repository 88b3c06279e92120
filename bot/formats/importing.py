"""Finds out what a file is and reads it, whatever format of ours it has."""

from bot.formats.found import Found
from bot.formats.from_history import FoundHistory, Read, from_history, is_history
from bot.formats.from_otm import from_otm
from bot.formats.from_threat_dragon import from_threat_dragon
from bot.formats.from_tm_bom import from_tm_bom
from bot.formats.reading import Notes, Thing, Unreadable, document_of, text_of

KNOWN = "Open Threat Model, Threat Dragon 2, TM-BOM, or the events that this bot has written"


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
