"""Escaping and clipping of text of users before it is shown."""

import re
import unicodedata
from datetime import datetime
from functools import lru_cache
from typing import Final

from domain.kernel.length_limits import NAME


def local_time(at: datetime) -> str:
    """Return a moment that each reader sees in their own time zone."""
    words = f"{at:%Y-%m-%d %H:%M} UTC"
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}}, {{time}}|{words}>"


ELLIPSIS: Final = "…"


def clean_text(text: str) -> str:
    """Return text without control characters and without marks that change the reading direction.

    Line ends and tabs stay; what holds emoji together stays.
    """
    lines = text.replace("\r\n", "\n")
    # Nothing to take out of most texts, and a hundred times as quick to find out.
    if lines.replace("\n", "").replace("\t", "").isprintable():
        return lines
    return "".join(filter(_shown, lines))


def one_line(text: str) -> str:
    """Return the cleaned text with each run of white space made one space."""
    return " ".join(clean_text(text).split())


def clip(text: str, limit: int) -> str:
    """Return text in at most `limit` characters, ending with “…” if something was cut."""
    if len(text) <= limit:
        return text
    return text[: limit - 1].rstrip() + ELLIPSIS


def clip_before(name: str, end: str, limit: int) -> str:
    """Return a name on one line, clipped so that what follows it stays readable."""
    return f"{clip(one_line(name), limit - len(end))}{end}"


def ended(sentence: str) -> str:
    """Return a sentence with a period, unless it has an end or was cut."""
    return sentence if sentence.endswith((".", "!", "?", ELLIPSIS)) else f"{sentence}."


def plain_line(text: str, limit: int) -> str:
    """Return text of a user for a plain_text object: one line, clipped, never empty."""
    return clip(one_line(text), limit) or "(no name)"


def escape(text: str, limit: int | None = None, *, empty: str = "(no name)") -> str:
    """Return text of a user for mrkdwn, without live mentions, links or markup; clipped before escaping.

    The limit counts characters before escaping; `empty` stands for a text of which nothing is left.
    """
    harmless = clean_text(text).strip()
    if limit is not None:
        harmless = clip(harmless, limit)
    return _MARKS.sub(_defused, harmless) or empty


def escape_name(text: str, limit: int = NAME) -> str:
    """Return a name given by a user for mrkdwn, on one line; by default no name is cut."""
    return escape(one_line(text), limit)


_JOINERS = "\u200d\ufe0f"

# Mark-up signs at the edge of a word are shown by their twins; mentions and addresses are broken by a word
# joiner, which is invisible: a client may turn a bare one into a live one even where it was not marked up.
# An underscore is no part of a word here: of two in a row either may begin what is shown in italics.
_MARKS = re.compile(r"[&<>`]|(?<![^\W_])[*_~]|[*_~](?![^\W_])|@(?=\w)|(?<=:)//|^•", re.MULTILINE)
_WORD_JOINER = "\u2060"
_INSTEAD = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "`": "\u02cb",
    "*": "\u2217",
    "_": "\uff3f",
    "~": "\u223c",
    "@": f"@{_WORD_JOINER}",
    "//": f"{_WORD_JOINER}//",
    "•": f"{_WORD_JOINER}•",
}


@lru_cache(4096)
def _shown(character: str) -> bool:
    if character in "\n\t" or character in _JOINERS:
        return True
    # Cc: control; Cf: format (direction marks, zero-width); Cs: half characters; Co: private; Zl, Zp: ends.
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def _defused(match: re.Match[str]) -> str:
    return _INSTEAD[match[0]]
