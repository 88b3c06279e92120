"""Report as Markdown for a Slack canvas: no HTML, no internal links, small tables."""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from bot.report.document_parts import Report, ReportLine, ReportTable, Section
from bot.report.markdown_escaping import escape_text
from bot.report.markdown_renderer import MarkdownWriter
from bot.report.report_cleanup import without_empty_sections

LARGEST: Final = 1_048_576
"""Slack's limit of characters."""

CELLS: Final = 300
"""Slack's limit of cells in one table, including the heading."""

_DEEPEST: Final = 3
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
        return f"{'#' * min(depth + 1, _DEEPEST)} {escape_text(section.title)}"

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
        return "; ".join(self.line(one) for one in lines)
