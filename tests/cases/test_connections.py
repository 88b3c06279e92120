"""Case 26: a connection that is deaf or gone, and an end that is asked for."""

import signal
import time
from pathlib import Path

import pytest

from bot.slack.transport import socket_connection
from tests.cases.case_actions import add_asset, asset_names, readiness_body
from tests.cases.processes import bot_database, manifest_for, serve_process, start_model
from tests.depth import deep_only
from tests.slack.slack_team import SlackTeam, Transport, run_bot
from tests.waiting import patient_sandbox, waiting_for_acks


def test_a_dead_connection_is_renewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_connection, "QUIET_SECONDS", 0.5)
    with run_bot(tmp_path / "threatmodel.db") as team:
        team.wait(lambda: len(team.sandbox.calls_of("apps.connections.open")) > 1)
        team.sandbox.wait_for_connection()
        team.wait(lambda: team.command("ben", "/threatmodel help").acked)


@deep_only
def test_a_connection_that_ends_without_a_word_shows_in_health_and_is_opened_again(team: SlackTeam) -> None:
    team.start()
    assert readiness_body(team) == (200, "ready\n")
    with team.sandbox.faults.holding("apps.connections.open"):
        team.sandbox.drop_connections()
        team.wait(lambda: readiness_body(team) == (503, "no connection to Slack\n"))
    team.wait(lambda: readiness_body(team) == (200, "ready\n"))
    add_asset(team, "ben", "Valuables")
    assert asset_names(team) == ["Valuables"]


def test_asked_to_end_while_people_answer_it_keeps_what_it_acknowledged_and_ends_in_time(
    tmp_path: Path, transport: Transport
) -> None:
    database = tmp_path / "threatmodel.db"
    with (
        patient_sandbox(manifest=manifest_for(transport), delivery=transport) as slack,
        bot_database(slack, database) as team,
        serve_process(slack, database, transport) as bot,
    ):
        start_model(team)
        team.card("TM-1")
        kept = [name for number in range(2) for name in answered(team, f"Asset {number}", within=60)]
        assert len(kept) == 2
        with waiting_for_acks(slack, 5.0):
            bot.send_signal(signal.SIGTERM)
            kept += [name for number in range(2, 6) for name in answered(team, f"Asset {number}", within=0.5)]
        began = time.monotonic()
        assert bot.wait(60) == 0
        assert time.monotonic() - began < 25
        assert [name for name in asset_names(team) if name in kept] == kept


def answered(team: SlackTeam, name: str, *, within: float) -> list[str]:
    """The name, if somebody had a form for it within so many seconds and was told that it is kept."""
    if not team.command("ben", "/threatmodel add asset").acked:
        return []
    ends = time.monotonic() + within
    while team.person("ben").modal is None and time.monotonic() < ends:
        time.sleep(0.01)
    if team.person("ben").modal is None:
        return []
    team.person("ben").fill("Name", name)
    delivery = team.submit("ben")
    while team.person("ben").modal is not None:
        team.person("ben").close()
    return [name] if delivery.acked and delivery.response is None else []
