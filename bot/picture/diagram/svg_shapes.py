"""SVG of single parts of a diagram, with user text escaped."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.picture.diagram.bezier_curves import Point, end_direction
from bot.picture.diagram.color_themes import ColorTheme, Shade
from bot.picture.diagram.diagram_parts import ThreatCount
from bot.picture.diagram.layout_boxes import Box
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
    wide, high = max(one.width for one in lines) + 16, sum(one.height for one in lines) + 3
    top = middle - high / 2
    yield (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{high:.1f}" rx="9" fill="{fill}"/>'
    )
    y = top + 1.5
    for one in lines:
        yield text(one, left + 8, y + one.height / 2 + one.size * _TO_MIDDLE, ink.upon)
        y += one.height


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
    path = " ".join(f"{one[0]:.1f} {one[1]:.1f}" for one in points[1:])
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
