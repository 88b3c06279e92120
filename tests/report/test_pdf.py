"""Report as PDF: escaped text, navigation, and the optional package."""

import io
import re
import sys
from typing import Any, Final, cast

import pytest
from msgspec.structs import replace

from bot.report.column_widths import column_widths
from bot.report.document_parts import (
    Badge,
    Column,
    Fact,
    Facts,
    Figure,
    Meter,
    Picture,
    Report,
    ReportParagraph,
    ReportTable,
    Section,
    Tone,
    line_of,
)
from bot.report.pdf_renderer import PdfNotInstalled, render_pdf
from tests.depth import deep_only
from tests.report.sample_report import sample_report

HOSTILE: Final = ' #eval("6*7")$x^2$*b*_i_`c`@ref<lab>[x]\\u{41}//c/*d*/#panic()#read("/etc/passwd")'
THREATS: Final = 26
EMPTY: Final = Report(key="TM-1", title="T", subtitle="", day="today", figures=(), sections=())


@pytest.fixture(scope="module")
def read() -> Any:
    """What reads a PDF; both packages are in the lock of the gate."""
    pytest.importorskip("typst")
    return pytest.importorskip("pypdf").PdfReader


@pytest.fixture(scope="module")
def document(read: Any) -> Any:
    return read(io.BytesIO(render_pdf(sample_report(THREATS))))


@pytest.fixture(scope="module")
def pages(document: Any) -> list[str]:
    return [page.extract_text() for page in document.pages]


def test_the_tagged_structure_states_no_default_that_poppler_reports_as_an_error(document: Any) -> None:
    assert document.trailer["/Root"]["/MarkInfo"] == {"/Marked": True}


def said(document: Any) -> str:
    """The words of all pages, without spaces: lines break where they must."""
    return close("".join(page.extract_text() for page in document.pages))


def close(text: str) -> str:
    return re.sub(r"[\s\u200b]", "", text)


def test_hostile_text_is_escaped_everywhere(read: Any) -> None:
    document = read(io.BytesIO(render_pdf(sample_report(3, said=HOSTILE))))
    assert said(document).count(close(HOSTILE)) > 60
    assert document.metadata.title == f"The House{HOSTILE}"
    assert close(document.outline[0].title) == close(f"Scope{HOSTILE}")


def test_the_pdf_is_tagged_and_has_metadata(document: Any) -> None:
    root = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 # an object of the file, not Python's
    assert root["/Lang"] == "en"
    assert document.metadata.title == "The House"
    assert document.metadata.author == "Threat model bot"
    assert root["/Metadata"].get_data().count(b"<pdfuaid:part>1</pdfuaid:part>") == 1
    tags = set[str]()
    waiting = [root["/StructTreeRoot"]["/K"]]
    while waiting:
        one = waiting.pop().get_object()
        if isinstance(one, list):
            waiting += one
        elif hasattr(one, "get"):
            tags |= {str(one["/S"])} if "/S" in one else set()
            waiting += [one["/K"]] if hasattr(one.get("/K"), "get_object") else []
    assert {"/Title", "/H1", "/H2", "/P", "/Table", "/TH", "/TD", "/L", "/Figure", "/Link"} <= tags


def test_bookmarks_lead_to_sections_and_threats(document: Any) -> None:
    outline = cast("list[Any]", document.outline)
    names = [str(one.title) for one in outline if not isinstance(one, list)]
    assert names == ["Scope", "Data flows", "What it is made of", "Threats", "Coverage", "Decisions"]
    threats = next(cast("list[Any]", one) for one in outline if isinstance(one, list))
    assert [str(one.title).split(" ")[0] for one in threats] == [f"TH-{n}" for n in range(1, THREATS + 1)]


def test_pdf_links_are_internal_or_https(document: Any, pages: list[str]) -> None:
    addresses, inner = list[str](), 0
    for page in document.pages:
        for one in page.get("/Annots", []):
            action = one.get_object().get("/A", {})
            if "/URI" in action:
                addresses.append(action["/URI"])
            else:
                inner += 1
    assert set(addresses) == {"https://example.org/handbook?a=1&b=2"}
    assert inner >= THREATS + 6
    assert "a trap" in pages[0]


def test_pages_are_numbered_and_table_headers_repeat(pages: list[str]) -> None:
    assert 8 < len(pages) < 16
    assert [page for page in pages if f"{pages.index(page) + 1} / {len(pages)}" not in page] == []
    assert len([page for page in pages if re.search(r"DREAD\s*State", page)]) == 2


@deep_only
def test_no_heading_is_the_last_line_of_a_page(read: Any) -> None:
    """Sections of every length, so that some heading comes to where each page ends."""
    inner = tuple(
        Section(
            f"s-{n}", f"Heading {n}", (ReportParagraph(line_of("word " * (30 + 7 * n % 95))),), (), (badge,)
        )
        for n in range(150)
        for badge in [Badge("badge", Tone.GOOD)]
    )
    document = read(io.BytesIO(render_pdf(replace(EMPTY, sections=(Section("a", "A", (), inner),)))))
    assert len(document.pages) > 12
    for page in document.pages:
        *_, last, _ = page.extract_text().rstrip().split("\n")
        assert last.startswith("word")


def test_the_pdf_needs_no_system_fonts(document: Any) -> None:
    fonts = {
        str(font["/BaseFont"]).partition("+")[2]
        for page in document.pages
        for font in (one.get_object() for one in page["/Resources"]["/Font"].values())
    }
    assert {one.split("-")[0] for one in fonts} <= {"NotoSans", "DejaVuSansMono"}


def test_the_same_report_gives_the_same_bytes(read: Any) -> None:
    assert render_pdf(sample_report(2)) == render_pdf(sample_report(2))


def test_characters_without_a_font_do_not_fail(read: Any) -> None:
    report = replace(EMPTY, title="🔐 鍵 \ud83d \x00\u202e Ключ", notice="\uffff\u200d\u0301\u05ff")
    document = read(io.BytesIO(render_pdf(report)))
    assert "�Ключ" in said(document)
    assert document.metadata.title == "🔐 鍵   Ключ"


def test_content_longer_than_a_page_continues_on_the_next(read: Any) -> None:
    long = ReportTable((Column("Id"), Column("Text")), (((line_of("one"),), (line_of("word " * 3000),)),))
    facts = Facts((Fact("Reasons", (line_of("fact " * 3000),)),))
    odd = ReportParagraph(line_of(Meter(float("nan"), "x" * 90, Tone.LOW), Meter(-1e300, "y", Tone.LOW)))
    report = replace(EMPTY, sections=(Section("a", "A", (long, facts, odd)),))
    text = said(read(io.BytesIO(render_pdf(report))))
    assert text.count("word") == text.count("fact") == 3000


def test_a_large_picture_is_scaled_to_fit(read: Any) -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="90000" height="10"><rect width="9" height="9"/></svg>'
    )
    report = replace(
        EMPTY,
        figures=(Figure("1", "One"),) * 9,
        sections=(Section("a", "A", (Picture("p", "P", svg, 90_000, 10, "p"),)),),
    )
    assert len(read(io.BytesIO(render_pdf(report))).pages) == 1


def test_without_the_package_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(PdfNotInstalled, match=r"pip install '\.\[pdf\]'"):
        render_pdf(EMPTY)


class TestWidths:
    """Columns are as wide as asked for, and no narrower than their words."""

    def test_shares_divide_the_room(self) -> None:
        table = ReportTable((Column("A"), Column("B", 3)), (((line_of("a " * 90),), (line_of("b " * 270),)),))
        assert column_widths(table, 400) == pytest.approx([100, 300])

    def test_columns_give_each_other_room_so_that_rows_become_lower(self) -> None:
        table = ReportTable(
            (Column("A"), Column("B"), Column("C")),
            (((line_of("a " * 20),), (line_of("b " * 90),), (line_of("c"),)),),
        )
        first, second, third = column_widths(table, 400)
        assert second > 2 * first
        assert first > third

    def test_a_column_is_as_wide_as_its_longest_word(self) -> None:
        table = ReportTable(
            (Column("A", 0.1), Column("B", 3)), (((line_of("Denial of"),), (line_of("b " * 90),)),)
        )
        first, second = column_widths(table, 200)
        assert first > 30
        assert first + second == pytest.approx(200)

    def test_a_column_with_little_in_it_leaves_its_room_to_others(self) -> None:
        table = ReportTable((Column("A", 3), Column("B")), (((line_of("1"),), (line_of("b " * 90),)),))
        assert column_widths(table, 400)[0] < 40

    def test_columns_never_are_wider_than_the_room(self) -> None:
        table = ReportTable((Column("A"),) * 9, (((line_of("Donaudampfschifffahrt"),),) * 9,))
        assert sum(column_widths(table, 300)) == pytest.approx(300)
