"""Parts of a report: sections, paragraphs, lists, tables, pictures, without their style."""

from collections.abc import Iterator
from enum import StrEnum
from typing import TypeAlias

import msgspec


class Style(StrEnum):
    """Emphasis of a run of words."""

    PLAIN = "plain"
    STRONG = "strong"
    QUIET = "quiet"
    CODE = "code"


class Tone(StrEnum):
    """Meaning of a badge's or meter's color; its words say the same."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    GOOD = "good"
    WAITING = "waiting"
    NEUTRAL = "neutral"


class Run(msgspec.Struct, frozen=True, tag="run"):
    """Plain text, which every renderer escapes.

    `link` is the id of a section, to be found in the same report, or an https address; empty for none.
    """

    text: str
    style: Style = Style.PLAIN
    link: str = ""


class Badge(msgspec.Struct, frozen=True, tag="badge"):
    """A short word with a colour, such as a band or a state."""

    text: str
    tone: Tone


class Meter(msgspec.Struct, frozen=True, tag="meter"):
    """A bar from 0 to 10, such as the mean of a score, with the number beside it."""

    value: float
    text: str
    tone: Tone


Words: TypeAlias = tuple[Run | Badge | Meter, ...]
"""A line of words; nothing is put between its runs, but a badge stands apart from what is beside it."""


class ReportParagraph(msgspec.Struct, frozen=True, tag="paragraph"):
    """Some sentences."""

    words: Words


class Bullets(msgspec.Struct, frozen=True, tag="bullets"):
    """A list of lines; in order where they are numbered."""

    items: tuple[Words, ...]
    numbered: bool = False


class Fact(msgspec.Struct, frozen=True):
    """A named property: one line, or several."""

    name: str
    lines: tuple[Words, ...]


class Facts(msgspec.Struct, frozen=True, tag="facts"):
    """Names with what they stand for, such as owner and due date of one threat."""

    items: tuple[Fact, ...]


class Column(msgspec.Struct, frozen=True):
    """A column of a table: its title, its share of the width, whether it holds numbers."""

    title: str
    share: float = 1.0
    numbers: bool = False


class ReportTable(msgspec.Struct, frozen=True, tag="table"):
    """Rows under titles; a cell holds one line of words, or several. Its first column names the row."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[tuple[Words, ...], ...], ...]
    caption: str = ""


class Picture(msgspec.Struct, frozen=True, tag="picture"):
    """A drawing as SVG of our own, with its size in pixels; `words` tell the same.

    `dark` is the same for a dark page; without it the light one stands there on a light ground. It is
    `retold` by the table after it: whoever has no pictures may leave out the words, too.
    """

    id: str
    title: str
    svg: str
    width: float
    height: float
    words: str
    dark: str = ""
    retold: bool = False


class Figure(msgspec.Struct, frozen=True):
    """One number that sums something up, such as how many threats are open."""

    number: str
    name: str
    tone: Tone = Tone.NEUTRAL


Block: TypeAlias = ReportParagraph | Bullets | Facts | ReportTable | Picture


class Section(msgspec.Struct, frozen=True):
    """A heading with what stands under it; `id`, of letters, digits and hyphens, is no other section's.

    `badges` stand beside the heading. A section without blocks and sections is left out.
    """

    id: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple["Section", ...] = ()
    badges: tuple[Badge | Meter, ...] = ()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All of a report: `title` and `subtitle` on top, then `figures`, then the sections in order.

    `key` is that of the model; `day` is as people read it; `notice` is what a reader should know first, such
    as that this is how it was; empty for nothing.
    """

    key: str
    title: str
    subtitle: str
    day: str
    figures: tuple[Figure, ...]
    sections: tuple[Section, ...]
    notice: str = ""

    def walk(self) -> Iterator[tuple[int, Section]]:
        """Yield every section in order with its depth; 1 for the outermost."""
        for section in self.sections:
            yield from _walk(section, 1)


def _walk(section: Section, depth: int) -> Iterator[tuple[int, Section]]:
    yield depth, section
    for inner in section.sections:
        yield from _walk(inner, depth + 1)


def plain_text(words: Words) -> str:
    """Return a line of words without any looks."""
    return "".join(one.text if isinstance(one, Run) else f" {one.text} " for one in words).strip()


def line_of(*words: str | Run | Badge | Meter) -> Words:
    """Return a line of words, of which a plain string is a plain run."""
    return tuple(Run(one) if isinstance(one, str) else one for one in words)
