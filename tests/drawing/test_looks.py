"""Text has sufficient contrast in every color theme."""

from typing import get_args

import pytest

from bot.picture.diagram.color_themes import THEMES, ThemeName

LEGIBLE = 4.5
"""Contrast of letters (WCAG 2.2, 1.4.3)."""


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return sum(share * one for share, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("look", get_args(ThemeName))
def test_text_has_sufficient_contrast(look: ThemeName) -> None:
    ink = THEMES[look]
    grounds = [ink.paper, ink.plain.fill, *(one.fill for one in ink.marked.values())]
    pairs = [(letters, ground) for letters in (ink.ink, ink.faint) for ground in grounds]
    pairs += [(ink.upon, ground) for ground in (ink.plain.line, ink.undecided, ink.decided)]
    pairs += [pair for band in ink.bands.values() for pair in ((ink.upon, band), (band, ink.paper))]
    for zone in ink.zones:
        ground = ink.paper if zone.fill == "none" else zone.fill
        pairs += [(zone.line, ground), (ink.upon, zone.line), (ink.faint, ground)]
    assert [pair for pair in pairs if contrast(*pair) < LEGIBLE] == []
