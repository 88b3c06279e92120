"""Export to OWASP Threat Dragon 2: the diagram with the threats of its parts."""

import uuid

from bot.formats.exporters.export_source import ExportSource, Plain, json_text
from bot.formats.exporters.extension_data import (
    MARK,
    element_extension,
    mitigation_extension,
    model_extension,
    places_shown,
    threat_extension,
)
from bot.formats.exporters.threat_dragon_layout import scaled_shapes, size_for
from bot.formats.exporters.threat_dragon_style import boundary_attrs, flow_label, line_style, node_attrs
from domain.kernel.elements import Component, ComponentKind, DataFlow, ElementId, Kind, TrustBoundary
from domain.kernel.stride import Stride
from domain.kernel.threat import Threat
from domain.register import RegisterItem
from domain.remediation.status import ThreatState

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
    numbers = [_number(one) for one in known.threats]
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
        "threatTop": max(numbers, default=0),
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

    def all(self) -> list[Plain]:
        source = self._source
        cells = [self._boundary(*one) for one in source.each(Kind.TRUST_BOUNDARY, TrustBoundary)]
        cells += [self._component(*one) for one in source.each(Kind.COMPONENT, Component)]
        cells += [self._flow(*one) for one in source.each(Kind.DATA_FLOW, DataFlow)]
        return [*cells, *([self._rest()] if None in self._at else [])]

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
            "threats": [_threat(self._source, one, id) for one in threats],
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
    items = (source.register.item(one) for one in places_shown(source, threat))
    return tuple(one.id for one in items if one is not None and one.kind is not Kind.TRUST_BOUNDARY)


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
