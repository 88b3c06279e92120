"""Parts of a report: sections, paragraphs, lists, tables, pictures, independent of style."""

from collections.abc import Iterator
from enum import StrEnum
from typing import TypeAlias

import msgspec


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
    return tuple(Run(one) if isinstance(one, str) else one for one in parts)
