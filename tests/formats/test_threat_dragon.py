"""What Threat Dragon shows of our files: where everything lies, whole names, and what is open in red.

The facts are those of Threat Dragon 2.6: which attributes its shapes draw their lines with, that the drawing
library looks for a label's letters in shapes that the label itself names, and how it reads Open Threat Model.
"""

import json
from itertools import combinations
from typing import Any, cast

import pytest

from bot.demo import STORIES
from bot.formats import FORMATS
from bot.formats.exporters.threat_dragon_export import LINE, name_lines, name_width
from domain.commands import AddComponent
from domain.kernel.elements import ComponentKind, Kind
from domain.replay import replay
from tests.examples import ANA, at, decide_all, started
from tests.formats.export_sources import KINDS, export_source_named, export_source_of_model

LINES = {"actor": ("body",), "process": ("body",), "store": ("topLine", "bottomLine"), "flow": ("line",)}
"""The attributes in which each shape keeps how its lines are drawn."""


def cells(which: str | int) -> list[dict[str, Any]]:
    written = json.loads(FORMATS["threat-dragon"].write(export_source_named(which)))
    return cast("list[dict[str, Any]]", written["detail"]["diagrams"][0]["cells"])


def of_shape(which: str | int, *shapes: str) -> list[dict[str, Any]]:
    return [cell for cell in cells(which) if cell["shape"] in shapes]


Rectangle = tuple[float, float, float, float]


def rectangle(cell: dict[str, Any]) -> Rectangle:
    left, top = cell["position"]["x"], cell["position"]["y"]
    return left, top, left + cell["size"]["width"], top + cell["size"]["height"]


@pytest.mark.parametrize("which", KINDS)
def test_every_label_refers_to_the_shape_of_its_flow(which: str | int) -> None:
    for flow in of_shape(which, "flow"):
        (label,) = flow["labels"]
        shapes = {one["selector"]: one["tagName"] for one in label["markup"]}
        (text,) = [one["text"] for name, one in label["attrs"].items() if shapes[name] == "text"]
        assert set(label["attrs"]) <= set(shapes)
        assert "".join(text.split()) == "".join(shown(flow["data"]["name"]).split())
        assert 0 < label["position"] < 1


def shown(name: str) -> str:
    return "".join(one for one in name if one.isprintable())


@pytest.mark.parametrize("which", KINDS)
def test_only_elements_with_open_threats_are_red(which: str | int) -> None:
    for cell in of_shape(which, *LINES):
        is_open = any(one["status"] == "Open" for one in cell["data"]["threats"])
        assert cell["data"]["hasOpenThreats"] is is_open
        drawn = {
            (cell["attrs"][one]["stroke"], cell["attrs"][one]["strokeWidth"]) for one in LINES[cell["shape"]]
        }
        assert drawn == {("red", 2.5) if is_open else ("#333333", 1.5)}


def test_the_examples_have_open_and_resolved_threats() -> None:
    found = {cell["data"]["hasOpenThreats"] for which in STORIES for cell in of_shape(which, *LINES)}
    assert found == {True, False}


@pytest.mark.parametrize("which", KINDS)
def test_shapes_keep_apart_and_lie_in_their_boundaries(which: str | int) -> None:
    known = export_source_named(which).register
    named = {one["data"]["threatmodel"].get("id"): rectangle(one) for one in cells(which) if "size" in one}
    parts = [item for item in known.items(Kind.COMPONENT) if item.id in named]
    for one, other in combinations(parts, 2):
        assert apart(named[one.id], named[other.id]), (one.name, other.name)
    for item in parts:
        boundary = getattr(item.element, "boundary", None)
        if boundary:
            assert within(named[item.id], named[boundary]), item.name


def apart(one: Rectangle, other: Rectangle) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def within(inner: Rectangle, outer: Rectangle) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


LONG = (
    "Order database of the warehouse in Rotterdam with the addresses of all customers",
    "x" * 150,
    "W" * 40,
    "Customer relationship management " * 4,
)


@pytest.mark.parametrize("sort", [*ComponentKind, None])
@pytest.mark.parametrize("name", ["Shop", *LONG])
def test_a_long_name_is_complete_and_fits_its_shape(name: str, sort: ComponentKind | None) -> None:
    model = replay(decide_all(AddComponent(name=name, sort=sort, by=ANA, at=at(1)), after=[started()]))
    written = json.loads(FORMATS["threat-dragon"].write(export_source_of_model(model)))
    (cell,) = written["detail"]["diagrams"][0]["cells"]
    lines = cell["attrs"]["text"]["text"].split("\n")
    assert "".join("".join(lines).split()) == "".join(name.split())
    wide, high = max(map(name_width, lines)), LINE * len(lines)
    assert wide <= cell["size"]["width"]
    assert high <= cell["size"]["height"]
    if cell["shape"] == "process":
        across = min(cell["size"]["width"], cell["size"]["height"])
        assert wide**2 + high**2 <= across**2, "the corners of the name lie in the circle"
    wrap = cell["attrs"]["text"]["textWrap"]
    assert wide <= wrap["width"] <= cell["size"]["width"]
    assert wrap["height"] >= high


def test_no_word_is_broken_unnecessarily() -> None:
    lines = name_lines("Customer relationship management", ComponentKind.PROCESS)
    assert sorted(" ".join(lines).split()) == ["Customer", "management", "relationship"]


# Threat Dragon reads Open Threat Model


@pytest.mark.parametrize("which", KINDS)
def test_every_zone_has_a_list_of_places_that_threat_dragon_walks_through(which: str | int) -> None:
    zones = json.loads(FORMATS["otm"].write(export_source_named(which)))["trustZones"]
    assert all(isinstance(zone["representations"], list) for zone in zones)
    assert [zone["id"] for zone in zones if not zone["representations"]] == ["outside"]


@pytest.mark.parametrize("which", KINDS)
def test_places_are_counted_from_the_corner_of_the_zone_round_them(which: str | int) -> None:
    document = json.loads(FORMATS["otm"].write(export_source_named(which)))
    zones = {one["id"]: one for one in document["trustZones"]}
    boxes = export_source_named(which).places.boxes
    for one in [*document["components"], *zones.values()]:
        if not one["representations"]:
            continue
        (place,) = one["representations"]
        x, y, parent = place["position"]["x"], place["position"]["y"], one.get("parent")
        while parent:
            zone = zones[parent["trustZone"]]
            for round_it in zone["representations"]:
                x, y = x + round_it["position"]["x"], y + round_it["position"]["y"]
            parent = zone.get("parent")
        assert (round(x), round(y)) == (round(boxes[one["id"]].x), round(boxes[one["id"]].y))


@pytest.mark.parametrize("which", KINDS)
def test_a_flow_without_assets_mentions_none(which: str | int) -> None:
    """Threat Dragon writes a sentence about each list of assets into the description, empty ones too."""
    document = json.loads(FORMATS["otm"].write(export_source_named(which)))
    assert all(one["assets"] for one in document["dataflows"] if "assets" in one)
    handled = [one["assets"] for one in document["components"] if "assets" in one]
    assert all(one and all(one.values()) for one in handled)
