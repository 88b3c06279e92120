"""A mitigation gets an issue in a real Redmine, is implemented there, and verified here."""

import json
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.demo import scored_house_story
from tests.browser.conftest import Workspace, move_clock, story_told
from tests.browser.player import PHONE, Player
from tests.depth import deep_only
from tests.trackers.redmine_server import PASSWORD, RedmineServer, redmine
from tests.waiting import wait_until

TITLE = "Ask for a badge"
THREAT = "An impostor"


@pytest.fixture(scope="module")
def server() -> Iterator[RedmineServer]:
    with redmine() as running:
        yield running


@pytest.fixture
def tracked(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with the House as four people scored it, at a Monday noon; it may call this machine."""
    story_told(tmp_path, scored_house_story)
    now = datetime.now(UTC)
    move_clock(tmp_path, (now + timedelta(days=7 - now.weekday())).replace(hour=12, minute=0) - now)
    running = Workspace(tmp_path, environment={"TRACKER_HOSTS": "127.0.0.1"})
    yield running
    running.stop()


@deep_only
@pytest.mark.browser
def test_from_a_mitigation_to_a_closed_issue_to_a_verified_mitigation(
    browser: Browser, tracked: Workspace, server: RedmineServer
) -> None:
    ana, ben = (Player(browser, tracked.address, name) for name in ("Ana", "Ben"))
    _ana_connects_redmine(ana, server)
    _ben_plans_a_mitigation(ana, ben)
    wait_until(lambda: TITLE in _subjects(server), seconds=60)
    _the_issue_is_looked_at(browser, server)
    ben.closes()
    _looks_at_the_threat(ben)
    ben.sees("#1 in Redmine")
    ben.closes()

    _ben_closes_it_in_redmine(browser, server)
    ana.later(*["+1 hour"] * 3)  # without webhooks, the next poll finds it; the owner is told in time
    _ben_marks_it_as_implemented(ben)
    _ana_verifies_it(ana)
    wait_until(lambda: "Verified in the threat model" in _shown(server)["description"], seconds=60)
    _the_issue_is_looked_at(browser, server)

    phone = Player(browser, tracked.address, "Ben", size=PHONE)
    phone.says("/threatmodel plan")
    phone.sees_form("Plan")


def _ana_connects_redmine(ana: Player, server: RedmineServer) -> None:
    ana.says("/threatmodel tracker")
    ana.sees_form("Trackers")
    ana.opens("Redmine", "Connect Redmine")
    ana.fills("Address", server.url)
    ana.fills("Project identifier", "payments")
    ana.fills("API access key", server.bot_key)
    ana.hands_in("Connect")
    ana.sees("connected as TR-1")
    ana.closes()


def _ben_plans_a_mitigation(ana: Player, ben: Player) -> None:
    ana.opens("More…", "More")
    ana.opens("Begin remediation", "Begin remediation")
    ana.hands_in("Begin remediation")
    ana.sees_form("Saved")
    ana.closes()
    ben.sees("Choose responses to 6 threats")
    _looks_at_the_threat(ben)
    ben.opens("Plan a mitigation", "Plan a mitigation")
    ben.fills("Mitigation", TITLE)
    ben.chooses("Owner", "Ben")
    ben.hands_in("Plan")
    ben.sees(TITLE)


def _ben_closes_it_in_redmine(browser: Browser, server: RedmineServer) -> None:
    page = browser.new_context(locale="en-US").new_page()
    _sign_in(page, server)
    page.goto(f"{server.url}/issues/1/edit")
    page.select_option("#issue_status_id", label="Closed")
    page.fill("#issue_notes", "Badges are checked at the door since today.")
    page.locator("#issue-form input[type=submit]").first.click()
    expect(page.locator(".status .value")).to_have_text("Closed")
    page.context.close()


def _looks_at_the_threat(player: Player) -> None:
    player.says("/threatmodel plan")
    player.sees_form("Plan")
    player.form.locator(".section", has_text=THREAT).get_by_role("button").first.click()
    expect(player.form.get_by_role("heading", name="in the plan")).to_be_visible()


def _ben_marks_it_as_implemented(ben: Player) -> None:
    ben.goes_to("threatmodel")
    expect(ben.page.get_by_text("was closed as completed in Redmine").last).to_be_visible(timeout=60_000)
    ben.goes_to("house")
    _looks_at_the_threat(ben)
    ben.sees("closed as completed")
    ben.opens("Mark as implemented…", "Mark as implemented")
    ben.hands_in("Mark as implemented")
    ben.sees("implemented, to be verified")
    ben.closes()


def _ana_verifies_it(ana: Player) -> None:
    _looks_at_the_threat(ana)
    ana.presses("Verify")
    ana.page.get_by_test_id("confirm").get_by_role("button", name="Verify").click()
    ana.sees("✓ verified by Ana")
    ana.closes()


def _the_issue_is_looked_at(browser: Browser, server: RedmineServer) -> None:
    page = browser.new_context(locale="en-US").new_page()
    _sign_in(page, server)
    page.goto(f"{server.url}/issues/1")
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    expect(page.locator("#content")).not_to_contain_text(THREAT)  # a wider audience reads it
    page.context.close()


def _sign_in(page: Page, server: RedmineServer) -> None:
    page.goto(f"{server.url}/login")
    page.fill("#username", "ben")
    page.fill("#password", PASSWORD)
    page.click("#login-submit")


def _subjects(server: RedmineServer) -> list[str]:
    return [one["subject"] for one in _get(server, "/projects/payments/issues.json?status_id=*")["issues"]]


def _shown(server: RedmineServer) -> dict[str, str]:
    return _get(server, "/issues/1.json")["issue"]


def _get(server: RedmineServer, path: str) -> Any:
    request = urllib.request.Request(f"{server.url}{path}", headers={"X-Redmine-API-Key": server.ben_key})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)
