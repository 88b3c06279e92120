"""Quality of a layout: the number of lines that cross unrelated parts."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from bot.picture.diagram.bezier_curves import Point, points_along
from bot.picture.diagram.diagram_parts import Diagram
from bot.picture.diagram.layout_boxes import Box

Curves = tuple[tuple[Point, ...], tuple[Point, ...]]

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
