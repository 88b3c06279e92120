"""Layout of a diagram: the most legible of several attempts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from bot.picture.diagram.bezier_curves import Point
from bot.picture.diagram.diagram_parts import Diagram
from bot.picture.diagram.dot_source import LayoutOptions, PartSizes, dot_source
from bot.picture.diagram.graphviz import UNFIT, GraphvizUnavailable, LayoutFailed, graphviz_layout
from bot.picture.diagram.label_placement import CrossingMark, place_badge, place_mark, place_title
from bot.picture.diagram.layout_boxes import Box, bounding_box
from bot.picture.diagram.layout_quality import Curves, count_overlaps
from bot.picture.diagram.part_labels import LabeledPart, label_flow, label_node, label_zone, shown_names

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
        flows=tuple(label_flow(one) for one in diagram.flows),
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
        crossed = [zones[one] for one in diagram.crossed_zones(flow)]
        others = [one for one in marks if one is not None]
        marks.append(place_mark(both, crossed, parts, others) if flow.crosses else None)
    drawn = bounding_box([*zones, *nodes, *badges, *labels, *_specks(every_line)])
    right, down = -drawn.left, -drawn.top
    return Layout(
        diagram=diagram,
        width=drawn.width,
        height=drawn.height,
        zones=_moved(zones, right, down),
        titles=_moved(titles, right, down),
        nodes=_moved(nodes, right, down),
        badges=_moved(badges, right, down),
        labels=_moved(labels, right, down),
        lines=tuple(
            (tuple((x + right, y + down) for x, y in first), tuple((x + right, y + down) for x, y in second))
            for first, second in lines
        ),
        marks=tuple(one.moved(right, down) if one else None for one in marks),
        zone_texts=sizes.zones,
        node_texts=sizes.nodes,
        flow_texts=sizes.flows,
        overlaps=count_overlaps(diagram, zones=zones, nodes=nodes, labels=labels, lines=lines),
    )


class _Placed:
    """Parser of Graphviz's response, whose origin is at the lower left; here it is at the upper left."""

    def __init__(self, answer: bytes) -> None:
        found = msgspec.json.decode(answer)
        self._upside = _numbers(found["bb"])[3]
        self._objects: Mapping[str, Any] = {one["name"]: one for one in found.get("objects", ())}
        self._edges: Mapping[str, str] = {
            one["class"]: one["pos"] for one in found.get("edges", ()) if "class" in one and "pos" in one
        }

    def zone(self, name: str) -> Box:
        left, low, right, high = _numbers(self._objects[name]["bb"])
        return Box.between(left, self._upside - high, right, self._upside - low)

    def box(self, name: str, size: LabeledPart) -> Box:
        x, y = _numbers(self._objects[name]["pos"])
        return Box(x, self._upside - y, size.width, size.height)

    def curves(self, name: str) -> Curves:
        return self._curve(f"{name}s"), self._curve(f"{name}t")

    def _curve(self, name: str) -> tuple[Point, ...]:
        if name not in self._edges:  # Graphviz found no path, but may find one in another direction
            raise LayoutFailed(UNFIT)
        points = (_numbers(one) for one in self._edges[name].split() if not one.startswith(("e,", "s,")))
        return tuple((x, self._upside - y) for x, y in points)


def _numbers(text: str) -> list[float]:
    return [float(one) for one in text.split(",")]


def _specks(lines: Iterable[Sequence[Point]]) -> Iterator[Box]:
    """Yield the points of the lines as boxes without size: a curve lies between its points."""
    for line in lines:
        for x, y in line:
            yield Box(x, y, 0, 0)


def _moved(boxes: Iterable[Box], right: float, down: float) -> tuple[Box, ...]:
    return tuple(one.moved(right, down) for one in boxes)
