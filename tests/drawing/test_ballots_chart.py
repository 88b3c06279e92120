"""The chart of a vote shows every number and no names."""

import struct
import zlib
from collections import Counter
from math import ceil
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.picture.ballots_chart import WIDTH, MetricBallots, ThreatBallots, describe_ballots, draw_ballots
from bot.picture.font_metrics import clip_text, drawable_text, font_file, text_width, wrap_text
from bot.picture.png_renderer import SCALE, render_png
from tests.depth import deep_only, examples

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
        "</text><script>alert(1)</script>",
        "&#x0;&",
        "]]>",
        "\ud800",
        "\u202eevil",
        "\x00\x1b",
        "W" * 3000,
        "鍵",
        "",
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
    """Width and height, after every chunk's checksum and the compressed pixels were read."""
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    at, pixels, size = 8, b"", (0, 0)
    while at < len(image):
        length, kind = struct.unpack(">I4s", image[at : at + 8])
        data = image[at + 8 : at + 8 + length]
        assert struct.unpack(">I", image[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + data)
        if kind == b"IHDR":
            size = struct.unpack(">II", data[:8])
        pixels += data if kind == b"IDAT" else b""
        at += 12 + length
    assert len(zlib.decompress(pixels)) == size[1] * (1 + 4 * size[0])
    return size


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
    assert sum(one.stat().st_size for one in font_file("Bold").parent.iterdir()) < 200_000
