"""SVG of a laid out diagram."""

from collections.abc import Iterator
from math import sqrt
from typing import Final

import msgspec

from bot.picture.diagram.color_themes import THEMES, ColorTheme, ThemeName, zone_shade
from bot.picture.diagram.diagram_parts import BoundaryZone, Diagram, Flow, Node
from bot.picture.diagram.diagram_text import describe_diagram, headline, subtitle
from bot.picture.diagram.geometry import Box
from bot.picture.diagram.layout import Layout
from bot.picture.diagram.part_labels import BADGE, DISC, LabeledPart, TextLine
from bot.picture.diagram.svg_shapes import (
    Row,
    boundary,
    centred,
    component,
    crossing_mark,
    curve,
    draw_legend,
    legend_height,
    legend_rows,
    number_disc,
    outline,
    pill,
    text,
    threats_badge,
    title_lines,
)
from bot.picture.font_metrics import FAMILY, escape_xml, picture_title, visible_text, wrap_text
from bot.picture.png_renderer import render_png

MARGIN: Final = 18.0
NARROWEST: Final = 420.0
"""Minimum width, so that the title and the legend fit even if the diagram is small."""

_FINE, _PIXELS, _LONGEST = 2.0, 3_200_000, 8_000
"""The scale of a PNG, and its maximum number of pixels, in total and per side."""

_TITLE_SIZE, _SUBTITLE_SIZE = 21.0, 13.0


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """Size of the picture, and the origins of the diagram and the legend."""

    width: float
    height: float
    title: tuple[TextLine, ...]
    left: float
    top: float
    legend_top: float
    legend: tuple[Row, ...]


def diagram_svg(layout: Layout, theme: ThemeName = "light") -> str:
    """Return the picture; equal layouts produce equal pictures."""
    return "".join(_parts(layout, THEMES[theme]))


def diagram_png(layout: Layout, theme: ThemeName = "light") -> bytes:
    """Render the picture as PNG at twice its size, less for a large one."""
    frame = frame_diagram(layout)
    finest = min(
        _FINE,
        sqrt(_PIXELS / (frame.width * frame.height)),
        _LONGEST / max(frame.width, frame.height),
    )
    return render_png(diagram_svg(layout, theme), finest)


def frame_diagram(layout: Layout) -> Frame:
    """Return the size of the picture, including the parts above and below the diagram."""
    inner = max(layout.width, NARROWEST)
    title = _title(layout.diagram, inner)
    top = MARGIN + sum(line.height for line in title) + 14
    legend_top = top + layout.height + 20
    rows = tuple(legend_rows(layout.diagram, inner))
    return Frame(
        width=round(inner + 2 * MARGIN),
        height=round(legend_top + legend_height(rows) + MARGIN - 6),
        title=title,
        left=MARGIN + (inner - layout.width) / 2,
        top=top,
        legend_top=legend_top,
        legend=rows,
    )


def _title(diagram: Diagram, room: float) -> tuple[TextLine, ...]:
    name = wrap_text(picture_title(diagram.name, diagram.key), _TITLE_SIZE, room, "Bold")
    below = [one for words in subtitle(diagram) for one in wrap_text(words, _SUBTITLE_SIZE, room, most=3)]
    return (
        *(TextLine(text=one, size=_TITLE_SIZE, weight="Bold") for one in name),
        *(TextLine(text=one, size=_SUBTITLE_SIZE) for one in below),
    )


def _parts(layout: Layout, ink: ColorTheme) -> Iterator[str]:
    frame, diagram = frame_diagram(layout), layout.diagram
    size = f'width="{frame.width:g}" height="{frame.height:g}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {frame.width:g} {frame.height:g}"'
    yield f' font-family="{FAMILY}, sans-serif" role="img">'
    yield f"<title>{escape_xml(visible_text(headline(diagram)))}</title>"
    yield f"<desc>{escape_xml(visible_text(describe_diagram(diagram)))}</desc>"
    yield f'<rect {size} fill="{ink.paper}"/>'
    yield from title_lines(frame.title, MARGIN, ink)
    yield f'<g transform="translate({frame.left:.1f} {frame.top:.1f})">'
    yield from _boundaries(layout, ink)
    yield from _lines(layout, ink)
    yield from _titles(layout, ink)
    for flow, size_of, box in zip(diagram.flows, layout.flow_texts, layout.labels, strict=True):
        yield from _label(flow, size_of, box, ink)
    for node, size_of, box, badge in zip(
        diagram.nodes, layout.node_texts, layout.nodes, layout.badges, strict=True
    ):
        yield from _node(node, size_of, box, badge, ink)
    yield "</g>"
    rule = f"M{MARGIN:g} {frame.legend_top - 7:.1f}h{frame.width - 2 * MARGIN:g}"
    yield f'<path d="{rule}" stroke="{ink.rule}"/>'
    yield from draw_legend(frame.legend, MARGIN, frame.legend_top, ink)
    yield "</svg>"


def _boundaries(layout: Layout, ink: ColorTheme) -> Iterator[str]:
    for zone, box in zip(layout.diagram.zones, layout.zones, strict=True):
        calm = zone_shade(ink, _place(zone))
        if zone.threats.number:
            yield boundary(box, calm.fill, *outline(zone.threats, ink))
        else:
            yield boundary(box, calm.fill, calm)


def _titles(layout: Layout, ink: ColorTheme) -> Iterator[str]:
    """Yield the names of the boundaries, above the lines, on a background of their own."""
    for zone, letters, box in zip(layout.diagram.zones, layout.zone_texts, layout.titles, strict=True):
        shade = zone_shade(ink, _place(zone))
        ground = ink.paper if shade.fill == "none" else shade.fill
        yield (
            f'<rect x="{box.left - 4:.1f}" y="{box.top:.1f}" width="{box.width + 4:.1f}"'
            f' height="{box.height:.1f}" rx="8" fill="{ground}" fill-opacity="0.9"/>'
        )
        name, trust = letters.lines[: letters.beside], letters.lines[letters.beside :]
        y = box.y - sum(line.height for line in name) / 2
        for line in name:
            yield text(line, box.left, y + line.height / 2 + line.size * 0.36, shade.line)
            y += line.height
        at = box.left + max(line.width for line in name) + 8
        if trust:
            yield from pill(trust, at, box.y, shade.line, ink)
            at += max(line.width for line in trust) + 16
        if zone.threats.number:
            yield from threats_badge(zone.threats, at + 5 + BADGE, box.y, ink)


def _lines(layout: Layout, ink: ColorTheme) -> Iterator[str]:
    # The worst come last, so that they are drawn above the others, and the marks above all lines.
    for flow, both in sorted(
        zip(layout.diagram.flows, layout.lines, strict=True), key=lambda one: _urgency(one[0])
    ):
        shade, thick = outline(flow.threats, ink)
        first = tuple(reversed(both[0])) if flow.two_way else both[0]
        yield from curve(first, shade.line, thick, arrow=flow.two_way)
        yield from curve(both[1], shade.line, thick, arrow=True)
    for mark in layout.marks:
        if mark is not None:
            yield from crossing_mark(mark.at, mark.along, ink)


def _urgency(flow: Flow) -> tuple[bool, int]:
    return flow.threats.number > 0, flow.threats.worst.order if flow.threats.worst else -1


def _label(flow: Flow, letters: LabeledPart, box: Box, ink: ColorTheme) -> Iterator[str]:
    shade, thick = outline(flow.threats, ink)
    yield (
        f'<rect x="{box.left:.1f}" y="{box.top:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="8"'
        f' fill="{ink.paper}" stroke="{shade.line}" stroke-width="{thick / 2:g}"/>'
    )
    left, top = box.left + 7, box.top + 4
    beside = sum(line.height for line in letters.lines[: letters.beside])
    first = max(beside, 2 * DISC)
    yield from number_disc(flow.number, left, top + DISC, shade.line, ink)
    y = top + (first - beside) / 2
    for place, line in enumerate(letters.lines):
        if place == letters.beside:
            y = top + first
        indent = letters.indent if place < letters.beside else 0
        fill = ink.ink if line.weight == "Bold" else ink.faint
        yield text(line, left + indent, y + line.height / 2 + line.size * 0.36, fill)
        y += line.height
    if flow.threats.number:
        yield from threats_badge(flow.threats, box.right - BADGE - 3, box.top + BADGE + 1, ink)


def _node(node: Node, letters: LabeledPart, box: Box, badge: Box, ink: ColorTheme) -> Iterator[str]:
    yield from component(node.sort, box, *outline(node.threats, ink))
    yield from centred(letters.lines, box, ink)
    if node.threats.number:
        yield from threats_badge(node.threats, badge.x, badge.y, ink)


def _place(zone: BoundaryZone) -> float:
    return zone.trust[0].place if zone.trust else 0.0
