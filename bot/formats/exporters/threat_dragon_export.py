"""Export to OWASP Threat Dragon 2: the model, laid out in one diagram."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import ceil, dist, hypot
from typing import Final

import msgspec

from bot.formats.exporters.export_source import (
    DiagramPositions,
    ExportSource,
    Plain,
    Point,
    Rectangle,
    json_text,
)
from bot.formats.exporters.extension_data import (
    MARK,
    element_extension,
    mitigation_extension,
    model_extension,
    places_shown,
    prevented_extension,
    shown_at,
    threat_extension,
)
from bot.picture.font_metrics import broken, text_width, visible_text, wrapped
from domain.analysis.rule_findings import ControlInPlace
from domain.kernel.elements import Component, ComponentKind, DataFlow, ElementId, Kind, TrustBoundary
from domain.kernel.threat import Stride, Threat
from domain.register import RegisterItem
from domain.remediation.status import ThreatState
from domain.wording.controls import control_text

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
    measured = room / _WIDER
    return wrapped(broken(text, LETTERS, measured), LETTERS, measured) or [""]


def name_width(text: str) -> float:
    """Return the width of a text there, even if its font is wider than ours."""
    return text_width(text, LETTERS) * _WIDER


_LABEL_ROOM, _LABEL_LINES = 140.0, 4

_CALM: Final[Plain] = {"stroke": "#333333", "strokeWidth": 1.5, "strokeDasharray": None}
_OPEN: Final[Plain] = {"stroke": "red", "strokeWidth": 2.5, "strokeDasharray": None}


def line_style(*, is_open: bool) -> Plain:
    """Return the style of an outline or a flow: red if a threat is open, as in Threat Dragon."""
    return dict(_OPEN if is_open else _CALM)


def node_attrs(name: str, sort: ComponentKind | None, *, is_open: bool) -> Plain:
    """Return the style of a component: its name on lines that fit into the shape, and its outline.

    When a user selects the shape, Threat Dragon puts the name on one line; `textWrap` breaks it at the width.
    """
    look, lines = line_style(is_open=is_open), name_lines(name, sort)
    wrapped = {"width": ceil(max(map(name_width, lines))) + 4, "height": LINE * (2 * len(lines) + 2)}
    text: Plain = {"text": {"text": "\n".join(lines), "textWrap": wrapped}}
    if sort is ComponentKind.DATA_STORE:
        return {**text, "topLine": look, "bottomLine": dict(look)}
    return {**text, "body": look}


def boundary_attrs(name: str) -> Plain:
    """Return the style of a boundary: its name on one line, clipped to the width."""
    return {"label": {"text": name, "textWrap": {"width": "80%", "height": LINE, "ellipsis": True}}}


def flow_label(name: str, at: float) -> Plain:
    """Return the label of a flow: its shapes, and its name on a few lines.

    Without those shapes the name is not displayed: the drawing library's own shapes have other names.
    """
    words = visible_text(name)
    room = max(_LABEL_ROOM, name_width(words) / (_LABEL_LINES - 1))
    return {
        "markup": [
            {"tagName": "rect", "selector": "labelBody"},
            {"tagName": "text", "selector": "labelText"},
        ],
        "attrs": {
            "labelText": {
                "text": "\n".join(lines_within(words, room)),
                "textAnchor": "middle",
                "textVerticalAnchor": "middle",
                "fontSize": LETTERS,
                "fill": "#000000",
            },
            "labelBody": {
                "ref": "labelText",
                "refX": -3,
                "refY": -2,
                "refWidth": "100%",
                "refHeight": "100%",
                "refWidth2": 6,
                "refHeight2": 4,
                "fill": "#ffffff",
                "strokeWidth": 0,
            },
        },
        "position": at,
    }


VERSION = "2.3.0"
"""The supported release of Threat Dragon."""

NOT_IN_DIAGRAM = "Not in the diagram"
"""The process for threats that belong to no part of the diagram."""

_SHAPES = {
    ComponentKind.EXTERNAL_ENTITY: ("actor", "tm.Actor"),
    ComponentKind.PROCESS: ("process", "tm.Process"),
    ComponentKind.DATA_STORE: ("store", "tm.Store"),
    None: ("process", "tm.Process"),
}
CATEGORIES = {
    Stride.SPOOFING: "Spoofing",
    Stride.TAMPERING: "Tampering",
    Stride.REPUDIATION: "Repudiation",
    Stride.INFORMATION_DISCLOSURE: "Information disclosure",
    Stride.DENIAL_OF_SERVICE: "Denial of service",
    Stride.ELEVATION_OF_PRIVILEGE: "Elevation of privilege",
}
_STATUS = {
    ThreatState.MITIGATED: "Mitigated",
    ThreatState.ACCEPTED: "Accepted",
    ThreatState.TRANSFERRED: "Transferred",
    ThreatState.AVOIDED: "Avoided",
}


def export_threat_dragon(source: ExportSource) -> bytes:
    """Export the model as one diagram; data unknown to Threat Dragon is added under our own name."""
    known = source.register
    numbers = [_number(threat) for threat in known.threats]
    diagram = {
        "id": 0,
        "title": known.name,
        "diagramType": "STRIDE",
        "placeholder": "",
        "thumbnail": "./public/content/images/thumbnail.stride.jpg",
        "version": VERSION,
        "cells": _Cells(source).all(),
    }
    detail = {
        "contributors": [],
        "diagrams": [diagram],
        "diagramTop": 1,
        "reviewer": "",
        "threatTop": max(numbers, default=0) + len(source.prevented),
        MARK: {
            **model_extension(
                source, Kind.EXTERNAL_DEPENDENCY, Kind.ENTRY_POINT, Kind.ASSET, Kind.TRUST_LEVEL
            ),
            "mitigations": [
                {"title": one.title, **mitigation_extension(one)} for one in source.every_mitigation
            ],
        },
    }
    summary = {"title": known.name, "owner": "", "description": source.description, "id": 0}
    return json_text({"version": VERSION, "summary": summary, "detail": detail})


class _Cells:
    """Cells of one diagram."""

    def __init__(self, source: ExportSource) -> None:
        self._source = source
        self._shapes = scaled_shapes(source)
        self._at: dict[ElementId | None, list[Threat]] = {}
        for threat in source.register.threats:
            for place in _places(source, threat) or (None,):
                self._at.setdefault(place, []).append(threat)
        self._prevented: dict[ElementId | None, list[Plain]] = {}
        top = max(map(_number, source.register.threats), default=0)
        for number, one in enumerate(source.prevented, start=top + 1):
            place = next(_cells(source, (shown_at(source, one.element),)), None)
            self._prevented.setdefault(place, []).append(_prevented(source, one, number))

    def all(self) -> list[Plain]:
        source = self._source
        cells = [self._boundary(*one) for one in source.each(Kind.TRUST_BOUNDARY, TrustBoundary)]
        cells += [self._component(*one) for one in source.each(Kind.COMPONENT, Component)]
        cells += [self._flow(*one) for one in source.each(Kind.DATA_FLOW, DataFlow)]
        return [*cells, *([self._rest()] if None in self._at or None in self._prevented else [])]

    def _boundary(self, item: RegisterItem, boundary: TrustBoundary) -> Plain:
        data: Plain = {
            "type": "tm.BoundaryBox",
            "name": item.name,
            "description": boundary.description,
            "isTrustBoundary": True,
            "hasOpenThreats": False,
            MARK: element_extension(item),
        }
        cell = self._cell(item.id, "trust-boundary-box", -1, data)
        return cell | self._box(item.id) | {"attrs": boundary_attrs(item.name)}

    def _component(self, item: RegisterItem, component: Component) -> Plain:
        shape, sort = _SHAPES[component.sort]
        data = self._data(item.id, sort, item.name, component.description) | {MARK: element_extension(item)}
        attrs = node_attrs(item.name, component.sort, is_open=self._is_open(item.id))
        return self._cell(item.id, shape, 1, data) | self._box(item.id) | {"attrs": attrs}

    def _flow(self, item: RegisterItem, flow: DataFlow) -> Plain:
        data = self._data(item.id, "tm.Flow", flow.name or item.name, flow.description) | {
            "isBidirectional": flow.two_way,
            "isEncrypted": item.facts.get("encrypted") == "yes",
            "isPublicNetwork": False,
            "protocol": flow.protocol,
            MARK: {**element_extension(item), "name": flow.name},
        }
        look = line_style(is_open=self._is_open(item.id))
        line = {
            **look,
            "targetMarker": {"name": "block"},
            "sourceMarker": {"name": "block" if flow.two_way else ""},
        }
        return self._cell(item.id, "flow", 2, data) | {
            "attrs": {"line": line},
            "connector": "smooth",
            "source": {"cell": self._id(flow.source)},
            "target": {"cell": self._id(flow.target)},
            "vertices": [{"x": x, "y": y} for x, y in self._shapes.bends.get(item.id, [])],
            "labels": [flow_label(flow.name or item.name, self._shapes.labels.get(item.id, 0.5))],
        }

    def _rest(self) -> Plain:
        data = self._data(None, "tm.Process", NOT_IN_DIAGRAM, "") | {MARK: {"rest": True}}
        attrs = node_attrs(NOT_IN_DIAGRAM, ComponentKind.PROCESS, is_open=self._is_open(None))
        across, _ = size_for(NOT_IN_DIAGRAM, ComponentKind.PROCESS)
        box = {
            "position": {"x": 0, "y": self._shapes.below + 40},
            "size": {"width": across, "height": across},
        }
        return self._cell("rest", "process", 1, data) | box | {"attrs": attrs}

    def _data(self, id: ElementId | None, sort: str, name: str, description: str) -> Plain:
        threats = self._at.get(id, [])
        return {
            "type": sort,
            "name": name,
            "description": description,
            "outOfScope": False,
            "reasonOutOfScope": "",
            "hasOpenThreats": self._is_open(id),
            "threats": [
                *(_threat(self._source, threat, id) for threat in threats),
                *self._prevented.get(id, ()),
            ],
        }

    def _is_open(self, id: ElementId | None) -> bool:
        return any(self._source.is_open(one) for one in self._at.get(id, []))

    def _cell(self, id: str, shape: str, depth: int, data: Plain) -> Plain:
        return {"id": self._id(id), "shape": shape, "zIndex": depth, "visible": True, "data": data}

    def _box(self, id: ElementId) -> Plain:
        at = self._shapes.boxes[id]
        return {
            "position": {"x": at.x, "y": at.y},
            "size": {"width": at.width, "height": at.height},
        }

    def _id(self, id: str) -> str:
        return named_id(f"{self._source.register.key}/{id}")


def named_id(name: str) -> str:
    """Return the UUID derived from a name."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:threatmodel-bot:{name}"))


def _places(source: ExportSource, threat: Threat) -> tuple[ElementId, ...]:
    """Return the cells that show a threat, one for each of its places; the format has none for boundaries."""
    return tuple(_cells(source, places_shown(source, threat)))


def _cells(source: ExportSource, places: Iterable[ElementId | None]) -> Iterator[ElementId]:
    items = (source.register.item(one) for one in places if one is not None)
    return (item.id for item in items if item is not None and item.kind is not Kind.TRUST_BOUNDARY)


def _prevented(source: ExportSource, one: ControlInPlace, number: int) -> Plain:
    """Return a threat that a control prevents, as mitigated by it; the import reads it as answers."""
    return {
        "id": named_id(f"{source.register.key}/prevented/{one.id}"),
        "title": f"{one.rule.title}: {one.about}",
        "status": _STATUS[ThreatState.MITIGATED],
        "severity": "TBD",
        "type": CATEGORIES[one.rule.category],
        "description": one.rule.explanation,
        "mitigation": f"In place: {control_text(one)} ({one.basis.label})",
        "modelType": "STRIDE",
        "new": False,
        "number": number,
        "score": "",
        MARK: prevented_extension(one),
    }


def _threat(source: ExportSource, threat: Threat, place: ElementId | None) -> Plain:
    """Return a threat as it is shown at a place; at further places it has another ID and a mark."""
    first, *_ = _places(source, threat) or (None,)
    again = "" if place == first else f"/{place}"
    status = source.register.statuses[threat.id]
    score = source.scores.get(threat.id)
    done = [f"{one.id} ({one.state}): {one.title}" for one in source.mitigations(threat.id)]
    return {
        "id": named_id(f"{source.register.key}/{threat.id}{again}"),
        "title": threat.title,
        "status": _STATUS.get(status.state, "Open"),
        "severity": score.tally.band.capitalize() if score else "TBD",
        "type": CATEGORIES[threat.stride[0]],
        "description": threat.description,
        "mitigation": "\n".join([status.response.reason if status.response else "", *done]).strip(),
        "modelType": "STRIDE",
        "new": False,
        "number": _number(threat),
        "score": f"{score.tally.mean:.1f}" if score else "",
        MARK: {**threat_extension(source, threat), **({"further_place": place} if again else {})},
    }


def _number(threat: Threat) -> int:
    return int(threat.id.rpartition("-")[2])
