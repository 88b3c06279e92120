"""Case 25: Slack withdraws the permission, or a part of it."""

import time

import pytest

from tests.cases.case_actions import readiness_body, record_asset
from tests.slack.slack_team import SlackTeam


def test_a_token_of_someone_else_that_is_revoked_stops_nothing(team: SlackTeam) -> None:
    """Slack tells of people's own tokens by the same event."""
    team.start()
    tokens = {"oauth": [team.person("ana").id], "bot": []}
    team.sandbox.publish("tokens_revoked", {"type": "tokens_revoked", "tokens": tokens})
    team.wait(lambda: any(one.acked and "oauth" in str(one.payload) for one in team.sandbox.deliveries))
    record_asset(team, "Valuables")
    team.card("Assets  1")
    assert team.bot.readiness_problem() == ""


@pytest.mark.parametrize("word", ["token_revoked", "account_inactive", "invalid_auth", "missing_scope"])
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
    assert "install the app again" in team.bot.readiness_problem()
    assert readiness_body(team) == (503, f"{team.bot.readiness_problem()}\n")
