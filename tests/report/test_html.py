"""Report as HTML: escaped text, valid links, no external resources, readable on a phone."""

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, Final, cast, get_args

import msgspec
import pytest

from bot.report.document_parts import Block, Report, ReportLine, Tone
from bot.report.html_renderer import render_html
from tests.drawing.test_charts import contrast
from tests.report.sample_report import sample_report

HOSTILE: Final = (
    " \"'></style></title></svg><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}&lt;\x00\u202e"
)
SEEN: Final = HOSTILE.replace("\x00", "").replace("\u202e", "")

ELEMENTS: Final = """
    html head meta title style body header nav main footer section figure figcaption a p h1 h2 h3 div span
    strong b code wbr ol ul li dl dt dd details summary table caption thead tbody tr th td
    svg g rect path circle ellipse text desc
"""


class Page(HTMLParser):
    """A page as a browser takes it apart."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.said = ""
        self.style = ""
        self._inside = ""
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.style += data
        else:
            self.said += data

    def all(self, attribute: str, *elements: str) -> list[str]:
        """The values of an attribute, of some elements or of all."""
        return [
            value
            for tag, name, value in self.attributes
            if name == attribute and (not elements or tag in elements)
        ]

    @property
    def policy(self) -> str:
        return next(
            value for _, name, value in self.attributes if name == "content" and "default-src" in value
        )


def words_of(part: Any) -> Iterator[str]:
    """All that somebody may have written in a part of a report; pictures are drawn by ourselves."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, tuple):
        for one in cast("tuple[Any, ...]", part):
            yield from words_of(one)
    elif isinstance(part, msgspec.Struct):
        for name in part.__struct_fields__:
            if name not in ("svg", "dark", "link"):
                yield from words_of(getattr(part, name))


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(render_html(sample_report()))


def test_hostile_text_is_escaped_everywhere() -> None:
    report = sample_report(6, said=HOSTILE)
    page = Page(render_html(report))
    assert set(page.elements) - set(ELEMENTS.split()) == set()
    assert page.elements["title"] == 1
    assert [name for _, name, _ in page.attributes if name.startswith("on") or name in ("src", "style")] == []
    said = {word for word in words_of(report) if HOSTILE in word}
    assert len(said) >= 30
    assert [one for one in said if one.replace(HOSTILE, SEEN) not in page.said] == []


def test_the_sample_has_every_kind_of_part() -> None:
    def kinds(part: Any) -> Iterator[type]:
        yield type(part)
        if isinstance(part, tuple):
            for one in cast("tuple[Any, ...]", part):
                yield from kinds(one)
        elif isinstance(part, msgspec.Struct):
            for name in part.__struct_fields__:
                yield from kinds(getattr(part, name))

    wanted = {*get_args(Block), *get_args(get_args(ReportLine)[0])}
    assert wanted - set(kinds(sample_report(4))) == set()


def test_internal_links_have_targets(page: Page) -> None:
    ids = page.all("id")
    assert len(ids) == len(set(ids))
    inner = {one[1:] for one in page.all("href") if one.startswith("#")}
    assert inner - set(ids) == set()
    assert {"threats", "th-60"} <= inner
    assert set(page.all("aria-labelledby")) <= set(ids)


def test_external_links_are_https_and_others_become_text(page: Page) -> None:
    assert [one for one in page.all("href") if one[0] != "#"] == ["https://example.org/handbook?a=1&b=2"]
    assert "a trap" in page.said
    assert "what is missing" in page.said


def test_an_empty_section_is_omitted(page: Page) -> None:
    assert "nothing" not in page.all("id")
    assert "Nor here" not in page.said


def test_the_page_is_self_contained(page: Page) -> None:
    assert page.elements["script"] == page.elements["link"] == page.elements["img"] == 0
    assert all(
        one.startswith("url(data:font/ttf;base64,") for one in re.findall(r"url\([^)]{,30}", page.style)
    )
    assert page.style.count("@font-face") == 2
    assert "@import" not in page.style


def test_the_policy_allows_its_one_style_and_nothing_else(page: Page) -> None:
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert page.policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; font-src data:; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )


def test_tables_have_row_and_column_headers(page: Page) -> None:
    assert Counter(page.all("scope", "th")) == {"col": 9, "row": 78}
    assert page.all("lang", "html") == ["en"]
    assert page.elements["main"] == page.elements["nav"] == page.elements["h1"] == 1


@pytest.mark.parametrize("scheme", [0, 1], ids=["day", "night"])
def test_text_has_sufficient_contrast_in_light_and_dark_mode(page: Page, scheme: int) -> None:
    roots = re.findall(r":root \{([^}]+--paper[^}]+)\}", page.style)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", roots[scheme]))
    grounds = [colours[one] for one in ("paper", "ground", "shade")]
    letters = ["ink", "quiet", "link", *Tone]
    assert [
        (one, ground) for one in letters for ground in grounds if contrast(colours[one], ground) < 4.5
    ] == []
    assert contrast(colours["ink"], colours["mark"]) >= 4.5


def test_the_same_report_gives_the_same_page() -> None:
    assert render_html(sample_report(3)) == render_html(sample_report(3))


def test_an_empty_report_is_a_valid_page() -> None:
    page = Page(render_html(Report(key="TM-1", title="T", subtitle="", day="today", figures=(), sections=())))
    assert page.elements["section"] == 0
