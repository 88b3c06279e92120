"""Cleanup of a report: empty sections, dead links and invisible characters removed."""

import re
import unicodedata
from collections.abc import Sequence, Set
from typing import Final

from msgspec.structs import replace

from bot.report.document_parts import Report, Section

_ADDRESS: Final = re.compile(r"https://[^\s\"'<>\\^`{|}]+")
_INVISIBLE: Final = {"Cc", "Cs", "Co", "Cn"}
"""Unicode's categories of signs that steer, halves of characters, and what stands for nothing."""
_TURNING: Final = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Signs that turn the direction of writing, and with them the order of what stands beside."""

_WORDS: Final = re.compile(r"\s+|\S+")
_LONG, _PIECE = 24, 6
"""A word of more letters than the first may break after each of the second."""


def without_empty_sections(report: Report) -> Report:
    """Return the report without sections in which nothing stands, nor anything in those within them."""
    return replace(report, sections=_kept(report.sections))


def section_ids(report: Report) -> frozenset[str]:
    """Return where a link within the report may lead."""
    return frozenset(section.id for _, section in report.walk())


def link_destination(link: str, ids: Set[str]) -> str:
    """Return the link's address: `#` and the ID of one of those sections, an https address, or nothing."""
    if link in ids:
        return f"#{link}"
    return link if _ADDRESS.fullmatch(link) else ""


def without_invisible(text: str) -> str:
    """Return the text without invisible characters; line breaks stay."""
    return "".join(one for one in text.replace("\t", " ") if one == "\n" or _visible(one))


def breakable_pieces(text: str) -> list[str]:
    """Return the text, taken apart where a word that is too long for a narrow column may break."""
    found: list[str] = [""]
    for one in _WORDS.findall(text):
        if len(one) > _LONG:
            found[-1] += one[:_PIECE]
            found += [one[at : at + _PIECE] for at in range(_PIECE, len(one), _PIECE)]
        else:
            found[-1] += one
    return found


def _kept(sections: Sequence[Section]) -> tuple[Section, ...]:
    inner = [replace(section, sections=_kept(section.sections)) for section in sections]
    return tuple(section for section in inner if section.blocks or section.sections)


def _visible(character: str) -> bool:
    return unicodedata.category(character) not in _INVISIBLE and character not in _TURNING
