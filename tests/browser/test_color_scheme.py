"""The page of the sandbox follows the color scheme of the system, and can be read in both."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Workspace
from tests.browser.player import PHONE, WIDE, Player
from tests.depth import deep_also, deep_only

CARD = "The House · TM-1"
LEGIBLE = 4.5
"""Contrast of letters (WCAG 2.2, 1.4.3)."""

_CONTRASTS = """(least) => {
    const channels = (color) => (color.match(/[\\d.]+/g) || []).map(Number);
    const luminance = ([red, green, blue]) => {
        const [r, g, b] = [red, green, blue].map((one) => {
            const part = one / 255;
            return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element) => {
        const over = [];
        for (let one = element; one; one = one.parentElement) {
            const style = getComputedStyle(one);
            if (style.backgroundImage !== "none" && !/data:/.test(style.backgroundImage)) return null;
            const color = channels(style.backgroundColor);
            const alpha = color.length > 3 ? color[3] : 1;
            if (alpha > 0) over.push([color, alpha]);
            if (alpha === 1) break;
        }
        return over.reverse().reduce(
            (under, [color, alpha]) => under.map((one, place) => one * (1 - alpha) + color[place] * alpha),
            [255, 255, 255],
        );
    };
    const faults = [];
    for (const element of document.querySelectorAll("body *")) {
        const written = [...element.childNodes].some((one) => one.nodeType === 3 && one.textContent.trim());
        const style = getComputedStyle(element);
        const shown = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
        if (!written || !shown) continue;
        const under = ground(element);
        if (under === null || element.closest(":disabled, .avatar")) continue;
        const [one, other] = [luminance(channels(style.color)), luminance(under)].sort((a, b) => b - a);
        const contrast = (one + 0.05) / (other + 0.05);
        const said = element.textContent.trim().slice(0, 40);
        if (contrast < least) faults.push(`${said}: ${contrast.toFixed(1)}`);
    }
    return faults;
}"""
_PAPER = """() => {
    const color = getComputedStyle(document.querySelector(".pane")).backgroundColor;
    const [red, green, blue] = color.match(/\\d+/g);
    return (Number(red) + Number(green) + Number(blue)) / 3;
}"""


@deep_only
@pytest.mark.browser
@pytest.mark.parametrize("size", [PHONE, *deep_also((WIDE,))])
def test_the_page_is_dark_or_light_as_the_system_is_and_legible_in_both(
    browser: Browser, house: Workspace, size: tuple[int, int]
) -> None:
    ana = Player(browser, house.address, "Ana", size=size)
    ana.sees(CARD)
    ana.page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
    for scheme in ("light", "dark"):
        ana.page.emulate_media(color_scheme=scheme)
        paper = ana.page.evaluate(_PAPER)
        assert paper > 240 if scheme == "light" else paper < 40
        assert ana.page.evaluate(_CONTRASTS, LEGIBLE) == []
        ana.opens("More…", "More")
        assert ana.page.evaluate(_CONTRASTS, LEGIBLE) == []
        ana.opens("Report a threat", "Report a threat")
        assert ana.page.evaluate(_CONTRASTS, LEGIBLE) == []
        assert ana.page.evaluate("document.documentElement.scrollWidth") == size[0]
        ana.closes()
