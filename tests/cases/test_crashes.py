"""Case 2: the bot dies before an acknowledgment."""

import threading
from collections.abc import Generator
from pathlib import Path

import pytest

from bot.sandbox.api import Sandbox
from tests.cases.case_actions import (
    asset_names,
    fill_asset_form,
    recorded_events,
)
from tests.cases.processes import bot_database, kill_process, manifest_for, serve_process, start_model
from tests.slack.slack_team import Transport, locked
from tests.waiting import patient_sandbox, waiting_for_acks


@pytest.fixture
def slack(transport: Transport) -> Generator[Sandbox]:
    with patient_sandbox(manifest=manifest_for(transport), delivery=transport) as sandbox:
        yield sandbox


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "threatmodel.db"


def test_dead_before_the_ack_nothing_is_kept_and_the_form_is_still_there(
    slack: Sandbox, database: Path, transport: Transport
) -> None:
    """It dies while it waits for its turn to write."""
    with bot_database(slack, database) as team:
        with serve_process(slack, database, transport) as bot:
            start_model(team)
            team.card("TM-1")
            fill_asset_form(team, "ben", "Valuables")
            with locked(team), waiting_for_acks(slack, 2.0):
                threading.Timer(0.3, kill_process, (bot,)).start()
                assert not team.submit("ben").acked
                bot.wait(60)
        assert asset_names(team) == []
        assert team.modal("ben", "Add asset").values["Name"] == "Valuables"
        with serve_process(slack, database, transport):
            assert team.submit("ben").acked
            assert team.person("ben").modal is None
            team.card("Assets  1")
            assert recorded_events(team) == ["ThreatModelStarted", "AssetAdded"]


def test_dead_between_the_record_and_the_ack_the_second_try_counts_as_the_first(
    slack: Sandbox, database: Path, transport: Transport
) -> None:
    with bot_database(slack, database) as team:
        with serve_process(slack, database, transport) as bot:
            start_model(team)
            team.card("TM-1")
            fill_asset_form(team, "ben", "Valuables")
            slack.faults.lost_acks_of_acts = 1
            assert not team.submit("ben").acked
            kill_process(bot)
        assert asset_names(team) == ["Valuables"]
        with serve_process(slack, database, transport):
            assert team.submit("ben").acked
            assert team.person("ben").modal is None
            team.card("Assets  1")
            assert recorded_events(team) == ["ThreatModelStarted", "AssetAdded"]
