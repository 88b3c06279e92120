"""Chart of the threats by score: a bar for each mean, colored by its band."""

from collections.abc import Iterator

from bot.picture.charts.chart_frame import MARGIN, WIDTH, Chart, frame_chart, heading, line
from bot.picture.diagram.color_themes import THEMES, ColorTheme, ThemeName
from bot.picture.diagram.svg_shapes import text
from bot.picture.font_metrics import picture_title
from domain.dread.metrics import HIGHEST
from domain.dread.scoring import BANDS_FROM, BandOverride
from domain.register import ThreatRegister
from domain.voting.scores import RankedThreat, Score

MAX_BARS = 40
"""Maximum bars; the others are counted."""

_ROW = 44
_BARS = (MARGIN, WIDTH - 92.0)
_THICK = 11


def draw_ranking(known: ThreatRegister, theme: ThemeName = "light") -> Chart:
    """Return all scored threats of a model, worst first; equal scores produce equal pictures."""
    ink = THEMES[theme]
    scored = [one for one in known.ranked if one.score is not None]
    unscored = len(known.ranked) - len(scored)
    title, top = heading(
        picture_title(known.name, known.key), _subtitle(len(scored), unscored, known.version)
    )
    shown = scored[:MAX_BARS]
    bottom = top + _ROW * len(shown)
    words = " ".join(_sentences(known, scored, unscored))
    parts = [*_grid(top, bottom, ink), *_rows(known, shown, top, ink)]
    notes = list(_notes(known, scored))
    parts += [
        text(line(note, 12, WIDTH - 2 * MARGIN), MARGIN, bottom + 40 + 17 * place, ink.faint)
        for place, note in enumerate(notes)
    ]
    height = bottom + 36 + 17 * len(notes)
    return Chart(
        svg=frame_chart(parts, title=title, height=height, alt_text=words, ink=ink),
        alt_text=words,
        height=height,
    )


def _subtitle(scored: int, unscored: int, version: int) -> str:
    rest = f", {unscored} not scored" if unscored else ""
    return f"Scored threats, highest risk first · version {version} · {scored} scored{rest}"


def _notes(known: ThreatRegister, scored: list[RankedThreat]) -> Iterator[str]:
    """Yield the legend of the signs in the picture, and the number of omitted bars."""
    shown = scored[:MAX_BARS]
    if any(one.score is not None and one.score.tally.held for one in shown):
        yield "* band raised or limited by Damage"
    if any(one.residual is not None for one in shown):
        yield "◊ residual score"
    if any(known.statuses[one.threat.id].state.over for one in shown):
        yield "Outlined bars: resolved threats"
    if len(scored) > MAX_BARS:
        yield f"and {len(scored) - MAX_BARS} more with lower scores"


def _grid(top: float, bottom: float, ink: ColorTheme) -> Iterator[str]:
    """Yield the boundaries of the bands."""
    for start in (0, *BANDS_FROM, HIGHEST):
        x = _x(start)
        yield f'<path d="M{x:.1f} {top:g}V{bottom + 4:g}" stroke="{ink.rule}"/>'
        yield text(line(f"{start}", 12, 40), x, bottom + 18, ink.faint, anchor="middle")


def _rows(known: ThreatRegister, shown: list[RankedThreat], top: float, ink: ColorTheme) -> Iterator[str]:
    for place, one in enumerate(shown):
        if one.score is not None:
            over = known.statuses[one.threat.id].state.over
            yield from _row(one, one.score, top + _ROW * place, ink, over=over)


def _row(one: RankedThreat, score: Score, top: float, ink: ColorTheme, *, over: bool) -> Iterator[str]:
    colour, tally = ink.bands[score.tally.band], score.tally
    name = line(f"{one.threat.id} · {one.threat.title}".rstrip(" ·"), 12.5, WIDTH - 2 * MARGIN, "Bold")
    # Above the grid lines, and legible on them.
    ground = f'width="{name.width + 4:.1f}" height="17" fill="{ink.paper}"'
    yield f'<rect x="{MARGIN - 2}" y="{top + 4:g}" {ground}/>'
    yield text(name, MARGIN, top + 17, ink.faint if over else ink.ink)
    long = max(2.0, _x(tally.mean) - _BARS[0])
    fill = f'fill="{ink.paper}" stroke="{colour}" stroke-width="1.5"' if over else f'fill="{colour}"'
    yield (f'<rect x="{_BARS[0]}" y="{top + 24:g}" width="{long:.1f}" height="{_THICK}" rx="3" {fill}/>')
    if one.residual is not None:
        x = _x(one.residual.tally.mean)
        yield (
            f'<path d="M{x:.1f} {top + 22:g}l7 7.5l-7 7.5l-7 -7.5z" fill="{ink.paper}"'
            f' stroke="{ink.ink}" stroke-width="1.6"/>'
        )
    said = f"{tally.mean:.1f} {tally.band}" + ("*" if tally.held else "")
    yield text(line(said, 12, 86, "Bold"), _BARS[1] + 8, top + 34, colour)


def _x(mean: float) -> float:
    first, last = _BARS
    return first + (last - first) * mean / HIGHEST


def _sentences(known: ThreatRegister, scored: list[RankedThreat], unscored: int) -> Iterator[str]:
    yield f"Threats of {known.name} by score."
    for one in scored:
        if one.score is not None:
            yield f"{one.rank}. {one.threat.id} {one.threat.title}: {_scored(known, one, one.score)}."
    if not scored:
        yield "No threat has a score yet."
    if unscored:
        yield f"{unscored} not scored."


def _scored(known: ThreatRegister, one: RankedThreat, score: Score) -> str:
    tally = score.tally
    said = [f"{tally.band}, mean {tally.mean:.1f}"]
    if tally.held is BandOverride.FLOOR:
        said.append("raised because of Damage")
    if tally.held is BandOverride.CEILING:
        said.append("limited because of low Damage")
    if one.residual is not None:
        said.append(f"residual score {one.residual.tally.mean:.1f}")
    state = known.statuses[one.threat.id].state
    if state.over:
        said.append(state.replace("_", " "))
    return ", ".join(said)
