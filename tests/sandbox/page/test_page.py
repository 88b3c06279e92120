"""The page shows the workspace, and works with mouse and keyboard."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Request, expect

from tests.depth import deep_only

PATIENCE_MS = 60_000


def open_page(browser: Browser, address: str, *, width: int = 1280, height: int = 800) -> Page:
    """Open the page; a request to any other host fails the test that made it."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    strangers: list[str] = []

    def note(asked: Request) -> None:
        if urlsplit(asked.url).hostname not in (None, "127.0.0.1"):
            strangers.append(asked.url)

    page.on("request", note)
    page.goto(address)
    page.wait_for_function("window.did_handshake")
    expect(page.get_by_test_id("composer")).to_be_visible()
    assert strangers == []
    return page


def send(page: Page, text: str) -> None:
    """Type into the composer and press Enter."""
    page.get_by_test_id("composer").fill(text)
    page.get_by_test_id("composer").press("Enter")


def keep_picture(page: Page, name: str) -> None:
    """Keep a screenshot where THREATMODEL_PICTURES says, for people to look at."""
    folder = os.environ.get("THREATMODEL_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_a_person_works_through_a_form_a_card_a_thread_and_the_home_tab(
    address: str, browser: Browser
) -> None:
    page = open_page(browser, address)
    expect(page.get_by_text("to begin.")).to_be_visible()
    page.get_by_test_id("composer").press_sequentially("/sm")
    expect(page.get_by_test_id("suggestion").first).to_contain_text("/small [form | hello]")
    page.get_by_test_id("composer").press("Tab")
    expect(page.get_by_test_id("composer")).to_have_value("/small ")
    expect(page.get_by_test_id("composer")).to_be_focused()
    page.get_by_test_id("composer").press_sequentially("form")
    page.get_by_test_id("composer").press("Enter")
    form = page.get_by_role("dialog", name="A form")
    expect(form).to_be_visible()
    form.get_by_test_id("modal-submit").click()
    expect(form.get_by_test_id("error-name")).to_have_text("Please complete this required field.")
    form.get_by_label("Name", exact=True).fill("taken")
    form.get_by_label("Colour").select_option("Green")
    form.get_by_label("Owner").select_option("Ben")
    form.get_by_label("Helpers").click()
    expect(page.locator(".slack-menu")).to_be_visible()
    page.keyboard.press("Escape")  # closes the list alone
    expect(page.locator(".slack-menu")).to_have_count(0)
    form.get_by_text("Red", exact=True).last.click()
    form.get_by_test_id("modal-submit").click()
    expect(form.get_by_test_id("error-name")).to_have_text("That name is taken.")
    expect(form.get_by_label("Name", exact=True)).to_have_value("taken")
    keep_picture(page, "form")
    form.get_by_label("Name", exact=True).fill("House")
    form.get_by_label("Name", exact=True).press("Enter")
    expect(form).to_be_hidden()
    expect(page.get_by_test_id("composer")).to_be_focused()

    messages = page.get_by_test_id("messages")
    expect(messages).to_contain_text("Bold and <b>not</b> for @Ben")
    expect(messages).to_contain_text("for Ana alone")
    messages.get_by_role("button", name="Press me").click()
    expect(messages).to_contain_text("pressed by @Ana")
    page.get_by_test_id("thread-line").click()
    expect(page.get_by_test_id("thread-messages")).to_contain_text("in the thread")
    page.get_by_test_id("thread-composer").fill("and an answer")
    page.get_by_test_id("thread-composer").press("Enter")
    expect(page.get_by_test_id("thread-messages")).to_contain_text("and an answer")
    keep_picture(page, "thread")

    page.get_by_test_id("be-ben").click()
    expect(page.get_by_test_id("messages")).to_contain_text("pressed by @Ana")
    expect(page.get_by_test_id("messages")).not_to_contain_text("for Ana alone")
    expect(page).to_have_url(re.compile(r"\?as=ben&in=C0HOUSE01$"))
    page.get_by_test_id("place-small").click()
    page.get_by_test_id("tab-home").click()
    expect(page.get_by_test_id("home")).to_contain_text("Your things")
    page.close()


@deep_only
def test_a_url_without_access_leads_to_an_accessible_place(address: str, browser: Browser) -> None:
    ana = open_page(browser, f"{address}/?as=ana")
    ana.get_by_test_id("place-small").click()
    expect(ana).to_have_url(re.compile(r"in=D"))
    eve = open_page(browser, ana.url.replace("as=ana", "as=eve"))
    expect(eve).to_have_url(re.compile(r"\?as=eve&in=C"))
    ana.close()
    eve.close()


@deep_only
def test_tabs_keep_their_person_and_update_each_other_immediately(address: str, browser: Browser) -> None:
    chi = open_page(browser, f"{address}/?as=chi")
    dee = open_page(browser, f"{address}/?as=dee", width=390, height=844)
    send(chi, "hello <script>alert(1)</script> *all*")
    expect(dee.get_by_test_id("messages")).to_contain_text("hello <script>alert(1)</script> all")
    expect(chi.get_by_test_id("be-chi")).to_have_attribute("aria-pressed", "true")
    expect(dee.get_by_test_id("be-dee")).to_have_attribute("aria-pressed", "true")
    assert dee.evaluate("document.documentElement.scrollWidth") <= 390
    keep_picture(dee, "phone")
    chi.close()
    dee.close()


def test_errors_are_shown_where_they_occurred(address: str, browser: Browser) -> None:
    page = open_page(browser, f"{address}/?as=dee")
    send(page, "/smal form")
    expect(page.get_by_test_id("messages")).to_contain_text("/smal is not a valid command.")
    send(page, "/smal")
    expect(page.get_by_test_id("composer")).to_have_value("/small ")
    page.close()


@deep_only
def test_a_command_that_is_not_answered_in_time_is_shown_as_failed(address: str, browser: Browser) -> None:
    page = open_page(browser, f"{address}/?as=dee")
    send(page, "/small silent")
    expect(page.get_by_test_id("messages")).to_contain_text('/small failed with the error "')
    page.close()


@deep_only
def test_someone_outside_a_channel_may_join_it(address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{address}/?as=eve")
    page.wait_for_function("window.did_handshake")
    page.get_by_test_id("place-house").click()
    page.get_by_test_id("join").click()
    expect(page.get_by_placeholder("Message #house")).to_be_visible()
    page.close()
