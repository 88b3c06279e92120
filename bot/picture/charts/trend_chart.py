"""Chart of open threats over time, stacked by band."""

from collections.abc import Iterator, Sequence
from datetime import date
from math import ceil

from bot.picture.charts.chart_frame import MARGIN, WIDTH, Chart, frame_chart, heading, line
from bot.picture.diagram.color_themes import THEMES, ColorTheme, ThemeName
from bot.picture.diagram.svg_shapes import text
from bot.picture.font_metrics import picture_title
from domain.dread.scoring import Band
from domain.kernel.text_formatting import count_phrase
from domain.register import ThreatRegister
from domain.threat_trend import OpenThreats

_LEFT, _RIGHT = MARGIN + 26.0, WIDTH - MARGIN - 6.0
_HIGH = 190.0
_BANDS = (*reversed(Band), None)
_LABELS = {band: str(band) for band in Band} | {None: "not scored"}


def draw_trend(known: ThreatRegister, days: Sequence[OpenThreats], theme: ThemeName = "light") -> Chart:
    """Draw the days as steps; equal days produce equal pictures."""
    ink = THEMES[theme]
    now = days[-1].number if days else 0
    title, top = heading(
        picture_title(known.name, known.key),
        f"Open threats over time · version {known.version} · {now} open now",
    )
    words = " ".join(_sentences(known.name, days))
    parts = [*_axes(days, top, ink), *_areas(days, top, ink), *_legend(days, top + _HIGH + 34, ink)]
    height = top + _HIGH + 34 + 34
    return Chart(
        svg=frame_chart(parts, title=title, height=height, alt_text=words, ink=ink),
        alt_text=words,
        height=height,
    )


def draw_portfolio_trend(models: int, days: Sequence[OpenThreats], theme: ThemeName = "light") -> Chart:
    """Draw the open threats of several models together, by UTC days."""
    ink = THEMES[theme]
    now = days[-1].number if days else 0
    title, top = heading(
        "Open threats over time", f"{count_phrase(models, 'model')} together · {now} open now · days in UTC"
    )
    words = " ".join(_sentences(count_phrase(models, "model"), days))
    parts = [*_axes(days, top, ink), *_areas(days, top, ink), *_legend(days, top + _HIGH + 34, ink)]
    height = top + _HIGH + 34 + 34
    return Chart(
        svg=frame_chart(parts, title=title, height=height, alt_text=words, ink=ink),
        alt_text=words,
        height=height,
    )


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
        if not any(one.bands.get(band) for one in days):
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
        until = _x(days[place + 1].day, days) if place + 1 < len(days) else _RIGHT
        y = _y(number, most, top)
        points += [(_x(one.day, days), y), (until, y)]
    return points


def _legend(days: Sequence[OpenThreats], top: float, ink: ColorTheme) -> Iterator[str]:
    at = float(MARGIN)
    for band in _BANDS:
        if not any(one.bands.get(band) for one in days):
            continue
        yield f'<rect x="{at:.1f}" y="{top:g}" width="14" height="14" rx="3" fill="{ink.bands[band]}"/>'
        said = line(_LABELS[band], 12, 120)
        yield text(said, at + 20, top + 11.5, ink.faint)
        at += 20 + said.width + 16


def _most(days: Sequence[OpenThreats]) -> int:
    return max(1, *(one.number for one in days)) if days else 1


def _x(day: date, days: Sequence[OpenThreats]) -> float:
    """Return the horizontal position of a day; the last day has a width of its own, so that it is visible."""
    first, whole = days[0].day, (days[-1].day - days[0].day).days + 1
    return _LEFT + (_RIGHT - _LEFT) * (day - first).days / whole


def _y(number: int, most: int, top: float) -> float:
    return top + _HIGH - _HIGH * number / most


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _sentences(of: str, days: Sequence[OpenThreats]) -> Iterator[str]:
    yield f"Open threats of {of} over time."
    if not days or not any(one.number for one in days):
        yield "There were no open threats."
        return
    worst = max(days, key=lambda one: one.number)
    yield f"Maximum: {worst.number} on {_day(worst.day)}."
    last = days[-1]
    parts = ", ".join(f"{number} {_LABELS[band]}" for band, number in last.bands.items())
    yield f"On {_day(last.day)} {last.number} were open{f': {parts}' if parts else ''}."
