"""Messages, unread marks, and the app's shortcuts."""

from playwright.sync_api import Browser, expect

from tests.browser.player import Player
from tests.depth import deep_only
from tests.sandbox.page.delayed_events import DelayedEvents

pytestmark = deep_only


def test_form_input_is_kept_while_others_post(address: str, browser: Browser) -> None:
    ana, ben = Player(browser, address, "Ana"), Player(browser, address, "Ben")
    ana.says("/small form")
    ana.fills("Name", "half a na")
    ben.says("talking meanwhile")
    ana.sees("talking meanwhile")
    expect(ana.form.get_by_label("Name", exact=True)).to_have_value("half a na")
    ana.closes()


def test_unread_messages_are_counted_and_marked_until_read(address: str, browser: Browser) -> None:
    ben = Player(browser, address, "Ben")
    ben.goes_to("general")
    expect(ben.page.get_by_placeholder("Message #general")).to_be_visible()
    ana = Player(browser, address, "Ana")
    ana.says("one for everybody")
    ana.says("one for @ben")
    expect(ben.unread("house")).to_have_text("2")
    expect(ben.unread("house")).to_have_class("badge calls")
    ben.goes_to("house")
    expect(ben.page.get_by_test_id("new-line")).to_be_visible()
    expect(ben.unread("house")).to_have_count(0)
    ben.goes_to("general")
    ben.goes_to("house")
    expect(ben.page.get_by_test_id("new-line")).to_have_count(0)


def test_a_message_shows_the_number_of_its_replies(address: str, browser: Browser) -> None:
    ana = Player(browser, address, "Ana")
    ana.says("who has the key?")
    ana.uses_on("who has the key?", "Reply in thread")
    for words in ("I have", "and a spare one"):
        ana.replies(words)
        ana.sees(words)  # the next one is typed when this one is sent
    ana.replies("/small hello")  # which is answered to her alone
    ana.sees("/small is not supported in threads")
    expect(ana.page.get_by_test_id("thread-messages")).to_contain_text("2 replies")
    ana.page.keyboard.press("Escape")
    expect(ana.page.get_by_test_id("thread-messages")).to_have_count(0)
    expect(ana.message("who has the key?").get_by_test_id("thread-line")).to_contain_text("2 replies")
    ana.opens_thread("who has the key?")


def test_the_apps_shortcuts_are_in_the_composer_and_in_each_message(address: str, browser: Browser) -> None:
    ana = Player(browser, address, "Ana")
    ana.uses_shortcut("Open the form")
    ana.sees_form("A form")
    ana.page.keyboard.press("Escape")
    expect(ana.form).to_have_count(0)
    ana.says("quote me")
    ana.uses_on("quote me", "Quote")
    expect(ana.tool("inspector").get_by_test_id("exchange").first).to_contain_text("quote")


def test_a_message_can_be_deleted_and_inspected(address: str, browser: Browser) -> None:
    ana = Player(browser, address, "Ana")
    ana.says("a slip of the tongue")
    ana.uses_on("a slip of the tongue", "Show as JSON")
    expect(ana.page.get_by_test_id("json")).to_contain_text('"text": "a slip of the tongue"')
    ana.page.get_by_test_id("json").get_by_label("Close").click()
    expect(ana.page.get_by_test_id("json")).to_have_count(0)
    ana.uses_on("a slip of the tongue", "Delete message")
    expect(ana.message("a slip of the tongue")).to_have_count(0)


def test_a_private_channel_is_visible_to_members_only_and_can_invite_the_bot(
    address: str, browser: Browser
) -> None:
    chi = Player(browser, address, "Chi")
    expect(chi.page.get_by_test_id("place-house-keys")).to_have_count(0)
    chi.leaves()
    ana = Player(browser, address, "Ana")
    ana.goes_to("house-keys")
    expect(ana.page.get_by_test_id("members")).to_have_text("AB2")
    ana.says("/invite @small")
    expect(ana.page.get_by_test_id("members")).to_have_text("AB3")
    ana.says("/small hello")
    ana.sees("you said hello")


def test_a_channel_is_created_and_left(address: str, browser: Browser) -> None:
    ana = Player(browser, address, "Ana")
    ana.page.get_by_test_id("add-channel").click()
    ana.page.get_by_test_id("create-channel").click()
    ana.sees("Give the channel a name.")
    ana.page.get_by_test_id("channel-name").fill("The Attic!")
    ana.page.get_by_test_id("create-channel").click()
    expect(ana.page.get_by_placeholder("Message #the-attic")).to_be_visible()
    ana.says("/leave")
    expect(ana.page.get_by_test_id("join")).to_be_visible()


def test_a_long_conversation_opens_at_its_end(address: str, browser: Browser) -> None:
    ana = Player(browser, address, "Ana")
    ana.goes_to("general")
    ana.says("/gallery many")
    ana.sees("line 69.")
    expect(ana.message("line 5.")).to_have_count(0)
    expect(ana.page.locator(".beginning")).to_be_hidden()
    ana.page.get_by_test_id("earlier").click()
    expect(ana.message("line 5.")).to_have_count(1)
    expect(ana.page.locator(".beginning")).to_be_visible()


def test_people_and_channels_are_offered_by_name_while_typing(address: str, browser: Browser) -> None:
    ana = Player(browser, address, "Ana")
    ana.composer.press_sequentially("ask @be")
    expect(ana.page.get_by_test_id("suggestion")).to_have_text(["@benBen"])
    ana.composer.press("ArrowDown")
    ana.composer.press("Enter")
    expect(ana.composer).to_have_value("ask @ben ")
    ana.composer.press("Enter")
    expect(ana.message("ask @Ben")).to_be_visible()


def test_a_press_on_a_message_that_changes_at_that_moment_counts(address: str, browser: Browser) -> None:
    ana, ben = Player(browser, address, "Ana"), Player(browser, address, "Ben")
    wire = DelayedEvents(ana)
    ana.says("who was here?")
    ana.uses_on("who was here?", "Reply in thread")
    ana.replies("not me")
    ana.page.keyboard.press("Escape")
    expect(ana.page.get_by_test_id("thread-messages")).to_have_count(0)
    expect(ana.message("who was here?").get_by_test_id("thread-line")).to_contain_text("1 reply")
    with wire.held():
        ben.opens_thread("who was here?")
        ben.replies("nor me")
        expect(ben.page.get_by_test_id("thread-messages")).to_contain_text("2 replies")
        wire.wait_for_something()
        line = ana.message("who was here?").get_by_test_id("thread-line")
        expect(line).to_contain_text("1 reply")
        line.click()
    expect(ana.page.get_by_test_id("thread-messages")).to_contain_text("nor me")


def test_a_file_is_attached_with_a_button_or_dropped(address: str, browser: Browser) -> None:
    ana = Player(browser, address, "Ana")
    ana.attaches("doors.csv", "door,lock\nfront,yes\n")
    ana.says("what about the doors?")
    ana.uses_on("what about the doors?", "Reply in thread")
    ana.drops("keys.txt", "under the mat", onto="thread-messages")
    expect(ana.page.get_by_test_id("thread-messages").get_by_test_id("file")).to_contain_text("keys.txt")
    ana.closes_thread()
    expect(ana.page.get_by_test_id("messages")).not_to_contain_text("keys.txt")
