"""Charts of a model: threats by score, coverage, open threats over time; pure functions."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from math import ceil
from typing import Final

import msgspec

from bot.picture.diagram.color_themes import THEMES, ColorTheme, ThemeName
from bot.picture.diagram.part_labels import TextLine
from bot.picture.diagram.svg_shapes import text, title_lines
from bot.picture.font_metrics import (
    FAMILY,
    Weight,
    clip_text,
    drawable_text,
    escape_xml,
    picture_title,
    visible_text,
    wrap_text,
)
from domain.analysis.coverage import CoverageCell, CoverageRow, DecidedBy
from domain.dread.metrics import HIGHEST
from domain.dread.scoring import BANDS_FROM, Band, BandOverride
from domain.kernel.text_formatting import count_phrase
from domain.kernel.threat import Stride, ThreatId
from domain.register import ThreatRegister
from domain.threat_trend import OpenThreats
from domain.voting.scores import RankedThreat, Score

WIDTH: Final = 480
"""Width of every chart in pixels; narrow, because a phone shows it at three quarters of its size."""

MARGIN: Final = 18
_TITLE, _SUBTITLE = 21.0, 13.0


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A picture as SVG, its height in pixels, and its content in words."""

    svg: str
    alt_text: str
    height: float

    @property
    def width(self) -> float:
        """Its width in pixels."""
        return WIDTH


def _heading(title: str, subtitle: str) -> tuple[list[TextLine], float]:
    """Return the lines above a chart, and the vertical position below them."""
    room = WIDTH - 2 * MARGIN
    written = [
        *(TextLine(text=one, size=_TITLE, weight="Bold") for one in wrap_text(title, _TITLE, room, "Bold")),
        *(TextLine(text=one, size=_SUBTITLE) for one in wrap_text(drawable_text(subtitle), _SUBTITLE, room)),
    ]
    return written, MARGIN + sum(line.height for line in written) + 12


def _framed(
    title: list[TextLine], parts: Iterable[str], height: float, sentences: Iterable[str], ink: ColorTheme
) -> Chart:
    """Return the chart with its title above the parts, and its content in words."""
    words = " ".join(sentences)
    size = f'width="{WIDTH}" height="{height:g}"'
    svg = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH} {height:g}"',
        f' font-family="{FAMILY}, sans-serif" role="img"><desc>{escape_xml(visible_text(words))}</desc>',
        f'<rect {size} fill="{ink.paper}"/>',
        *title_lines(title, MARGIN, ink),
        *parts,
        "</svg>",
    ]
    return Chart(svg="".join(svg), alt_text=words, height=height)


def line(text: str, size: float, room: float, weight: Weight = "Regular") -> TextLine:
    """Return a line of text, clipped to the given width."""
    return TextLine(text=clip_text(drawable_text(text), size, room, weight), size=size, weight=weight)


MAX_BARS = 40
"""Maximum bars; the others are counted."""

_Scored = Sequence[tuple[RankedThreat, Score]]
_RANKING_ROW = 44
_BARS = (MARGIN, WIDTH - 92.0)
_THICK = 11


def draw_ranking(known: ThreatRegister, theme: ThemeName = "light") -> Chart:
    """Return all scored threats of a model, worst first; equal scores produce equal pictures."""
    ink = THEMES[theme]
    scored = [(threat, threat.score) for threat in known.ranked if threat.score is not None]
    unscored = len(known.ranked) - len(scored)
    rest = f", {unscored} not scored" if unscored else ""
    title, top = _heading(
        picture_title(known.name, known.key),
        f"Scored threats, highest risk first · version {known.version} · {len(scored)} scored{rest}",
    )
    shown = scored[:MAX_BARS]
    bottom = top + _RANKING_ROW * len(shown)
    parts = [*_grid(top, bottom, ink)]
    for place, (one, score) in enumerate(shown):
        over = known.statuses[one.threat.id].state.over
        parts += _row(one, score, top + _RANKING_ROW * place, ink, over=over)
    notes = list(_notes(known, scored))
    parts += [
        text(line(note, 12, WIDTH - 2 * MARGIN), MARGIN, bottom + 40 + 17 * place, ink.faint)
        for place, note in enumerate(notes)
    ]
    height = bottom + 36 + 17 * len(notes)
    return _framed(title, parts, height, _ranking_sentences(known, scored, unscored), ink)


def _notes(known: ThreatRegister, scored: _Scored) -> Iterator[str]:
    """Yield the legend of the signs in the picture, and the number of omitted bars."""
    shown = scored[:MAX_BARS]
    if any(score.tally.held for _, score in shown):
        yield "* band raised or limited by Damage"
    if any(one.residual is not None for one, _ in shown):
        yield "◊ residual score"
    if any(known.statuses[one.threat.id].state.over for one, _ in shown):
        yield "Outlined bars: resolved threats"
    if len(scored) > MAX_BARS:
        yield f"and {len(scored) - MAX_BARS} more with lower scores"


def _grid(top: float, bottom: float, ink: ColorTheme) -> Iterator[str]:
    """Yield the boundaries of the bands."""
    for start in (0, *BANDS_FROM, HIGHEST):
        x = _score_x(start)
        yield f'<path d="M{x:.1f} {top:g}V{bottom + 4:g}" stroke="{ink.rule}"/>'
        yield text(line(f"{start}", 12, 40), x, bottom + 18, ink.faint, anchor="middle")


def _row(one: RankedThreat, score: Score, top: float, ink: ColorTheme, *, over: bool) -> Iterator[str]:
    colour, tally = ink.bands[score.tally.band], score.tally
    name = line(f"{one.threat.id} · {one.threat.title}".rstrip(" ·"), 12.5, WIDTH - 2 * MARGIN, "Bold")
    # Above the grid lines, and legible on them.
    ground = f'width="{name.width + 4:.1f}" height="17" fill="{ink.paper}"'
    yield f'<rect x="{MARGIN - 2}" y="{top + 4:g}" {ground}/>'
    yield text(name, MARGIN, top + 17, ink.faint if over else ink.ink)
    long = max(2.0, _score_x(tally.mean) - _BARS[0])
    fill = f'fill="{ink.paper}" stroke="{colour}" stroke-width="1.5"' if over else f'fill="{colour}"'
    yield (f'<rect x="{_BARS[0]}" y="{top + 24:g}" width="{long:.1f}" height="{_THICK}" rx="3" {fill}/>')
    if one.residual is not None:
        x = _score_x(one.residual.tally.mean)
        yield (
            f'<path d="M{x:.1f} {top + 22:g}l7 7.5l-7 7.5l-7 -7.5z" fill="{ink.paper}"'
            f' stroke="{ink.ink}" stroke-width="1.6"/>'
        )
    result = f"{tally.mean:.1f} {tally.band}" + ("*" if tally.held else "")
    yield text(line(result, 12, 86, "Bold"), _BARS[1] + 8, top + 34, colour)


def _score_x(mean: float) -> float:
    first, last = _BARS
    return first + (last - first) * mean / HIGHEST


def _ranking_sentences(known: ThreatRegister, scored: _Scored, unscored: int) -> Iterator[str]:
    yield f"Threats of {known.name} by score."
    for one, score in scored:
        yield f"{one.rank}. {one.threat.id} {one.threat.title}: {_scored(known, one, score)}."
    if not scored:
        yield "No threat has a score yet."
    if unscored:
        yield f"{unscored} not scored."


def _scored(known: ThreatRegister, one: RankedThreat, score: Score) -> str:
    tally = score.tally
    held = {
        BandOverride.FLOOR: "raised because of Damage",
        BandOverride.CEILING: "limited because of low Damage",
        None: "",
    }
    residual = f"residual score {one.residual.tally.mean:.1f}" if one.residual else ""
    state = known.statuses[one.threat.id].state
    over = state.replace("_", " ") if state.over else ""
    words = (f"{tally.band}, mean {tally.mean:.1f}", held[tally.held], residual, over)
    return ", ".join(word for word in words if word)


_LEFT, _RIGHT = MARGIN + 26.0, WIDTH - MARGIN - 6.0
_HIGH = 190.0
_BANDS = (*reversed(Band), None)
_LABELS = {band: str(band) for band in Band} | {None: "not scored"}


def draw_trend(known: ThreatRegister, days: Sequence[OpenThreats], theme: ThemeName = "light") -> Chart:
    """Draw the days as steps; equal days produce equal pictures."""
    subtitle = f"Open threats over time · version {known.version} · {_now(days)} open now"
    return _trend(picture_title(known.name, known.key), subtitle, known.name, days, theme)


def draw_portfolio_trend(models: int, days: Sequence[OpenThreats], theme: ThemeName = "light") -> Chart:
    """Draw the open threats of several models together, by UTC days."""
    counted = count_phrase(models, "model")
    subtitle = f"{counted} together · {_now(days)} open now · days in UTC"
    return _trend("Open threats over time", subtitle, counted, days, theme)


def _now(days: Sequence[OpenThreats]) -> int:
    return days[-1].number if days else 0


def _trend(title: str, subtitle: str, of: str, days: Sequence[OpenThreats], theme: ThemeName) -> Chart:
    ink = THEMES[theme]
    lines, top = _heading(title, subtitle)
    legend = top + _HIGH + 34
    parts = [*_axes(days, top, ink), *_areas(days, top, ink), *_trend_legend(days, legend, ink)]
    return _framed(lines, parts, legend + 34, _trend_sentences(of, days), ink)


def _axes(days: Sequence[OpenThreats], top: float, ink: ColorTheme) -> Iterator[str]:
    most = _most(days)
    step = max(1, ceil(most / 5))
    for number in range(0, most + 1, step):
        y = _y(number, most, top)
        yield f'<path d="M{_LEFT:g} {y:.1f}H{_RIGHT:g}" stroke="{ink.rule}"/>'
        yield text(line(f"{number}", 12, 24), _LEFT - 8, y + 4.3, ink.faint, anchor="end")
    if not days:
        return
    first, last = days[0].day, days[-1].day
    yield text(line(_day(first), 12, 120), _LEFT, top + _HIGH + 18, ink.faint)
    if last != first:
        yield text(line(_day(last), 12, 120), _RIGHT, top + _HIGH + 18, ink.faint, anchor="end")


def _areas(days: Sequence[OpenThreats], top: float, ink: ColorTheme) -> Iterator[str]:
    """Yield the stacked bands as steps from day to day."""
    if not days:
        return
    most = _most(days)
    below = [0] * len(days)
    for band in _BANDS:
        if not any(day.bands.get(band) for day in days):
            continue
        above = [low + one.bands.get(band, 0) for low, one in zip(below, days, strict=True)]
        upper = _steps(days, above, most, top)
        lower = _steps(days, below, most, top)
        corners = [*upper, *reversed(lower)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in corners)
        yield f'<path d="M{path}z" fill="{ink.bands[band]}" stroke="{ink.paper}" stroke-width="1"/>'
        below = above


def _steps(
    days: Sequence[OpenThreats], numbers: Sequence[int], most: int, top: float
) -> list[tuple[float, float]]:
    """Return the upper edge of an area: constant until the next day with a change."""
    points: list[tuple[float, float]] = []
    for place, (one, number) in enumerate(zip(days, numbers, strict=True)):
        until = _time_x(days[place + 1].day, days) if place + 1 < len(days) else _RIGHT
        y = _y(number, most, top)
        points += [(_time_x(one.day, days), y), (until, y)]
    return points


def _trend_legend(days: Sequence[OpenThreats], top: float, ink: ColorTheme) -> Iterator[str]:
    at = float(MARGIN)
    for band in _BANDS:
        if not any(day.bands.get(band) for day in days):
            continue
        yield f'<rect x="{at:.1f}" y="{top:g}" width="14" height="14" rx="3" fill="{ink.bands[band]}"/>'
        label = line(_LABELS[band], 12, 120)
        yield text(label, at + 20, top + 11.5, ink.faint)
        at += 20 + label.width + 16


def _most(days: Sequence[OpenThreats]) -> int:
    return max(1, *(day.number for day in days)) if days else 1


def _time_x(day: date, days: Sequence[OpenThreats]) -> float:
    """Return the horizontal position of a day; the last day has a width of its own, so that it is visible."""
    first, whole = days[0].day, (days[-1].day - days[0].day).days + 1
    return _LEFT + (_RIGHT - _LEFT) * (day - first).days / whole


def _y(number: int, most: int, top: float) -> float:
    return top + _HIGH - _HIGH * number / most


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _trend_sentences(of: str, days: Sequence[OpenThreats]) -> Iterator[str]:
    yield f"Open threats of {of} over time."
    if not days or not any(day.number for day in days):
        yield "There were no open threats."
        return
    worst = max(days, key=lambda day: day.number)
    yield f"Maximum: {worst.number} on {_day(worst.day)}."
    last = days[-1]
    parts = ", ".join(f"{number} {_LABELS[band]}" for band, number in last.bands.items())
    yield f"On {_day(last.day)} {last.number} were open{f': {parts}' if parts else ''}."


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
    label = f"{still} undecided" if still else "none undecided"
    if not still and not known.coverage.assumed_cells:
        label = "all decided"
    number, count = place
    page = f" · page {number} of {count}" if count > 1 else ""
    title, top = _heading(
        picture_title(known.name, known.key),
        f"Coverage by STRIDE · version {known.version} · {label}{page}",
    )
    bottom = top + 24 + _ROW * len(rows)
    parts = [
        *_head(top, ink),
        *_rows(rows, top + 24, ink),
        *_legend(bottom + 10, ink, any_assumed=_assumed(rows)),
    ]
    if left:
        more = line(f"and {left} more elements", 12, WIDTH - 2 * MARGIN)
        parts.append(text(more, MARGIN, bottom + 50, ink.faint))
    return _framed(title, parts, bottom + (66 if left else 44), _sentences(known, rows, page), ink)


def _head(top: float, ink: ColorTheme) -> Iterator[str]:
    for place, category in enumerate(Stride):
        letter = line(f"{category}", 14, _COLUMN, "Bold")
        yield text(letter, _column_x(place), top + 15, ink.ink, anchor="middle")


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
                yield from _cell(cells[category], _column_x(column), y + _ROW / 2, ink)


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
    signs = [
        (_example(DecidedBy.REASON), "decided"),
        (_example(DecidedBy.THREAT, threats=(ThreatId("TH-1"),)), "threats found"),
        *([(_example(DecidedBy.ASSUMED), "assumed")] if any_assumed else []),
        (_example(DecidedBy.NOTHING), "undecided"),
        (_example(DecidedBy.NOTHING, wanted=False), "not on a trust crossing"),
    ]
    for cell, words in signs:
        yield from _cell(cell, at + 9, middle, ink)
        label = line(words, 12, 160)
        yield text(label, at + 22, middle + 4.2, ink.faint)
        at += 22 + label.width + 12


def _example(by: DecidedBy, *, wanted: bool = True, threats: tuple[ThreatId, ...] = ()) -> CoverageCell:
    return CoverageCell(category=Stride.SPOOFING, by=by, wanted=wanted, threats=threats)


def _assumed(rows: Sequence[CoverageRow]) -> bool:
    return any(cell.by is DecidedBy.ASSUMED for row in rows for cell in row.cells)


def _column_x(column: int) -> float:
    return WIDTH - MARGIN - 6 * _COLUMN + _COLUMN * (column + 0.5)


def _sentences(known: ThreatRegister, rows: Sequence[CoverageRow], page: str) -> Iterator[str]:
    still = known.coverage.open_cells
    cells = "cell on trust crossings is" if still == 1 else "cells on trust crossings are"
    yield f"Coverage of {known.name}{page}: {still} {cells} undecided."
    for row in rows:
        if row.open:
            yield f"{row.name} ({row.element}): {', '.join(one.category.label.lower() for one in row.open)}."


__all__ = ["Chart", "draw_coverage", "draw_portfolio_trend", "draw_ranking", "draw_trend"]
