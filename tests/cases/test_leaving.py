"""Case 32: the app leaves the workspace and comes back."""

import time
from collections.abc import Generator
from pathlib import Path

import pytest

from bot.sandbox.api import Sandbox
from tests.cases.case_actions import add_asset, asset_names, record_asset
from tests.cases.processes import manifest_for
from tests.slack.slack_team import Transport, run_bot
from tests.waiting import patient_sandbox


@pytest.fixture
def slack(transport: Transport) -> Generator[Sandbox]:
    with patient_sandbox(manifest=manifest_for(transport), delivery=transport) as sandbox:
        yield sandbox


def test_uninstalled_it_falls_silent_and_installed_again_it_goes_on_with_the_same_card(
    slack: Sandbox, tmp_path: Path, transport: Transport
) -> None:
    database = tmp_path / "threatmodel.db"
    with run_bot(database, sandbox=slack, transport=transport) as team:
        team.start()
        add_asset(team, "ben", "Valuables")
        card = team.card("Assets  1")
        slack.uninstall()
        team.wait_for_silence()
        calls = len(slack.api_calls)
        record_asset(team, "The cat")
        time.sleep(0.2)  # long enough for a card to be tried
        assert len(slack.api_calls) == calls
    slack.reinstall()
    with run_bot(database, sandbox=slack, transport=transport) as team:
        assert asset_names(team) == ["Valuables", "The cat"]
        slack.invite_bot("#house")
        assert team.card("Assets  2").ts == card.ts
        add_asset(team, "ben", "The dog")
        team.card("Assets  3")
        assert len(team.cards()) == 1
