"""Color themes of pictures: light, dark and paper."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from domain.dread.scoring import Band
from domain.kernel.elements import ComponentKind

ThemeName = Literal["light", "dark", "print"]


class Shade(msgspec.Struct, frozen=True, kw_only=True):
    """Fill and outline of a shape."""

    fill: str
    line: str


class ColorTheme(msgspec.Struct, frozen=True, kw_only=True):
    """Colors of one theme; `zones` go from the least to the most trusted.

    `upon` is the text color on the colors of flows, bands and cells, and on the lines of zones.
    """

    paper: str
    ink: str
    upon: str
    faint: str
    rule: str
    flow: str
    crossing: str
    nodes: Mapping[ComponentKind | None, Shade]
    zones: tuple[Shade, ...]
    bands: Mapping[Band | None, str]
    undecided: str = "#a84300"
    decided: str = "#1a6a8a"


_BANDS: Final[dict[Band | None, str]] = {
    Band.CRITICAL: "#8f0f2c",
    Band.HIGH: "#c2410c",
    Band.MEDIUM: "#8a6a00",
    Band.LOW: "#0b6e99",
    None: "#5f6b75",
}

THEMES: Final[dict[ThemeName, ColorTheme]] = {
    "light": ColorTheme(
        paper="#ffffff",
        ink="#1d1c1d",
        upon="#ffffff",
        faint="#595959",
        rule="#dcdcdc",
        flow="#5b6670",
        crossing="#c2261f",
        nodes={
            ComponentKind.EXTERNAL_ENTITY: Shade(fill="#e6e9f8", line="#3f4aa8"),
            ComponentKind.PROCESS: Shade(fill="#e0f4e6", line="#1a7440"),
            ComponentKind.DATA_STORE: Shade(fill="#fdf1cf", line="#8f6400"),
            None: Shade(fill="#f3f3f3", line="#6b6b6b"),
        },
        zones=(
            Shade(fill="#f7f9fa", line="#5b7480"),
            Shade(fill="#f1f7fa", line="#43687c"),
            Shade(fill="#eaf3f9", line="#2c5c75"),
            Shade(fill="#e3eff8", line="#194e69"),
            Shade(fill="#dbeaf6", line="#0a3c54"),
        ),
        bands=_BANDS,
    ),
    "dark": ColorTheme(
        paper="#1a1b24",
        ink="#e8e9f0",
        upon="#12131a",
        faint="#b4b8c6",
        rule="#3a3d4d",
        flow="#9aa5b1",
        crossing="#ff8f85",
        nodes={
            ComponentKind.EXTERNAL_ENTITY: Shade(fill="#2b2f55", line="#a3adf5"),
            ComponentKind.PROCESS: Shade(fill="#173a27", line="#7fd6a2"),
            ComponentKind.DATA_STORE: Shade(fill="#40350f", line="#e5c35a"),
            None: Shade(fill="#2a2c36", line="#a9adbd"),
        },
        zones=(
            Shade(fill="#20222b", line="#9db3bf"),
            Shade(fill="#1f2731", line="#98bdd1"),
            Shade(fill="#1e2b37", line="#8fc3dd"),
            Shade(fill="#1d303e", line="#88c9e8"),
            Shade(fill="#1c3445", line="#80d0f5"),
        ),
        bands={
            Band.CRITICAL: "#ff9aae",
            Band.HIGH: "#ffa97a",
            Band.MEDIUM: "#ecc94b",
            Band.LOW: "#7cc7ec",
            None: "#b6bfc9",
        },
        undecided="#ffb27a",
        decided="#7cc7ec",
    ),
    "print": ColorTheme(
        paper="#ffffff",
        ink="#000000",
        upon="#ffffff",
        faint="#333333",
        rule="#bbbbbb",
        flow="#555555",
        crossing="#a30000",
        nodes=dict.fromkeys((*ComponentKind, None), Shade(fill="#ffffff", line="#000000")),
        zones=(Shade(fill="none", line="#333333"),),
        bands={**_BANDS, None: "#333333"},
    ),
}


def zone_shade(ink: ColorTheme, place: float) -> Shade:
    """Return the colors of a boundary by its trust rank, from 0 to 1."""
    return ink.zones[round(place * (len(ink.zones) - 1))]
