"""Everything round the card: Home tab, settings, shortcuts, threads, a look back, and the end of a model."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Workspace
from tests.browser.player import PHONE, Player
from tests.depth import deep_only

CARD = "The House · TM-1"


@deep_only
@pytest.mark.browser
def test_people_find_their_way_round_the_card(browser: Browser, house: Workspace) -> None:
    ana, ben = (Player(browser, house.address, name) for name in ("Ana", "Ben"))
    dee = Player(browser, house.address, "Dee", size=PHONE)
    ana.sees(CARD)

    _eve_learns_what_this_is(Player(browser, house.address, "Eve"))
    _dee_changes_her_working_hours_at_home(dee)
    _ben_starts_another_one_by_a_shortcut(ben)
    _a_word_is_mistyped_and_the_past_is_looked_at(ben)
    _ana_asks_in_the_thread(ana)
    _the_model_is_closed_and_opened_again(ana, dee)


def _eve_learns_what_this_is(eve: Player) -> None:
    eve.goes_to("threatmodel")
    eve.page.get_by_role("tab", name="Home").click()
    eve.sees("Collaborative threat modeling", "Participants answer asynchronously")
    expect(eve.page.get_by_role("button", name="Start a threat model")).to_have_count(1)


def _dee_changes_her_working_hours_at_home(dee: Player) -> None:
    dee.sees(CARD)
    dee.goes_to("threatmodel")
    dee.page.get_by_role("tab", name="Home").click()
    dee.sees("Open questions", "Models in my channels")
    dee.opens("Change", "Working hours")
    dee.fills("Until", "08:00")
    dee.hands_in("Save")
    dee.sees("The end is not after the start")
    dee.fills("Until", "15:30")
    dee.form.get_by_label("Friday").uncheck()
    dee.hands_in("Save")
    dee.sees("Monday to Thursday, 09:00 to 15:30")
    dee.goes_to("house")


def _ben_starts_another_one_by_a_shortcut(ben: Player) -> None:
    ben.uses_shortcut("Start a threat model")
    ben.sees_form("New threat model")
    ben.closes()


def _a_word_is_mistyped_and_the_past_is_looked_at(ben: Player) -> None:
    ben.says("/threatmodel statsu")
    ben.sees("Did you mean status?")
    ben.says("/threatmodel as-of 1999-12-31")
    ben.sees("Choose that day or a later one")
    ben.says("/threatmodel as-of 2026-03-02")
    ben.sees_form("Past state")
    ben.sees("Front door")
    ben.closes()


def _ana_asks_in_the_thread(ana: Player) -> None:
    ana.opens_thread(CARD)
    ana.sees("Ben recorded the assumption", "Dee added 1 trust boundary")
    ana.replies("@threatmodel add asset")
    ana.sees("Press the button to open the form")


def _the_model_is_closed_and_opened_again(ana: Player, dee: Player) -> None:
    ana.page.keyboard.press("Escape")
    ana.goes_to("general")
    ana.goes_to("house")
    ana.says("/threatmodel close")
    ana.sees_form("Close the model")
    ana.explains_conditions("We are moving out")
    ana.hands_in("Close the model")
    dee.sees("closed the threat model")
    ana.closes()
    ana.says("/threatmodel reopen")
    ana.sees_form("Reopen the model")
    ana.hands_in("Reopen the model")
    ana.sees("Next: Answer")
