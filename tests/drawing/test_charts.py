"""Charts of scores, coverage and open threats, as pictures and text."""

from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace

from bot.demo import PEOPLE, STORIES
from bot.picture.charts import WIDTH, Chart, draw_coverage, draw_ranking, draw_trend
from bot.picture.font_metrics import text_width
from bot.picture.png_renderer import render_png
from domain.analysis.coverage import Coverage
from domain.dread.scoring import Band
from domain.kernel.elements import ChannelId, ElementId
from domain.register import ThreatRegister, register
from domain.replay import replay
from domain.threat_trend import OpenThreats
from tests.drawing.random_models import random_model
from tests.drawing.test_ballots_chart import size_of, texts
from tests.examples import story_events

SVG = "{http://www.w3.org/2000/svg}"
DAY = date(2026, 3, 2)
DAYS = (
    OpenThreats(day=DAY, bands={None: 6}),
    OpenThreats(day=DAY + timedelta(days=3), bands={Band.CRITICAL: 1, Band.HIGH: 3, Band.MEDIUM: 2}),
    OpenThreats(day=DAY + timedelta(days=30), bands={Band.HIGH: 1}),
)


@pytest.fixture(scope="module")
def house() -> ThreatRegister:
    return register(replay(story_events(STORIES["house"](ChannelId("CHOUSE"), PEOPLE))))


def charts(known: ThreatRegister) -> list[Chart]:
    return [draw_ranking(known), draw_trend(known, DAYS), *draw_coverage(known, "print")]


def test_threats_are_ordered_by_score(house: ThreatRegister) -> None:
    chart = draw_ranking(house)
    said = texts(chart.svg)
    order = [one.split(" · ")[0] for one in said if one.startswith("TH-")]
    assert order == [one.threat.id for one in house.ranked]
    assert "8.6 critical" in said
    assert "8.2 medium*" in said
    assert "* band raised or limited by Damage" in said
    assert "TH-4 Passers-by can see who is at home: medium, mean 8.2, limited because" in (chart.alt_text)


def test_the_grid_shows_decided_and_undecided_cells(house: ThreatRegister) -> None:
    (chart,) = draw_coverage(house)
    wanted = sum(len(row.open) for row in house.coverage.rows)
    assert texts(chart.svg).count("?") == wanted + 1, "and one in the legend"
    assert f"{wanted} undecided" in texts(chart.svg)[1]
    assert "House (CO-2): spoofing." in chart.alt_text


def test_a_large_grid_is_drawn_on_pages_that_are_readable_with_undecided_rows_first(
    house: ThreatRegister,
) -> None:
    rows = house.coverage.rows
    decided = next(row for row in rows if not row.open)
    undecided = next(row for row in rows if row.open)
    many = tuple(
        replace(undecided if one % 3 == 2 else decided, element=ElementId(f"CO-{one}")) for one in range(60)
    )
    known = replace(house, coverage=Coverage(rows=many))
    pages = draw_coverage(known)
    assert len(pages) == 3
    assert all(one.height < 2 * WIDTH for one in pages), "at most twice as high as wide"
    assert [f"page {number} of 3" in texts(one.svg)[1] for number, one in enumerate(pages, 1)] == [True] * 3
    shown = [one.split()[0] for page in pages for one in texts(page.svg) if one.startswith("CO-")]
    assert len(shown) == 60
    assert shown[:20] == [f"CO-{one}" for one in range(2, 60, 3)]
    assert "CO-2" in pages[0].alt_text
    assert "CO-" not in pages[2].alt_text


def test_what_is_on_no_page_is_counted(house: ThreatRegister) -> None:
    many = tuple(house.coverage.rows[0] for _ in range(200))
    pages = draw_coverage(replace(house, coverage=Coverage(rows=many)))
    assert "and 56 more elements" in texts(pages[-1].svg)


def test_open_threats_are_steps_from_day_to_day(house: ThreatRegister) -> None:
    chart = draw_trend(house, DAYS)
    said = texts(chart.svg)
    for word in ("2 March 2026", "1 April 2026", "critical", "high", "medium", "not scored"):
        assert word in said
    assert "low" not in said
    assert chart.alt_text == (
        "Open threats of The House over time. Maximum: 6 on 2 March 2026. "
        "On 1 April 2026 1 were open: 1 high."
    )
    assert draw_trend(house, ()).alt_text.endswith("There were no open threats.")


@pytest.mark.parametrize("seed", range(4))
def test_all_text_is_inside_the_picture_for_any_model(seed: int) -> None:
    for chart in charts(register(random_model(seed))):
        tree = ET.fromstring(chart.svg)
        high = float(tree.get("height", "0"))
        for text in tree.iter(f"{SVG}text"):
            size = float(text.get("font-size", "0"))
            wide = text_width(text.text or "", size, "Bold" if text.get("font-weight") else "Regular")
            x = float(text.get("x", "0"))
            left = {"middle": x - wide / 2, "end": x - wide}.get(text.get("text-anchor", ""), x)
            assert left >= 0
            assert left + wide <= WIDTH, text.text
            assert size * 0.7 < float(text.get("y", "0")) < high
    assert size_of(render_png(charts(register(random_model(seed)))[1].svg))[0] == WIDTH * 2.5


def test_the_same_model_gives_the_same_charts(house: ThreatRegister) -> None:
    assert charts(house) == charts(house)
