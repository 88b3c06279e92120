"""The House played to its end in a browser: what is done about its threats, until the work is closed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Workspace
from tests.browser.player import PHONE, Player

Pictures = Callable[[str], Path]

CARD = "The House · TM-1"
PLUMBER, SMOKE, FOOTBALL = "A plumber", "A housemate disables", "A football breaks"
CURTAINS, GLUE, GARAGE = "Without curtains", "Glue in the locks", "Whoever opens the garage"
BOUNDARY = "Draw a boundary between the two, and check rights where it is passed"


@pytest.mark.browser
def test_a_team_does_something_about_every_threat_and_closes(
    browser: Browser, scored: Workspace, pictures: Pictures
) -> None:
    ana, ben, chi = (Player(browser, scored.address, name) for name in ("Ana", "Ben", "Chi"))
    dee = Player(browser, scored.address, "Dee", size=PHONE)

    _ana_moves_on(ana, pictures)
    _ben_mitigates_the_garage_as_the_rule_says(ben, pictures)
    _chi_and_dee_mitigate_in_their_own_words(chi, dee, pictures)
    _the_rest_is_avoided_and_transferred(ben, pictures)
    _ben_proposes_to_accept_and_chi_agrees(ben, chi, pictures)
    _dee_puts_hers_in_place_on_her_phone_and_ben_verifies(dee, ben, pictures)
    _time_goes_by(ana, chi, pictures)
    _ana_closes_and_the_team_looks_back(ana, ben, pictures)


def _day(ahead: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=ahead)).isoformat()


def _ana_moves_on(ana: Player, pictures: Pictures) -> None:
    ana.sees(CARD)
    ana.opens("More…", "More")
    ana.opens("Move on to remediation", "Move on to remediation")
    ana.hands_in("Move on to remediation")
    ana.sees_form("Saved")
    ana.closes()
    ana.sees("Say what to do about 6 threats")
    ana.picture(pictures("42-card-in-remediation"))


def _turns_to(player: Player, title: str) -> None:
    """Open the page of a threat from the plan."""
    row = player.form.locator(".section", has_text=title)
    row.get_by_role("button").first.click()
    expect(player.form.get_by_role("heading", name="in the plan")).to_be_visible()
    expect(player.form).to_contain_text(title)


def _ben_mitigates_the_garage_as_the_rule_says(ben: Player, pictures: Pictures) -> None:
    ben.sees("Say what to do about 6 threats")
    ben.opens("Respond", "Plan")
    ben.picture(pictures("43-plan"))
    _turns_to(ben, GARAGE)
    ben.opens("Plan a mitigation", "Plan a mitigation")
    ben.form.get_by_label(BOUNDARY).check()
    ben.fills("Due", _day(60))
    ben.picture(pictures("45-plan-a-mitigation"))
    ben.hands_in("Plan it")
    ben.sees("○ planned · Ben · due")
    ben.picture(pictures("46-planned"))
    ben.presses("All threats")


def _chi_and_dee_mitigate_in_their_own_words(chi: Player, dee: Player, pictures: Pictures) -> None:
    chi.says("/threatmodel plan")
    chi.sees_form("Plan")
    _turns_to(chi, CURTAINS)
    chi.opens("Plan a mitigation", "Plan a mitigation")
    chi.fills("What will be done?", "Hang curtains")
    chi.fills("Due", _day(2))
    chi.hands_in("Plan it")
    chi.sees("Hang curtains")
    chi.presses("All threats")
    _turns_to(chi, PLUMBER)
    chi.opens("Plan a mitigation", "Plan a mitigation")
    chi.fills("What will be done?", "Ask whoever rings for a badge")
    chi.chooses("Owner", "Dee")
    chi.fills("Due", _day(9))
    chi.hands_in("Plan it")
    chi.sees("○ planned · Dee")
    chi.closes()
    dee.goes_to("threatmodel")
    dee.sees("Chi gave you the mitigation")
    dee.picture(pictures("47-given-on-a-phone"))


def _the_rest_is_avoided_and_transferred(ben: Player, pictures: Pictures) -> None:
    _turns_to(ben, SMOKE)
    ben.opens("Avoid…", "Avoid TH-2")
    ben.fills("Why?", "Nobody smokes inside any more")
    ben.hands_in("Avoid")
    ben.sees("● Avoided: Ben")
    ben.presses("All threats")
    _turns_to(ben, GLUE)
    ben.opens("Transfer…", "Transfer TH-5")
    ben.fills("To whom?", "The insurer")
    ben.fills("Why?", "They send a locksmith within the hour")
    ben.fills("Done by", _day(30))
    ben.hands_in("Transfer")
    ben.sees("● Transferred to The insurer")
    ben.presses("All threats")


def _ben_proposes_to_accept_and_chi_agrees(ben: Player, chi: Player, pictures: Pictures) -> None:
    _turns_to(ben, FOOTBALL)
    ben.opens("Accept…", "Accept TH-3?")
    ben.fills("Why can the risk be borne?", "A pane costs little")
    ben.fills("Until", _day(5))
    ben.chooses("Who should approve it?", "Chi")
    ben.picture(pictures("49-accept"))
    ben.hands_in("Propose")
    ben.sees("It waits for Chi to approve it.")
    ben.closes()
    ben.sees("Waits for Chi")
    chi.goes_to("threatmodel")
    chi.sees("Ben asks you to agree")
    chi.picture(pictures("51-asked-to-approve"))
    chi.presses("Approve")
    chi.page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    chi.sees("You approved")
    expect(chi.page.get_by_role("button", name="Approve")).to_have_count(0)
    chi.picture(pictures("53-approved"))
    chi.goes_to("house")
    chi.sees("● Accepted until")
    chi.picture(pictures("54-card-with-answers"))


def _dee_puts_hers_in_place_on_her_phone_and_ben_verifies(
    dee: Player, ben: Player, pictures: Pictures
) -> None:
    dee.opens("It is in place…", "Done")
    dee.fills("What shows that it is in place?", "A sign beside the bell")
    dee.hands_in("It is in place")
    dee.sees_form("Saved")
    expect(dee.form.get_by_role("button", name="Look at the mitigation")).to_have_count(0)  # not hers
    dee.picture(pictures("56-saved-on-a-phone"))
    dee.closes()
    dee.goes_to("house")
    dee.sees(CARD)
    dee.picture(pictures("57-card-on-a-phone"))
    ben.opens("Look at the mitigation", "TH-1 in the plan")
    ben.picture(pictures("58-verify"))
    ben.presses("Verify")
    ben.page.get_by_role("dialog").get_by_role("button", name="It holds").click()
    ben.sees("✓ verified by Ben")
    ben.closes()


def _time_goes_by(ana: Player, chi: Player, pictures: Pictures) -> None:
    ana.later("+1 week")
    ana.sees("⚠ Open again: it was accepted until")
    ana.sees("overdue since")
    ana.picture(pictures("60-a-week-later"))
    chi.goes_to("threatmodel")
    chi.picture(pictures("61-reminded"))


def _ana_closes_and_the_team_looks_back(ana: Player, ben: Player, pictures: Pictures) -> None:
    ana.says("/threatmodel close")
    ana.sees_form("Close the model")
    ana.picture(pictures("62-close"))
    ana.fills("Reason", "The football may fly")
    ana.hands_in("Close the model")
    ana.sees_form("Saved")
    ana.opens("Look back on the work", "Look back on the work")
    ana.fills("What surprised you most?", "How much the curtains matter")
    ana.picture(pictures("64-retrospective"))
    ana.hands_in("Tell the others")
    ana.sees_form("Retrospective")
    ana.picture(pictures("65-answers"))
    ana.closes()
    ben.sees("1 person has answered", "1 open again", "2 mitigations go on")
    ben.picture(pictures("66-closed-card"))
