"""Cases 18 to 21: what no event tells, and a card that may no longer be edited."""

import pytest

from tests.cases.case_actions import (
    add_asset,
    asset_names,
    bot_direct_messages,
    direct_message_with,
    known_card,
    record_asset,
    refused_calls,
)
from tests.slack.slack_team import SlackTeam


@pytest.mark.parametrize("word", ["cant_update_message", "edit_window_closed"])
def test_a_card_that_may_not_be_changed_any_more_is_posted_again(team: SlackTeam, word: str) -> None:
    """As after the app was installed anew under another bot user, or where edits are limited in time."""
    team.start()
    old = team.card("TM-1")
    team.sandbox.faults.fail_next("chat.update", word)
    add_asset(team, "ben", "Valuables")
    team.wait(lambda: known_card(team).ts not in (None, old.ts))
    add_asset(team, "ben", "The cat")
    assert team.card("Assets  2").ts == known_card(team).ts


def test_an_archived_channel_is_detected_without_an_event(team: SlackTeam) -> None:
    """Both events are lost: Slack's refusal tells of the one, a look after a reconnect of the other."""
    team.start()
    card = team.card("TM-1")
    with team.sandbox.quietly():
        team.sandbox.change_channel("#house", is_archived=True)
    record_asset(team, "Valuables")
    direct_message_with(team, "ana", "archived")
    with team.sandbox.quietly():
        team.sandbox.change_channel("#house", is_archived=False)
    team.sandbox.ask_to_reconnect()
    assert team.card("Assets  1").ts == card.ts


def test_thrown_out_in_silence_it_says_so_once_it_finds_out(team: SlackTeam) -> None:
    """No event tells of it; Slack lets the bot edit its card all the same, but not post another one."""
    team.start()
    card = team.card("TM-1")
    with team.sandbox.quietly():
        team.sandbox.remove_bot("#house")
        team.sandbox.delete_message("#house", card.ts)
    record_asset(team, "Valuables")
    assert "/invite" in direct_message_with(team, "ana", "TM-1")
    record_asset(team, "The cat")
    team.wait(lambda: "The cat" in asset_names(team))
    team.sandbox.invite_bot("#house")
    team.card("Assets  2")
    assert len(bot_direct_messages(team, "ana")) == 1
    assert [call for call in refused_calls(team) if call.startswith("chat.post")] == [
        "chat.postMessage: not_in_channel"
    ]
