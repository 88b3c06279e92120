"""On a phone, all controls are reachable and nothing scrolls sideways."""

from contextlib import suppress

from playwright.sync_api import Browser, Page, TimeoutError, expect  # noqa: A004  (Playwright's name for it)

from tests.browser.player import PHONE, Player
from tests.depth import deep_only

SMALLEST_TAP = 40

# What can be pressed and seen: smaller than a thumb in either direction, or sticking out at the side.
_TOO_SMALL = """(least) => [
    ...document.querySelectorAll('button, select, input, summary, .q-item, a.file-get')]
    .filter((one) => one.checkVisibility({checkVisibilityCSS: true, checkOpacity: true}))
    .filter((one) => !one.closest('.json, .message-text') && !['checkbox', 'radio'].includes(one.type))
    .map((one) => [one, one.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.width < least - 0.5 || box.height < least - 0.5))
    .map(([one, box]) => `${one.dataset.testid || one.className} ${box.width}x${box.height}`)"""

_AT_REST = f"""([width, least]) =>
    document.documentElement.scrollWidth <= width && !({_TOO_SMALL})(least).length"""

# Messages whose beginning lies below the dots of their menu.
_COVERED = """() => [...document.querySelectorAll('.message.grouped:not(.ephemeral)')].filter((one) => {
    const first = one.querySelector('.blocks > :first-child, .message-text');
    const dots = one.querySelector('[data-testid="message-shortcuts"] svg').getBoundingClientRect();
    return first.getBoundingClientRect().right - parseFloat(getComputedStyle(first).paddingRight) > dots.left;
}).map((one) => one.innerText)"""


def nothing_is_too_small_or_too_wide(page: Page) -> None:
    """Measure what is on the screen, once everything has come to rest there."""
    page.wait_for_timeout(250)
    with suppress(TimeoutError):  # what was too small or too wide is told below
        page.wait_for_function(_AT_REST, arg=[PHONE[0], SMALLEST_TAP])
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert page.evaluate(_TOO_SMALL, SMALLEST_TAP) == []


@deep_only
def test_every_part_of_the_page_fits_a_phone(address: str, browser: Browser) -> None:
    dee = Player(browser, address, "Dee", size=PHONE)
    page = dee.page
    dee.says("a word " + "x" * 300)
    dee.says("and another")
    for _ in range(2):
        dee.says("/gallery rare")
        dee.sees("Mind the gap")
    expect(page.locator(".message.grouped", has_text="Mind the gap")).to_be_visible()
    assert page.evaluate(_COVERED) == []
    nothing_is_too_small_or_too_wide(page)

    pane, jump = page.get_by_test_id("messages"), page.get_by_test_id("jump").first
    pane.evaluate("pane => pane.scrollTo({top: 0})")
    expect(jump).to_be_visible()
    nothing_is_too_small_or_too_wide(page)
    above, below = pane.bounding_box(), jump.bounding_box()
    assert above is not None
    assert below is not None
    assert below["y"] >= above["y"] + above["height"]  # it covers no message
    jump.click()
    expect(jump).to_be_hidden()
    page.wait_for_function(
        "pane => pane.scrollHeight - pane.scrollTop - pane.clientHeight < 2", arg=pane.element_handle()
    )

    page.get_by_test_id("menu").click()
    expect(page.get_by_test_id("place-general")).to_be_visible()
    nothing_is_too_small_or_too_wide(page)
    page.get_by_test_id("place-house").click()
    expect(page.get_by_test_id("place-house")).to_be_hidden()

    dee.uses_on("a word", "Reply in thread")
    expect(page.get_by_test_id("thread")).to_have_css("width", f"{PHONE[0]}px")
    nothing_is_too_small_or_too_wide(page)
    page.get_by_test_id("close-thread").click()

    dee.says("/gallery form")
    dee.sees_form("Every field")
    for side, length in zip(("width", "height"), PHONE, strict=True):
        expect(page.get_by_test_id("modal")).to_have_css(side, f"{length}px")
    nothing_is_too_small_or_too_wide(page)
    dee.closes()

    for tool in ("inspector", "faults"):
        expect(dee.tool(tool)).to_have_css("width", f"{PHONE[0]}px")
        nothing_is_too_small_or_too_wide(page)
    page.get_by_test_id("close-tool").click()

    dee.goes_to("small")
    page.get_by_test_id("tab-home").click()
    expect(page.get_by_test_id("home")).to_contain_text("Your things")
    nothing_is_too_small_or_too_wide(page)
