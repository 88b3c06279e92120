"""The House played to its end in a browser: what is done about its threats, until the work is closed."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Scored
from tests.browser.player import PHONE, Player
from tests.depth import deep_only

CARD = "The House · TM-1"
PLUMBER, SMOKE, FOOTBALL = "An impostor", "A housemate disables", "A football breaks"
CURTAINS, GLUE, GARAGE = "Passers-by can see", "Glue in the locks", "Anyone who opens the garage"
BOUNDARY = "Define a boundary between the two, and check rights where it is crossed"


@pytest.mark.browser
@deep_only
def test_a_team_does_something_about_every_threat_and_closes(browser: Browser, scored: Scored) -> None:
    workspace, monday = scored
    ana, ben, chi = (Player(browser, workspace.address, name) for name in ("Ana", "Ben", "Chi"))
    dee = Player(browser, workspace.address, "Dee", size=PHONE)

    _ana_moves_on(ana)
    _ben_mitigates_the_garage_as_the_rule_says(ben, monday)
    _chi_mitigates_in_her_own_words_and_dee_is_told(chi, dee, monday)
    _the_rest_is_avoided_and_transferred(ben, monday)
    _ben_proposes_to_accept_and_chi_agrees(ben, chi, monday)
    _dee_puts_one_in_place_on_her_phone_and_ben_verifies(dee, ben)
    _dee_snoozes_what_is_due_and_it_comes_again(ana, dee)
    _the_acceptance_expires(ana)
    _what_dee_let_lie_comes_to_ana(ana, dee)
    _ana_closes_and_the_team_looks_back(ana, ben)


def _day(monday: date, ahead: int) -> str:
    return (monday + timedelta(days=ahead)).isoformat()


def _ana_moves_on(ana: Player) -> None:
    ana.sees(CARD)
    ana.opens("More…", "More")
    ana.opens("Begin remediation", "Begin remediation")
    ana.hands_in("Begin remediation")
    ana.sees_form("Saved")
    ana.closes()
    ana.sees("Choose responses to 6 threats")


def _turns_to(player: Player, title: str) -> None:
    """Open the page of a threat from the plan."""
    row = player.form.locator(".section", has_text=title)
    row.get_by_role("button").first.click()
    expect(player.form.get_by_role("heading", name="in the plan")).to_be_visible()
    expect(player.form).to_contain_text(title)


def _ben_mitigates_the_garage_as_the_rule_says(ben: Player, monday: date) -> None:
    ben.sees("Choose responses to 6 threats")
    ben.says("/threatmodel plan")
    ben.sees_form("Plan")
    _turns_to(ben, GARAGE)
    ben.opens("Plan a mitigation", "Plan a mitigation")
    ben.form.get_by_label(BOUNDARY).check()
    ben.fills("Due", _day(monday, 60))
    ben.hands_in("Plan")
    ben.sees("○ planned · Ben · due")
    ben.presses("All threats")


def _chi_mitigates_in_her_own_words_and_dee_is_told(chi: Player, dee: Player, monday: date) -> None:
    chi.says("/threatmodel plan")
    chi.sees_form("Plan")
    _turns_to(chi, CURTAINS)
    chi.opens("Plan a mitigation", "Plan a mitigation")
    chi.fills("Mitigation", "Hang curtains")
    chi.chooses("Owner", "Dee")
    chi.fills("Due", _day(monday, 1))
    _marks_urgent(chi)
    chi.hands_in("Plan")
    chi.sees("Hang curtains")
    chi.presses("All threats")
    _turns_to(chi, PLUMBER)
    chi.opens("Plan a mitigation", "Plan a mitigation")
    chi.fills("Mitigation", "Ask whoever rings for a badge")
    chi.chooses("Owner", "Dee")
    chi.fills("Due", _day(monday, 9))
    _marks_urgent(chi)
    chi.hands_in("Plan")
    chi.sees("○ planned · Dee")
    chi.closes()
    dee.goes_to("threatmodel")
    dee.sees("Chi assigned you the mitigation")


def _marks_urgent(player: Player) -> None:
    """It is not working hours everywhere at the same time."""
    player.form.get_by_label("Notify immediately, even outside their working hours").check()


def _the_rest_is_avoided_and_transferred(ben: Player, monday: date) -> None:
    _turns_to(ben, SMOKE)
    ben.opens("Avoid…", "Avoid TH-2")
    ben.fills("Reason", "Nobody smokes inside any more")
    ben.hands_in("Avoid")
    ben.sees("● Avoided: Ben")
    ben.presses("All threats")
    _turns_to(ben, GLUE)
    ben.opens("Transfer…", "Transfer TH-5")
    ben.fills("Recipient", "Insurance company")
    ben.fills("Reason", "They send a locksmith within the hour")
    ben.fills("Due", _day(monday, 30))
    ben.hands_in("Transfer")
    ben.sees("● Transferred to Insurance company")
    ben.presses("All threats")


def _ben_proposes_to_accept_and_chi_agrees(ben: Player, chi: Player, monday: date) -> None:
    _turns_to(ben, FOOTBALL)
    ben.opens("Accept…", "Accept TH-3")
    ben.fills("Why is this risk acceptable?", "A pane costs little")
    ben.fills("Expires", _day(monday, 2))
    ben.chooses("Approver", "Chi")
    _marks_urgent(ben)
    ben.hands_in("Propose")
    ben.sees("Waiting for Chi to approve it.")
    ben.closes()
    ben.sees("Waiting for Chi")
    chi.goes_to("threatmodel")
    chi.sees("Ben requests your approval")
    chi.presses("Approve")
    chi.page.get_by_test_id("confirm").get_by_role("button", name="Approve").click()
    chi.sees("You approved")
    expect(chi.page.get_by_role("button", name="Approve")).to_have_count(0)
    chi.goes_to("house")
    chi.sees("1 accepted")


def _dee_puts_one_in_place_on_her_phone_and_ben_verifies(dee: Player, ben: Player) -> None:
    dee.opens("Mark as implemented…", "Mark as implemented")
    dee.fills("Evidence", "A sign beside the bell")
    dee.hands_in("Mark as implemented")
    dee.sees_form("Saved")
    expect(dee.form.get_by_role("button", name="View mitigation")).to_have_count(0)  # not hers
    dee.closes()
    dee.goes_to("house")
    dee.sees(CARD)
    ben.sees(
        "Verify “Ask whoever rings for a badge” (MI-3)"
    )  # before, the button of that name leads to another one
    ben.opens("View mitigation", "TH-1 in the plan")
    ben.presses("Verify")
    ben.page.get_by_test_id("confirm").get_by_role("button", name="Verify").click()
    ben.sees("✓ verified by Ben")
    ben.closes()


def _dee_snoozes_what_is_due_and_it_comes_again(ana: Player, dee: Player) -> None:
    ana.later("+1 day")
    dee.goes_to("threatmodel")
    dee.sees("Due today: Hang curtains")
    dee.opens("Snooze", "Snooze reminder")
    dee.hands_in("Snooze")  # for a day
    dee.sees("Snoozed until")
    dee.closes()
    ana.later("+1 day")
    dee.sees("Overdue: Hang curtains")


def _the_acceptance_expires(ana: Player) -> None:
    ana.sees("1 accepted")
    ana.later("+1 day")
    ana.sees("⚠ Open again: it was accepted until", "overdue since")
    ana.later(*["+1 hour"] * 6)  # when she begins to work
    ana.goes_to("threatmodel")
    ana.sees("Risk acceptance expired, threat open again: A football breaks")


def _what_dee_let_lie_comes_to_ana(ana: Player, dee: Player) -> None:
    ana.later("+1 week", "+1 week", *["+1 day"] * 4)
    ana.sees("Long overdue: Hang curtains", "owner: Dee")
    ana.opens("Why?", "Why this reminder?")
    ana.sees("After that, the facilitator is notified")
    ana.closes()
    ana.goes_to("house")


def _ben_confirms_the_closing(ben: Player) -> None:
    """The garage is critical and only planned for, so closing takes a second person."""
    ben.sees("Confirm or decline closing the model")
    ben.says("/threatmodel close")
    ben.sees_form("Close the model?")
    ben.presses("Confirm closing")
    ben.page.get_by_test_id("confirm").get_by_role("button", name="Close").click()
    ben.sees("Closed with")
    ben.closes()


def _ana_closes_and_the_team_looks_back(ana: Player, ben: Player) -> None:
    ana.says("/threatmodel close")
    ana.sees_form("Close the model")
    ana.explains_conditions("The football may fly")
    ana.hands_in("Propose closing")
    ana.sees_form("Saved")
    ana.closes()
    _ben_confirms_the_closing(ben)
    ana.opens("Answer retrospective", "Answer retrospective")
    ana.fills("What surprised you most?", "How much the curtains matter")
    ana.hands_in("Submit")
    ana.sees_form("Retrospective")
    ana.closes()
    ben.sees("1 person has answered", "1 open again", "2 mitigations are still open")
