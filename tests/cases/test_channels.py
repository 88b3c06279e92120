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
from tests.slack.slack_team import RunningBot

KEYS = "#house-keys"


def test_a_card_that_somebody_deleted_is_posted_again_with_the_next_answer(either_way: RunningBot) -> None:
    there = either_way
    there.start()
    gone = there.card("TM-1")
    there.sandbox.delete_message("#house", gone.ts)
    add_asset(there, "ben", "Valuables")
    card = there.card("Assets  1")
    assert card.ts != gone.ts
    add_asset(there, "ben", "The cat")
    assert there.card("Assets  2").ts == card.ts
    assert len(there.cards()) == 1


@pytest.mark.parametrize("word", ["cant_update_message", "edit_window_closed"])
def test_a_card_that_may_not_be_changed_any_more_is_posted_again(there: RunningBot, word: str) -> None:
    """As after the app was installed anew under another bot user, or where edits are limited in time."""
    there.start()
    old = there.card("TM-1")
    there.sandbox.faults.fail_next("chat.update", word)
    add_asset(there, "ben", "Valuables")
    there.wait(lambda: known_card(there).ts not in (None, old.ts))
    add_asset(there, "ben", "The cat")
    assert there.card("Assets  2").ts == known_card(there).ts


@pytest.mark.parametrize("where", ["#house", KEYS])
def test_where_the_bot_is_not_the_asker_is_told_how_to_invite_it_and_types_nothing_twice(
    either_way: RunningBot, where: str
) -> None:
    there = either_way
    with there.sandbox.quietly():
        there.sandbox.remove_bot(where)
    there.command("ana", "/threatmodel start", where)
    there.modal("ana", "New threat model")
    there.told("ana", "/invite @", where)
    there.person("ana").fill("Name", "The Keys")
    there.person("ana").fill("What are we building?", "A board with hooks")
    there.submit("ana")
    # Beside the field, or above it after a look at Slack, where the bot knew nothing of the channel yet.
    there.wait(lambda: "/invite @" in open_modal_text(there, "ana") + open_form_errors(there, "ana"))
    assert there.streams == []
    there.sandbox.invite_bot(where)
    there.know(where)
    assert there.modal("ana", "New threat model").values["What are we building?"] == "A board with hooks"
    there.submit("ana")
    there.modal("ana", "Name what there is")
    there.card("The Keys · TM-1", where=where)


def test_in_an_archived_channel_everything_rests_and_goes_on_when_it_is_in_use_again(
    either_way: RunningBot,
) -> None:
    there = either_way
    there.start()
    card = there.card("TM-1")
    there.sandbox.change_channel("#house", is_archived=True)
    direct_message_with(there, "ana", "archived")
    record_asset(there, "Valuables")
    record_asset(there, "The cat")
    assert "Assets  0" in there.cards()[-1].plain
    there.sandbox.change_channel("#house", is_archived=False)
    assert there.card("Assets  2").ts == card.ts
    assert len(bot_direct_messages(there, "ana")) == 1, "told once, however much was said meanwhile"


def test_of_an_archived_channel_nobody_told_the_bot_finds_out_by_itself(there: RunningBot) -> None:
    """Both events are lost: Slack's refusal tells of the one, a look after a reconnect of the other."""
    there.start()
    card = there.card("TM-1")
    with there.sandbox.quietly():
        there.sandbox.change_channel("#house", is_archived=True)
    record_asset(there, "Valuables")
    direct_message_with(there, "ana", "archived")
    with there.sandbox.quietly():
        there.sandbox.change_channel("#house", is_archived=False)
    there.sandbox.ask_to_reconnect()
    assert there.card("Assets  1").ts == card.ts


def test_a_renamed_channel_changes_nothing(there: RunningBot) -> None:
    there.start()
    card = there.card("TM-1")
    there.sandbox.change_channel("#house", name="our-house")
    add_asset(there, "ben", "Valuables", where="#our-house")
    assert there.card("Assets  1", where="#our-house").ts == card.ts
    assert bot_direct_messages(there, "ana") == []


def test_a_channel_made_private_goes_on_among_its_members_alone(either_way: RunningBot) -> None:
    there = either_way
    there.start()
    card = there.card("TM-1")
    there.sandbox.change_channel("#house", is_private=True)
    add_asset(there, "ben", "Valuables")
    assert there.card("Assets  1").ts == card.ts
    there.command("eve", "/threatmodel status")
    assert "The House" not in there.told("eve", "Only members")
    assert bot_direct_messages(there, "ana") == []


def test_a_deleted_channel_is_said_to_the_facilitator_once_and_loses_nothing(there: RunningBot) -> None:
    there.start()
    there.card("TM-1")
    record_asset(there, "Valuables")
    there.card("Assets  1")
    there.sandbox.delete_channel("#house")
    direct_message_with(there, "ana", "TM-1")
    record_asset(there, "The cat")
    there.command("ana", "/threatmodel list", "#general")
    assert asset_names(there) == ["Valuables", "The cat"]
    assert len(bot_direct_messages(there, "ana")) == 1


def test_thrown_out_it_tells_the_facilitator_once_and_invited_again_it_catches_up(
    either_way: RunningBot,
) -> None:
    there = either_way
    there.start()
    card = there.card("TM-1")
    there.sandbox.remove_bot("#house")
    assert "/invite" in direct_message_with(there, "ana", "TM-1")
    record_asset(there, "Valuables")
    record_asset(there, "The cat")
    with there.sandbox.quietly():
        there.sandbox.invite("eve", "#house")
    there.sandbox.invite_bot("#house")
    assert there.card("Assets  2").ts == card.ts
    assert len(bot_direct_messages(there, "ana")) == 1
    there.wait(lambda: there.sandbox.calls_of("conversations.members"))
    add_asset(there, "eve", "The garden")
    assert "The garden" in asset_names(there), "who came meanwhile is a member like the others"


def test_thrown_out_in_silence_it_says_so_once_it_finds_out(there: RunningBot) -> None:
    """No event tells of it; Slack lets the bot edit its card all the same, but not post another one."""
    there.start()
    card = there.card("TM-1")
    with there.sandbox.quietly():
        there.sandbox.remove_bot("#house")
        there.sandbox.delete_message("#house", card.ts)
    record_asset(there, "Valuables")
    assert "/invite" in direct_message_with(there, "ana", "TM-1")
    record_asset(there, "The cat")
    there.wait(lambda: "The cat" in asset_names(there))
    there.sandbox.invite_bot("#house")
    there.card("Assets  2")
    assert len(bot_direct_messages(there, "ana")) == 1
    assert [one for one in refused_calls(there) if one.startswith("chat.post")] == [
        "chat.postMessage: not_in_channel"
    ]
