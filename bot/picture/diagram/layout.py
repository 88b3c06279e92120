"""Layout of a diagram: the most legible of several attempts."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from math import hypot
from typing import Any, Final

import msgspec

from bot.picture.diagram.diagram_parts import Diagram
from bot.picture.diagram.geometry import Box, Point, points_along
from bot.picture.diagram.graphviz import (
    UNFIT,
    GraphvizUnavailable,
    LayoutFailed,
    LayoutOptions,
    PartSizes,
    dot_source,
    graphviz_layout,
)
from bot.picture.diagram.part_labels import (
    BADGE,
    LabeledPart,
    label_flow,
    label_node,
    label_zone,
    shown_names,
)
from domain.kernel.elements import ComponentKind


class CrossingMark(msgspec.Struct, frozen=True, kw_only=True):
    """The mark of a crossing: a point on the line, and the direction of the line as a unit vector."""

    at: Point
    along: Point


Curves = tuple[tuple[Point, ...], tuple[Point, ...]]


MAX_PARTS: Final = 600
"""Maximum boundaries, components and flows; larger models are not drawn."""

_SMALL, _LARGE = 60, 120
"""Up to the first number of parts, every option is tried; from the second, one unless it has overlaps."""

_SEEN: Final = (720.0, 960.0)
"""Size in which a picture is first viewed: Slack's preview at double resolution."""

_DOWN, _ACROSS = LayoutOptions(direction="TB"), LayoutOptions(direction="LR")
_DOWN_JOINT, _ACROSS_JOINT = (
    LayoutOptions(direction="TB", newrank=True),
    LayoutOptions(direction="LR", newrank=True),
)


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """A diagram with the position of each part, in the order of its parts; `titles` are those of boundaries.

    `lines` are Bézier curves (a point, then three for each segment): from a flow's source to its label, and
    from there to its target; `marks` show where they cross. `count_overlaps` counts the parts that are
    obscured.
    """

    diagram: Diagram
    width: float
    height: float
    zones: tuple[Box, ...]
    titles: tuple[Box, ...]
    nodes: tuple[Box, ...]
    badges: tuple[Box, ...]
    labels: tuple[Box, ...]
    lines: tuple[Curves, ...]
    marks: tuple[CrossingMark | None, ...]
    zone_texts: tuple[LabeledPart, ...]
    node_texts: tuple[LabeledPart, ...]
    flow_texts: tuple[LabeledPart, ...]
    overlaps: int


def lay_out(diagram: Diagram) -> Layout:
    """Return the most legible layout; equal diagrams produce equal layouts. Raises LayoutFailed."""
    if not diagram.nodes and not diagram.zones:
        raise LayoutFailed(NOTHING)
    if diagram.size > MAX_PARTS:
        raise LayoutFailed(TOO_LARGE.format(size=diagram.size, most=MAX_PARTS))
    sizes = part_sizes(diagram)
    found: list[Layout] = []
    why = LayoutFailed()
    for ways in _ways(diagram.size):
        for way in ways:
            try:
                found.append(_laid(diagram, sizes, way))
            except GraphvizUnavailable:
                raise
            except LayoutFailed as fault:  # another option may work: Graphviz aborts if ranks conflict
                why = fault
        if any(not one.overlaps for one in found):
            break
    if not found:
        raise why
    return min(found, key=lambda one: (one.overlaps, -_seen(one)))


def part_sizes(diagram: Diagram) -> PartSizes:
    """Return the size of each part with its text."""
    return PartSizes(
        zones=tuple(
            label_zone(one, name) for one, name in zip(diagram.zones, shown_names(diagram.zones), strict=True)
        ),
        nodes=tuple(
            label_node(one, name) for one, name in zip(diagram.nodes, shown_names(diagram.nodes), strict=True)
        ),
        flows=tuple(label_flow(flow) for flow in diagram.flows),
    )


NOTHING = "There is nothing to draw yet. Add components and the data flows between them."
TOO_LARGE = (
    "The diagram cannot be drawn: it has {size} boundaries, components and flows; the maximum is {most}."
)


def _ways(size: int) -> Sequence[Sequence[LayoutOptions]]:
    """Yield the layout options to try."""
    if size <= _SMALL:
        return [(_DOWN, _ACROSS, _DOWN_JOINT, _ACROSS_JOINT)]
    if size <= _LARGE:
        return [(_DOWN, _ACROSS), (_DOWN_JOINT, _ACROSS_JOINT)]
    return [(_ACROSS,), (_DOWN,), (_ACROSS_JOINT,)]


def _seen(layout: Layout) -> float:
    """Return the displayed size of the picture in the preview."""
    wide, high = _SEEN
    return min(wide / max(layout.width, 1), high / max(layout.height, 1))


def _laid(diagram: Diagram, sizes: PartSizes, way: LayoutOptions) -> Layout:
    placed = _Placed(graphviz_layout(dot_source(diagram, sizes, way)))
    zones = [placed.zone(f"cluster_{place}") for place in range(len(diagram.zones))]
    nodes = [placed.box(f"n{place}", size) for place, size in enumerate(sizes.nodes)]
    labels = [placed.box(f"f{place}", size) for place, size in enumerate(sizes.flows)]
    lines = [placed.curves(f"f{place}") for place in range(len(diagram.flows))]
    every_line = [line for both in lines for line in both]
    titles = [place_title(zone, size, every_line) for zone, size in zip(zones, sizes.zones, strict=True)]
    ends = [point for first, second in lines for point in (first[0], second[-1])]
    badges = [place_badge(node.sort, box, ends) for node, box in zip(diagram.nodes, nodes, strict=True)]
    parts = [*nodes, *badges, *labels, *titles]
    marks = list[CrossingMark | None]()
    for flow, both in zip(diagram.flows, lines, strict=True):
        crossed = [zones[crossed_zone] for crossed_zone in diagram.crossed_zones(flow)]
        others = [mark for mark in marks if mark is not None]
        marks.append(place_mark(both, crossed, parts, others) if flow.crosses else None)
    return Layout(
        diagram=diagram,
        width=placed.width,
        height=placed.height,
        zones=tuple(zones),
        titles=tuple(titles),
        nodes=tuple(nodes),
        badges=tuple(badges),
        labels=tuple(labels),
        lines=tuple(lines),
        marks=tuple(marks),
        zone_texts=sizes.zones,
        node_texts=sizes.nodes,
        flow_texts=sizes.flows,
        overlaps=count_overlaps(diagram, zones=zones, nodes=nodes, labels=labels, lines=lines),
    )


class _Placed:
    """Parser of Graphviz's response, whose origin is at the lower left; here it is at the upper left.

    Badges of the outermost parts may stick out: the margin of the picture has room for them.
    """

    def __init__(self, answer: bytes) -> None:
        found = msgspec.json.decode(answer)
        left, low, right, high = _numbers(found["bb"])
        self._left, self._top = left, high
        self.width, self.height = right - left, high - low
        self._objects: Mapping[str, Any] = {one["name"]: one for one in found.get("objects", ())}
        self._edges: Mapping[str, str] = {
            one["class"]: one["pos"] for one in found.get("edges", ()) if "class" in one and "pos" in one
        }

    def zone(self, name: str) -> Box:
        left, low, right, high = _numbers(self._objects[name]["bb"])
        return Box.between(*self._at(left, high), *self._at(right, low))

    def box(self, name: str, size: LabeledPart) -> Box:
        return Box(*self._at(*_numbers(self._objects[name]["pos"])), size.width, size.height)

    def curves(self, name: str) -> Curves:
        return self._curve(f"{name}s"), self._curve(f"{name}t")

    def _curve(self, name: str) -> tuple[Point, ...]:
        if name not in self._edges:  # Graphviz found no path, but may find one in another direction
            raise LayoutFailed(UNFIT)
        points = (_numbers(one) for one in self._edges[name].split() if not one.startswith(("e,", "s,")))
        return tuple(self._at(x, y) for x, y in points)

    def _at(self, x: float, y: float) -> Point:
        return x - self._left, self._top - y


def _numbers(text: str) -> list[float]:
    return [float(one) for one in text.split(",")]


_TOUCH = 1.0
_UNDER = 3.0
"""Permitted overlap of a line with the edge of a part."""


def count_overlaps(
    diagram: Diagram,
    *,
    zones: Sequence[Box],
    nodes: Sequence[Box],
    labels: Sequence[Box],
    lines: Sequence[Curves],
) -> int:
    """Return the number of boundary lines and flows that cross components, labels and other boundaries."""
    parts = [*nodes, *labels]
    cut = sum(_over(part, zone) and not _within(part, zone) for zone in zones for part in parts)
    cut += sum(
        _over(one, other) and not _within(one, other) and not _within(other, one)
        for one, other in combinations(zones, 2)
    )
    return cut + sum(_passed(diagram, nodes, labels, lines))


def _passed(
    diagram: Diagram, nodes: Sequence[Box], labels: Sequence[Box], lines: Sequence[Curves]
) -> Iterator[int]:
    for place, (flow, both) in enumerate(zip(diagram.flows, lines, strict=True)):
        strange = [
            *(box for node, box in enumerate(nodes) if node not in (flow.source, flow.target)),
            *(box for label, box in enumerate(labels) if label != place),
        ]
        for line in both:
            across, down = [x for x, _ in line], [y for _, y in line]
            # A curve lies between the outermost of its points.
            around = Box.between(min(across), min(down), max(across), max(down))
            near = [box for box in strange if box.touches(around)]
            if near:
                points = list(points_along(line))
                yield sum(any(_inside(point, box) for point in points) for box in near)


def _inside(point: Point, box: Box) -> bool:
    return abs(point[0] - box.x) < box.width / 2 - _UNDER and abs(point[1] - box.y) < box.height / 2 - _UNDER


def _over(one: Box, other: Box) -> bool:
    return (
        one.left < other.right - _TOUCH
        and other.left < one.right - _TOUCH
        and one.top < other.bottom - _TOUCH
        and other.top < one.bottom - _TOUCH
    )


def _within(inner: Box, outer: Box) -> bool:
    return (
        inner.left >= outer.left - _TOUCH
        and inner.right <= outer.right + _TOUCH
        and inner.top >= outer.top - _TOUCH
        and inner.bottom <= outer.bottom + _TOUCH
    )


_FROM_EDGE: Final = 14.0
_STEP: Final = 8.0
_FINE: Final = 30
"""Number of points tried on each segment of a line."""
_CLEAR: Final = 15.0
"""Distance of a mark from the parts around it, so that no arrowhead is under it."""


def place_title(zone: Box, title: LabeledPart, lines: Sequence[Sequence[Point]]) -> Box:
    """Return the position of a boundary's title on its upper edge: the leftmost one that no line crosses."""
    strip = Box.between(zone.left, zone.top + 6, zone.right, zone.top + 6 + title.height)
    crossed = sorted(_crossings(strip, lines))
    first = zone.left + _FROM_EDGE
    room = max(0.0, zone.width - 2 * _FROM_EDGE - title.width)
    places = [first + _STEP * step for step in range(int(room / _STEP) + 1)]
    left = min(places, key=lambda at: (_between(crossed, at - 4, at + title.width + 4), at))
    return Box(left + title.width / 2, strip.y, title.width, title.height)


def place_badge(sort: ComponentKind | None, node: Box, ends: Sequence[Point]) -> Box:
    """Place a component's badge on its outline where the fewest arrows end, by default at the upper right."""
    part = 0.71 if sort is ComponentKind.PROCESS else 1.0
    inward = 0.0 if sort is ComponentKind.PROCESS else 3.0
    right, down = node.width / 2 * part - inward, node.height / 2 * part - inward
    corners = [(1, -1), (-1, -1), (1, 1), (-1, 1)]
    near = [end for end in ends if abs(end[0] - node.x) < node.width and abs(end[1] - node.y) < node.height]

    def covered(corner: tuple[int, int]) -> int:
        x, y = node.x + corner[0] * right, node.y + corner[1] * down
        return sum(hypot(x - one[0], y - one[1]) < BADGE + 7 for one in near)

    best = min(corners, key=lambda one: (covered(one), corners.index(one)))
    return Box(node.x + best[0] * right, node.y + best[1] * down, 2 * BADGE, 2 * BADGE)


def place_mark(
    lines: Sequence[Sequence[Point]],
    crossed: Sequence[Box],
    parts: Sequence[Box],
    others: Sequence[CrossingMark] = (),
) -> CrossingMark:
    """Place the mark on a flow where its line crosses a boundary, away from other parts and marks.

    If only the trust level changes, it is placed in the middle of the longer half.
    """
    longer = max(lines, key=lambda line: hypot(line[-1][0] - line[0][0], line[-1][1] - line[0][1]))
    middle = list(points_along(longer, _FINE))[len(longer) // 3 * _FINE // 2]

    def distance(point: Point) -> float:
        if not crossed:
            return hypot(point[0] - middle[0], point[1] - middle[1])
        return min(_from_outline(point, one) for one in crossed)

    tried = [
        CrossingMark(at=point, along=_direction(before, point))
        for line in lines
        for before, point in pairwise(points_along(line, _FINE))
    ]
    around = Box.between(
        min(one.at[0] for one in tried) - _CLEAR,
        min(one.at[1] for one in tried) - _CLEAR,
        max(one.at[0] for one in tried) + _CLEAR,
        max(one.at[1] for one in tried) + _CLEAR,
    )
    # A part that is further away covers no point of the line.
    near = [part for part in (*parts, *(Box(*other.at, 0, 0) for other in others)) if part.touches(around)]
    return min(tried, key=lambda one: (_covered(one.at, near), distance(one.at)))


def _direction(start: Point, end: Point) -> Point:
    far = hypot(end[0] - start[0], end[1] - start[1]) or 1.0
    return (end[0] - start[0]) / far, (end[1] - start[1]) / far


def _from_outline(point: Point, box: Box) -> float:
    """Return the distance of a point from the outline of a box."""
    across, down = abs(point[0] - box.x) - box.width / 2, abs(point[1] - box.y) - box.height / 2
    return -max(across, down) if max(across, down) < 0 else hypot(max(across, 0), max(down, 0))


def _covered(point: Point, parts: Sequence[Box]) -> float:
    """Return by how much a mark at a point is too close to a part; 0 if it is clear of all parts."""
    x, y = point
    least = _CLEAR
    for box in parts:
        across = abs(x - box.x) - box.width / 2
        down = abs(y - box.y) - box.height / 2
        if across < least and down < least:
            least = min(least, hypot(max(across, 0), max(down, 0)))
    return _CLEAR - least


def _crossings(strip: Box, lines: Sequence[Sequence[Point]]) -> Iterator[float]:
    """Yield the horizontal positions of lines that cross a strip."""
    for line in lines:
        if all(y < strip.top for _, y in line) or all(y > strip.bottom for _, y in line):
            continue
        for x, y in points_along(line):
            if strip.top <= y <= strip.bottom and strip.left <= x <= strip.right:
                yield x


def _between(places: Sequence[float], low: float, high: float) -> int:
    return sum(low <= place <= high for place in places)
