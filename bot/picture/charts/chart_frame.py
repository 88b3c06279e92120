"""Frame of the charts: width, title, measured text."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from bot.picture.diagram.color_themes import ColorTheme
from bot.picture.diagram.part_labels import TextLine
from bot.picture.diagram.svg_shapes import text
from bot.picture.font_metrics import (
    FAMILY,
    Weight,
    clip_text,
    drawable_text,
    escape_xml,
    visible_text,
    wrap_text,
)

WIDTH: Final = 480
"""The width of the pictures of ballots: a phone shows it at three quarters of its size."""

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


def heading(title: str, subtitle: str) -> tuple[list[TextLine], float]:
    """Return the lines above a chart, and the vertical position below them."""
    room = WIDTH - 2 * MARGIN
    written = [
        *(TextLine(text=one, size=_TITLE, weight="Bold") for one in wrap_text(title, _TITLE, room, "Bold")),
        *(TextLine(text=one, size=_SUBTITLE) for one in wrap_text(drawable_text(subtitle), _SUBTITLE, room)),
    ]
    return written, MARGIN + sum(line.height for line in written) + 12


def frame_chart(
    parts: Iterable[str], *, title: list[TextLine], height: float, alt_text: str, ink: ColorTheme
) -> str:
    """Return the complete picture around the parts of a chart."""
    return "".join(_framed(parts, title, height, alt_text, ink))


def line(text: str, size: float, room: float, weight: Weight = "Regular") -> TextLine:
    """Return a line of text, clipped to the given width."""
    return TextLine(text=clip_text(drawable_text(text), size, room, weight), size=size, weight=weight)


def _framed(
    parts: Iterable[str], title: list[TextLine], height: float, words: str, ink: ColorTheme
) -> Iterator[str]:
    size = f'width="{WIDTH}" height="{height:g}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH} {height:g}"'
    yield f' font-family="{FAMILY}, sans-serif" role="img"><desc>{escape_xml(visible_text(words))}</desc>'
    yield f'<rect {size} fill="{ink.paper}"/>'
    y = float(MARGIN)
    for one in title:
        yield text(one, MARGIN, y + one.size, ink.ink if one.weight == "Bold" else ink.faint)
        y += one.height
    yield from parts
    yield "</svg>"
