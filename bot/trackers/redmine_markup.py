"""Text for Redmine's descriptions: Textile or CommonMark, whichever the administrator chose."""

import re
from typing import Final

from bot.trackers.issue_text import COMMON_LABEL
from bot.trackers.text_defusing import JOINER, defused

_MARKUP: Final = re.compile(
    r"""[*_^~@"!|#\[\]{}<>`&\\$]"""
    r"|(?<![^\W_])[-+=%]|[-+=%](?![^\W_])"  # also markup, but not within a word such as "two-factor"
    r"|\?(?=\?)"
)
_OBJECT: Final = re.compile(
    r"(?i)\b(?:attachment|commit|document|export|forum|message|news|project|source|user|version|wiki):(?=\S)|\["
    rf"|{COMMON_LABEL}-(?=[0-9a-f]{{12}})"
)
"""What Redmine makes a link to one of its objects, or a checkbox, after the format has been applied.

And what would be taken for the mark of an issue, which is in the description for want of labels.
"""
_COMMAND: Final = re.compile(r"^(?:\d+|h[1-6]|p|bq|bc|fn\d+|pre|notextile|table)[.():]\S*")
"""A first word that makes a line something else: `h1.`, `p(note).`, `1)`."""
_BLOCK: Final = re.compile(r"[.():]")


def redmine_line(text: str) -> str:
    """Return a line of plain text that both formats show as it is.

    A character that is markup in one of them becomes a numeric character reference, which both know; a
    backslash would be seen in Textile. The API does not tell which format is used.
    """
    line = _OBJECT.sub(lambda found: f"{found[0]}{JOINER}", defused(text))
    line = _MARKUP.sub(lambda found: _reference(found[0]), line)
    return _COMMAND.sub(lambda word: _BLOCK.sub(lambda found: _reference(found[0]), word[0]), line)


def redmine_link(url: str) -> str:
    """Return a URL that both formats make a link, whatever its characters mean to them."""
    return re.sub(r"[^A-Za-z0-9./:?&=#%-]", lambda found: _percent(found[0]), url)


def _reference(characters: str) -> str:
    return "".join(f"&#{ord(one)};" for one in characters)


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())
