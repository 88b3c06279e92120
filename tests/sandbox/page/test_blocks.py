"""Every block and element is rendered."""

from playwright.sync_api import Browser, expect

from tests.browser.player import PHONE, WIDE, Player
from tests.depth import deep_only


def test_texts_are_shown_as_slack_shows_them(address: str, browser: Browser) -> None:
    ana = Player(browser, address, "Ana")
    ana.says("/gallery texts")
    card = ana.message("Every block")
    expect(card.locator("b", has_text="bold").first).to_be_visible()
    expect(card.locator("blockquote").first).to_have_text("a quoteover two lines")
    expect(card.get_by_role("link", name="a link")).to_have_attribute("href", "https://example.com/a")
    expect(card).to_contain_text("🎉")
    expect(card).to_contain_text("@Ben #general @here Monday, September 21, 2026 at 15:13")
    expect(card).to_contain_text("<b>not bold</b>")
    expect(card).to_contain_text("Garage")
    expect(card.locator(".data-table")).not_to_contain_text("row 6")
    card.get_by_role("button", name="Next").click()
    expect(card.locator(".data-table")).to_contain_text("row 6")
    for width, height in (WIDE, PHONE):
        ana.page.set_viewport_size({"width": width, "height": height})
        assert ana.page.evaluate("document.documentElement.scrollWidth") <= width
        assert card.evaluate("message => message.scrollWidth - message.clientWidth") <= 0


@deep_only
def test_rare_blocks_are_shown_and_their_buttons_pressed(address: str, browser: Browser) -> None:
    ana = Player(browser, address, "Ana")
    ana.says("/gallery rare")
    card = ana.message("Mind the gap")
    expect(card).to_contain_text("inside")
    card.get_by_role("button", name="Open").click()
    ana.tool("inspector")
    expect(ana.page.get_by_test_id("exchanges")).to_contain_text("card")


@deep_only
def test_a_button_with_a_confirmation_notifies_the_bot_only_of_a_yes(address: str, browser: Browser) -> None:
    ana = Player(browser, address, "Ana")
    ana.says("/gallery rare")
    danger = ana.message("Mind the gap").get_by_role("button", name="Danger")
    exchanges = ana.tool("inspector").get_by_test_id("exchange").filter(has_text="danger")
    danger.click()
    question = ana.page.get_by_test_id("confirm")
    expect(question).to_contain_text("It cannot be undone.")
    question.get_by_role("button", name="Leave it").click()
    expect(question).to_have_count(0)
    expect(exchanges).to_have_count(0)
    danger.click()
    question.get_by_role("button", name="Do it").click()
    expect(exchanges).to_have_count(1)


@deep_only
def test_every_field_keeps_what_is_entered_below_two_more_forms(address: str, browser: Browser) -> None:
    ana = Player(browser, address, "Ana")
    ana.says("/gallery form")
    ana.sees_form("Every field")
    ana.fills("Text", "words")
    ana.fills("Long text", "two\nlines")
    ana.fills("Number", "7")
    ana.fills("Moment", "2026-11-24T10:30")
    ana.fills("Rich", "rich words")
    ana.chooses("One", "Green")
    ana.chooses("Place", "#house-keys")
    ana.form.get_by_text("Blue").last.click()
    for depth in ("second", "third"):
        ana.hands_in("Save")
        ana.sees_form("One more")
        expect(ana.form.get_by_label("Text", exact=True)).to_have_value("")
        ana.fills("Text", depth)
    ana.form.get_by_test_id("modal-back").click()
    expect(ana.form.get_by_label("Text", exact=True)).to_have_value("second")
    ana.page.keyboard.press("Escape")
    ana.sees_form("Every field")
    for label, value in (
        ("Text", "words"),
        ("Long text", "two\nlines"),
        ("Number", "7"),
        ("Moment", "2026-11-24T10:30"),
        ("Rich", "rich words"),
        ("One", "1"),
    ):
        expect(ana.form.get_by_label(label, exact=True)).to_have_value(value)
    ana.closes()


@deep_only
def test_files_are_shown_by_their_content(address: str, browser: Browser) -> None:
    ana = Player(browser, address, "Ana")
    ana.says("/gallery files")
    message = ana.message("Here you are")
    expect(message.get_by_role("cell", name="Threat 3")).to_be_visible()
    expect(message).to_contain_text("line 1")
    expect(message).to_contain_text("24 more lines")
    expect(message).to_contain_text("PDF · 250.0 kB")
    picture = message.get_by_role("img", name="picture.svg")
    expect(picture).to_be_visible()
    assert picture.evaluate("async (image) => { await image.decode(); return image.naturalWidth }") == 300
    with ana.page.expect_download() as download:
        message.get_by_label("Download report.pdf").click()
    assert download.value.suggested_filename == "report.pdf"


@deep_only
def test_escape_closes_an_open_list_alone_and_pressed_again_the_form(address: str, browser: Browser) -> None:
    for size in (WIDE, PHONE):
        ana = Player(browser, address, "Ana", size=size)
        for label, option in (("Several", "Green"), ("People", "Ben")):
            ana.says("/gallery form")
            ana.sees_form("Every field")
            ana.fills("Text", "words")
            ana.form.get_by_label(label, exact=True).click()
            menu = ana.page.locator(".slack-menu")
            menu.get_by_text(option, exact=True).click()
            ana.page.keyboard.press("Escape")
            expect(menu).to_have_count(0)
            expect(ana.form.get_by_label("Text", exact=True)).to_have_value("words")
            expect(ana.form.get_by_text(option, exact=True).last).to_be_visible()
            ana.page.keyboard.press("Escape")
            expect(ana.form).to_have_count(0)
        ana.leaves()
