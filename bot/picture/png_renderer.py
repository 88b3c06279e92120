"""SVG to PNG, with the bundled font only."""

from typing import Final

import resvg_py

from bot.picture.font_metrics import FAMILY, font_file

SCALE: Final = 2.5
"""Sharp enough for a phone's screen, and small enough to load quickly."""


def render_png(svg: str, scale: float = SCALE) -> bytes:
    """Render our own SVG as PNG; resvg ends the process on absurd sizes."""
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=scale,
        skip_system_fonts=True,
        font_files=[str(font_file("Regular")), str(font_file("Bold"))],
        font_family=FAMILY,
        sans_serif_family=FAMILY,
    )
