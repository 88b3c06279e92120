"""The House played on in a browser: what could go wrong there, and how bad the team thinks that is."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Workspace
from tests.browser.player import PHONE, Player
from tests.depth import deep_only

Pictures = Callable[[str], Path]
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
def test_a_team_judges_and_scores_what_could_go_wrong(
    browser: Browser, collected: Workspace, pictures: Pictures
) -> None:
    ana, ben, chi = (Player(browser, collected.address, name) for name in ("Ana", "Ben", "Chi"))
    dee = Player(browser, collected.address, "Dee", size=PHONE)
    ana.sees(CARD)

    _chi_answers_questions(chi, pictures)
    _ben_confirms_and_dismisses(ben, pictures)
    _ben_reports_what_he_saw(ben, pictures)
    _ana_opens_a_round(ana, pictures)
    _dee_votes_on_her_phone(dee, pictures)
    _chi_changes_her_mind(chi, pictures)
    _ben_votes(ben)
    _nobody_waits_for_ana(ana, dee, pictures)
    _dee_says_why(dee, pictures)
    _what_is_contested_is_voted_on_again(ben, chi, dee, pictures)
    _everybody_sees_the_result(ana, dee, pictures)


def _chi_answers_questions(chi: Player, pictures: Pictures) -> None:
    chi.opens("Answer questions", "Screening")
    chi.hands_in("Save")
    chi.sees_form("Open questions")
    chi.picture(pictures("20-questions"))
    chi.form.locator(CALLERS_ONE_BY_ONE).click()
    chi.sees_form("Answer one by one")
    chi.form.get_by_label("No", exact=True).first.check()
    chi.hands_in("Save")
    chi.sees_form("Open questions")
    chi.closes()


def _ben_confirms_and_dismisses(ben: Player, pictures: Pictures) -> None:
    ben.opens("Findings", "Findings")
    ben.sees(GARAGE)
    ben.picture(pictures("21-candidates"))
    ben.form.get_by_role("button", name="Confirm X02@DF-5").click()
    expect(ben.form.get_by_text(GARAGE)).to_have_count(0)
    ben.picture(pictures("22-confirmed"))
    ben.form.get_by_role("button", name=re.compile("^Dismiss all 2 places of S01")).click()
    ben.sees_form("Dismiss suggestions")
    ben.fills("Why does this threat not apply?", "The doors have a doorman")
    ben.picture(pictures("23-dismiss"))
    ben.hands_in("Dismiss")
    ben.sees("Dismissed (2)")
    ben.picture(pictures("24-dismissed"))
    ben.closes()
    ben.picture(pictures("25-card"))


def _ben_reports_what_he_saw(ben: Player, pictures: Pictures) -> None:
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
    ben.picture(pictures("26-threats"))
    ben.opens("Coverage", "Coverage")
    ben.picture(pictures("27-coverage"))
    ben.closes()


def _ana_opens_a_round(ana: Player, pictures: Pictures) -> None:
    ana.opens("More…", "More")
    ana.opens("Begin analysis", "Begin analysis")
    ana.hands_in("Begin analysis")
    ana.sees_form("Saved")
    ana.closes()
    ana.opens("More…", "More")
    ana.opens("Open voting round", "Open voting round")
    ana.picture(pictures("30-open-a-round"))
    ana.hands_in("Open")
    ana.sees_form("Saved")
    ana.closes()
    ana.sees("0 of 4 voted")
    ana.picture(pictures("31-turnout"))


def _votes(player: Player, ballots: Ballots) -> None:
    for number in range(1, len(ballots) + 1):
        expect(player.form).to_contain_text(f"Threat {number} of {len(ballots)}")
        title = next(one for one in ballots if player.form.get_by_text(one).count())
        for metric, value in zip(METRICS, ballots[title], strict=True):
            player.form.get_by_label(metric, exact=True).select_option(index=value)
        player.form.get_by_test_id("modal-submit").click()
    player.sees_form("My ballots")


def _dee_votes_on_her_phone(dee: Player, pictures: Pictures) -> None:
    dee.sees("0 of 4 voted")
    dee.picture(pictures("32-card-on-a-phone"))
    dee.goes_to("threatmodel")
    dee.picture(pictures("33-invitation-on-a-phone"))
    dee.opens("Vote", "Vote")
    dee.picture(pictures("34-ballot-on-a-phone"))
    dee.form.get_by_label("Discoverability", exact=True).scroll_into_view_if_needed()
    dee.picture(pictures("35-end-of-the-ballot-on-a-phone"))
    _votes(dee, {GARAGE: (10, 10, 5, 10, 8), CURTAINS: (1, 10, 10, 10, 10), GLUE: GLUED})
    dee.picture(pictures("36-voted-on-a-phone"))
    dee.closes()


def _chi_changes_her_mind(chi: Player, pictures: Pictures) -> None:
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
    chi.picture(pictures("37-changed"))
    chi.closes()


def _ben_votes(ben: Player) -> None:
    ben.opens("Vote", "Vote")
    _votes(ben, {GARAGE: (9, 10, 5, 9, 8), CURTAINS: (1, 10, 10, 10, 10), GLUE: (5, 8, 7, 5, 9)})
    ben.closes()


def _nobody_waits_for_ana(ana: Player, dee: Player, pictures: Pictures) -> None:
    ana.sees("3 of 4 voted")
    ana.picture(pictures("38-turnout"))
    ana.later("+1 week")
    ana.sees("Voting result")
    ana.picture(pictures("39-result"))
    ana.opens_thread(CARD)
    ana.sees("Distribution of the ballots")
    expect(ana.page.get_by_role("img", name="TH-2, 3 ballots")).to_be_visible()
    ana.page.get_by_role("img", name="TH-2, 3 ballots").scroll_into_view_if_needed()
    ana.picture(pictures("40-result-in-the-thread"))
    ana.page.keyboard.press("Escape")


def _dee_says_why(dee: Player, pictures: Pictures) -> None:
    dee.sees("The votes on 1 threat diverged")
    dee.picture(pictures("41-contested-on-a-phone"))
    dee.opens("Explain Damage, TH-2", "Explain your rating")
    dee.form.get_by_role("textbox").first.fill("Looking in breaks nothing and takes nothing")
    dee.picture(pictures("42-say-why-on-a-phone"))
    dee.form.get_by_test_id("modal-submit").click()
    expect(dee.form.get_by_role("textbox")).to_have_count(0)
    dee.picture(pictures("43-said-why-on-a-phone"))
    if dee.form.count():
        dee.closes()


def _what_is_contested_is_voted_on_again(ben: Player, chi: Player, dee: Player, pictures: Pictures) -> None:
    for player in (dee, ben, chi):
        player.opens("Vote", "Vote")
        if player is chi:
            player.picture(pictures("44-second-vote"))
        player.form.get_by_label("Damage", exact=True).select_option(index=2 if player is chi else 1)
        player.form.get_by_test_id("modal-submit").click()
        player.sees_form("My ballots")
        player.closes()


def _everybody_sees_the_result(ana: Player, dee: Player, pictures: Pictures) -> None:
    ana.later("+1 week")
    ana.sees("Result of the second vote")
    ana.picture(pictures("45-second-result"))
    dee.goes_to("house")
    dee.sees("Result of the second vote")
    dee.picture(pictures("46-result-on-a-phone"))
    dee.opens_thread(CARD)
    expect(dee.page.get_by_role("img", name="TH-2, 3 ballots").nth(1)).to_be_visible()
    dee.picture(pictures("47-picture-on-a-phone"))
    ana.says("/threatmodel threats")
    ana.sees_form("Threats")
    ana.sees("highest risk first", "Rank 1 of 3", "My aunt's house")
    ana.picture(pictures("48-ranked-threats"))
