"""The bot in two workspaces of the sandbox: installed, used, renewed, uninstalled, installed again."""

from pathlib import Path

import pytest

from bot.sandbox.api import SECOND_TEAM, TEAM_ID, Behavior
from tests.depth import deep_also, deep_only
from tests.slack.app_in_sandbox import app_in_sandbox
from tests.slack.slack_team import Transport

HOURS = 3_600


@pytest.mark.parametrize("transport", ["http", *deep_also(("socket",))])
def test_workspaces_with_equal_channels_and_people_share_nothing(
    tmp_path: Path, transport: Transport
) -> None:
    with app_in_sandbox(tmp_path, transport) as app:
        first, second = app.sandbox, app.second
        assert "Threat Model is installed in The House." in app.install(TEAM_ID, "#house")
        app.start(first, "Front door")
        assert "Threat Model is installed in The Annexe." in app.install(SECOND_TEAM.id, "#house")
        app.start(second, "Back door")
        assert not [one for one in app.cards(first) if "Back door" in one]
        assert not [one for one in app.cards(second) if "Front door" in one]
        assert {one.stream for one in app.store.streams()} == {f"{TEAM_ID}/TM-1", f"{SECOND_TEAM.id}/TM-1"}


def test_an_uninstalled_workspace_is_silent_and_comes_back_with_its_models(tmp_path: Path) -> None:
    with app_in_sandbox(tmp_path) as app:
        first, second = app.sandbox, app.second
        app.install(TEAM_ID, "#house")
        app.install(SECOND_TEAM.id, "#house")
        app.start(first, "Front door")
        app.start(second, "Back door")
        second.uninstall()
        app.wait(lambda: app.store.installations.installed() == [TEAM_ID])
        app.install(SECOND_TEAM.id, "#house")
        # Slack tells again of the end of the former installation.
        app.wait(lambda: len([one for one in second.deliveries if one.title == "app_uninstalled"]) == 2)
        assert second.person("ana").command("#house", "/threatmodel status").acked
        app.wait(lambda: "Back door" in second.person("ana").sees("#house")[-1].plain)
        assert app.store.installations.installed() == [TEAM_ID, SECOND_TEAM.id]
        assert first.person("ana").command("#house", "/threatmodel status").acked


@deep_only
def test_the_bot_goes_on_after_its_token_has_expired(tmp_path: Path) -> None:
    with app_in_sandbox(tmp_path) as app:
        app.install(TEAM_ID, "#house")
        before = app.sandbox.bot_token
        app.sandbox.clock.move(7 * HOURS)
        app.wait(lambda: app.sandbox.bot_token != before)
        app.sandbox.clock.move(7 * HOURS)
        app.start(app.sandbox, "Front door")


def test_one_installation_serves_both_workspaces_of_an_organization(tmp_path: Path) -> None:
    with app_in_sandbox(tmp_path, behavior=Behavior(enterprise="E0ESTATE1")) as app:
        assert "Threat Model is installed in The Estate." in app.install("E0ESTATE1", "#house")
        app.start(app.sandbox, "Front door")
        app.start(app.second, "Back door")
        assert not [one for one in app.cards(app.sandbox) if "Back door" in one]
        app.second.uninstall()
        app.wait(lambda: app.store.installations.installed() == [])
