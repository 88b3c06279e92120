"""The House played on in a browser: what could go wrong there, and how bad the team thinks that is."""

import re
from collections.abc import Mapping

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Workspace
from tests.browser.player import PHONE, Player
from tests.depth import deep_only

Ballots = Mapping[str, tuple[int, ...]]
"""Five numbers for each threat, by its title."""

CARD = "The House · TM-1"
GARAGE = "No boundary between different trust levels"
CURTAINS, GLUE = "Curtains left open", "Glue in the lock"
METRICS = ("Damage", "Reproducibility", "Exploitability", "Affected users", "Discoverability")
CALLERS_ONE_BY_ONE = (
    "xpath=(//*[contains(text(), 'Is the caller authenticated?')]"
    "/following::button[contains(., 'Answer one by one')])[1]"
)
GLUED = (5, 8, 8, 5, 8)


@pytest.mark.browser
@deep_only
def test_a_team_judges_and_scores_what_could_go_wrong(browser: Browser, collected: Workspace) -> None:
    ana, ben, chi = (Player(browser, collected.address, name) for name in ("Ana", "Ben", "Chi"))
    dee = Player(browser, collected.address, "Dee", size=PHONE)
    ana.sees(CARD)

    _chi_answers_questions(chi)
    _ben_confirms_and_dismisses(ben)
    _ben_reports_what_he_saw(ben)
    _ana_opens_a_round(ana)
    _dee_votes_on_her_phone(dee)
    _chi_changes_her_mind(chi)
    _ben_votes(ben)
    _nobody_waits_for_ana(ana, dee)
    _dee_says_why(dee)
    _what_is_contested_is_voted_on_again(ben, chi, dee)
    _everybody_sees_the_result(ana, dee)


def _chi_answers_questions(chi: Player) -> None:
    chi.opens("Answer questions", "Screening")
    chi.hands_in("Save")
    chi.sees_form("Open questions")
    chi.form.locator(CALLERS_ONE_BY_ONE).click()
    chi.sees_form("Answer one by one")
    chi.form.get_by_label("No", exact=True).first.check()
    chi.hands_in("Save")
    chi.sees_form("Open questions")
    chi.closes()


def _ben_confirms_and_dismisses(ben: Player) -> None:
    ben.opens("Findings", "Findings")
    ben.sees(GARAGE)
    ben.form.get_by_role("button", name="Confirm X02@DF-5").click()
    expect(ben.form.get_by_text(GARAGE)).to_have_count(0)
    ben.form.get_by_role("button", name=re.compile("^Dismiss all 2 places of S01")).click()
    ben.sees_form("Dismiss suggestions")
    ben.fills("Why does this threat not apply?", "The doors have a doorman")
    ben.hands_in("Dismiss")
    ben.sees("Dismissed (2)")
    ben.closes()


def _ben_reports_what_he_saw(ben: Player) -> None:
    ben.says("Anybody can look in from the street when the curtains are open")
    ben.uses_on("Anybody can look in", "Report as threat")
    ben.sees_form("Report a threat")
    ben.fills("What could go wrong?", CURTAINS)
    ben.form.get_by_label("Information disclosure").check()
    ben.hands_in("Report")
    ben.sees("2 threats")
    ben.says("/threatmodel add threat")
    ben.sees_form("Report a threat")
    ben.fills("What could go wrong?", GLUE)
    ben.form.get_by_label("Denial of service").check()
    ben.hands_in("Report")
    ben.sees("3 threats")
    ben.says("/threatmodel threats")
    ben.sees_form("Threats")
    ben.opens("Coverage", "Coverage")
    ben.closes()


def _ana_opens_a_round(ana: Player) -> None:
    ana.opens("More…", "More")
    ana.opens("Begin analysis", "Begin analysis")
    ana.hands_in("Begin analysis")
    ana.sees_form("Saved")
    ana.closes()
    ana.opens("More…", "More")
    ana.opens("Open voting round", "Open voting round")
    ana.hands_in("Open")
    ana.sees_form("Saved")
    ana.closes()
    ana.sees("0 of 4 voted")


def _votes(player: Player, ballots: Ballots) -> None:
    for number in range(1, len(ballots) + 1):
        expect(player.form).to_contain_text(f"Threat {number} of {len(ballots)}")
        title = next(ballot for ballot in ballots if player.form.get_by_text(ballot).count())
        for metric, value in zip(METRICS, ballots[title], strict=True):
            player.form.get_by_label(metric, exact=True).select_option(index=value)
        player.form.get_by_test_id("modal-submit").click()
    player.sees_form("My ballots")


def _dee_votes_on_her_phone(dee: Player) -> None:
    dee.sees("0 of 4 voted")
    dee.goes_to("threatmodel")
    dee.opens("Vote", "Vote")
    dee.form.get_by_label("Discoverability", exact=True).scroll_into_view_if_needed()
    _votes(dee, {GARAGE: (10, 10, 5, 10, 8), CURTAINS: (1, 10, 10, 10, 10), GLUE: GLUED})
    dee.closes()


def _chi_changes_her_mind(chi: Player) -> None:
    chi.opens("Vote", "Vote")
    _votes(chi, {GARAGE: (10, 10, 6, 10, 8), CURTAINS: (3, 10, 10, 10, 10), GLUE: GLUED})
    row = chi.form.get_by_role("button", name="Change").nth(1)
    row.click()
    chi.sees(CURTAINS)
    chi.form.get_by_label("Damage", exact=True).select_option(index=9)
    chi.fills("Reason", "My aunt's house was emptied that way")
    chi.form.get_by_test_id("modal-submit").click()
    chi.sees_form("My ballots")
    chi.sees("My aunt's house")
    chi.closes()


def _ben_votes(ben: Player) -> None:
    ben.opens("Vote", "Vote")
    _votes(ben, {GARAGE: (9, 10, 5, 9, 8), CURTAINS: (1, 10, 10, 10, 10), GLUE: (5, 8, 7, 5, 9)})
    ben.closes()


def _nobody_waits_for_ana(ana: Player, dee: Player) -> None:
    ana.sees("3 of 4 voted")
    ana.later("+1 week")
    ana.sees("Voting result")
    ana.opens_thread(CARD)
    ana.sees("Distribution of the ballots")
    expect(ana.page.get_by_role("img", name="TH-2, 3 ballots")).to_be_visible()
    ana.page.get_by_role("img", name="TH-2, 3 ballots").scroll_into_view_if_needed()
    ana.page.keyboard.press("Escape")


def _dee_says_why(dee: Player) -> None:
    dee.sees("The votes on 1 threat diverged")
    dee.opens("Explain Damage, TH-2", "Explain your rating")
    dee.form.get_by_role("textbox").first.fill("Looking in breaks nothing and takes nothing")
    dee.form.get_by_test_id("modal-submit").click()
    expect(dee.form.get_by_role("textbox")).to_have_count(0)
    if dee.form.count():
        dee.closes()


def _what_is_contested_is_voted_on_again(ben: Player, chi: Player, dee: Player) -> None:
    for player in (dee, ben, chi):
        player.opens("Vote", "Vote")
        player.form.get_by_label("Damage", exact=True).select_option(index=2 if player is chi else 1)
        player.form.get_by_test_id("modal-submit").click()
        player.sees_form("My ballots")
        player.closes()


def _everybody_sees_the_result(ana: Player, dee: Player) -> None:
    ana.later("+1 week")
    ana.sees("Result of the second vote")
    dee.goes_to("house")
    dee.sees("Result of the second vote")
    dee.opens_thread(CARD)
    expect(dee.page.get_by_role("img", name="TH-2, 3 ballots").nth(1)).to_be_visible()
    ana.says("/threatmodel threats")
    ana.sees_form("Threats")
    ana.sees("highest risk first", "Rank 1 of 3", "My aunt's house")
