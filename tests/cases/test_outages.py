"""Case 30: Slack is out of order."""

import pytest

from tests.cases.case_actions import (
    add_asset,
    direct_message_with,
    fill_asset_form,
    recorded_events,
    refused_calls,
)
from tests.slack.slack_team import SlackTeam


@pytest.mark.parametrize("trouble", ["server_error", "fatal_error", "dropped"])
def test_through_an_outage_of_slack_every_answer_is_kept_and_shown_after_it(
    either_way: SlackTeam, trouble: str
) -> None:
    team = either_way
    team.start()
    team.card("TM-1")
    everybody = ("ana", "ben", "chi", "dee")
    team.person("ana").close()
    for who in everybody:
        fill_asset_form(team, who, f"Valuables of {who}")
    team.sandbox.faults.share(trouble, of=1.0)
    for who in everybody:
        assert team.submit(who).acked
    team.wait(lambda: len(refused_calls(team)) > 1)
    team.sandbox.faults.clear()
    team.card("Assets  4")
    assert len(team.cards()) == 1
    assert recorded_events(team) == ["ThreatModelStarted", *["AssetAdded"] * 4]
    assert team.bot.readiness_problem() == ""


def test_an_answer_that_waits_for_a_look_at_slack_waits_through_an_outage(team: SlackTeam) -> None:
    """Nobody told the bot that Eve has joined, and Slack cannot be asked just now."""
    team.start()
    team.card("TM-1")
    add_asset(team, "ben", "Valuables")
    add_asset(team, "ben", "The cat")
    with team.sandbox.quietly():
        team.sandbox.invite("eve", "#house")
    team.sandbox.faults.share("server_error", of=1.0)
    assert team.command("eve", "/threatmodel status").acked
    team.private_message("eve", "Checking that you are a member of this channel. Your input is kept.")
    team.sandbox.faults.clear()
    team.sandbox.ask_to_reconnect()
    team.private_message("eve", "The House · TM-1")


def test_an_answer_that_comes_after_half_an_hour_comes_by_direct_message(team: SlackTeam) -> None:
    """The address for replies is good for thirty minutes; the outage took longer."""
    team.start()
    team.card("TM-1")
    with team.sandbox.quietly():
        team.sandbox.invite("eve", "#house")
    team.sandbox.faults.share("server_error", of=1.0)
    assert team.command("eve", "/threatmodel status").acked
    team.wait(lambda: any("conversations.info" in call for call in refused_calls(team)))
    team.sandbox.clock.move(31 * 60)
    team.sandbox.faults.clear()
    team.sandbox.ask_to_reconnect()
    direct_message_with(team, "eve", "The House · TM-1")
