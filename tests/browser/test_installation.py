"""The app is installed in two workspaces in a browser, used in both, and uninstalled from one."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Workspace
from tests.browser.player import PHONE, WIDE, Player
from tests.depth import deep_only

HOUSE, ANNEXE = "the-house", "the-annexe"


@pytest.mark.browser
@deep_only
def test_two_workspaces_install_the_app_and_one_uninstalls_it(
    browser: Browser, uninstalled: Workspace
) -> None:
    ana = Player(browser, uninstalled.address, "Ana")
    _installs(ana, "The House")
    _starts(ana, "Front door")
    _enters(ana, ANNEXE)
    expect(ana.page.get_by_text("Front door")).to_have_count(0)
    _installs(ana, "The Annexe")
    _starts(ana, "Back door")

    ana.tool("faults").get_by_test_id("uninstall").click()
    expect(ana.page.get_by_test_id("add-app")).to_be_visible()
    ana.says("/threatmodel status")
    ana.sees('/threatmodel failed with the error "dispatch_failed"')
    _enters(ana, HOUSE)
    expect(ana.page.get_by_test_id("add-app")).to_have_count(0)
    expect(ana.page.get_by_text("Back door")).to_have_count(0)
    ana.says("/threatmodel status")
    ana.sees("Go to the card")


@pytest.mark.browser
@deep_only
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_pages_of_the_installation_and_the_settings_fit_the_screen(
    browser: Browser, uninstalled: Workspace, size: tuple[int, int]
) -> None:
    ana = Player(browser, uninstalled.address, "Ana", size=size)

    def fits(name: str) -> None:
        wide = ana.page.evaluate("Math.max(document.documentElement.scrollWidth, innerWidth)")
        assert wide == size[0], name

    page = ana.page
    if size == PHONE:
        page.get_by_test_id("menu").click()
    page.get_by_test_id("add-app").click()
    expect(page.get_by_role("heading", name="Install Threat Model")).to_be_visible()
    fits("install")
    page.get_by_role("link", name="Add to Slack").click()
    fits("consent")
    page.get_by_role("button", name="Allow").click()
    fits("installed")
    page.get_by_role("link", name="Open Slack").click()
    page.wait_for_function("window.did_handshake")
    page.get_by_role("tab", name="Home").click()
    ana.opens("Workspace settings", "Workspace settings")
    fits("workspace-settings")
    for heading in ("Working hours", "Reminders and reviews", "Remediation policy", "Portfolio"):
        ana.form.get_by_text(heading, exact=True).first.scroll_into_view_if_needed()
        fits(f"workspace-settings-{heading.lower().replace(' ', '-')}")
    ana.form.get_by_label("People who see the portfolio").scroll_into_view_if_needed()
    fits("workspace-settings-end")


def _enters(ana: Player, workspace: str) -> None:
    ana.page.get_by_test_id(f"at-{workspace}").click()
    expect(ana.page.get_by_test_id(f"at-{workspace}")).to_have_attribute("aria-current", "true")
    ana.page.wait_for_function("window.did_handshake")


def _installs(ana: Player, workspace: str) -> None:
    """Install the app as the page suggests it, and come back to where one was."""
    page, here = ana.page, ana.page.url
    expect(page.get_by_text("to begin.")).to_have_count(0)
    page.get_by_test_id("add-app").click()
    page.get_by_role("link", name="Add to Slack").click()
    expect(page.get_by_role("heading", name="requests access to a workspace")).to_be_visible()
    expect(page.get_by_label("Workspace").locator("option:checked")).to_have_text(workspace)
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_text(f"Threat Model is installed in {workspace}.")).to_be_visible()
    page.get_by_role("link", name="Open Slack").click()
    page.wait_for_function("window.did_handshake")
    expect(page.get_by_text("This is the beginning of your messages with")).to_be_visible()
    page.goto(here)
    page.wait_for_function("window.did_handshake")
    expect(page.get_by_test_id("add-app")).to_have_count(0)
    expect(page.get_by_text("to begin.")).to_be_visible()


def _starts(ana: Player, model: str) -> None:
    """Invite the bot and start the first model of the workspace."""
    ana.says("/invite @threatmodel")
    ana.says(f"/threatmodel start {model}")
    ana.sees_form("New threat model")
    ana.hands_in("Start")
    ana.sees_form("Add data flows")
    ana.closes()
    ana.sees(f"{model} · TM-1")
