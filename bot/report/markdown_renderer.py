"""Reports as Markdown, and as the Markdown of a Slack canvas: no HTML, no internal links, small tables."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, assert_never
from urllib.parse import quote

from msgspec.structs import replace

from bot.report.document_parts import (
    Badge,
    Block,
    Bullets,
    Fact,
    Facts,
    Meter,
    Picture,
    Report,
    ReportLine,
    ReportParagraph,
    ReportTable,
    Run,
    Section,
    Style,
    link_destination,
    section_ids,
    without_empty_sections,
    without_invisible,
)

_JOINER: Final = "\N{WORD JOINER}"
"""An invisible character that keeps GitHub from parsing a mention or a reference."""

# Characters with a meaning anywhere in a line; entities where some renderers ignore the backslash.
_SIGNS: Final = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        "$": "&#36;",  # mathematics
        **{sign: f"\\{sign}" for sign in "\\`*_[]|~#"},
    }
)
_STARTS: Final = re.compile(r"^(?:[+-]|\d{1,9}(?=[.)](?:\s|$)))")
"""Characters that start a list or a rule at the start of a line."""

_ALIVE: Final = re.compile(r"(?i):(?=//)|(?<=mailto):|(?<=xmpp):|(?<=www)\.")
"""Text that is linked automatically."""

_MENTIONS: Final = re.compile(r"@|#(?=\d)|(?i:\bGH-(?=\d))")

_BACKTICKS: Final = re.compile("`+")


def escape_text(text: str) -> str:
    """Return the text on one line, escaped as Markdown."""
    line = " ".join(without_invisible(text).split())
    line = _MENTIONS.sub(lambda found: f"{found[0]}{_JOINER}", line).translate(_SIGNS)
    line = _ALIVE.sub(lambda found: f"\\{found[0]}", line)
    return _STARTS.sub(_escaped, line)


def code_span(text: str) -> str:
    """Return the text as code, with more backticks than it contains."""
    line = " ".join(without_invisible(text).split()).replace(
        "|", "\N{BROKEN BAR}"
    )  # a table parses any other as its own
    longest = max((len(one) for one in _BACKTICKS.findall(line)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {line} {fence}" if longest else f"{fence}{line}{fence}"


def link_target(address: str) -> str:
    """Return an address escaped as a link target; one within the report is unchanged."""
    return (
        address
        if address.startswith("#")
        else quote(address, safe="%:/?#@!&'*+,;=-._~").replace("&", "&amp;")
    )


def _escaped(found: re.Match[str]) -> str:
    start = found[0]
    return f"{start}\\" if start.isdigit() else f"\\{start}"


CONTENTS: Final = 15
"""Maximum subsections listed in the table of contents; if there are more, none is listed."""

_DEEPEST: Final = 6


def render_markdown(report: Report) -> str:
    """Return the whole report; user text is escaped, and pictures are replaced by their text."""
    shown = without_empty_sections(report)
    return "\n".join(MarkdownWriter(section_ids(shown)).lines(shown)) + "\n"


class MarkdownWriter:
    """Writer of parts as lines of Markdown, with valid links."""

    def __init__(self, ids: frozenset[str]) -> None:
        self._ids = ids

    def lines(self, report: Report) -> Iterator[str]:
        """Yield title, notice, figures, contents, then every section with its heading."""
        yield f"# {escape_text(report.title)}"
        yield ""
        yield " · ".join(escape_text(one) for one in (report.key, report.subtitle, report.day) if one)
        if report.notice:
            yield from ("", f"> **{escape_text(report.notice)}**")
        if report.figures:
            yield from (
                "",
                " · ".join(f"**{escape_text(one.number)}** {_lowered(one.name)}" for one in report.figures),
            )
        yield from self.contents(report)
        for depth, section in report.walk():
            yield from self.section(depth, section)

    def section(self, depth: int, section: Section) -> Iterator[str]:
        """Yield a heading and the content below it."""
        yield ""
        yield self.heading(depth, section)
        if section.badges:
            yield from ("", " · ".join(self._part(badge) for badge in section.badges))
        for block in section.blocks:
            if not (isinstance(block, Picture) and block.described_by_table):
                yield ""
                yield from self.block(block)

    def heading(self, depth: int, section: Section) -> str:
        """Return a heading with an anchor."""
        return f"{'#' * min(depth + 1, _DEEPEST)} {_anchor(section.id)}{escape_text(section.title)}"

    def contents(self, report: Report) -> Iterator[str]:
        """Yield the sections, with links to them."""
        yield ""
        yield "**Contents**"
        yield ""
        for section in report.sections:
            yield f"- [{escape_text(section.title)}](#{section.id})"
            if len(section.sections) <= CONTENTS:
                yield from (f"  - [{escape_text(one.title)}](#{one.id})" for one in section.sections)

    def block(self, block: Block) -> Iterator[str]:
        """Yield the lines of one part."""
        match block:
            case ReportParagraph():
                yield self.line(block.line)
            case Bullets():
                for place, item in enumerate(block.items, start=1):
                    yield f"{f'{place}.' if block.numbered else '-'} {self.line(item)}"
            case Facts():
                for one in block.items:
                    yield from self._fact(one)
            case ReportTable():
                yield from self.table(block)
            case Picture():
                yield f"> **{escape_text(block.title)}:** {escape_text(block.alt_text)}"
            case _:
                assert_never(block)

    def _fact(self, fact: Fact) -> Iterator[str]:
        name = f"- **{escape_text(fact.name)}{'' if fact.name.endswith('?') else ':'}**"
        match fact.lines:
            case ():
                yield name
            case (only,):
                yield f"{name} {self.line(only)}"
            case several:
                yield name
                yield from (f"  - {self.line(one)}" for one in several)

    def table(self, table: ReportTable) -> Iterator[str]:
        """Yield a table, one line per row."""
        if table.caption:
            yield from (f"*{escape_text(table.caption)}:*", "")
        yield _row(escape_text(column.title) for column in table.columns)
        yield _row("---:" if column.numbers else "---" for column in table.columns)
        for row in table.rows:
            yield _row(self.cell(lines) for lines in row)

    def cell(self, lines: Sequence[ReportLine]) -> str:
        """Return a table cell."""
        return "<br>".join(self.line(line) for line in lines)

    def line(self, line: ReportLine) -> str:
        """Return one line; badges are set apart."""
        written = ""
        for place, one in enumerate(line):
            part = self._part(one)
            apart = isinstance(one, Badge | Meter) or (place and isinstance(line[place - 1], Badge | Meter))
            written += f" {part}" if apart and written and not written.endswith(" ") else part
        return written.strip()

    def _part(self, one: Run | Badge | Meter) -> str:
        if isinstance(one, Badge):
            return f"**{escape_text(one.text)}**"
        if isinstance(one, Meter):
            return escape_text(one.text)
        if one.style is Style.CODE:
            return code_span(one.text)
        before, words, after = _apart(one.text)
        if not words:
            return before
        written = escape_text(words)
        where = link_destination(one.link, self._ids)
        if where:
            written = f"[{written}]({link_target(where)})"
        return f"{before}{f'**{written}**' if one.style is Style.STRONG else written}{after}"


def _anchor(id: str) -> str:
    """Return an explicit anchor, because renderers derive different ones from headings."""
    return f'<a id="{id}"></a>'


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _apart(words: str) -> tuple[str, str, str]:
    """Return the text without the spaces around it, which would prevent emphasis."""
    inner = words.strip()
    if not inner:
        return (" " if words else ""), "", ""
    return (" " if words[:1].isspace() else ""), inner, (" " if words[-1:].isspace() else "")


def _lowered(name: str) -> str:
    return escape_text(f"{name[:1].lower()}{name[1:]}")


LARGEST: Final = 1_048_576
"""Slack's limit of characters."""

CELLS: Final = 300
"""Slack's limit of cells in one table, including the heading."""

_DEEPEST_IN_CANVAS: Final = 3
_CUT: Final = "\n\nThe report is too long for a canvas. The report file is complete.\n"


def render_canvas(report: Report, largest: int = LARGEST) -> str:
    """Return the report; if it is too long, the last sections are omitted with a note."""
    written = ""
    for part in _Writer(frozenset()).parts(without_empty_sections(report)):
        if len(written) + len(part) > largest - len(_CUT):
            return f"{written}{_CUT}"
        written += part
    return written


class _Writer(MarkdownWriter):
    """Writer limited to what a canvas can display."""

    def parts(self, report: Report) -> Iterator[str]:
        """Yield title and figures, then each section."""
        bare = replace(report, sections=())
        yield "\n".join(self.lines(bare)) + "\n"
        for depth, section in report.walk():
            yield "\n".join(self.section(depth, section)) + "\n"

    def contents(self, report: Report) -> Iterator[str]:
        """Yield nothing: a canvas builds its own table of contents from the headings."""
        del report
        yield from ()

    def heading(self, depth: int, section: Section) -> str:
        """Return a heading, limited to the levels of a canvas."""
        return f"{'#' * min(depth + 1, _DEEPEST_IN_CANVAS)} {escape_text(section.title)}"

    def table(self, table: ReportTable) -> Iterator[str]:
        """Yield the table, split into as many as necessary, each with the heading."""
        most = max(1, CELLS // len(table.columns) - 1)
        for first in range(0, max(1, len(table.rows)), most):
            if first:
                yield ""
            some = ReportTable(
                columns=table.columns,
                rows=table.rows[first : first + most],
                caption="" if first else table.caption,
            )
            yield from super().table(some)

    def cell(self, lines: Sequence[ReportLine]) -> str:
        """Return the lines of a cell joined into one, since a cell has no line breaks."""
        return "; ".join(self.line(line) for line in lines)
