"""Case 30: Slack is out of order."""

import pytest

from tests.cases.case_actions import (
    add_asset,
    direct_message_with,
    fill_asset_form,
    recorded_events,
    refused_calls,
)
from tests.slack.slack_team import RunningBot


@pytest.mark.parametrize("trouble", ["server_error", "fatal_error", "dropped"])
def test_through_an_outage_of_slack_every_answer_is_kept_and_shown_after_it(
    either_way: RunningBot, trouble: str
) -> None:
    there = either_way
    there.start()
    there.card("TM-1")
    everybody = ("ana", "ben", "chi", "dee")
    there.person("ana").close()
    for who in everybody:
        fill_asset_form(there, who, f"Valuables of {who}")
    there.sandbox.faults.share(trouble, of=1.0)
    for who in everybody:
        assert there.submit(who).acked
    there.wait(lambda: len(refused_calls(there)) > 1)
    there.sandbox.faults.clear()
    there.card("Assets  4")
    assert len(there.cards()) == 1
    assert recorded_events(there) == ["ThreatModelStarted", *["AssetAdded"] * 4]
    assert there.bot.readiness_problem() == ""


def test_an_answer_that_waits_for_a_look_at_slack_waits_through_an_outage(there: RunningBot) -> None:
    """Nobody told the bot that Eve has joined, and Slack cannot be asked just now."""
    there.start()
    there.card("TM-1")
    add_asset(there, "ben", "Valuables")
    add_asset(there, "ben", "The cat")
    with there.sandbox.quietly():
        there.sandbox.invite("eve", "#house")
    there.sandbox.faults.share("server_error", of=1.0)
    assert there.command("eve", "/threatmodel status").acked
    there.told("eve", "One moment")
    there.sandbox.faults.clear()
    there.sandbox.ask_to_reconnect()
    there.told("eve", "The House · TM-1")


def test_an_answer_that_comes_after_half_an_hour_comes_by_direct_message(there: RunningBot) -> None:
    """The address for replies is good for thirty minutes; the outage took longer."""
    there.start()
    there.card("TM-1")
    with there.sandbox.quietly():
        there.sandbox.invite("eve", "#house")
    there.sandbox.faults.share("server_error", of=1.0)
    assert there.command("eve", "/threatmodel status").acked
    there.wait(lambda: any("conversations.info" in one for one in refused_calls(there)))
    there.sandbox.clock.move(31 * 60)
    there.sandbox.faults.clear()
    there.sandbox.ask_to_reconnect()
    direct_message_with(there, "eve", "The House · TM-1")
