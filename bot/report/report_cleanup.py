"""Cleanup of a report: empty sections, dead links and invisible characters removed."""

import re
import unicodedata
from collections.abc import Sequence, Set
from functools import lru_cache
from typing import Final

from msgspec.structs import replace

from bot.report.document_parts import Report, Section

_ADDRESS: Final = re.compile(r"https://[^\s\"'<>\\^`{|}]+")
_INVISIBLE: Final = {"Cc", "Cs", "Co", "Cn"}
"""Unicode categories of control characters, surrogates, and unassigned characters."""
_TURNING: Final = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Characters that change the writing direction, and with it the order of adjacent text."""

_WORDS: Final = re.compile(r"\s+|\S+")
_LONG, _PIECE = 24, 6
"""A word longer than the first number may break after each of the second."""


def without_empty_sections(report: Report) -> Report:
    """Return the report without sections that have no content, directly or in subsections."""
    return replace(report, sections=_kept(report.sections))


def section_ids(report: Report) -> frozenset[str]:
    """Return the valid link targets within the report."""
    return frozenset(section.id for _, section in report.walk())


def link_destination(link: str, ids: Set[str]) -> str:
    """Return the link's address: `#` and the ID of a section, an https address, or an empty text."""
    if link in ids:
        return f"#{link}"
    return link if _ADDRESS.fullmatch(link) else ""


def without_invisible(text: str) -> str:
    """Return the text without invisible characters; line breaks stay."""
    return "".join(filter(_visible, text.replace("\t", " ")))


def breakable_pieces(text: str) -> list[str]:
    """Return the text in pieces between which words too long for a narrow column may break."""
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


@lru_cache(4096)
def _visible(character: str) -> bool:
    if character == "\n":
        return True
    return unicodedata.category(character) not in _INVISIBLE and character not in _TURNING
