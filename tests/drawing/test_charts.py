"""Charts of votes, scores, coverage and open threats, as pictures and text, without names."""

import struct
from collections import Counter
from datetime import date, timedelta
from math import ceil
from typing import get_args
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.demo import PEOPLE, STORIES
from bot.picture.ballots_chart import MetricBallots, ThreatBallots, describe_ballots, draw_ballots
from bot.picture.ballots_chart import count_ballots as ballots_of
from bot.picture.charts import WIDTH, Chart, draw_coverage, draw_ranking, draw_trend
from bot.picture.diagram.color_themes import THEMES, ThemeName
from bot.picture.font_metrics import clip_text, drawable_text, font_file, text_width, wrap_text
from bot.picture.png_renderer import SCALE, render_png
from domain.analysis.coverage import Coverage
from domain.dread.metrics import Discoverability, Metric, Numbers
from domain.dread.scoring import Band
from domain.kernel.elements import ChannelId, ElementId
from domain.kernel.threat import Stride, Threat, ThreatId
from domain.kernel.voting_round import RoundEndCause, RoundId
from domain.register import ThreatRegister, register
from domain.replay import replay
from domain.threat_trend import OpenThreats
from domain.voting.scores import PublishedExplanation, Score
from tests.depth import deep_only, examples
from tests.domain.voting_story import tally_of
from tests.drawing.random_models import random_model
from tests.examples import ANA, story_events

SVG = "{http://www.w3.org/2000/svg}"


def metric(name: str = "Damage", *values: int, median: float | None = 5, **more: object) -> MetricBallots:
    counts = Counter(values)
    return MetricBallots(
        name=name,
        counts=tuple(counts[value] for value in range(1, 11)),
        median=median,
        **more,  # pyright: ignore[reportArgumentType]  (any field of the struct)
    )


def threat(*metrics: MetricBallots, title: str = "Curtains", ballots: int = 4) -> ThreatBallots:
    return ThreatBallots(id="TH-4", title=title, outcome="medium, mean 8.2", ballots=ballots, metrics=metrics)


CURTAINS = threat(
    metric("Damage", 1, 1, 2, 1, median=1),
    metric("Reproducibility", 10, 8, 10, 10, median=10),
    metric("Exploitability", 8, 5, 7, 6, median=6.5),
    metric("Affected users", 2, 9, 10, 2, median=5.5, contested=True, note="voted twice"),
    metric("Discoverability", 3, 4, 3, median=3, abstained=1),
)

hostile = st.text(max_size=300) | st.sampled_from(
    [
        *("</text><script>alert(1)</script>", "&#x0;&", "]]>", "\ud800", "\u202eevil", "\x00\x1b"),
        *("W" * 3000, "鍵", ""),
    ]
)
metrics = st.builds(
    MetricBallots,
    name=st.sampled_from(["Damage", "Affected users"]) | hostile,
    counts=st.tuples(*[st.integers(0, 5) | st.sampled_from([0, 0, 50, 10_000])] * 10),
    median=st.none() | st.floats(1, 10).map(lambda number: round(number * 2) / 2),
    abstained=st.integers(0, 10_000),
    contested=st.booleans(),
    note=st.sampled_from(["", "fixed at 10", "voted twice"]),
)
threats = st.builds(
    ThreatBallots,
    id=st.just("TH-1"),
    title=hostile,
    outcome=st.just("") | hostile,
    ballots=st.integers(1, 10_000),
    metrics=st.lists(metrics, max_size=5).map(tuple),
)


def texts(svg: str) -> list[str]:
    return [one.text or "" for one in ET.fromstring(svg).iter(f"{SVG}text")]


def size_of(image: bytes) -> tuple[int, int]:
    """Width and height of a PNG."""
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", image[16:24])


def test_each_ballot_is_one_dot_over_its_number() -> None:
    dots = [one.get("cx") for one in ET.fromstring(draw_ballots(CURTAINS)).iter(f"{SVG}circle")]
    ones, _, legend = 3, 1, 1
    assert len(dots) == 4 + 4 + 4 + 4 + 3 + legend
    assert Counter(dots).most_common(1)[0][1] >= ones


def test_the_chart_states_medians_spreads_and_contested_metrics_as_text() -> None:
    said = texts(draw_ballots(CURTAINS))
    assert "TH-4 · Curtains" in said
    assert "medium, mean 8.2 · 4 ballots" in said
    for word in ("1", "10", "6.5", "5.5", "3", "1\u20132", "2\u201310", "1 abstained"):
        assert word in said
    assert "contested, voted twice" in " ".join(said)


def test_more_ballots_than_can_be_stacked_become_bars_with_their_number() -> None:
    svg = draw_ballots(threat(metric("Damage", *[3] * 17, *[9] * 12, median=3), ballots=29))
    assert {"17", "12"} <= set(texts(svg))
    assert "<circle" not in svg


def test_a_metric_on_which_all_abstained_has_no_number() -> None:
    svg = draw_ballots(threat(metric("Damage", median=None, abstained=4)))
    assert {"4 abstained", "\u2013"} <= set(texts(svg))


def test_the_words_beside_it_tell_the_same() -> None:
    assert describe_ballots(CURTAINS) == (
        "TH-4, 4 ballots, medium, mean 8.2: Damage 1, from 1 to 2; Reproducibility 10, from 8 to 10; "
        "Exploitability 6.5, from 5 to 8; Affected users 5.5, from 2 to 10, voted twice, contested; "
        "Discoverability 3, from 3 to 4, 1 abstained."
    )


@given(threats)
def test_any_title_produces_a_valid_drawing_inside_its_frame(one: ThreatBallots) -> None:
    svg = draw_ballots(one)
    tree = ET.fromstring(svg)
    assert {child.tag.removeprefix(SVG) for child in tree} <= {"rect", "path", "text", "circle"}
    for text in tree.iter(f"{SVG}text"):
        size, weight = float(text.get("font-size", "0")), text.get("font-weight")
        wide = text_width(text.text or "", size, "Bold" if weight else "Regular")
        start = float(text.get("x", "0")) - (wide / 2 if text.get("text-anchor") else 0)
        assert start >= 0
        assert start + wide <= WIDTH
    assert float(tree.get("height", "0")) < 600


@deep_only
@examples(15)
@given(threats)
def test_every_drawing_becomes_a_picture_of_its_size(one: ThreatBallots) -> None:
    svg = draw_ballots(one)
    height = float(ET.fromstring(svg).get("height", "0"))
    assert size_of(render_png(svg)) == (WIDTH * SCALE, ceil(height * SCALE))


def test_the_same_ballots_give_the_same_picture() -> None:
    assert render_png(draw_ballots(CURTAINS)) == render_png(draw_ballots(CURTAINS))


def test_the_letters_come_from_the_bundled_font() -> None:
    without = draw_ballots(threat(title=""))
    assert len(render_png(draw_ballots(CURTAINS))) > 2 * len(render_png(without))


@pytest.mark.parametrize(
    ("title", "drawn"),
    [
        ("Glue in the lock 😀", "Glue in the lock"),
        ("a\x00b\u202ec\nd", "abc d"),
        ("Ключ, Κλειδί, clé", "Ключ, Κλειδί, clé"),
        ("鍵を複製する", ""),
        ("Guest → House: key", "Guest > House: key"),
        ("\ud800", ""),
    ],
)
def test_characters_that_the_font_lacks_are_omitted(title: str, drawn: str) -> None:
    assert drawable_text(title) == drawn


def test_long_titles_wrap_to_a_second_line_and_are_clipped() -> None:
    told = wrap_text("open curtains show everything worth stealing " * 3, 20, 300)
    assert len(told) == 2
    assert told[1].endswith("…")
    assert all(text_width(one, 20) <= 300 for one in told)
    assert wrap_text("W" * 90, 20, 300) == [clip_text("W" * 90, 20, 300)]


def test_the_font_is_bundled_with_its_license() -> None:
    assert "SIL OPEN FONT LICENSE" in (font_file("Bold").parent / "OFL.txt").read_text()
    assert sum(path.stat().st_size for path in font_file("Bold").parent.iterdir()) < 200_000


CURTAINS_THREAT = Threat(id=ThreatId("TH-4"), title="Curtains", stride=(Stride.INFORMATION_DISCLOSURE,))


def score(*ballots: tuple[int | None, ...], policy: Discoverability = Discoverability.VOTED) -> Score:
    said = [Numbers(**dict(zip(Metric, numbers, strict=False))) for numbers in ballots]
    tally = tally_of(said, policy)
    assert tally is not None
    return Score(
        round=RoundId("R-1"),
        tally=tally,
        cause=RoundEndCause.ALL_VOTED,
        discoverability=policy,
        rubric=1,
        reasons=("the lamp is on at night",),
        explained=(PublishedExplanation(metric=Metric.DAMAGE, text="I saw it"),),
    )


VOTED = score((1, 10, 8, 2, 10), (1, 10, 7, 9, 10), (2, 9, 10, 10, None))


def test_low_damage_limits_the_band_to_medium() -> None:
    drawn = ballots_of(CURTAINS_THREAT, VOTED, "number 2 of 6")
    assert describe_ballots(drawn) == (
        "TH-4, 3 ballots, Medium, set by Damage (mean 7.6) · number 2 of 6: Damage 1, from 1 to 2; "
        "Reproducibility 10, from 9 to 10; Exploitability 8, from 7 to 10; "
        "Affected users 9, from 2 to 10, contested; Discoverability 10, all on 10, 1 abstained."
    )


def test_a_second_vote_is_noted() -> None:
    again = ballots_of(CURTAINS_THREAT, msgspec.structs.replace(VOTED, voted_again=(Metric.AFFECTED_USERS,)))
    soon = ballots_of(CURTAINS_THREAT, msgspec.structs.replace(VOTED, to_vote_again=(Metric.AFFECTED_USERS,)))
    assert [one.note for one in again.metrics] == ["", "", "", "voted twice", ""]
    assert [one.note for one in soon.metrics] == ["", "", "", "second vote open", ""]


@pytest.mark.parametrize(
    ("policy", "last"),
    [(Discoverability.FIXED, "Discoverability"), (Discoverability.LEFT_OUT, "Affected users")],
)
def test_a_metric_without_a_vote_is_fixed_or_omitted(policy: Discoverability, last: str) -> None:
    drawn = ballots_of(CURTAINS_THREAT, score((5, 5, 5, 5), (5, 5, 5, 5), policy=policy)).metrics[-1]
    assert drawn.name == last
    assert (drawn.note, drawn.abstained) == ("fixed at 10" if last == "Discoverability" else "", 0)


def test_neither_names_nor_reasons_are_in_the_drawing() -> None:
    drawn = ballots_of(CURTAINS_THREAT, VOTED)
    for told in (draw_ballots(drawn), describe_ballots(drawn)):
        assert ANA not in told
        assert "lamp" not in told
        assert "I saw it" not in told


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
    assert order == [ranked_threat.threat.id for ranked_threat in house.ranked]
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
    shown = [text.split()[0] for page in pages for text in texts(page.svg) if text.startswith("CO-")]
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


LEGIBLE = 4.5
"""Contrast of letters (WCAG 2.2, 1.4.3)."""


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return sum(share * one for share, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("look", get_args(ThemeName))
def test_text_has_sufficient_contrast(look: ThemeName) -> None:
    ink = THEMES[look]
    grounds = [ink.paper, ink.plain.fill, *(one.fill for one in ink.marked.values())]
    pairs = [(letters, ground) for letters in (ink.ink, ink.faint) for ground in grounds]
    pairs += [(ink.upon, ground) for ground in (ink.plain.line, ink.undecided, ink.decided)]
    pairs += [pair for band in ink.bands.values() for pair in ((ink.upon, band), (band, ink.paper))]
    for zone in ink.zones:
        ground = ink.paper if zone.fill == "none" else zone.fill
        pairs += [(zone.line, ground), (ink.upon, zone.line), (ink.faint, ground)]
    assert [pair for pair in pairs if contrast(*pair) < LEGIBLE] == []
