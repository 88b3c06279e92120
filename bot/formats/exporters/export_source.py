"""Input of an export: the register, its events, and positions in the diagram."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Protocol, TypeVar

import msgspec
from msgspec.structs import replace

from bot.picture.diagram import Diagram, LayoutFailed, build_diagram, lay_out
from bot.picture.diagram.geometry import points_along
from domain.analysis.rule_findings import ControlInPlace
from domain.events import Event, RecordedEvent
from domain.kernel.elements import ElementId, Kind
from domain.kernel.mitigation import Mitigation, MitigationState
from domain.kernel.threat import Threat, ThreatId
from domain.register import RegisterItem, ThreatRegister
from domain.remediation.status import ThreatState
from domain.voting.scores import Score
from domain.wording.steering import import_sentence

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


_Sort = TypeVar("_Sort")

Plain = dict[str, object]
"""A JSON object."""

CLOSED_THREAT_STATES = frozenset(
    (ThreatState.MITIGATED, ThreatState.ACCEPTED, ThreatState.TRANSFERRED, ThreatState.AVOIDED)
)
"""The states of threats that are not open."""

COMPLETED_MITIGATION_STATES = frozenset((MitigationState.IMPLEMENTED, MitigationState.VERIFIED))
"""The states of mitigations that are implemented."""


class StoredEvent(Protocol):
    """An event in its stored form: its type, and its content as JSON."""

    @property
    def type(self) -> str:
        """The name of its type."""
        ...

    @property
    def data(self) -> bytes:
        """Its content."""
        ...


class ExportSource(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Input of the export of one model as of a day.

    `events` are all of its events, `write` returns an event in its stored form, and `seal` the seal of a
    content by this installation, empty if it has no key. `anchor` is the
    repository file that findings are attached to, as a URI relative to the root.
    """

    register: ThreatRegister
    day: date
    events: Sequence[RecordedEvent] = ()
    write: Callable[[Event], StoredEvent] | None = None
    seal: Callable[[bytes], str] | None = None
    anchor: str = ""

    @cached_property
    def places(self) -> DiagramPositions:
        """The position of each part."""
        return diagram_positions(self.register, self.day)

    @cached_property
    def names(self) -> dict[ElementId, str]:
        """The name of every element, including removed ones."""
        every = [
            *(item for one in self.register.lists.values() for item in one.items),
            *self.register.removed,
        ]
        return {item.id: item.name for item in every}

    @property
    def imported(self) -> str:
        """Say who imported the model, and that earlier statements are not verified; empty if no one did."""
        mark = self.register.imported
        return f"{import_sentence(mark, mark.importer)}." if mark else ""

    @property
    def description(self) -> str:
        """The description of the model, which ends by saying that the model was imported."""
        return "\n\n".join(one for one in (self.register.description, self.imported) if one)

    @cached_property
    def imported_scores(self) -> dict[ThreatId, Score]:
        """The scores that a file brought, which no vote here has confirmed."""
        return {one.threat.id: one.imported for one in self.register.ranked if one.imported is not None}

    @cached_property
    def scores(self) -> dict[ThreatId, Score]:
        """The scores of the threats: of the residual risk, if that was voted on."""
        found = ((threat.threat.id, threat.residual or threat.score) for threat in self.register.ranked)
        return {id: score for id, score in found if score is not None}

    def each(self, kind: Kind, sort: type[_Sort]) -> list[tuple[RegisterItem, _Sort]]:
        """Return the current elements of a kind, each as its list entry and as itself."""
        return [(item, item.element) for item in self.register.items(kind) if isinstance(item.element, sort)]

    def is_open(self, threat: Threat) -> bool:
        """Return whether a threat is open."""
        return self.register.statuses[threat.id].state not in CLOSED_THREAT_STATES

    @cached_property
    def prevented(self) -> list[ControlInPlace]:
        """The threats that a control prevents which someone stated of its element, or confirmed."""
        return [one for one in self.register.prevented if one.vouched_for]

    def mitigations(self, threat: ThreatId) -> list[Mitigation]:
        """Return the mitigations of a threat, each with its state there, including dropped ones."""
        return [
            replace(mitigation.mitigation, threat=threat, also=(), state=mitigation.state_for(threat))
            for mitigation in self.register.mitigations
            if threat in mitigation.threats
        ]

    @cached_property
    def every_mitigation(self) -> list[Mitigation]:
        """The mitigations of current threats, each once, with the threats that it serves now."""
        return [
            replace(mitigation.mitigation, threat=mitigation.threats[0], also=mitigation.threats[1:])
            for mitigation in self.register.mitigations
            if not mitigation.orphan
        ]


def json_text(value: object) -> bytes:
    """Encode a value as indented JSON that ends in a line break."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def printable(text: str) -> str:
    """Return the text without characters that XML and terminals do not accept."""
    return _UNSEEN.sub("", text)


_UNSEEN = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
