"""Export to draw.io: the diagram as movable shapes, with boundaries as containers."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from bot.formats.exporters.export_source import ExportSource, printable
from bot.picture.diagram.diagram_parts import outermost_first
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
    boundaries = [boundary for _, boundary in source.each(Kind.TRUST_BOUNDARY, TrustBoundary)]
    for boundary in outermost_first(boundaries):
        _box(root, source, boundary.id, boundary.name, _BOUNDARY, boundary.parent)
    for item, component in source.each(Kind.COMPONENT, Component):
        _box(root, source, item.id, item.name, _STYLES[component.sort], component.boundary)
    for item, flow in source.each(Kind.DATA_FLOW, DataFlow):
        crosses = _CROSSING if item.id in known.crossings else ""
        _flow(root, source, flow, item.name, f"{_FLOW}{_TWO_WAY if flow.two_way else ''}{crosses}")
    if source.imported:
        _note(root, source)
    indent(file)
    return tostring(file, encoding="utf-8", xml_declaration=True) + b"\n"


def _note(root: Element, source: ExportSource) -> None:
    """Add the statement that the model was imported, below the diagram."""
    style = "text;html=0;align=left;verticalAlign=top;whiteSpace=wrap;"
    fields = {"id": "imported", "value": source.imported, "style": style, "vertex": "1", "parent": _LAYER}
    cell = SubElement(root, "mxCell", fields)
    place = {"x": "0", "y": f"{source.places.height:g}", "width": "480", "height": "40"}
    SubElement(cell, "mxGeometry", {**place, "as": "geometry"})


def _box(
    root: Element, source: ExportSource, id: ElementId, name: str, style: str, parent: ElementId | None
) -> None:
    inside = parent if parent and parent in source.places.boxes else _LAYER
    cell = SubElement(
        root, "mxCell", {"id": id, "value": printable(name), "style": style, "vertex": "1", "parent": inside}
    )
    at = source.places.within(id, parent)
    sizes = {"x": at.x, "y": at.y, "width": at.width, "height": at.height}
    SubElement(cell, "mxGeometry", {name: f"{size:g}" for name, size in sizes.items()} | {"as": "geometry"})


def _flow(root: Element, source: ExportSource, flow: DataFlow, name: str, style: str) -> None:
    ends = {"source": flow.source, "target": flow.target}
    fields = {"id": flow.id, "value": printable(name), "style": style, "edge": "1", "parent": _LAYER}
    cell = SubElement(root, "mxCell", {**fields, **ends})
    geometry = SubElement(cell, "mxGeometry", {"relative": "1", "as": "geometry"})
    middle = source.places.middles.get(flow.id)
    if middle:
        points = SubElement(geometry, "Array", {"as": "points"})
        SubElement(points, "mxPoint", x=f"{middle[0]:g}", y=f"{middle[1]:g}")
