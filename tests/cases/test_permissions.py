"""Case 25: Slack withdraws the permission, or a part of it."""

import time
from pathlib import Path

import pytest

from bot.manifest import build_manifest
from tests.cases.case_actions import asset_names, fill_asset_form, readiness_body, record_asset
from tests.slack.slack_team import SlackTeam, run_bot
from tests.waiting import patient_sandbox


def test_a_revoked_token_stops_every_call_keeps_every_answer_and_shows_in_health(
    either_way: SlackTeam,
) -> None:
    team = either_way
    team.start()
    team.card("TM-1")
    fill_asset_form(team, "ben", "Valuables")
    team.sandbox.revoke_token()
    team.wait_for_silence()
    calls = len(team.sandbox.api_calls)
    assert team.submit("ben").acked
    record_asset(team, "The cat")
    time.sleep(0.3)  # long enough for a card to be tried
    assert len(team.sandbox.api_calls) == calls
    assert asset_names(team) == ["Valuables", "The cat"]


def test_a_token_of_someone_else_that_is_revoked_stops_nothing(team: SlackTeam) -> None:
    """Slack tells of people's own tokens by the same event."""
    team.start()
    tokens = {"oauth": [team.person("ana").id], "bot": []}
    team.sandbox.publish("tokens_revoked", {"type": "tokens_revoked", "tokens": tokens})
    team.wait(lambda: any(one.acked and "oauth" in str(one.payload) for one in team.sandbox.deliveries))
    record_asset(team, "Valuables")
    team.card("Assets  1")
    assert team.bot.readiness_problem() == ""


@pytest.mark.parametrize("word", ["token_revoked", "account_inactive", "invalid_auth"])
def test_a_withdrawn_permission_of_which_no_event_told_is_found_out_at_the_first_call(
    team: SlackTeam, word: str
) -> None:
    team.start()
    team.card("TM-1")
    team.sandbox.faults.fail_next("chat.update", word)
    record_asset(team, "Valuables")
    team.wait_for_silence()
    calls = len(team.sandbox.api_calls)
    record_asset(team, "The cat")
    time.sleep(0.3)  # long enough for a card to be tried
    assert len(team.sandbox.api_calls) == calls
    assert readiness_body(team) == (503, f"{team.bot.readiness_problem()}\n")


def test_after_a_reinstallation_it_shows_all_changes(tmp_path: Path) -> None:
    with patient_sandbox(manifest=build_manifest("socket")) as slack:
        with run_bot(tmp_path / "threatmodel.db", sandbox=slack) as team:
            team.start()
            card = team.card("TM-1")
            slack.revoke_token()
            team.wait(team.bot.readiness_problem)
            record_asset(team, "Valuables")
        slack.restore_token()
        with run_bot(tmp_path / "threatmodel.db", sandbox=slack) as team:
            assert team.card("Assets  1").ts == card.ts
            assert team.bot.readiness_problem() == ""


def test_a_scope_that_is_missing_stops_every_call_and_is_told_in_health(team: SlackTeam) -> None:
    """Somebody took `chat:write` away from the app: whom could the bot write to about that?"""
    team.start()
    team.card("TM-1")
    team.sandbox.faults.fail_next("chat.update", "missing_scope", times=100)
    record_asset(team, "Valuables")
    team.wait(lambda: "missing_scope" in team.bot.readiness_problem())
    assert "install the app again" in team.bot.readiness_problem()
    record_asset(team, "The cat")
    time.sleep(0.3)  # long enough for a card to be tried
    assert len(team.sandbox.calls_of("chat.update")) == 1
    assert asset_names(team) == ["Valuables", "The cat"]
