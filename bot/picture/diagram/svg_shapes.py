"""Shapes of a diagram in SVG, and the legend of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec

from bot.picture.diagram.color_themes import ColorTheme, Shade
from bot.picture.diagram.diagram_parts import Diagram, ThreatCount
from bot.picture.diagram.geometry import Box, Point, end_direction
from bot.picture.diagram.part_labels import BADGE, DISC, SMALL, TextLine, disc_width, threat_count_text
from bot.picture.font_metrics import drawable_text, escape_xml
from domain.dread.scoring import Band
from domain.kernel.elements import ComponentKind

_HEAD = 10.0
"""Length of an arrowhead."""
_TO_MIDDLE = 0.36
"""Vertical offset that centers text, relative to its size."""
_MARK, _APART = 7.0, 2.4
"""Half the length of the bars that mark a crossing, and half the distance between them."""

_WIDTHS: Final[Mapping[Band | None, float]] = {
    None: 2.0,
    Band.LOW: 2.0,
    Band.MEDIUM: 2.4,
    Band.HIGH: 3.0,
    Band.CRITICAL: 3.6,
}
"""Widths of outlines, so that the worst are seen also without colors."""


def outline(threats: ThreatCount, ink: ColorTheme) -> tuple[Shade, float]:
    """Return the colors of a part and the width of its outline, by its worst open threat."""
    if not threats.number:
        return ink.plain, 1.6
    return ink.marked[threats.worst], _WIDTHS[threats.worst]


def text(line: TextLine, x: float, y: float, fill: str, *, anchor: str = "start") -> str:
    """Return one line of text; `y` is its baseline."""
    bold = ' font-weight="700"' if line.weight == "Bold" else ""
    at = f' text-anchor="{anchor}"' if anchor != "start" else ""
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{line.size:g}" fill="{fill}"'
    return f"<text {place}{bold}{at}>{escape_xml(line.text)}</text>"


def title_lines(lines: Sequence[TextLine], margin: float, ink: ColorTheme) -> Iterator[str]:
    """Yield the lines at the top of a picture; those that are not bold are lighter."""
    y = margin
    for line in lines:
        yield text(line, margin, y + line.size, ink.ink if line.weight == "Bold" else ink.faint)
        y += line.height


def centred(lines: Sequence[TextLine], box: Box, ink: ColorTheme) -> Iterator[str]:
    """Yield lines centered in a box; those that are not bold are lighter."""
    top = box.y - sum(line.height for line in lines) / 2
    for line in lines:
        middle = top + line.height / 2
        fill = ink.ink if line.weight == "Bold" else ink.faint
        yield text(line, box.x, middle + line.size * _TO_MIDDLE, fill, anchor="middle")
        top += line.height


def component(sort: ComponentKind | None, box: Box, shade: Shade, thick: float) -> Iterator[str]:
    """Yield a component: a rectangle, a circle, or two lines; dashed if its kind is unknown."""
    frame = _frame(box)
    drawn = f'fill="{shade.fill}" stroke="{shade.line}" stroke-width="{thick:g}"'
    match sort:
        case ComponentKind.PROCESS:
            around = f'rx="{box.width / 2:.1f}" ry="{box.height / 2:.1f}"'
            yield f'<ellipse cx="{box.x:.1f}" cy="{box.y:.1f}" {around} {drawn}/>'
        case ComponentKind.DATA_STORE:
            yield f'<rect {frame} fill="{shade.fill}"/>'
            upper, lower = (f"M{box.left:.1f} {y:.1f}h{box.width:.1f}" for y in (box.top, box.bottom))
            yield f'<path d="{upper}{lower}" stroke="{shade.line}" stroke-width="{thick + 0.8:g}"/>'
        case ComponentKind.EXTERNAL_ENTITY:
            yield f'<rect {frame} rx="3" {drawn}/>'
        case None:
            yield f'<rect {frame} rx="14" {drawn} stroke-dasharray="4 4"/>'


def boundary(box: Box, fill: str, shade: Shade, thick: float = 1.8) -> str:
    """Return the outline of a trust boundary."""
    drawn = f'fill="{fill}" stroke="{shade.line}" stroke-width="{thick:g}" stroke-dasharray="8 5"'
    return f'<rect {_frame(box)} rx="14" {drawn}/>'


def pill(lines: Sequence[TextLine], left: float, middle: float, fill: str, ink: ColorTheme) -> Iterator[str]:
    """Yield text on a bar with round ends."""
    wide, high = max(line.width for line in lines) + 16, sum(line.height for line in lines) + 3
    top = middle - high / 2
    yield (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{high:.1f}" rx="9" fill="{fill}"/>'
    )
    y = top + 1.5
    for line in lines:
        yield text(line, left + 8, y + line.height / 2 + line.size * _TO_MIDDLE, ink.upon)
        y += line.height


def number_disc(number: str, left: float, middle: float, fill: str, ink: ColorTheme) -> Iterator[str]:
    """Yield the number of a flow."""
    wide = disc_width(number)
    yield (
        f'<rect x="{left:.1f}" y="{middle - DISC:.1f}" width="{wide:.1f}" height="{2 * DISC:g}"'
        f' rx="{DISC:g}" fill="{fill}"/>'
    )
    line = TextLine(text=drawable_text(number), size=SMALL, weight="Bold")
    yield text(line, left + wide / 2, middle + SMALL * _TO_MIDDLE, ink.upon, anchor="middle")


def threats_badge(threats: ThreatCount, x: float, y: float, ink: ColorTheme) -> Iterator[str]:
    """Yield the number of open threats, in the color of the worst one."""
    yield (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{BADGE:g}" fill="{ink.bands[threats.worst]}"'
        f' stroke="{ink.paper}" stroke-width="2"/>'
    )
    line = TextLine(text=threat_count_text(threats), size=12 if threats.number < 100 else 9.5, weight="Bold")
    yield text(line, x, y + line.size * _TO_MIDDLE, ink.upon, anchor="middle")


def curve(points: Sequence[Point], colour: str, thick: float, *, arrow: bool) -> Iterator[str]:
    """Yield a line, with an arrowhead at its end if it leads to a part."""
    *_, near, (x, y) = points
    if arrow:
        along = end_direction(points)
        near = (near[0] - along[0] * _HEAD * 0.6, near[1] - along[1] * _HEAD * 0.6)
        end = (x - along[0] * _HEAD * 0.7, y - along[1] * _HEAD * 0.7)
        points = [*points[:-2], near, end]
    path = " ".join(f"{point[0]:.1f} {point[1]:.1f}" for point in points[1:])
    start = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    yield f'<path d="{start}C{path}" fill="none" stroke="{colour}" stroke-width="{thick:g}"/>'
    if arrow:
        yield head((x, y), end_direction([*points[:-2], near, (x, y)]), colour)


def crossing_mark(at: Point, along: Point, ink: ColorTheme) -> Iterator[str]:
    """Yield two bars across a line at `at`; `along` is its direction there, as a unit vector."""
    (x, y), (right, down) = at, along
    bars = ""
    for step in (-_APART, _APART):
        from_x, from_y = x + right * step - down * _MARK, y + down * step + right * _MARK
        bars += f"M{from_x:.1f} {from_y:.1f}l{2 * down * _MARK:.1f} {-2 * right * _MARK:.1f}"
    yield f'<path d="{bars}" stroke="{ink.paper}" stroke-width="5"/>'
    yield f'<path d="{bars}" stroke="{ink.ink}" stroke-width="1.9"/>'


def head(tip: Point, along: Point, colour: str) -> str:
    """Return the arrowhead that ends at `tip`; `along` is a unit vector."""
    (x, y), (right, down) = tip, along
    wing = _HEAD * 0.45
    back = x - right * _HEAD, y - down * _HEAD
    notch = x - right * _HEAD * 0.7, y - down * _HEAD * 0.7
    corners = [
        (x, y),
        (back[0] - down * wing, back[1] + right * wing),
        notch,
        (back[0] + down * wing, back[1] - right * wing),
    ]
    return f'<path d="M{"L".join(f"{one:.1f} {two:.1f}" for one, two in corners)}z" fill="{colour}"/>'


def _frame(box: Box) -> str:
    return f'x="{box.left:.1f}" y="{box.top:.1f}" width="{box.width:.1f}" height="{box.height:.1f}"'


_SIGN, _GAP, _ROW = 34.0, 18.0, 26.0
_SIZE: Final = 12.0

_SORTS: Final = {
    ComponentKind.EXTERNAL_ENTITY: "external entity",
    ComponentKind.PROCESS: "process",
    ComponentKind.DATA_STORE: "data store",
    None: "type not specified",
}


class LegendEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One sign and its meaning; `drawn` draws it to the right of a position, centered on a height."""

    label: str
    drawn: Callable[[float, float, ColorTheme], Iterator[str]]
    width: float = _SIGN

    @property
    def line(self) -> TextLine:
        """Its meaning as a measured line."""
        return TextLine(text=self.label, size=_SIZE)


Row = tuple[tuple[LegendEntry, float], ...]


def legend_rows(diagram: Diagram, room: float) -> list[Row]:
    """Return the signs with their horizontal positions, row by row."""
    rows: list[list[tuple[LegendEntry, float]]] = [[]]
    at = 0.0
    for sign in _signs(diagram):
        wide = sign.width + 6 + sign.line.width
        if rows[-1] and at + wide > room:
            rows.append([])
            at = 0.0
        rows[-1].append((sign, at))
        at += wide + _GAP
    return [tuple(row) for row in rows if row]


def legend_height(rows: Sequence[Row]) -> float:
    """Return the height of a number of rows."""
    return _ROW * len(rows)


def draw_legend(rows: Sequence[Row], left: float, top: float, ink: ColorTheme) -> Iterator[str]:
    """Yield the drawn rows."""
    for number, row in enumerate(rows):
        middle = top + _ROW * number + _ROW / 2
        for sign, at in row:
            yield from sign.drawn(left + at, middle, ink)
            yield text(sign.line, left + at + sign.width + 6, middle + 4.2, ink.faint)


def _signs(diagram: Diagram) -> Iterator[LegendEntry]:
    sorts = {node.sort for node in diagram.nodes}
    for sort, words in _SORTS.items():
        if sort in sorts:
            yield LegendEntry(label=words, drawn=partial(_component, sort))
    if diagram.zones:
        yield LegendEntry(label="trust boundary, with its trust levels", drawn=_boundary)
    if any(not flow.crosses for flow in diagram.flows):
        yield LegendEntry(label="data flow", drawn=_arrow)
    if any(flow.crosses for flow in diagram.flows):
        yield LegendEntry(label="data flow that crosses a boundary or trust level", drawn=_crossing_arrow)
    seen = {
        zone.threats.worst for zone in (*diagram.zones, *diagram.nodes, *diagram.flows) if zone.threats.number
    }
    if seen:
        yield LegendEntry(label="open threats, colored by the highest risk:", drawn=_many, width=22)
    for band in (*reversed(Band), None):
        if band in seen:
            yield LegendEntry(label=band or "not scored", drawn=partial(_badge, band), width=22)


def _component(sort: ComponentKind | None, x: float, y: float, ink: ColorTheme) -> Iterator[str]:
    wide = 18 if sort is ComponentKind.PROCESS else 28
    return component(sort, Box(x + _SIGN / 2, y, wide, 18), ink.plain, 1.6)


def _boundary(x: float, y: float, ink: ColorTheme) -> Iterator[str]:
    shade = ink.zones[len(ink.zones) // 2]
    box = Box(x + _SIGN / 2, y, 30, 18)
    yield boundary(box, shade.fill, shade).replace('rx="14"', 'rx="5"').replace("8 5", "5 3")


def _arrow(x: float, y: float, ink: ColorTheme) -> Iterator[str]:
    colour = ink.plain.line
    yield f'<path d="M{x:.1f} {y:.1f}h{_SIGN - 8:g}" stroke="{colour}" stroke-width="1.6"/>'
    yield head((x + _SIGN, y), (1.0, 0.0), colour)


def _crossing_arrow(x: float, y: float, ink: ColorTheme) -> Iterator[str]:
    yield from _arrow(x, y, ink)
    yield from crossing_mark((x + _SIGN / 2 - 3, y), (1.0, 0.0), ink)


def _many(x: float, y: float, ink: ColorTheme) -> Iterator[str]:
    drawn = f'fill="none" stroke="{ink.faint}" stroke-width="1.5"'
    yield f'<circle cx="{x + 11:.1f}" cy="{y:.1f}" r="10" {drawn}/>'
    yield text(TextLine(text="n", size=12, weight="Bold"), x + 11, y + 4.2, ink.faint, anchor="middle")


def _badge(band: Band | None, x: float, y: float, ink: ColorTheme) -> Iterator[str]:
    circle, _ = threats_badge(ThreatCount(number=1, worst=band), x + 11, y, ink)
    yield circle
