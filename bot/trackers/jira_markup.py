"""Text for the descriptions of Jira Data Center: wiki markup."""

import re
from typing import Final

from bot.trackers.text_defusing import JOINER, defused

_MARKUP: Final = re.compile(r"[\\*_+^~?{}\[\]!|#@]|(?<![^\W_])-|-(?![^\W_])")
_BLOCK: Final = re.compile(r"^(?=(?:h[1-6]|bq)\.)|^(?=&)")


def wiki_line(text: str) -> str:
    """Return a line of plain text that wiki markup shows as it is."""
    line = _MARKUP.sub(lambda found: f"\\{found[0]}", defused(text)).replace("&", "&amp;")
    return _BLOCK.sub(JOINER, line)


def wiki_link(text: str, url: str) -> str:
    """Return a link to a URL, whatever its characters mean to the markup."""
    target = re.sub(r"[^A-Za-z0-9./:?&=#%-]", lambda found: _percent(found[0]), url)
    return f"[{wiki_line(text)}|{target}]"


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())
