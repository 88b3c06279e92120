"""Placement of boundary titles, badges and marks where they cover the least."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import hypot
from typing import Final

import msgspec

from bot.picture.diagram.bezier_curves import Point, points_along
from bot.picture.diagram.layout_boxes import Box
from bot.picture.diagram.part_labels import BADGE, LabeledPart
from domain.kernel.elements import ComponentKind

_FROM_EDGE: Final = 14.0
_STEP: Final = 8.0
_FINE: Final = 30
"""Number of points tried on each segment of a line."""
_CLEAR: Final = 15.0
"""Distance of a mark from the parts around it, so that no arrowhead is under it."""


class CrossingMark(msgspec.Struct, frozen=True, kw_only=True):
    """The mark of a crossing: a point on the line, and the direction of the line as a unit vector."""

    at: Point
    along: Point

    def moved(self, right: float, down: float) -> "CrossingMark":
        """Return the mark at another position."""
        return CrossingMark(at=(self.at[0] + right, self.at[1] + down), along=self.along)


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
    near = [one for one in ends if abs(one[0] - node.x) < node.width and abs(one[1] - node.y) < node.height]

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
    near = [one for one in (*parts, *(Box(*other.at, 0, 0) for other in others)) if one.touches(around)]
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
    return sum(low <= one <= high for one in places)
