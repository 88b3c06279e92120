"""Report as a canvas: supported markup, limited tables, and a note if it is cut."""

import re

from markdown_it import MarkdownIt

from bot.report.document_parts import Column, Report, ReportTable, Section, line_of
from bot.report.markdown_renderer import CELLS, render_canvas
from tests.report.report_sources import example_report
from tests.report.sample_report import sample_report

PARSER = MarkdownIt("commonmark").enable("table").enable("strikethrough")


def test_a_canvas_has_no_html_no_internal_links_and_three_heading_levels() -> None:
    for report in (example_report("web-shop"), sample_report(3, said="<b>x</b> [y](#th-1)")):
        tokens = PARSER.parse(render_canvas(report))
        inline = [one for token in tokens for one in token.children or []]
        assert not [one for one in (*tokens, *inline) if "html" in one.type]
        assert not [one for one in inline if one.type == "link_open" and str(one.attrs["href"])[0] == "#"]
        assert {one.tag for one in tokens if one.type == "heading_open"} == {"h1", "h2", "h3"}
    assert "**Contents**" not in render_canvas(example_report("house"))


def test_tables_are_split_at_slacks_limit_without_losing_rows() -> None:
    rows = tuple(((line_of(f"row {number}"),), (line_of("a"), line_of("b"))) for number in range(500))
    long = ReportTable(columns=(Column("One"), Column("Two")), rows=rows, caption="All of them")
    written = render_canvas(_report(Section("all", "All", (long,))))
    tables = re.findall(r"(?:^\|.*\|\n)+", written, re.MULTILINE)
    assert all(2 * (len(one.splitlines()) - 1) <= CELLS for one in tables)
    assert all(one.startswith("| One | Two |\n") for one in tables)
    assert re.findall(r"row (\d+)", written) == [f"{number}" for number in range(500)]
    assert "| row 0 | a; b |" in written
    assert written.count("All of them") == 1


def test_a_report_above_the_limit_is_cut_between_sections_with_a_note() -> None:
    whole = render_canvas(example_report("web-shop"))
    cut = render_canvas(example_report("web-shop"), largest=len(whole) // 2)
    assert len(cut) <= len(whole) // 2
    assert cut.endswith("The report is too long for a canvas. The report file is complete.\n")
    assert whole.startswith(cut.rpartition("\n\nThe report is too long")[0])


def _report(section: Section) -> Report:
    return Report(key="TM-1", title="House", subtitle="", day="", figures=(), sections=(section,))
