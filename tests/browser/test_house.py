"""Four people collect the House in a browser, as anybody would who tries the bot."""

import json
import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Workspace
from tests.browser.player import PHONE, Player
from tests.depth import deep_only

ANSWERED = re.compile(r"\d+ of \d+ questions answered")
DEPENDENCIES = "Alarm monitoring\nPower\nWater"
DOORS = "Front door\nBack door\nGarage door"
ASSETS = "Valuables\nImportant papers\nFamily photos\nUtility bill"
LEVELS = "Passers-by\nVisitors\nGuests\nResidents"
FLOWS = """\
Resident -> House: valuables, important papers via front door
Guest -> House: Family photos via Back door
Visitor -> House: utility bill via front door
Resident -> Garage: valuables via Garage door
Garage -> House: valuables"""


@deep_only
@pytest.mark.browser
def test_four_people_collect_the_house_and_it_survives_a_power_cut(
    browser: Browser, workspace: Workspace
) -> None:
    ana, ben, chi = (Player(browser, workspace.address, name) for name in ("Ana", "Ben", "Chi"))
    dee = Player(browser, workspace.address, "Dee", size=PHONE)

    _ana_starts_and_names(ana)
    _ben_draws_the_flows(ben)
    _chi_places_the_components(chi)
    _dee_finds_the_missing_boundary_on_her_phone(dee)
    _ben_answers_and_takes_it_back(ben)
    _the_team_moves_on_and_back(ana, chi)
    _everybody_sees_who_said_what(dee)
    _a_stranger_sees_nothing_of_it(Player(browser, workspace.address, "Eve"))

    before = json.loads(workspace.terminal("show", "TM-1", "--json"))
    workspace.kill()
    workspace.start()
    assert json.loads(workspace.terminal("show", "TM-1", "--json")) == before

    again = Player(browser, workspace.address, "Ana")
    again.sees("The House · TM-1")
    assert [flow["name"] for flow in before["registers"]["data_flows"]][-1] == "Garage → House: Valuables"
    assert [found["id"] for found in before["suggested_threats"]] == ["X02@DF-5"]
    assert " events verified (0 of them erased)" in workspace.terminal("verify")


def _ana_starts_and_names(ana: Player) -> None:
    ana.says("/threatmodel start The House")
    ana.sees_form("New threat model")
    ana.fills("Scope", "A family home with a garage")
    ana.hands_in("Start")
    ana.sees_form("Add data flows")
    ana.presses("Add elements one by one")
    ana.sees_form("Add elements")
    ana.fills("External dependencies", DEPENDENCIES)
    ana.fills("Entry points", DOORS)
    ana.fills("Assets", ASSETS)
    ana.fills("Trust levels", LEVELS)
    ana.hands_in("Save and continue")
    ana.sees_form("Add data flows")
    ana.closes()
    ana.sees("Next: Add the data flows")


def _ben_draws_the_flows(ben: Player) -> None:
    ben.sees("The House · TM-1")
    ben.opens("Add data flows", "Add data flows")
    ben.fills("Data flows", "Resident -> ")
    ben.hands_in("Save and continue")
    ben.sees("the flow from “Resident” has no target")
    ben.fills("Data flows", FLOWS)
    ben.hands_in("Save and continue")
    ben.sees_form("Place components")
    ben.closes()


def _chi_places_the_components(chi: Player) -> None:
    chi.opens("Place components", "Place components")
    expect(chi.form.get_by_label("Resident: trust level")).to_have_value("3")  # a good guess
    for room, level in (("House", "Residents (TL-4)"), ("Garage", "Visitors (TL-2)")):
        chi.chooses(f"{room}: trust level", level)
        chi.fills(f"{room}: boundary", "Locks")
    chi.hands_in("Save")
    chi.sees("You added 1 trust boundary and placed 5 components.")
    chi.closes()


def _dee_finds_the_missing_boundary_on_her_phone(dee: Player) -> None:
    dee.sees("1 suggested threat")
    dee.opens("Findings", "Findings")
    dee.sees("No boundary between different trust levels", "DF-5 Garage → House: Valuables")
    dee.closes()


def _ben_answers_and_takes_it_back(ben: Player) -> None:
    ben.opens("Answer questions", "Screening")
    ben.hands_in("Save")
    ben.sees_form("Open questions")
    ben.closes()
    before = ben.page.get_by_text(ANSWERED).first.inner_text()
    answered_before = ANSWERED.findall(before)[0]
    ben.opens("Answer questions", "Open questions")
    ben.form.get_by_role("checkbox").first.check()
    ben.hands_in("Save")
    ben.sees("You answered “yes”")
    ben.closes()
    expect(ben.page.get_by_text(answered_before)).to_have_count(0)
    ben.says("/threatmodel undo")
    ben.sees(answered_before)


def _the_team_moves_on_and_back(ana: Player, chi: Player) -> None:
    chi.opens("More…", "More")
    chi.presses("Begin analysis")
    chi.sees("Only the facilitator", "use “Take over”")
    chi.closes()
    ana.opens("More…", "More")
    ana.opens("Begin analysis", "Begin analysis")
    ana.hands_in("Begin analysis")
    ana.sees_form("Saved")
    ana.closes()
    ana.sees("✓ Collection → ● Analysis (now)")
    ana.opens("More…", "More")
    ana.presses("Return to collection")
    ana.hands_in("Return to collection")
    ana.sees_form("Saved")
    ana.closes()
    ana.sees("● Collection (now)")


def _everybody_sees_who_said_what(dee: Player) -> None:
    dee.says("/threatmodel history")
    dee.sees("moved to collection", "undid")


def _a_stranger_sees_nothing_of_it(eve: Player) -> None:
    eve.says("/threatmodel status TM-1")
    eve.sees("No threat model in this channel yet")
    expect(eve.page.get_by_text("The House · TM-1")).to_have_count(0)
