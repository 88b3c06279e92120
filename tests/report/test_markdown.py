"""Report as Markdown and as a canvas: readable, with valid links, escaped user text and limited tables."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.report import REPORT_FORMATS
from bot.report.document_parts import (
    Bullets,
    Column,
    Figure,
    Report,
    ReportParagraph,
    ReportTable,
    Run,
    Section,
    line_of,
    without_empty_sections,
)
from bot.report.markdown_renderer import CELLS, code_span, escape_text, render_canvas, render_markdown
from tests.report.report_sources import REMEDIED, example_report, report_of_events
from tests.report.sample_report import sample_report

HOSTILE = (
    "| a | b |",
    "`code` ``` ~~~",
    "<script>alert(1)</script> <!-- & &copy; -->",
    "[x](https://evil.example) ![y](z) [^1]",
    "https://evil.example www.evil.example ana@evil.example mailto:ana@evil.example",
    "@everybody #12 GH-7",
    "# heading ##",
    "- item",
    "+ item",
    "7. item",
    "7) item",
    "---",
    "***",
    "two\nlines\r\n\n    indented",
    "**bold** __bold__ *slanted* ~~gone~~ $x$ \\",
)
PARSER = MarkdownIt("commonmark").enable("table").enable("strikethrough")


def shown(tokens: list[Token]) -> str:
    """The letters that a reader sees."""
    return "".join(child.content for token in tokens for child in token.children or [])


def plain(words: str) -> str:
    return " ".join(words.replace("\N{WORD JOINER}", "").split())


def links(written: str) -> list[str]:
    return [
        str(child.attrs["href"])
        for token in PARSER.parse(written)
        for child in token.children or []
        if child.type == "link_open"
    ]


@pytest.mark.parametrize("words", HOSTILE)
def test_user_text_is_shown_unchanged(words: str) -> None:
    for written in (
        escape_text(words),
        f"# {escape_text(words)}",
        f"- {escape_text(words)}",
        f"> {escape_text(words)}",
    ):
        tokens = PARSER.parse(written)
        kinds = {child.type for token in tokens for child in token.children or []}
        assert kinds <= {"text", "text_special"}
        assert plain(shown(tokens)) == plain(words)
    assert "paragraph_open" in {one.type for one in PARSER.parse(escape_text(words))}


@given(st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), max_size=40))
def test_any_text_is_shown_unchanged(words: str) -> None:
    assert plain(shown(PARSER.parse(f"a {escape_text(words)}"))) == plain(f"a {words}".replace("\u2060", ""))


@pytest.mark.parametrize("words", ["S04@DF-9", "a`b", "``", "a|b"])
def test_code_is_shown_unchanged(words: str) -> None:
    (only,) = (child for token in PARSER.parse(code_span(words)) for child in token.children or [])
    assert (only.type, only.content) == ("code_inline", words.replace("|", "\N{BROKEN BAR}"))


def test_no_address_or_mention_is_linked_automatically() -> None:
    written = "\n".join(escape_text(words) for words in HOSTILE)
    assert not re.search(r"(?i)https?://|www\.|mailto:", written)
    assert not re.search(r"@\w|#\d", written.replace("&#36;", ""))


def test_all_rows_of_a_table_have_the_same_number_of_cells() -> None:
    report = sample_report(6, said=" | ".join(HOSTILE))
    for token in PARSER.parse(render_markdown(report)):
        assert token.type != "html_block"
    tables = re.findall(r"(?m)(?:^\|.*\n)+", render_markdown(report))
    assert tables
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1


@pytest.mark.parametrize(
    "made",
    [
        partial(example_report, "house"),
        partial(example_report, "web-shop"),
        partial(report_of_events, REMEDIED),
        partial(sample_report, 6),
    ],
    ids=["house", "web-shop", "remedied", "sample"],
)
def test_every_link_has_an_anchor_or_is_external(made: Callable[[], Report]) -> None:
    report = without_empty_sections(made())
    written = render_markdown(report)
    anchors = re.findall(r'<a id="([a-z0-9-]+)"></a>', written)
    assert len(anchors) == len(set(anchors))
    inside = [link.removeprefix("#") for link in links(written) if link.startswith("#")]
    assert {section.id for section in report.sections} <= set(inside)
    assert set(inside) <= set(anchors)
    assert all(link.startswith(("#", "https://")) for link in links(written))


def test_each_part_is_rendered_as_readable_lines() -> None:
    report = Report(
        key="TM-1",
        title="A house",
        subtitle="Threat model in analysis",
        day="4 March 2026",
        notice="This is how it was.",
        figures=(Figure("6", "Threats"),),
        sections=(
            Section(
                "one",
                "First",
                (
                    ReportParagraph(
                        line_of("See ", Run("there", link="two"), ", not ", Run("here", link="no"), ".")
                    ),
                    Bullets((line_of("a"), line_of("b")), numbered=True),
                ),
                (Section("two", "Second", (ReportParagraph(line_of("Words")),)),),
            ),
            Section("empty", "Nothing"),
        ),
    )
    assert render_markdown(report).splitlines() == [
        "# A house",
        "",
        "TM-1 · Threat model in analysis · 4 March 2026",
        "",
        "> **This is how it was.**",
        "",
        "**6** threats",
        "",
        "**Contents**",
        "",
        "- [First](#one)",
        "  - [Second](#two)",
        "",
        '## <a id="one"></a>First',
        "",
        "See [there](#two), not here.",
        "",
        "1. a",
        "2. b",
        "",
        '### <a id="two"></a>Second',
        "",
        "Words",
    ]


def test_the_file_is_utf8_and_ends_with_one_line_break() -> None:
    written = REPORT_FORMATS["md"].render(example_report("house"))
    assert written.decode().endswith("\n")
    assert not written.decode().endswith("\n\n")


def test_a_canvas_has_no_html_no_internal_links_and_three_heading_levels() -> None:
    for report in (example_report("web-shop"), sample_report(3, said="<b>x</b> [y](#th-1)")):
        tokens = PARSER.parse(render_canvas(report))
        inline = [child for token in tokens for child in token.children or []]
        assert not [one for one in (*tokens, *inline) if "html" in one.type]
        assert not [one for one in inline if one.type == "link_open" and str(one.attrs["href"])[0] == "#"]
        assert {one.tag for one in tokens if one.type == "heading_open"} == {"h1", "h2", "h3"}
    assert "**Contents**" not in render_canvas(example_report("house"))


def test_tables_are_split_at_slacks_limit_without_losing_rows() -> None:
    rows = tuple(((line_of(f"row {number}"),), (line_of("a"), line_of("b"))) for number in range(500))
    long = ReportTable(columns=(Column("One"), Column("Two")), rows=rows, caption="All of them")
    written = render_canvas(_report(Section("all", "All", (long,))))
    tables = re.findall(r"(?:^\|.*\|\n)+", written, re.MULTILINE)
    assert all(2 * (len(table.splitlines()) - 1) <= CELLS for table in tables)
    assert all(table.startswith("| One | Two |\n") for table in tables)
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
