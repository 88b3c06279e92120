"""The page shows the workspace, and works with mouse and keyboard."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Request, expect

from tests.browser.player import PHONE, Player
from tests.depth import deep_only


def test_a_person_works_through_a_form_a_card_a_thread_and_the_home_tab(
    address: str, browser: Browser
) -> None:
    ana = Player(browser, address, "Ana")
    page, composer = ana.page, ana.composer
    strangers: list[str] = []

    def note(asked: Request) -> None:
        if urlsplit(asked.url).hostname not in (None, "127.0.0.1"):
            strangers.append(asked.url)

    page.on("request", note)
    ana.reloads()
    expect(page.get_by_text("to begin.")).to_be_visible()
    composer.press_sequentially("/sm")
    expect(page.get_by_test_id("suggestion").first).to_contain_text("/small [form | hello]")
    composer.press("Tab")
    expect(composer).to_have_value("/small ")
    expect(composer).to_be_focused()
    composer.press_sequentially("form")
    composer.press("Enter")
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
    form.get_by_label("Name", exact=True).fill("House")
    form.get_by_label("Name", exact=True).press("Enter")
    expect(form).to_be_hidden()
    expect(composer).to_be_focused()

    messages = page.get_by_test_id("messages")
    expect(messages).to_contain_text("Bold and <b>not</b> for @Ben")
    expect(messages).to_contain_text("for Ana alone")
    messages.get_by_role("button", name="Press me").click()
    expect(messages).to_contain_text("pressed by @Ana")
    page.get_by_test_id("thread-line").click()
    expect(page.get_by_test_id("thread-messages")).to_contain_text("in the thread")
    ana.replies("and an answer")
    expect(page.get_by_test_id("thread-messages")).to_contain_text("and an answer")

    page.get_by_test_id("be-ben").click()
    expect(page.get_by_test_id("messages")).to_contain_text("pressed by @Ana")
    expect(page.get_by_test_id("messages")).not_to_contain_text("for Ana alone")
    expect(page).to_have_url(re.compile(r"\?as=ben&in=C0HOUSE01$"))
    page.get_by_test_id("place-small").click()
    page.get_by_test_id("tab-home").click()
    expect(page.get_by_test_id("home")).to_contain_text("Your things")
    assert strangers == []


@deep_only
def test_a_url_without_access_leads_to_an_accessible_place(address: str, browser: Browser) -> None:
    ana, eve = Player(browser, address, "Ana"), Player(browser, address, "Eve")
    ana.page.get_by_test_id("place-small").click()
    expect(ana.page).to_have_url(re.compile(r"in=D"))
    eve.page.goto(ana.page.url.replace("as=ana", "as=eve"))
    expect(eve.page).to_have_url(re.compile(r"\?as=eve&in=C"))


@deep_only
def test_tabs_keep_their_person_and_update_each_other_immediately(address: str, browser: Browser) -> None:
    chi, dee = Player(browser, address, "Chi"), Player(browser, address, "Dee", size=PHONE)
    chi.says("hello <script>alert(1)</script> *all*")
    dee.sees("hello <script>alert(1)</script> all")
    expect(chi.page.get_by_test_id("be-chi")).to_have_attribute("aria-pressed", "true")
    expect(dee.page.get_by_test_id("be-dee")).to_have_attribute("aria-pressed", "true")
    assert dee.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_errors_are_shown_where_they_occurred(address: str, browser: Browser) -> None:
    dee = Player(browser, address, "Dee")
    dee.says("/smal form")
    dee.sees("/smal is not a valid command.")
    dee.says("/smal")
    expect(dee.composer).to_have_value("/small ")


@deep_only
def test_a_command_that_is_not_answered_in_time_is_shown_as_failed(address: str, browser: Browser) -> None:
    dee = Player(browser, address, "Dee")
    dee.says("/small silent")
    dee.sees('/small failed with the error "')


@deep_only
def test_someone_outside_a_channel_may_join_it(address: str, browser: Browser) -> None:
    eve = Player(browser, address, "Eve")
    eve.page.get_by_test_id("place-house").click()
    eve.page.get_by_test_id("join").click()
    expect(eve.page.get_by_placeholder("Message #house")).to_be_visible()
