"""One person at a browser: what they type, press and read, in the words on the screen."""

import asyncio
import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from weakref import WeakKeyDictionary

from playwright.sync_api import (
    Browser,
    BrowserContext,
    FilePayload,
    Locator,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)
from playwright.sync_api import Error as PlaywrightError

from tests.depth import DEEP

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE = (1280, 860)
PHONE = (390, 844)

PICTURES = Path(__file__).parents[1] / "pictures"
_numbers = count(1)

PATIENCE_MS = 60_000
"""How long a busy machine may take to show something."""

_LOOK_MS = 5_000
"""How long a window may take to say what it shows, once a test has failed."""


@contextmanager
def playwright_in_use(browser: Browser) -> Generator[None]:
    """Use a browser that is kept for other tests, and hide from what follows that Playwright goes on.

    Between two calls Playwright leaves its event loop marked as the running one of this thread. With the mark
    no other loop could be run here, and no second Playwright.
    """
    _mark_running_loop(browser)
    try:
        yield
    finally:
        asyncio._set_running_loop(None)


def _mark_running_loop(browser: Browser) -> None:
    asyncio._set_running_loop(browser._loop)  # pyright: ignore[reportPrivateUsage]  it has no public name


@contextmanager
def running_chromium(program: Path) -> Generator[Browser]:
    """The system's Chromium, headless and without a network."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        try:
            yield browser
        finally:
            _mark_running_loop(browser)
            browser.close()


_contexts: WeakKeyDictionary[Browser, dict[tuple[tuple[int, int], float], BrowserContext]] = (
    WeakKeyDictionary()
)


def _context_of(browser: Browser, size: tuple[int, int], scale: float) -> BrowserContext:
    """Return the one context for windows of a size.

    A context keeps the compiled scripts of a page, which take as long as everything else in a test. The page
    of the workspace keeps what is typed for each window alone, and knows the person from the address.
    """
    known = _contexts.setdefault(browser, {})
    if (size, scale) not in known:
        viewport: ViewportSize = {"width": size[0], "height": size[1]}
        known[size, scale] = browser.new_context(viewport=viewport, device_scale_factor=scale)
        known[size, scale].set_default_timeout(PATIENCE_MS)
    return known[size, scale]


def close_windows(browser: Browser) -> None:
    """Close every window, so that none goes on drawing what the next test changes."""
    for context in browser.contexts:
        for page in context.pages:
            page.close()


def describe_windows(browser: Browser) -> str:
    """Return what each window shows, and whether it is connected to the workspace, for a failed test."""
    return "\n\n".join(_described(page) for context in browser.contexts for page in context.pages)


def _described(page: Page) -> str:
    def read(selector: str, attribute: str = "") -> str:
        found = page.locator(selector)
        try:
            if attribute:
                return str(found.get_attribute(attribute, timeout=_LOOK_MS))
            return found.inner_text(timeout=_LOOK_MS)
        except PlaywrightError as fault:
            return f"not to be read: {str(fault).splitlines()[0]}"

    lost = read("#popup", "aria-hidden")  # NiceGUI's word that the connection is lost
    return f"{page.url} (connected: {lost})\n{read('body')}"


def _file(name: str, content: str) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content.encode()}


class Player:
    """Somebody in front of a browser of their own."""

    def __init__(
        self,
        browser: Browser,
        address: str,
        person: str,
        *,
        size: tuple[int, int] = WIDE,
        scale: float = 1,
    ) -> None:
        """`size` is the window's width and height; a screen of higher `scale` shows them in more pixels."""
        self.name = person
        self.page: Page = _context_of(browser, size, scale).new_page()
        self.page.goto(f"{address}/?as={person.lower()}")
        self._is_connected()
        expect(self.composer).to_be_visible()

    @property
    def composer(self) -> Locator:
        """Where messages and slash commands are typed."""
        return self.page.get_by_role("textbox", name=re.compile("^Message #"))

    @property
    def form(self) -> Locator:
        """The modal in front."""
        return self.page.get_by_role("dialog")

    def reloads(self) -> None:
        """Load the page again."""
        self.page.reload()
        self._is_connected()

    def _is_connected(self) -> None:
        # A press on a page that is shown and not yet connected goes nowhere.
        self.page.wait_for_function("window.did_handshake")

    def says(self, words: str) -> None:
        """Type into the channel and send it."""
        self.composer.fill(words)
        self.composer.press("Enter")

    def opens(self, button: str, title: str) -> None:
        """Press a button of the card or of the form in front and wait for what it opens."""
        self.presses(button)
        self.sees_form(title)

    def presses(self, button: str) -> None:
        """Press the newest button of that name, in the form if one is open."""
        where = self.form if self.form.count() else self.page
        where.get_by_role("button").filter(has_text=re.compile(f"^{re.escape(button)}$")).last.click()

    def fills(self, label: str, words: str) -> None:
        """Type into a field of the form."""
        self.form.get_by_label(label, exact=True).fill(words)

    def explains_conditions(self, words: str) -> None:
        """Give a reason for each unmet condition of the form, and for each fact that stays open."""
        for one in self.form.locator("textarea, input[type=text]").all():
            one.fill(words)

    def chooses(self, label: str, option: str) -> None:
        """Choose an option of a list in the form."""
        self.form.get_by_label(label, exact=True).select_option(label=option)

    def hands_in(self, button: str) -> None:
        """Submit the form by the name of its button."""
        submit = self.form.get_by_test_id("modal-submit")
        expect(submit).to_have_text(button)
        submit.click()

    def closes(self) -> None:
        """Leave the form, and all below it."""
        self.form.get_by_test_id("modal-x").click()
        expect(self.form).to_have_count(0)

    def sees_form(self, title: str) -> None:
        """A form of that title is in front."""
        expect(self.form.get_by_role("heading", name=title)).to_be_visible()
        self._picture(title)

    def sees(self, *words: str) -> None:
        """These words are somewhere on the screen."""
        for word in words:
            expect(self.page.get_by_text(word).last).to_be_visible()
        self._picture(words[-1])

    # What is round the messages

    def goes_to(self, place: str) -> None:
        """Go to a channel, or to the direct messages with somebody."""
        entry = self.page.get_by_test_id(f"place-{place}")
        if not entry.is_visible():
            self.page.get_by_test_id("menu").click()
        entry.click()
        expect(entry).to_have_attribute("aria-current", "page")

    def unread(self, place: str) -> Locator:
        """The count beside a place in the sidebar."""
        return self.page.get_by_test_id(f"place-{place}").locator(".badge")

    def message(self, words: str) -> Locator:
        """The newest message with these words, in the thread if one is open."""
        where = self.page.get_by_test_id("thread-messages")
        if not where.count():
            where = self.page.get_by_test_id("messages")
        return where.get_by_test_id("message").filter(has_text=words).last

    def opens_menu(self, words: str) -> Locator:
        """Open the menu of a message and return it."""
        message = self.message(words)
        message.hover()
        message.get_by_test_id("message-shortcuts").click()
        return self.page.get_by_role("menu").last

    def uses_on(self, words: str, shortcut: str) -> None:
        """Use a message shortcut, or what else is in a message's menu."""
        self.opens_menu(words).get_by_text(shortcut).click()

    def uses_shortcut(self, name: str) -> None:
        """Use a global shortcut from the composer's menu."""
        self.page.get_by_test_id("composer-shortcuts").click()
        self.page.get_by_role("menu").get_by_text(name).click()

    def opens_thread(self, words: str) -> None:
        """Open the thread of a message that has replies."""
        self.message(words).get_by_test_id("thread-line").click()
        expect(self.page.get_by_test_id("thread-messages")).to_contain_text(words)

    def replies(self, words: str) -> None:
        """Write into the open thread."""
        self.page.get_by_test_id("thread-composer").fill(words)
        self.page.get_by_test_id("thread-composer").press("Enter")

    def closes_thread(self) -> None:
        """Close the open thread."""
        self.page.get_by_test_id("close-thread").click()
        expect(self.page.get_by_test_id("thread-messages")).to_have_count(0)

    def attaches(self, name: str, content: str) -> None:
        """Share a file in the channel by the composer's button, and see it there."""
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_test_id("composer-attach").click()
        chooser.value.set_files([_file(name, content)])
        expect(self.message(name)).to_be_visible()

    def drops(self, name: str, content: str, *, onto: str) -> None:
        """Drop a file onto a part of the page."""
        held = self.page.evaluate_handle(
            """([name, content]) => {
                const held = new DataTransfer();
                held.items.add(new File([content], name));
                return held;
            }""",
            [name, content],
        )
        self.page.get_by_test_id(onto).dispatch_event("drop", {"dataTransfer": held})

    # The sandbox's own tools

    def tool(self, name: str) -> Locator:
        """The inspector or the faults, opened if need be."""
        tools = self.page.get_by_test_id("tools")
        opener = self.page.get_by_test_id(f"open-{name}")
        if opener.get_attribute("aria-pressed") != "true":
            opener.click()
            expect(opener).to_have_attribute("aria-pressed", "true")
        return tools

    def breaks(self, fault: str, value: str) -> None:
        """Set something in the faults panel, by its test id without `fault-`."""
        row = self.tool("faults").get_by_test_id(f"fault-{fault}")
        chip = row.get_by_role("button", name=value, exact=True)
        chip.click()

    def later(self, *moves: str) -> None:
        """Set the workspace's clock ahead, once or several times, and close the faults panel again."""
        clock = self.tool("faults").get_by_test_id("fault-clock")
        for move in moves:
            clock.get_by_role("button", name=move).click()
        opener = self.page.get_by_test_id("open-faults")
        opener.click()
        # Until then the panel looks open to whoever asks for it next.
        expect(opener).to_have_attribute("aria-pressed", "false")

    def mends_all(self) -> None:
        """Press *Clear all faults* and wait until it is."""
        self.page.get_by_test_id("all-well").click()
        expect(self.page.get_by_test_id("banner")).to_be_hidden()

    def _picture(self, what: str) -> None:
        """Keep a picture of a played story for people to look at, in the deep run only."""
        story = re.match(r"tests/browser/test_(\w+)\.py", os.environ.get("PYTEST_CURRENT_TEST", ""))
        if DEEP and story:
            PICTURES.joinpath(story[1]).mkdir(parents=True, exist_ok=True)
            name = re.sub(r"\W+", "-", f"{next(_numbers):03} {self.name} {what}".lower())[:60]
            self.page.wait_for_timeout(350)
            self.page.screenshot(path=PICTURES / story[1] / f"{name}.png")

    def leaves(self) -> None:
        """Close the browser window."""
        self.page.close()
