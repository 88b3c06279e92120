"""Cases 2 and 3: the bot dies, at the moments at which it matters."""

import threading
from collections.abc import Generator
from pathlib import Path

import pytest

from bot.sandbox.api import Sandbox
from tests.cases.case_actions import (
    add_asset,
    asset_names,
    database_locked,
    fill_asset_form,
    known_card,
    recorded_events,
)
from tests.cases.processes import bot_database, kill_process, manifest_for, serve_process, start_model
from tests.slack.slack_team import Transport, run_bot
from tests.waiting import patient_sandbox, waiting_for_acks


@pytest.fixture
def slack(transport: Transport) -> Generator[Sandbox]:
    with patient_sandbox(manifest=manifest_for(transport), delivery=transport) as sandbox:
        yield sandbox


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "threatmodel.db"


def test_dead_right_after_the_ack_the_answer_is_kept(
    slack: Sandbox, database: Path, transport: Transport
) -> None:
    with bot_database(slack, database) as team:
        with serve_process(slack, database, transport) as bot:
            start_model(team)
            team.card("TM-1")
            assert add_asset(team, "ben", "Valuables").acked
            kill_process(bot)
        assert asset_names(team) == ["Valuables"]
        with serve_process(slack, database, transport):
            team.card("Assets  1")
            assert recorded_events(team) == ["ThreatModelStarted", "AssetAdded"]
            assert len(team.cards()) == 1


def test_dead_before_the_ack_nothing_is_kept_and_the_form_is_still_there(
    slack: Sandbox, database: Path, transport: Transport
) -> None:
    """It dies while it waits for its turn to write."""
    with bot_database(slack, database) as team:
        with serve_process(slack, database, transport) as bot:
            start_model(team)
            team.card("TM-1")
            fill_asset_form(team, "ben", "Valuables")
            with database_locked(team), waiting_for_acks(slack, 2.0):
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


@pytest.mark.parametrize("transport", ["socket"])
def test_after_a_kill_between_post_and_record_one_card_remains_after_a_click(
    slack: Sandbox, database: Path
) -> None:
    """Slack shows the card, and the bot dies before it hears which message that is.

    It may not read channels, so it cannot find that card again: it posts another one, and takes the first one
    away as soon as somebody presses in it.
    """
    with bot_database(slack, database) as team:
        with serve_process(slack, database) as bot:
            forget = slack.workspace.on_change(lambda: kill_process(bot) if team.cards() else None)
            start_model(team)
            bot.wait(60)
            forget()
        (orphan,) = team.cards()
        assert known_card(team).ts is None
    with run_bot(database, sandbox=slack) as team:
        team.wait(lambda: len(team.cards()) == 2)
        team.wait(lambda: known_card(team).ts not in (None, orphan.ts))
        team.person("chi").click(orphan, action_id="open:add-asset")
        team.modal("chi", "Add asset")
        team.wait(lambda: len(team.cards()) == 1)
        team.person("chi").fill("Name", "Valuables")
        team.submit("chi")
        assert team.card("Assets  1").ts == known_card(team).ts
