"""The report in a real browser: on a phone and on a desk, with the policy in force."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage

from bot.report.html_renderer import render_html
from tests.depth import deep_only
from tests.report.sample_report import sample_report

_LOADED_FONTS = """async () => {
    await document.fonts.ready;
    return [...document.fonts].filter((font) => font.status === 'loaded').length;
}"""

pytestmark = pytest.mark.browser


@deep_only
def test_the_report_needs_no_scrolling_sideways(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_bytes(render_html(sample_report(6, said=" " + "W" * 300)))
    complaints: list[str] = []

    def complained(message: ConsoleMessage) -> None:
        complaints.append(message.text)

    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.on("console", complained)
    page.goto((tmp_path / "report.html").as_uri())
    for wide in (1280, 700, 390):
        page.set_viewport_size({"width": wide, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == wide
    assert page.evaluate("getComputedStyle(document.querySelector('header')).borderRadius") == "16px"
    assert page.evaluate(_LOADED_FONTS) == 2
    assert complaints == []
    context.close()
