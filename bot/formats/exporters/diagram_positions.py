"""Positions of a model's parts in its diagram: laid out, else in rows."""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec
from msgspec.structs import replace

from bot.picture.diagram import Diagram, LayoutFailed, build_diagram, lay_out
from bot.picture.diagram.geometry import points_along
from domain.kernel.elements import ElementId
from domain.register import ThreatRegister

Point = tuple[float, float]


class Rectangle(msgspec.Struct, frozen=True, kw_only=True):
    """A rectangle by its upper left corner; no side is shorter than 10."""

    x: float
    y: float
    width: float
    height: float


class DiagramPositions(msgspec.Struct, frozen=True, kw_only=True):
    """The position of each boundary and component by ID, and the center of each flow's label.

    `bends` are the points of a flow's path from its source to its target, including the center of its label.
    """

    width: float
    height: float
    boxes: Mapping[ElementId, Rectangle]
    middles: Mapping[ElementId, Point]
    bends: Mapping[ElementId, tuple[Point, ...]]

    def within(self, id: ElementId, parent: ElementId | None) -> Rectangle:
        """Return the position of a part relative to the upper left corner of what contains it."""
        box, around = self.boxes[id], self.boxes.get(parent) if parent else None
        return replace(box, x=round(box.x - around.x, 1), y=round(box.y - around.y, 1)) if around else box


def diagram_positions(known: ThreatRegister, day: date) -> DiagramPositions:
    """Return the positions in the diagram; in rows, one boundary below the other, if layout fails."""
    diagram = build_diagram(known, day)
    try:
        layout = lay_out(diagram)
    except LayoutFailed:
        return _in_rows(diagram)
    parts = (*diagram.zones, *diagram.nodes)
    boxes = {
        ElementId(part.id): _place(box.left, box.top, box.width, box.height)
        for part, box in zip(parts, (*layout.zones, *layout.nodes), strict=True)
    }
    middles = {
        ElementId(flow.id): (round(box.x, 1), round(box.y, 1))
        for flow, box in zip(diagram.flows, layout.labels, strict=True)
    }
    bends = {
        ElementId(flow.id): _bends(first, middles[ElementId(flow.id)], second)
        for flow, (first, second) in zip(diagram.flows, layout.lines, strict=True)
    }
    size = {"width": round(layout.width), "height": round(layout.height)}
    return DiagramPositions(**size, boxes=boxes, middles=middles, bends=bends)


def _bends(first: Sequence[Point], middle: Point, second: Sequence[Point]) -> tuple[Point, ...]:
    """Return points sampled from two curves, to a label and from it, without their ends."""
    before, after = list(points_along(first))[_EVERY::_EVERY], list(points_along(second))[:-1:_EVERY]
    points = [*before[:-1], middle, *after[1:]]
    return tuple((round(x, 1), round(y, 1)) for x, y in points)


def _in_rows(diagram: Diagram) -> DiagramPositions:
    """Arrange each boundary as one row with its components; flows are straight."""
    boxes: dict[ElementId, Rectangle] = {}
    down, widest = 0.0, 0.0
    # Inner boundaries come after outer ones: each gets its own row, so that no box covers another.
    rows = [*range(len(diagram.zones)), None]
    for zone in rows:
        inside = [node for node in diagram.nodes if node.zone == zone]
        if zone is None and not inside:
            continue
        wide = _GAP + max(1, len(inside)) * (_WIDE + _GAP)
        if zone is not None:
            boxes[ElementId(diagram.zones[zone].id)] = _place(0, down, wide, _HIGH + 2 * _GAP)
        for number, node in enumerate(inside):
            across = _GAP + number * (_WIDE + _GAP)
            boxes[ElementId(node.id)] = _place(across, down + _GAP, _WIDE, _HIGH)
        down += _HIGH + 3 * _GAP
        widest = max(widest, wide)
    return DiagramPositions(
        width=max(widest, _WIDE), height=max(down, _HIGH), boxes=boxes, middles={}, bends={}
    )


def _place(x: float, y: float, width: float, height: float) -> Rectangle:
    return Rectangle(
        x=round(x, 1), y=round(y, 1), width=max(round(width, 1), 10.0), height=max(round(height, 1), 10.0)
    )


_EVERY = 6
"""Sampling interval of a curve's points: two are kept of each segment."""

_WIDE, _HIGH, _GAP = (140.0, 60.0, 60.0)
