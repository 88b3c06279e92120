"""Parts of a document, and the cleaning of the texts in them."""

import re
import unicodedata
from collections.abc import Iterator, Sequence, Set
from enum import StrEnum
from functools import lru_cache
from typing import Final, TypeAlias

import msgspec
from msgspec.structs import replace


class Style(StrEnum):
    """Emphasis of a run."""

    PLAIN = "plain"
    STRONG = "strong"
    QUIET = "quiet"
    CODE = "code"


class Tone(StrEnum):
    """Meaning of a badge's or meter's color, which its text expresses as well."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    GOOD = "good"
    WAITING = "waiting"
    NEUTRAL = "neutral"


class Run(msgspec.Struct, frozen=True, tag="run"):
    """Plain text, which every renderer escapes.

    `link` is the ID of a section of the same report, an https address, or empty.
    """

    text: str
    style: Style = Style.PLAIN
    link: str = ""


class Badge(msgspec.Struct, frozen=True, tag="badge"):
    """A short text with a color, such as a band or a state."""

    text: str
    tone: Tone


class Meter(msgspec.Struct, frozen=True, tag="meter"):
    """A bar from 0 to 10, such as the mean of a score, with its number."""

    value: float
    text: str
    tone: Tone


ReportLine: TypeAlias = tuple[Run | Badge | Meter, ...]
"""A line of text; its runs are joined without separators, but badges are set apart."""


class ReportParagraph(msgspec.Struct, frozen=True, tag="paragraph"):
    """A paragraph."""

    line: ReportLine


class Bullets(msgspec.Struct, frozen=True, tag="bullets"):
    """A list of lines, optionally numbered."""

    items: tuple[ReportLine, ...]
    numbered: bool = False


class Fact(msgspec.Struct, frozen=True):
    """A named property with one or several lines."""

    name: str
    lines: tuple[ReportLine, ...]


class Facts(msgspec.Struct, frozen=True, tag="facts"):
    """Named properties, such as owner and due date of one threat."""

    items: tuple[Fact, ...]


class Column(msgspec.Struct, frozen=True):
    """A column of a table: its title, its share of the width, whether it contains numbers."""

    title: str
    share: float = 1.0
    numbers: bool = False


class ReportTable(msgspec.Struct, frozen=True, tag="table"):
    """Rows under titles; a cell contains one line or several. The first column names the row."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[tuple[ReportLine, ...], ...], ...]
    caption: str = ""


class Picture(msgspec.Struct, frozen=True, tag="picture"):
    """A generated SVG picture with its size in pixels; `alt_text` is its content as text.

    `dark` is the variant for a dark page; without it, the light one is shown there on a light background. A
    picture is `described_by_table` if a table follows it: a renderer without pictures may then omit the text,
    too.
    """

    id: str
    title: str
    svg: str
    width: float
    height: float
    alt_text: str
    dark: str = ""
    described_by_table: bool = False


class Figure(msgspec.Struct, frozen=True):
    """A key figure, such as the number of open threats."""

    number: str
    name: str
    tone: Tone = Tone.NEUTRAL


Block: TypeAlias = ReportParagraph | Bullets | Facts | ReportTable | Picture


class Section(msgspec.Struct, frozen=True):
    """A heading with its content; `id` is unique and consists of letters, digits and hyphens.

    `badges` are shown beside the heading. A section without blocks and sections is omitted.
    """

    id: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple["Section", ...] = ()
    badges: tuple[Badge | Meter, ...] = ()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A complete report: `title` and `subtitle`, then `figures`, then the sections in order.

    `key` is that of the model; `day` is formatted for readers; `notice` is shown first, for example that this
    is a past state; empty for none.
    """

    key: str
    title: str
    subtitle: str
    day: str
    figures: tuple[Figure, ...]
    sections: tuple[Section, ...]
    notice: str = ""

    def walk(self) -> Iterator[tuple[int, Section]]:
        """Yield every section in order with its depth, starting at 1."""
        for section in self.sections:
            yield from _walk(section, 1)


def _walk(section: Section, depth: int) -> Iterator[tuple[int, Section]]:
    yield depth, section
    for inner in section.sections:
        yield from _walk(inner, depth + 1)


def plain_text(line: ReportLine) -> str:
    """Return a line as plain text."""
    return "".join(one.text if isinstance(one, Run) else f" {one.text} " for one in line).strip()


def line_of(*parts: str | Run | Badge | Meter) -> ReportLine:
    """Return a line of text; a string becomes a plain run."""
    return tuple(Run(part) if isinstance(part, str) else part for part in parts)


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
