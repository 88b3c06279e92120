"""Placement of boundary titles and badges where the fewest lines cross."""

from collections.abc import Iterator, Sequence
from math import hypot
from typing import Final

from bot.picture.diagram.bezier_curves import Point, points_along
from bot.picture.diagram.layout_boxes import Box
from bot.picture.diagram.part_labels import BADGE, LabeledPart
from domain.kernel.elements import ComponentKind

_FROM_EDGE: Final = 14.0
_STEP: Final = 8.0


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
