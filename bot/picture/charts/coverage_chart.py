"""Chart of the STRIDE coverage grid, in pages of a size that is readable on a phone."""

from collections.abc import Iterator, Sequence
from math import ceil

from bot.picture.charts.chart_frame import MARGIN, WIDTH, Chart, frame_chart, heading, line
from bot.picture.diagram.color_themes import THEMES, ColorTheme, ThemeName
from bot.picture.diagram.svg_shapes import text
from bot.picture.font_metrics import picture_title
from domain.analysis.coverage import CoverageCell, CoverageRow, DecidedBy
from domain.kernel.stride import Stride
from domain.kernel.threat import ThreatId
from domain.register import ThreatRegister

ROWS, PAGES = 24, 6
"""Rows of a page, and maximum pages; undecided rows come first, the rows after the last page are counted."""

_ROW = 27
_COLUMN = 36.0
_NAMES = WIDTH - 2 * MARGIN - 6 * _COLUMN - 8


def draw_coverage(known: ThreatRegister, theme: ThemeName = "light") -> tuple[Chart, ...]:
    """Return the pages, with a row for each element; equal decisions produce equal pictures."""
    rows = known.coverage.undecided_first
    count = min(PAGES, max(1, ceil(len(rows) / ROWS)))
    pages = [rows[first : first + ROWS] for first in range(0, count * ROWS, ROWS)]
    left = len(rows) - sum(map(len, pages))
    return tuple(
        _page(known, page, theme, (number, count), left if number == count else 0)
        for number, page in enumerate(pages, start=1)
    )


def _page(
    known: ThreatRegister,
    rows: Sequence[CoverageRow],
    theme: ThemeName,
    place: tuple[int, int],
    left: int,
) -> Chart:
    """Return one page; `place` is its number and that of the last one, `left` are rows on no page."""
    ink = THEMES[theme]
    still = known.coverage.open_cells
    said = f"{still} undecided" if still else "none undecided"
    if not still and not known.coverage.assumed_cells:
        said = "all decided"
    number, count = place
    page = f" · page {number} of {count}" if count > 1 else ""
    title, top = heading(
        picture_title(known.name, known.key),
        f"Coverage by STRIDE · version {known.version} · {said}{page}",
    )
    bottom = top + 24 + _ROW * len(rows)
    words = " ".join(_sentences(known, rows, page))
    parts = [
        *_head(top, ink),
        *_rows(rows, top + 24, ink),
        *_legend(bottom + 10, ink, any_assumed=_assumed(rows)),
    ]
    if left:
        more = line(f"and {left} more elements", 12, WIDTH - 2 * MARGIN)
        parts.append(text(more, MARGIN, bottom + 50, ink.faint))
    height = bottom + (66 if left else 44)
    return Chart(
        svg=frame_chart(parts, title=title, height=height, alt_text=words, ink=ink),
        alt_text=words,
        height=height,
    )


def _head(top: float, ink: ColorTheme) -> Iterator[str]:
    for place, category in enumerate(Stride):
        yield text(line(f"{category}", 14, _COLUMN, "Bold"), _x(place), top + 15, ink.ink, anchor="middle")


def _rows(rows: Sequence[CoverageRow], top: float, ink: ColorTheme) -> Iterator[str]:
    for place, row in enumerate(rows):
        y = top + _ROW * place
        yield f'<path d="M{MARGIN} {y:g}H{WIDTH - MARGIN}" stroke="{ink.rule}"/>'
        weight = "Bold" if row.crossing else "Regular"
        name = line(f"{row.element} {row.name}", 12.5, _NAMES, weight)
        yield text(name, MARGIN, y + 18, ink.ink if row.crossing else ink.faint)
        cells = {cell.category: cell for cell in row.cells}
        for column, category in enumerate(Stride):
            if category in cells:
                yield from _cell(cells[category], _x(column), y + _ROW / 2, ink)


def _cell(cell: CoverageCell, x: float, y: float, ink: ColorTheme) -> Iterator[str]:
    if cell.threats:
        yield f'<circle cx="{x:.1f}" cy="{y:g}" r="9" fill="{ink.decided}"/>'
        number = line(f"{min(len(cell.threats), 99)}", 11.5, 18, "Bold")
        yield text(number, x, y + 4.2, ink.upon, anchor="middle")
    elif cell.decided:
        drawn = f'fill="none" stroke="{ink.decided}"'
        yield f'<circle cx="{x:.1f}" cy="{y:g}" r="9" {drawn} stroke-width="1.5"/>'
        yield f'<path d="M{x - 4:.1f} {y:g}l3 3.5l5.5 -7" {drawn} stroke-width="2"/>'
    elif cell.by is DecidedBy.ASSUMED:
        drawn = f'fill="none" stroke="{ink.decided}" stroke-width="1.5" stroke-dasharray="3 2"'
        yield f'<circle cx="{x:.1f}" cy="{y:g}" r="9" {drawn}/>'
        yield text(line("a", 12, 18, "Bold"), x, y + 4.2, ink.decided, anchor="middle")
    elif cell.wanted:
        yield f'<rect x="{x - 9:.1f}" y="{y - 9:g}" width="18" height="18" rx="3" fill="{ink.undecided}"/>'
        yield text(line("?", 13, 18, "Bold"), x, y + 4.7, ink.upon, anchor="middle")
    else:
        yield f'<circle cx="{x:.1f}" cy="{y:g}" r="3.5" fill="none" stroke="{ink.faint}" stroke-width="1.2"/>'


def _legend(top: float, ink: ColorTheme, *, any_assumed: bool) -> Iterator[str]:
    middle, at = top + 12.0, float(MARGIN)
    assumed = CoverageCell(category=Stride.SPOOFING, by=DecidedBy.ASSUMED, wanted=True)
    signs = (
        (CoverageCell(category=Stride.SPOOFING, by=DecidedBy.REASON, wanted=True), "decided"),
        (
            CoverageCell(
                category=Stride.SPOOFING, by=DecidedBy.THREAT, wanted=True, threats=(ThreatId("TH-1"),)
            ),
            "threats found",
        ),
        *(((assumed, "assumed"),) if any_assumed else ()),
        (CoverageCell(category=Stride.SPOOFING, by=DecidedBy.NOTHING, wanted=True), "undecided"),
        (
            CoverageCell(category=Stride.SPOOFING, by=DecidedBy.NOTHING, wanted=False),
            "not on a trust crossing",
        ),
    )
    for cell, words in signs:
        yield from _cell(cell, at + 9, middle, ink)
        said = line(words, 12, 160)
        yield text(said, at + 22, middle + 4.2, ink.faint)
        at += 22 + said.width + 12


def _assumed(rows: Sequence[CoverageRow]) -> bool:
    return any(cell.by is DecidedBy.ASSUMED for row in rows for cell in row.cells)


def _x(column: int) -> float:
    return WIDTH - MARGIN - 6 * _COLUMN + _COLUMN * (column + 0.5)


def _sentences(known: ThreatRegister, rows: Sequence[CoverageRow], page: str) -> Iterator[str]:
    still = known.coverage.open_cells
    cells = "cell on trust crossings is" if still == 1 else "cells on trust crossings are"
    yield f"Coverage of {known.name}{page}: {still} {cells} undecided."
    for row in rows:
        if row.open:
            yield f"{row.name} ({row.element}): {', '.join(one.category.label.lower() for one in row.open)}."
