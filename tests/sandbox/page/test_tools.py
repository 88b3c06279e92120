"""The inspector lists exchanges, and the fault panel sets and clears faults."""

from playwright.sync_api import Browser, expect

from tests.browser.player import Player
from tests.depth import deep_only

pytestmark = deep_only


def test_the_inspector_shows_payloads_acks_and_calls_without_secrets(address: str, browser: Browser) -> None:
    ana = Player(browser, address, "Ana")
    inspector = ana.tool("inspector")
    ana.says("/small form")
    ana.sees_form("A form")
    ana.closes()
    command = inspector.get_by_test_id("exchange").filter(has_text="/small form").first
    command.get_by_role("button").first.click()
    expect(command).to_contain_text("three seconds")
    expect(command).to_contain_text('"command": "/small"')
    inspector.get_by_test_id("inspector-out").click()
    expect(command).to_have_count(0)
    inspector.get_by_test_id("inspector-filter").fill("views.open")
    call = inspector.get_by_test_id("exchange")
    call.first.get_by_role("button").first.click()
    expect(call.first).to_contain_text('"title"')
    for opened in (call.first, inspector):
        assert "xoxb-" not in opened.inner_html()
        assert "xapp-" not in opened.inner_html()
    inspector.get_by_test_id("inspector-filter").fill("no such words")
    expect(inspector).to_contain_text("No matching entries.")


def test_active_faults_are_shown_on_every_page_until_cleared(address: str, browser: Browser) -> None:
    ana, ben = Player(browser, address, "Ana"), Player(browser, address, "Ben")
    ana.breaks("latency", "½ s")
    ana.breaks("ratelimited", "5 %")
    ana.breaks("lost_acks", "Next 3")
    ana.breaks("is_ext_shared", "Yes")
    ana.breaks("member", "No")
    ana.breaks("person-eve", "Yes")
    ana.breaks("token", "Yes")
    ana.breaks("clock", "+1 day")
    ana.breaks("is_archived", "Yes")
    banner = ben.page.get_by_test_id("banner")
    for said in (
        "takes 0.5 s longer",
        "5% of all calls",
        "next 3 acks are lost",
        "#house is shared with another organization",
        "The bot is not in #house",
        "Eve's account is deactivated",
        "token is revoked",
        "The clock is 1 day ahead",
        "#house is archived",
    ):
        expect(banner).to_contain_text(said)
    expect(ben.page.get_by_test_id("unarchive")).to_be_visible()
    ben.mends_all()
    expect(ana.page.get_by_test_id("banner")).to_be_hidden()
    latency = ana.tool("faults").get_by_test_id("fault-latency")
    expect(latency.get_by_role("button", pressed=True)).to_have_text("Off")
    ben.says("/small hello")
    ben.sees("you said hello")


def test_a_lost_ack_is_shown_to_the_author_of_the_command(address: str, browser: Browser) -> None:
    ana = Player(browser, address, "Ana")
    ana.breaks("lost_acks", "Next")
    ana.says("/small hello")
    ana.sees('/small failed with the error "operation_timeout"')
    ana.tool("inspector").get_by_test_id("inspector-failed").click()
    expect(ana.page.get_by_test_id("exchange").first).to_contain_text("/small hello")


def test_a_channel_is_renamed_and_its_newest_message_of_the_bot_deleted(
    address: str, browser: Browser
) -> None:
    ana = Player(browser, address, "Ana")
    ana.says("/small aloud")
    ana.sees("said aloud")
    ana.tool("faults").get_by_test_id("delete-last").click()
    expect(ana.message("said aloud")).to_have_count(0)
    ana.page.get_by_test_id("rename").fill("Our Home")
    ana.page.get_by_test_id("rename").press("Enter")
    expect(ana.page.get_by_placeholder("Message #our-home")).to_be_visible()
    expect(ana.page.get_by_test_id("banner")).to_contain_text("#house is called #our-home.")
    ana.mends_all()
    expect(ana.page.get_by_placeholder("Message #house")).to_be_visible()


def test_guests_and_external_users_can_be_added(address: str, browser: Browser) -> None:
    ana = Player(browser, address, "Ana")
    faults = ana.tool("faults")
    faults.get_by_test_id("let-in-guest").click()
    faults.get_by_test_id("let-in-outsider").click()
    expect(ana.page.get_by_test_id("be-oda")).to_be_visible()
    faults.get_by_test_id("close-tool").click()
    expect(ana.page.get_by_test_id("open-faults")).to_have_attribute("aria-pressed", "false")
    ana.page.get_by_test_id("members").click()
    expect(ana.page.get_by_test_id("about")).to_contain_text("Gil Guest")
    expect(ana.page.get_by_test_id("about")).to_contain_text("Oda Other organization")
