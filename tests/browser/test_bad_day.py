"""A bad day at the House: Slack is slow and refuses, things vanish, and people go on working."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Workspace
from tests.browser.player import PHONE, Player
from tests.depth import deep_only

CARD = "The House · TM-1"


@pytest.mark.browser
@deep_only
def test_people_go_on_working_through_a_bad_day(browser: Browser, house: Workspace) -> None:
    ana = Player(browser, house.address, "Ana")
    ben = Player(browser, house.address, "Ben", size=PHONE)
    ana.sees(CARD)
    ana.breaks("latency", "½ s")
    ana.breaks("ratelimited", "5 %")
    ana.breaks("repeats", "Next 3")

    _ben_reports_what_somebody_said(ana, ben)
    _the_card_comes_back(ana, ben)
    _the_bot_is_asked_into_a_private_channel(ana)
    _an_archived_channel_rests(ana, ben)

    ana.mends_all()
    inspector = ana.tool("inspector")
    inspector.get_by_test_id("inspector-failed").click()
    assert "xoxb-" not in inspector.inner_html()


def _ben_reports_what_somebody_said(ana: Player, ben: Player) -> None:
    ana.says("The plumber leaves the front door open")
    ben.sees("The plumber leaves the front door open")
    ben.uses_on("The plumber leaves", "Report as threat")
    ben.sees_form("Report a threat")
    ben.form.get_by_label("Spoofing").check()
    ben.hands_in("Report")
    ben.sees_form("Saved")
    ben.closes()
    ana.says("/threatmodel threats")
    ana.sees("The plumber leaves the front door open")
    ana.closes()


def _the_card_comes_back(ana: Player, ben: Player) -> None:
    ana.uses_on(CARD, "Delete message")
    ben.says("/threatmodel add asset")
    ben.sees_form("Add asset")
    ben.fills("Name", "Spare key")
    ben.hands_in("Save")
    expect(ben.form).to_have_count(0)
    ana.sees("Assets 5")


def _the_bot_is_asked_into_a_private_channel(ana: Player) -> None:
    ana.goes_to("house-keys")
    ana.says("/threatmodel start Keys")
    ana.sees_form("New threat model")
    ana.hands_in("Start")
    ana.sees("The bot is not in this channel, so it cannot check who may answer")
    ana.closes()
    ana.says("/invite @threatmodel")
    expect(ana.page.get_by_test_id("members")).to_contain_text("3")
    ana.says("/threatmodel start Keys")
    ana.sees_form("New threat model")
    ana.hands_in("Start")
    ana.sees_form("Add data flows")
    ana.closes()
    ana.sees("Keys · TM-2")
    ana.goes_to("house")


def _an_archived_channel_rests(ana: Player, ben: Player) -> None:
    ana.breaks("is_archived", "Yes")
    expect(ben.page.get_by_test_id("unarchive")).to_be_visible()
    ben.presses("Answer questions")
    ana.breaks("is_archived", "No")
