"""Legend of a diagram: only the signs that occur in it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from bot.picture.diagram.color_themes import ColorTheme
from bot.picture.diagram.diagram_parts import Diagram, ThreatCount
from bot.picture.diagram.layout_boxes import Box
from bot.picture.diagram.part_labels import TextLine
from bot.picture.diagram.svg_shapes import boundary, component, crossing_mark, head, text, threats_badge
from domain.dread.scoring import Band
from domain.kernel.elements import ComponentKind

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
    sorts = {one.sort for one in diagram.nodes}
    for sort, words in _SORTS.items():
        if sort in sorts:
            yield LegendEntry(label=words, drawn=_component(sort))
    if diagram.zones:
        yield LegendEntry(label="trust boundary, with its trust levels", drawn=_boundary)
    if any(not one.crosses for one in diagram.flows):
        yield LegendEntry(label="data flow", drawn=_arrow(crossing=False))
    if any(one.crosses for one in diagram.flows):
        yield LegendEntry(
            label="data flow that crosses a boundary or trust level", drawn=_arrow(crossing=True)
        )
    seen = {
        one.threats.worst for one in (*diagram.zones, *diagram.nodes, *diagram.flows) if one.threats.number
    }
    if seen:
        yield LegendEntry(label="open threats, colored by the highest risk:", drawn=_many, width=22)
    for band in (*reversed(Band), None):
        if band in seen:
            yield LegendEntry(label=band or "not scored", drawn=_badge(band), width=22)


def _component(sort: ComponentKind | None) -> Callable[[float, float, ColorTheme], Iterator[str]]:
    wide = 18 if sort is ComponentKind.PROCESS else 28

    def drawn(x: float, y: float, ink: ColorTheme) -> Iterator[str]:
        return component(sort, Box(x + _SIGN / 2, y, wide, 18), ink.plain, 1.6)

    return drawn


def _boundary(x: float, y: float, ink: ColorTheme) -> Iterator[str]:
    shade = ink.zones[len(ink.zones) // 2]
    box = Box(x + _SIGN / 2, y, 30, 18)
    yield boundary(box, shade.fill, shade).replace('rx="14"', 'rx="5"').replace("8 5", "5 3")


def _arrow(*, crossing: bool) -> Callable[[float, float, ColorTheme], Iterator[str]]:
    def drawn(x: float, y: float, ink: ColorTheme) -> Iterator[str]:
        colour = ink.plain.line
        yield f'<path d="M{x:.1f} {y:.1f}h{_SIGN - 8:g}" stroke="{colour}" stroke-width="1.6"/>'
        yield head((x + _SIGN, y), (1.0, 0.0), colour)
        if crossing:
            yield from crossing_mark((x + _SIGN / 2 - 3, y), (1.0, 0.0), ink)

    return drawn


def _many(x: float, y: float, ink: ColorTheme) -> Iterator[str]:
    drawn = f'fill="none" stroke="{ink.faint}" stroke-width="1.5"'
    yield f'<circle cx="{x + 11:.1f}" cy="{y:.1f}" r="10" {drawn}/>'
    yield text(TextLine(text="n", size=12, weight="Bold"), x + 11, y + 4.2, ink.faint, anchor="middle")


def _badge(band: Band | None) -> Callable[[float, float, ColorTheme], Iterator[str]]:
    def drawn(x: float, y: float, ink: ColorTheme) -> Iterator[str]:
        circle, _ = threats_badge(ThreatCount(number=1, worst=band), x + 11, y, ink)
        yield circle

    return drawn
