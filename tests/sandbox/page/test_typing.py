"""A message reaches the conversation in which it was typed, whatever the page shows meanwhile."""

from playwright.sync_api import Browser, expect

from tests.browser.player import Player
from tests.depth import deep_only
from tests.sandbox.page.delayed_events import DelayedEvents

pytestmark = deep_only


def test_a_message_sent_during_navigation_reaches_its_conversation(address: str, browser: Browser) -> None:
    ana = Player(browser, address, "Ana")
    wire = DelayedEvents(ana)
    with wire.held():
        ana.page.get_by_test_id("place-general").click()
        wire.wait_for_something()
        ana.says("/small hello")
        expect(ana.composer).to_have_value("")
    ana.sees("Sent to #house, where you typed it.")
    expect(ana.page.get_by_placeholder("Message #general")).to_be_visible()
    ana.goes_to("house")
    ana.sees("you said hello")


def test_a_reply_sent_while_the_thread_closes_is_posted(address: str, browser: Browser) -> None:
    ana = Player(browser, address, "Ana")
    ana.says("who locks up?")
    wire = DelayedEvents(ana)
    ana.uses_on("who locks up?", "Reply in thread")
    expect(ana.page.get_by_test_id("thread-composer")).to_be_visible()
    with wire.held():
        ana.page.get_by_test_id("close-thread").click()
        wire.wait_for_something()
        ana.replies("I do")
    ana.sees("Sent to a thread of #house, where you typed it.")
    expect(ana.message("who locks up?").get_by_test_id("thread-line")).to_contain_text("1 reply")


def test_drafts_stay_in_their_conversation(address: str, browser: Browser) -> None:
    ana = Player(browser, address, "Ana")
    ana.composer.fill("half a")
    ana.goes_to("general")
    expect(ana.composer).to_have_value("")
    ana.goes_to("house")
    expect(ana.composer).to_have_value("half a")
    ana.page.get_by_test_id("be-ben").click()
    expect(ana.page.get_by_test_id("be-ben")).to_have_attribute("aria-pressed", "true")
    expect(ana.composer).to_have_value("")
    ana.page.get_by_test_id("be-ana").click()
    expect(ana.page.get_by_test_id("be-ana")).to_have_attribute("aria-pressed", "true")
    expect(ana.composer).to_have_value("half a")
    ana.reloads()
    expect(ana.composer).to_have_value("half a")
    ana.composer.press("Enter")
    expect(ana.message("half a")).to_be_visible()
    expect(ana.composer).to_have_value("")


def test_a_reload_keeps_the_conversation(address: str, browser: Browser) -> None:
    ben = Player(browser, address, "Ben")
    ben.goes_to("small")
    ben.page.wait_for_function("new URLSearchParams(location.search).get('in')?.startsWith('D')")
    ben.reloads()
    expect(ben.page.get_by_placeholder("Message small")).to_be_visible()
    ben.page.get_by_test_id("be-chi").click()  # who does not see his messages
    expect(ben.page.get_by_placeholder("Message #house")).to_be_visible()


def test_a_message_to_an_archived_channel_is_not_sent_and_its_text_is_restored(
    address: str, browser: Browser
) -> None:
    ana, ben = Player(browser, address, "Ana"), Player(browser, address, "Ben")
    wire = DelayedEvents(ana)
    ana.goes_to("general")
    ben.goes_to("general")
    with wire.held():
        ben.says("/archive")
        expect(ben.page.get_by_test_id("unarchive")).to_be_visible()
        wire.wait_for_something()
        ana.says("too late")
    ana.sees("#general is archived.")
    ben.page.get_by_test_id("unarchive").click()
    expect(ana.composer).to_have_value("too late")
    expect(ana.message("too late")).to_have_count(0)
    ana.composer.fill("")


def test_nothing_is_sent_while_the_connection_is_lost(address: str, browser: Browser) -> None:
    ana = Player(browser, address, "Ana")
    ana.page.evaluate("window.socket.disconnect()")
    ana.says("is anybody there?")
    ana.sees("Not sent: the connection is lost.")
    expect(ana.composer).to_have_value("is anybody there?")
    ana.page.evaluate("window.socket.connect()")
    ana.page.wait_for_function("window.socket.connected")
    ana.composer.press("Enter")
    expect(ana.message("is anybody there?")).to_be_visible()
