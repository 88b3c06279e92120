"""Case 32: the app leaves the workspace and comes back; what was said is taken along, or forgotten."""

import json
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from bot.sandbox.api import Sandbox
from bot.store import Verified
from tests.cases.case_actions import add_asset, asset_names, record_asset
from tests.cases.processes import ROOT, manifest_for
from tests.depth import deep_only
from tests.slack.slack_team import SlackTeam, Transport, run_bot
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


@deep_only
def test_a_whole_model_can_be_taken_along(team: SlackTeam) -> None:
    team.start()
    add_asset(team, "ben", "Valuables")
    told = json.loads(terminal(team, "show", "TM-1", "--json"))
    assert told["name"] == "The House"
    assert [one["name"] for one in told["registers"]["assets"]] == ["Valuables"]
    history = json.loads(terminal(team, "history", "TM-1", "--json"))
    assert len(history) == 2


def test_erased_text_is_nowhere_and_the_chain_stays_valid(team: SlackTeam) -> None:
    """Neither in the file nor beside it; the bot that runs meanwhile takes the card away."""
    team.start()
    add_asset(team, "ben", "The diamond of the duchess")
    team.card("Assets  1")
    assert "duchess" in words_on_disk(team)
    terminal(team, "erase", "TM-1", "--yes")
    team.wait(lambda: team.cards() == [])
    assert "duchess" not in words_on_disk(team)
    assert "The House" not in words_on_disk(team)
    assert isinstance(team.store.verify(), Verified)
    team.command("ben", "/threatmodel list")
    assert not any("The House" in message for message in team.private_messages("ben"))
    team.start(name="The next house")
    team.card("The next house · TM-2")


def terminal(team: SlackTeam, *words: str) -> str:
    """What an operator reads after a command."""
    environment = {"PATH": "/usr/bin:/bin", "DATABASE_URL": f"sqlite:///{team.store.database.path}"}
    command = [sys.executable, "-m", "bot", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def words_on_disk(team: SlackTeam) -> str:
    """Everything in the database file and the files beside it."""
    path = Path(team.store.database.path)
    files = [str(one) for one in sorted(path.parent.glob(f"{path.name}*"))]
    # By another process: to close the file in this one would drop the locks that the bot holds on it.
    return subprocess.run(["cat", *files], capture_output=True, check=True).stdout.decode(errors="replace")
