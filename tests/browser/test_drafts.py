"""From an empty channel to a diagram and first findings, from a compose file and an API description."""

import time

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Workspace
from tests.browser.player import PHONE, Player
from tests.depth import deep_only
from tests.drafts.fixture_drafts import FIXTURES

FILES = ("shop.compose.yaml", "orders.openapi.yaml")
MOST_PRESSES = 12
MOST_SECONDS = 180.0


@deep_only
@pytest.mark.browser
@pytest.mark.parametrize("size", [(1280, 860), PHONE])
def test_two_files_become_a_diagram_and_findings(
    browser: Browser, workspace: Workspace, size: tuple[int, int]
) -> None:
    """Each line that a person types or button that they press counts, the choice of files as two."""
    ben = Player(browser, workspace.address, "Ben", size=size)
    begun = time.monotonic()
    ben.says("/threatmodel start")
    ben.sees_form("New threat model")
    ben.fills("Name", "Shop")
    with ben.page.expect_file_chooser() as chooser:
        ben.form.get_by_text("Upload files").click()
    chooser.value.set_files([FIXTURES / file for file in FILES])
    for name in FILES:
        expect(ben.form.locator(".chosen-file").filter(has_text=name)).to_be_visible()
    ben.hands_in("Start")
    expect(ben.form.get_by_text("Nothing is added to the model before you press")).to_be_visible()
    ben.hands_in("Accept")
    ben.sees_form("Saved")
    ben.sees("from shop.compose.yaml and orders.openapi.yaml")
    ben.presses("Add elements")
    ben.sees_form("Add elements")
    ben.fills("Trust levels", "Internet\nCustomers\nOperators")
    ben.hands_in("Save and continue")
    ben.sees_form("Saved")
    ben.closes()
    ben.says("/threatmodel diagram")
    ben.sees("The diagram of")
    ben.presses("Findings")
    ben.sees_form("Findings")
    presses = len(
        ("start", "choose", "files", "Start", "Accept", "Add", "Save", "close", "diagram", "Findings")
    )
    assert presses < MOST_PRESSES
    assert time.monotonic() - begun < MOST_SECONDS
