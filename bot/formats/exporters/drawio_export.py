"""Export to draw.io: the diagram as movable shapes, with boundaries as containers."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from bot.formats.exporters.diagram_positions import Rectangle
from bot.formats.exporters.export_source import ExportSource, printable
from domain.kernel.elements import Component, ComponentKind, DataFlow, ElementId, Kind, TrustBoundary

_ROOT, _LAYER = "0", "1"
_STYLES = {
    ComponentKind.EXTERNAL_ENTITY: "rounded=0;whiteSpace=wrap;html=0;",
    ComponentKind.PROCESS: "ellipse;whiteSpace=wrap;html=0;",
    ComponentKind.DATA_STORE: "shape=partialRectangle;left=0;right=0;whiteSpace=wrap;html=0;",
    None: "rounded=1;dashed=1;whiteSpace=wrap;html=0;",
}
_BOUNDARY = (
    "rounded=1;arcSize=4;dashed=1;fillColor=none;strokeColor=#b85450;verticalAlign=top;align=left;"
    "spacingLeft=8;container=1;collapsible=0;html=0;"
)
_FLOW = "endArrow=block;endFill=1;rounded=1;html=0;"
_TWO_WAY = "startArrow=block;startFill=1;"
_CROSSING = "strokeColor=#b85450;strokeWidth=2;"


def export_drawio(source: ExportSource) -> bytes:
    """Export the diagram on one page; labels are plain text, so that no name is parsed as markup."""
    known, places = source.register, source.places
    file = Element("mxfile", host="threatmodel-bot", type="device")
    page = SubElement(file, "diagram", id=known.key, name=printable(f"{known.key} {known.name}"))
    graph = SubElement(
        page,
        "mxGraphModel",
        dx="0",
        dy="0",
        page="1",
        pageWidth=f"{places.width:g}",
        pageHeight=f"{places.height:g}",
    )
    root = SubElement(graph, "root")
    SubElement(root, "mxCell", id=_ROOT)
    SubElement(root, "mxCell", {"id": _LAYER, "parent": _ROOT})
    for item in _outer_first(source):
        _box(root, source, item.id, item.name, _BOUNDARY, item.parent)
    for item in known.items(Kind.COMPONENT):
        if isinstance(item.element, Component):
            _box(root, source, item.id, item.name, _STYLES[item.element.sort], item.element.boundary)
    for item in known.items(Kind.DATA_FLOW):
        if isinstance(item.element, DataFlow):
            crosses = _CROSSING if item.id in known.crossings else ""
            both = _TWO_WAY if item.element.two_way else ""
            _flow(root, source, item.element, item.name, f"{_FLOW}{both}{crosses}")
    if source.imported:
        _note(root, source)
    indent(file)
    return tostring(file, encoding="utf-8", xml_declaration=True) + b"\n"


def _note(root: Element, source: ExportSource) -> None:
    """Add the statement that the model was imported, below the diagram."""
    style = "text;html=0;align=left;verticalAlign=top;whiteSpace=wrap;"
    told = {"id": "imported", "value": source.imported, "style": style, "vertex": "1", "parent": _LAYER}
    cell = SubElement(root, "mxCell", told)
    place = {"x": "0", "y": f"{source.places.height:g}", "width": "480", "height": "40"}
    SubElement(cell, "mxGeometry", {**place, "as": "geometry"})


def _outer_first(source: ExportSource) -> list[TrustBoundary]:
    """Return the boundaries, each after the one that contains it; a cycle starts at its first one."""
    left = {
        item.id: item.element
        for item in source.register.items(Kind.TRUST_BOUNDARY)
        if isinstance(item.element, TrustBoundary)
    }
    ordered: list[TrustBoundary] = []
    while left:
        free = [one for one in left.values() if one.parent not in left] or [
            TrustBoundary(id=one.id, name=one.name) for one in list(left.values())[:1]
        ]
        ordered += free
        for one in free:
            del left[one.id]
    return ordered


def _box(
    root: Element, source: ExportSource, id: ElementId, name: str, style: str, parent: ElementId | None
) -> None:
    at = source.places.boxes[id]
    round_it = source.places.boxes.get(parent) if parent else None
    inside = parent if parent and round_it else _LAYER
    cell = SubElement(
        root, "mxCell", {"id": id, "value": printable(name), "style": style, "vertex": "1", "parent": inside}
    )
    SubElement(cell, "mxGeometry", {**_geometry(at, round_it), "as": "geometry"})


def _geometry(at: Rectangle, round_it: Rectangle | None) -> dict[str, str]:
    """Return the geometry of a shape, relative to the corner of its container."""
    left, top = (round_it.x, round_it.y) if round_it else (0.0, 0.0)
    return {
        "x": f"{round(at.x - left, 1):g}",
        "y": f"{round(at.y - top, 1):g}",
        "width": f"{at.width:g}",
        "height": f"{at.height:g}",
    }


def _flow(root: Element, source: ExportSource, flow: DataFlow, name: str, style: str) -> None:
    ends = {"source": flow.source, "target": flow.target}
    told = {"id": flow.id, "value": printable(name), "style": style, "edge": "1", "parent": _LAYER}
    cell = SubElement(root, "mxCell", {**told, **ends})
    geometry = SubElement(cell, "mxGeometry", {"relative": "1", "as": "geometry"})
    middle = source.places.middles.get(flow.id)
    if middle:
        points = SubElement(geometry, "Array", {"as": "points"})
        SubElement(points, "mxPoint", x=f"{middle[0]:g}", y=f"{middle[1]:g}")
