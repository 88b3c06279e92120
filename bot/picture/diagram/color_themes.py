"""Color themes of pictures: light, dark and paper."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from domain.dread.scoring import Band

ThemeName = Literal["light", "dark", "print"]


class Shade(msgspec.Struct, frozen=True, kw_only=True):
    """Fill and outline of a shape."""

    fill: str
    line: str


class ColorTheme(msgspec.Struct, frozen=True, kw_only=True):
    """Colors of one theme; `zones` go from the least to the most trusted.

    `plain` are the colors of a part without open threats, `marked` those of a part by its worst open threat.
    `upon` is the text color on the colors of bands and cells, and on the lines of parts.
    """

    paper: str
    ink: str
    upon: str
    faint: str
    rule: str
    plain: Shade
    marked: Mapping[Band | None, Shade]
    zones: tuple[Shade, ...]
    undecided: str = "#a84300"
    decided: str = "#1a6a8a"

    @property
    def bands(self) -> Mapping[Band | None, str]:
        """The color of each band, and of what has no score."""
        return {band: shade.line for band, shade in self.marked.items()}


_MARKED: Final[dict[Band | None, Shade]] = {
    Band.CRITICAL: Shade(fill="#fbe1e7", line="#8f0f2c"),
    Band.HIGH: Shade(fill="#fee9dc", line="#c2410c"),
    Band.MEDIUM: Shade(fill="#fbf2cd", line="#8a6a00"),
    Band.LOW: Shade(fill="#def0f8", line="#0b6e99"),
    None: Shade(fill="#ece7f7", line="#6b4fa0"),
}

THEMES: Final[dict[ThemeName, ColorTheme]] = {
    "light": ColorTheme(
        paper="#ffffff",
        ink="#1d1c1d",
        upon="#ffffff",
        faint="#595959",
        rule="#dcdcdc",
        plain=Shade(fill="#ffffff", line="#5b6670"),
        marked=_MARKED,
        zones=(
            Shade(fill="#f9fafb", line="#5f6f7a"),
            Shade(fill="#f4f6f8", line="#53626c"),
            Shade(fill="#eef1f4", line="#47555f"),
            Shade(fill="#e8ecf0", line="#3a4750"),
            Shade(fill="#e1e6eb", line="#2d3941"),
        ),
    ),
    "dark": ColorTheme(
        paper="#1a1b24",
        ink="#e8e9f0",
        upon="#12131a",
        faint="#b4b8c6",
        rule="#3a3d4d",
        plain=Shade(fill="#262833", line="#9aa5b1"),
        marked={
            Band.CRITICAL: Shade(fill="#45192a", line="#ff9aae"),
            Band.HIGH: Shade(fill="#432a19", line="#ffa97a"),
            Band.MEDIUM: Shade(fill="#3b3412", line="#ecc94b"),
            Band.LOW: Shade(fill="#173346", line="#7cc7ec"),
            None: Shade(fill="#322b4a", line="#c3b1f2"),
        },
        zones=(
            Shade(fill="#1e2029", line="#a3adb8"),
            Shade(fill="#20232d", line="#aab5c0"),
            Shade(fill="#232731", line="#b2bdc8"),
            Shade(fill="#262b36", line="#bac5d0"),
            Shade(fill="#29303c", line="#c3ced9"),
        ),
        undecided="#ffb27a",
        decided="#7cc7ec",
    ),
    "print": ColorTheme(
        paper="#ffffff",
        ink="#000000",
        upon="#ffffff",
        faint="#333333",
        rule="#bbbbbb",
        plain=Shade(fill="#ffffff", line="#000000"),
        marked={band: Shade(fill="#ffffff", line=shade.line) for band, shade in _MARKED.items()},
        zones=(Shade(fill="none", line="#333333"),),
    ),
}


def zone_shade(ink: ColorTheme, place: float) -> Shade:
    """Return the colors of a boundary by its trust rank, from 0 to 1."""
    return ink.zones[round(place * (len(ink.zones) - 1))]
