"""Cases 18 to 21: the card is deleted, the bot is not there, the channel is archived, moved or gone."""

import pytest

from tests.cases.case_actions import (
    add_asset,
    asset_names,
    bot_direct_messages,
    direct_message_with,
    known_card,
    open_form_errors,
    open_modal_text,
    record_asset,
    refused_calls,
)
from tests.slack.slack_team import SlackTeam

KEYS = "#house-keys"


def test_a_card_that_someone_deleted_is_posted_again_with_the_next_answer(either_way: SlackTeam) -> None:
    team = either_way
    team.start()
    gone = team.card("TM-1")
    team.sandbox.delete_message("#house", gone.ts)
    add_asset(team, "ben", "Valuables")
    card = team.card("Assets  1")
    assert card.ts != gone.ts
    add_asset(team, "ben", "The cat")
    assert team.card("Assets  2").ts == card.ts
    assert len(team.cards()) == 1


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


@pytest.mark.parametrize("where", ["#house", KEYS])
def test_where_the_bot_is_not_the_asker_is_told_how_to_invite_it_and_types_nothing_twice(
    either_way: SlackTeam, where: str
) -> None:
    team = either_way
    with team.sandbox.quietly():
        team.sandbox.remove_bot(where)
    team.command("ana", "/threatmodel start", where)
    team.modal("ana", "New threat model")
    team.private_message("ana", "/invite @", where)
    team.person("ana").fill("Name", "The Keys")
    team.person("ana").fill("Scope", "A board with hooks")
    team.submit("ana")
    # Beside the field, or above it after a look at Slack, where the bot knew nothing of the channel yet.
    team.wait(lambda: "/invite @" in open_modal_text(team, "ana") + open_form_errors(team, "ana"))
    assert team.streams == []
    team.sandbox.invite_bot(where)
    team.read_channel(where)
    assert team.modal("ana", "New threat model").values["Scope"] == "A board with hooks"
    team.submit("ana")
    team.modal("ana", "Add data flows")
    team.card("The Keys · TM-1", where=where)


def test_in_an_archived_channel_everything_rests_and_goes_on_when_it_is_in_use_again(
    either_way: SlackTeam,
) -> None:
    team = either_way
    team.start()
    card = team.card("TM-1")
    team.sandbox.change_channel("#house", is_archived=True)
    direct_message_with(team, "ana", "archived")
    record_asset(team, "Valuables")
    record_asset(team, "The cat")
    assert "Assets  0" in team.cards()[-1].plain
    team.sandbox.change_channel("#house", is_archived=False)
    assert team.card("Assets  2").ts == card.ts
    assert len(bot_direct_messages(team, "ana")) == 1, "told once, however much was said meanwhile"


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


def test_a_renamed_channel_changes_nothing(team: SlackTeam) -> None:
    team.start()
    card = team.card("TM-1")
    team.sandbox.change_channel("#house", name="our-house")
    add_asset(team, "ben", "Valuables", where="#our-house")
    assert team.card("Assets  1", where="#our-house").ts == card.ts
    assert bot_direct_messages(team, "ana") == []


def test_a_channel_made_private_goes_on_among_its_members_alone(either_way: SlackTeam) -> None:
    team = either_way
    team.start()
    card = team.card("TM-1")
    team.sandbox.change_channel("#house", is_private=True)
    add_asset(team, "ben", "Valuables")
    assert team.card("Assets  1").ts == card.ts
    team.command("eve", "/threatmodel status")
    assert "The House" not in team.private_message("eve", "Only members")
    assert bot_direct_messages(team, "ana") == []


def test_a_deleted_channel_is_said_to_the_facilitator_once_and_loses_nothing(team: SlackTeam) -> None:
    team.start()
    team.card("TM-1")
    record_asset(team, "Valuables")
    team.card("Assets  1")
    team.sandbox.delete_channel("#house")
    direct_message_with(team, "ana", "TM-1")
    record_asset(team, "The cat")
    team.command("ana", "/threatmodel list", "#general")
    assert asset_names(team) == ["Valuables", "The cat"]
    assert len(bot_direct_messages(team, "ana")) == 1


def test_thrown_out_it_tells_the_facilitator_once_and_invited_again_it_catches_up(
    either_way: SlackTeam,
) -> None:
    team = either_way
    team.start()
    card = team.card("TM-1")
    team.sandbox.remove_bot("#house")
    assert "/invite" in direct_message_with(team, "ana", "TM-1")
    record_asset(team, "Valuables")
    record_asset(team, "The cat")
    with team.sandbox.quietly():
        team.sandbox.invite("eve", "#house")
    team.sandbox.invite_bot("#house")
    assert team.card("Assets  2").ts == card.ts
    assert len(bot_direct_messages(team, "ana")) == 1
    team.wait(lambda: team.sandbox.calls_of("conversations.members"))
    add_asset(team, "eve", "The garden")
    assert "The garden" in asset_names(team), "who came meanwhile is a member like the others"


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
