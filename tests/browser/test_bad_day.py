"""A bad day at the House: Slack is slow and refuses, things vanish, and people go on working."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Workspace
from tests.browser.player import PHONE, Player
from tests.depth import deep_only

Pictures = Callable[[str], Path]

CARD = "The House · TM-1"


@pytest.mark.browser
@deep_only
def test_people_go_on_working_through_a_bad_day(
    browser: Browser, house: Workspace, pictures: Pictures
) -> None:
    ana = Player(browser, house.address, "Ana")
    ben = Player(browser, house.address, "Ben", size=PHONE)
    ana.sees(CARD)
    ana.breaks("latency", "½ s")
    ana.breaks("ratelimited", "5 %")
    ana.breaks("repeats", "Next 3")

    _ben_reports_what_somebody_said(ana, ben, pictures)
    _the_card_comes_back(ana, ben, pictures)
    _the_bot_is_asked_into_a_private_channel(ana, pictures)
    _an_archived_channel_rests(ana, ben, pictures)

    ana.mends_all()
    inspector = ana.tool("inspector")
    inspector.get_by_test_id("inspector-failed").click()
    ana.picture(pictures("inspector"))
    assert "xoxb-" not in inspector.inner_html()
    ben.leaves()
    ana.leaves()


def _ben_reports_what_somebody_said(ana: Player, ben: Player, pictures: Pictures) -> None:
    ana.says("The plumber leaves the front door open")
    ben.sees("The plumber leaves the front door open")
    ben.uses_on("The plumber leaves", "Report as threat")
    ben.sees_form("Report a threat")
    ben.form.get_by_label("Spoofing").check()
    ben.picture(pictures("report-on-a-phone"))
    ben.hands_in("Report")
    ben.sees_form("Saved")
    ben.closes()
    ana.says("/threatmodel threats")
    ana.sees("The plumber leaves the front door open")
    ana.picture(pictures("threats"))
    ana.closes()


def _the_card_comes_back(ana: Player, ben: Player, pictures: Pictures) -> None:
    ana.uses_on(CARD, "Delete message")
    ben.says("/threatmodel add asset")
    ben.sees_form("Add asset")
    ben.fills("Name", "Spare key")
    ben.hands_in("Save")
    expect(ben.form).to_have_count(0)
    ana.sees("Assets 5")
    ana.picture(pictures("card-again"))


def _the_bot_is_asked_into_a_private_channel(ana: Player, pictures: Pictures) -> None:
    ana.goes_to("house-keys")
    ana.says("/threatmodel start Keys")
    ana.sees_form("New threat model")
    ana.hands_in("Start")
    ana.sees("The bot is not in this channel, so it cannot check who may answer")
    ana.picture(pictures("not-invited"))
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


def _an_archived_channel_rests(ana: Player, ben: Player, pictures: Pictures) -> None:
    ana.breaks("is_archived", "Yes")
    expect(ben.page.get_by_test_id("unarchive")).to_be_visible()
    ben.presses("Answer questions")
    ben.picture(pictures("archived-on-a-phone"))
    ana.breaks("is_archived", "No")
