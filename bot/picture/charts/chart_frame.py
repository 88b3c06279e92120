"""What the charts have in common: their width, a title above, letters measured and cut to their room."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from bot.picture.diagram.color_themes import Ink
from bot.picture.diagram.part_labels import Line
from bot.picture.diagram.svg_shapes import text
from bot.picture.font_metrics import FAMILY, Weight, clipped, drawable, escaped, lines, visible

WIDTH: Final = 480
"""As wide as the pictures of ballots: a phone shows it at three quarters of its size."""

MARGIN: Final = 18
_TITLE, _SUBTITLE = 21.0, 13.0


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A picture as SVG, its height in pixels, and the same in words."""

    svg: str
    words: str
    height: float

    @property
    def width(self) -> float:
        """How wide it is in pixels."""
        return WIDTH


def heading(title: str, subtitle: str) -> tuple[list[Line], float]:
    """The lines above a chart, and where the chart begins below them."""
    room = WIDTH - 2 * MARGIN
    written = [
        *(Line(words=one, size=_TITLE, weight="Bold") for one in lines(title, _TITLE, room, "Bold")),
        *(Line(words=one, size=_SUBTITLE) for one in lines(drawable(subtitle), _SUBTITLE, room)),
    ]
    return written, MARGIN + sum(line.height for line in written) + 12


def framed(parts: Iterable[str], *, title: list[Line], height: float, words: str, ink: Ink) -> str:
    """The whole picture round the parts of a chart."""
    return "".join(_framed(parts, title, height, words, ink))


def line(words: str, size: float, room: float, weight: Weight = "Regular") -> Line:
    """A line of letters in so much room."""
    return Line(words=clipped(drawable(words), size, room, weight), size=size, weight=weight)


def _framed(parts: Iterable[str], title: list[Line], height: float, words: str, ink: Ink) -> Iterator[str]:
    size = f'width="{WIDTH}" height="{height:g}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH} {height:g}"'
    yield f' font-family="{FAMILY}, sans-serif" role="img"><desc>{escaped(visible(words))}</desc>'
    yield f'<rect {size} fill="{ink.paper}"/>'
    y = float(MARGIN)
    for one in title:
        yield text(one, MARGIN, y + one.size, ink.ink if one.weight == "Bold" else ink.faint)
        y += one.height
    yield from parts
    yield "</svg>"
