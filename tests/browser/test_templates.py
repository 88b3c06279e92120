"""A second model starts from the first: by one choice in the form of a new model, also on a phone."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Workspace
from tests.browser.player import PHONE, Player
from tests.depth import deep_only


@deep_only
@pytest.mark.browser
def test_a_model_starts_from_another_one(browser: Browser, workspace: Workspace) -> None:
    ana = Player(browser, workspace.address, "Ana")
    ana.says("/threatmodel start Orders")
    ana.sees_form("New threat model")
    ana.hands_in("Start")
    ana.sees_form("Add data flows")
    ana.fills("Trust levels", "Internet\nCustomers\nOperators")
    ana.hands_in("Save and continue")
    ana.closes()
    ana.sees("Orders · TM-1")
    ben = Player(browser, workspace.address, "Ben", size=PHONE)
    ben.says("/threatmodel start Returns")
    ben.sees_form("New threat model")
    ben.chooses("Start from another model", "TM-1 Orders · #house")
    ben.hands_in("Start")
    ben.sees_form("Saved")
    ben.sees("was created from TM-1 with 3 elements and 0 answers")
    ben.closes()
    ben.sees("Returns · TM-2")
    ben.says("/threatmodel history TM-2")
    ben.sees("from TM-1: 3 elements and answers")
