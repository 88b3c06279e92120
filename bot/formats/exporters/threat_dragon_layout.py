"""Sizes and positions of shapes in Threat Dragon, so that whole names fit."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import ceil, dist, hypot
from typing import Final

import msgspec

from bot.formats.exporters.diagram_positions import DiagramPositions, Point, Rectangle
from bot.formats.exporters.export_source import ExportSource
from bot.picture.font_metrics import text_width, visible_text
from domain.kernel.elements import Component, ComponentKind, DataFlow, ElementId, Kind

LETTERS: Final = 14.0
"""Font size of every shape there, in Arial or the browser's substitute."""

_WIDER: Final = 1.15
"""How much wider another font may be than the measured one."""

LINE: Final = 20.0
_EDGE: Final = 12.0
"""Margin between a name and the edge of its shape."""

_ROOMS: Final = range(60, 400, 20)
"""Widths tried for a name."""

_UNBROKEN: Final = 160.0
"""Longer words may be broken."""

_SMALLEST: Final = {True: 84.0, False: 92.0}
"""Minimum diameter of a circle, and width of a rectangle."""


class ScaledShapes(msgspec.Struct, frozen=True, kw_only=True):
    """Positions of a diagram, scaled to fit the longest name."""

    boxes: dict[ElementId, Rectangle]
    bends: dict[ElementId, list[Point]]
    """The path of each flow, without its ends."""
    labels: dict[ElementId, float]
    """The position of each flow's label on its path, from 0 to 1."""
    below: float
    """The vertical position below all parts."""


def scaled_shapes(source: ExportSource) -> ScaledShapes:
    """Enlarge the whole diagram evenly, so that shapes stay apart and inside their boundaries."""
    places = source.places
    needed = {
        item.id: size_for(item.name, item.element.sort)
        for item in source.register.items(Kind.COMPONENT)
        if isinstance(item.element, Component)
    }
    factor = _factor(places, needed)
    boxes = {
        id: _enlarged(box, factor, needed.get(id, (0.0, 0.0)), whole=id not in needed)
        for id, box in places.boxes.items()
    }
    bends = {
        id: [(round(x * factor, 1), round(y * factor, 1)) for x, y in points]
        for id, points in places.bends.items()
    }
    labels = {
        item.id: _share(boxes, item.element, places.bends[item.id], places.middles[item.id], factor)
        for item in source.register.items(Kind.DATA_FLOW)
        if isinstance(item.element, DataFlow) and item.id in places.bends
    }
    return ScaledShapes(boxes=boxes, bends=bends, labels=labels, below=round(places.height * factor, 1))


def size_for(name: str, sort: ComponentKind | None) -> tuple[float, float]:
    """Return the size of a shape that contains the name: a circle for a process, else a rectangle."""
    return _size(name_lines(name, sort), sort)


def name_lines(name: str, sort: ComponentKind | None) -> list[str]:
    """Return the name on the lines for which its shape is smallest."""
    words = visible_text(name)
    longest = max(map(name_width, words.split()), default=0.0)
    tried = [lines_within(words, room) for room in _ROOMS if room >= min(longest, _UNBROKEN)]
    return min(tried, key=lambda lines: sum(_size(lines, sort)))


def _size(lines: list[str], sort: ComponentKind | None) -> tuple[float, float]:
    wide, high = max(map(name_width, lines)), LINE * len(lines)
    if sort in (ComponentKind.PROCESS, None):
        across = ceil(max(hypot(wide, high) + _EDGE, _SMALLEST[True]))
        return across, across
    return ceil(max(wide + 2 * _EDGE, _SMALLEST[False])), ceil(high + 2 * _EDGE)


def _factor(places: DiagramPositions, needed: dict[ElementId, tuple[float, float]]) -> float:
    grown = (
        max(wide / places.boxes[id].width, high / places.boxes[id].height)
        for id, (wide, high) in needed.items()
        if id in places.boxes
    )
    return max((1.0, *grown))


def _enlarged(box: Rectangle, factor: float, needed: tuple[float, float], *, whole: bool) -> Rectangle:
    """Scale a boundary with the diagram, and a component around its center as its name requires."""
    wide, high = box.width * factor, box.height * factor
    if not whole:
        wide, high = max(box.width, needed[0]), max(box.height, needed[1])
    left = (box.x + box.width / 2) * factor - wide / 2
    top = (box.y + box.height / 2) * factor - high / 2
    return Rectangle(x=round(left, 1), y=round(top, 1), width=round(wide, 1), height=round(high, 1))


def _share(
    boxes: Mapping[ElementId, Rectangle],
    flow: DataFlow,
    bends: Sequence[Point],
    middle: Point,
    factor: float,
) -> float:
    """Return the position of a flow's label on its path between the edges of its shapes."""
    way = [(x * factor, y * factor) for x, y in bends]
    label = bends.index(middle) + 1
    way = [_centre(boxes[flow.source]), *way, _centre(boxes[flow.target])]
    legs = [dist(here, there) for here, there in pairwise(way)]
    legs[0] = max(0.0, legs[0] - _to_edge(boxes[flow.source], way[1]))
    legs[-1] = max(0.0, legs[-1] - _to_edge(boxes[flow.target], way[-2]))
    return round(min(0.9, max(0.1, sum(legs[:label]) / (sum(legs) or 1.0))), 3)


def _centre(box: Rectangle) -> Point:
    return box.x + box.width / 2, box.y + box.height / 2


def _to_edge(box: Rectangle, towards: Point) -> float:
    """Return the distance from a shape's center to its edge in a direction."""
    x, y = _centre(box)
    far = dist((x, y), towards)
    across, down = abs(towards[0] - x), abs(towards[1] - y)
    shares = [half / one for half, one in ((box.width / 2, across), (box.height / 2, down)) if one]
    return min(far, far * min(shares, default=0.0))


def lines_within(text: str, room: float) -> list[str]:
    """Wrap the words to the width, breaking a word that is wider."""
    done: list[str] = []
    used, gap = 0.0, name_width(" ")
    for word in _pieces(text.split(), room):
        wide = name_width(word)
        if done and used + gap + wide <= room:
            done[-1] = f"{done[-1]} {word}"
            used += gap + wide
        else:
            done.append(word)
            used = wide
    return done or [""]


def _pieces(words: Iterable[str], room: float) -> Iterable[str]:
    for word in words:
        rest = word
        while name_width(rest) > room and len(rest) > 1:
            end = len(rest) - 1
            while end > 1 and name_width(rest[:end]) > room:
                end -= 1
            yield rest[:end]
            rest = rest[end:]
        yield rest


def name_width(text: str) -> float:
    """Return the width of a text there, even if its font is wider than ours."""
    return text_width(text, LETTERS) * _WIDER
