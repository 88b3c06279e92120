"""What becomes of a channel becomes of its cards: they rest, somebody is told once, and they go on."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.metrics import Metrics
from bot.slack.slots.channel_suspensions import ChannelSuspensions, SuspendedCard
from bot.store import StreamId
from bot.store.repositories.cards import Card
from domain.commands import AllowSharing, HandOver, NameElements
from domain.kernel.elements import ChannelId, PersonId
from domain.register import ThreatRegister, register
from tests.slack.slack_team import RunningBot, run_bot


@pytest.mark.parametrize("heard", [True, False], ids=["heard", "unheard"])
def test_archived_and_in_use_again(there: RunningBot, heard: bool) -> None:
    card = begin(there)
    with there.sandbox.quietly(unless=heard):
        there.sandbox.change_channel("#house", is_archived=True)
    refresh_directory(there, heard=heard)
    resting(there, "is_archived")
    say(there, "Valuables")
    assert told(there, "ana") == (
        "I cannot show the card of TM-1 “The House” in #house any more: the channel is archived. Everything "
        "said is kept. Unarchive it, and the card goes on by itself."
    )
    with there.sandbox.quietly(unless=heard):
        there.sandbox.change_channel("#house", is_archived=False)
    refresh_directory(there, heard=heard)
    assert there.card("Assets  1").ts == card
    told_once(there, "ana")


@pytest.mark.parametrize("heard", [True, False], ids=["heard", "unheard"])
def test_thrown_out_and_invited_again(there: RunningBot, heard: bool) -> None:
    card = begin(there)
    with there.sandbox.quietly(unless=heard):
        there.sandbox.remove_bot("#house")
    refresh_directory(there, heard=heard)
    resting(there, "not_in_channel")
    say(there, "Valuables")
    assert "Type /invite @threatmodel there, and the card goes on by itself." in told(there, "ana")
    with there.sandbox.quietly(unless=heard):
        there.sandbox.invite_bot("#house")
    refresh_directory(there, heard=heard)
    assert there.card("Assets  1").ts == card
    told_once(there, "ana")


def test_thrown_out_of_a_private_channel_unheard(there: RunningBot) -> None:
    begin(there)
    there.sandbox.change_channel("#house", is_private=True)
    with there.sandbox.quietly():
        there.sandbox.remove_bot("#house")
    refresh_directory(there, heard=False)
    resting(there, "not_in_channel")
    assert "TM-1" in told(there, "ana")


def test_shared_with_another_workspace_of_the_same_organisation_it_goes_on(there: RunningBot) -> None:
    begin(there)
    channel = there.sandbox.workspace.channel("#house").id
    told_so = {"type": "channel_shared", "connected_team_id": "T0COUSIN1", "channel": channel}
    looks = len(there.sandbox.calls_of("conversations.info"))
    there.sandbox.client.event("channel_shared", told_so, soon=False)
    there.wait(lambda: len(there.sandbox.calls_of("conversations.info")) > looks)
    say(there, "Valuables")
    there.card("Assets  1")
    assert there.person("ana").direct_messages() == []


@pytest.mark.parametrize("heard", [True, False], ids=["heard", "unheard"])
def test_shared_with_others_and_theirs_no_more(there: RunningBot, heard: bool) -> None:
    card = begin(there)
    with there.sandbox.quietly(unless=heard):
        there.sandbox.change_channel("#house", is_ext_shared=True)
    refresh_directory(there, heard=heard)
    resting(there, "shared")
    say(there, "Valuables")
    assert "shared with another organisation, whose people would see it" in told(there, "ana")
    assert "Assets  0" in there.cards()[-1].plain
    with there.sandbox.quietly(unless=heard):
        there.sandbox.change_channel("#house", is_ext_shared=False)
    refresh_directory(there, heard=heard)
    assert there.card("Assets  1").ts == card
    told_once(there, "ana")


def test_shared_with_others_it_goes_on_once_that_is_allowed(there: RunningBot) -> None:
    begin(there)
    there.sandbox.change_channel("#house", is_ext_shared=True)
    resting(there, "shared")
    there.command_handler.execute(
        AllowSharing(by=PersonId(there.person("ana").id), at=there.now()),
        stream=there.streams[0],
        key=there.key(),
    )
    say(there, "Valuables")
    there.card("Assets  1")


def test_where_sharing_was_allowed_before_nothing_rests(there: RunningBot) -> None:
    begin(there)
    there.command_handler.execute(
        AllowSharing(by=PersonId(there.person("ana").id), at=there.now()),
        stream=there.streams[0],
        key=there.key(),
    )
    there.sandbox.change_channel("#house", is_ext_shared=True)
    say(there, "Valuables")
    there.card("Assets  1")
    assert there.person("ana").direct_messages() == []


def test_renamed_and_made_private_the_card_goes_on(there: RunningBot) -> None:
    card = begin(there)
    there.sandbox.change_channel("#house", name="home", is_private=True)
    say(there, "Valuables")
    assert there.card("Assets  1", where="#home").ts == card
    refresh_directory(there, heard=False)
    say(there, "Photos")
    assert there.card("Assets  2", where="#home").ts == card
    assert there.person("ana").direct_messages() == []


def test_under_another_id_everything_goes_on(there: RunningBot) -> None:
    card = begin(there)
    before = there.sandbox.workspace.channel("#house").id
    now = there.sandbox.change_channel_id("#house")
    there.wait(lambda: there.command_handler.model(there.streams[0]).channel == now)
    say(there, "Valuables")
    assert there.card("Assets  1").ts == card
    assert [one.channel for one in there.unit.cards.all()] == [now]
    assert there.person("ana").direct_messages() == []
    # Told once more, nothing comes of it.
    version = there.command_handler.model(there.streams[0]).version
    again = {"type": "channel_id_changed", "old_channel_id": before, "new_channel_id": now}
    there.sandbox.client.event("channel_id_changed", again, soon=False)
    assert there.command_handler.model(there.streams[0]).version == version


def test_what_was_refused_under_the_old_id_says_nothing_of_the_new_one(there: RunningBot) -> None:
    begin(there)
    cards, (stream,) = there.unit.cards, there.streams
    card, told_of, now = remembered(there), list[SuspendedCard](), ChannelId("C0NEW0001")
    (before,) = there.unit.deliveries.of_kind("card")

    def meanwhile(_: StreamId) -> ThreatRegister:
        there.unit.deliveries.follow(card.channel, now)
        return register(there.command_handler.model(stream))

    def tell(some: Sequence[SuspendedCard], _: str) -> Sequence[SuspendedCard]:
        told_of.extend(some)
        return some

    rests = ChannelSuspensions(
        cards,
        look=meanwhile,
        channel=lambda _: None,
        learn=lambda _channel, _why: None,
        tell=tell,
        waiting=lambda: None,
        metrics=Metrics(),
    )
    rests.refused(card, register(there.command_handler.model(stream)), "not_in_channel")
    shown = replace(before, shown="s:what was seen before the move")
    assert there.unit.deliveries.settle(before, shown), "it is noted after the move"
    after = remembered(there)
    assert (after.channel, after.resting, told_of) == (now, None, [])


def test_deleted_for_good_the_facilitator_is_told_what_to_do(there: RunningBot) -> None:
    begin(there)
    there.sandbox.delete_channel("#house")
    assert "the channel was deleted" in told(there, "ana")
    assert "Start a new model in the channel where the team is now" in told(there, "ana")
    calls = len(there.sandbox.calls_of("chat.postMessage"))
    say(there, "Valuables")
    refresh_directory(there, heard=False)
    assert len(there.sandbox.calls_of("chat.postMessage")) == calls
    told_once(there, "ana")


def test_the_models_of_one_channel_are_told_of_together(there: RunningBot) -> None:
    begin(there)
    there.start("ana", "The Garden")
    there.wait(lambda: len([one for one in there.unit.cards.all() if one.ts]) == 2)
    there.sandbox.change_channel("#house", is_archived=True)
    assert "the cards of TM-1, TM-2 in #house" in told(there, "ana")
    told_once(there, "ana")


def test_a_refusal_that_comes_again_and_again_is_told_once(there: RunningBot) -> None:
    begin(there)
    for number in range(3):
        there.sandbox.faults.fail_next("chat.update", "restricted_action")
        say(there, f"Asset {number}")
        resting(there, "restricted_action")
        if number < 2:
            there.sandbox.faults.clear()
            there.sandbox.faults.fail_next("chat.update", "restricted_action")
            refresh_directory(there, heard=False)
    assert "I am not allowed to post there" in told(there, "ana")
    there.sandbox.faults.clear()
    refresh_directory(there, heard=False)
    there.card("Assets  3")
    told_once(there, "ana")


def test_with_the_facilitator_gone_whoever_began_the_model_is_told(there: RunningBot) -> None:
    begin(there)
    hand_over(there, "ben")
    there.deactivate("ben")
    there.sandbox.change_channel("#house", is_archived=True)
    assert "TM-1" in told(there, "ana")


@pytest.mark.parametrize("code", ["cannot_dm_bot", "user_disabled"])
def test_whom_slack_does_not_let_the_bot_write_to_is_passed_over(there: RunningBot, code: str) -> None:
    begin(there)
    hand_over(there, "ben")
    there.sandbox.faults.fail_next("conversations.open", code)
    there.sandbox.change_channel("#house", is_archived=True)
    assert "TM-1" in told(there, "ana")
    assert there.person("ben").direct_messages() == []


def test_where_nobody_is_left_to_be_told_nobody_is(there: RunningBot) -> None:
    begin(there)
    there.deactivate("ana")
    opened = len(there.sandbox.calls_of("conversations.open"))
    there.sandbox.change_channel("#house", is_archived=True)
    resting(there, "is_archived")
    say(there, "Valuables")
    refresh_directory(there, heard=False)
    assert len(there.sandbox.calls_of("conversations.open")) == opened


def test_a_restart_in_between_neither_tells_again_nor_forgets(tmp_path: Path) -> None:
    database = tmp_path / "threatmodel.db"
    with run_bot(database) as there:
        begin(there)
        there.sandbox.change_channel("#house", is_archived=True)
        resting(there, "is_archived")
        told(there, "ana")
        there.bot.stop()
        with run_bot(database, sandbox=there.sandbox) as again:
            say(again, "Valuables")
            refresh_directory(again, heard=False)
            resting(again, "is_archived")
            told_once(again, "ana")
            again.sandbox.change_channel("#house", is_archived=False)
            again.card("Assets  1")


@pytest.mark.parametrize("code", ["msg_blocks_too_long", "invalid_blocks", "msg_too_long"])
def test_a_card_that_slack_does_not_take_whole_is_shown_in_short(there: RunningBot, code: str) -> None:
    card = begin(there)
    there.sandbox.faults.fail_next("chat.update", code)
    say(there, "Valuables")
    short = there.card("nothing is lost", "Next:")
    assert short.ts == card
    assert "More…" in short.plain
    there.person("ben").click(short, "More…")
    there.wait(lambda: there.person("ben").modal is not None)
    say(there, "Photos")
    there.card("Assets  2")


def test_a_card_that_slack_does_not_take_at_all_rests_and_is_told(there: RunningBot) -> None:
    begin(there)
    there.sandbox.faults.fail_next("chat.update", "invalid_blocks", times=2)
    say(there, "Valuables")
    resting(there, "invalid_blocks")
    assert "Slack does not take it (invalid_blocks). Everything said is kept." in told(there, "ana")


def begin(there: RunningBot) -> str:
    """Start a model; gives the place of its card."""
    there.start()
    return there.card("TM-1").ts


def say(there: RunningBot, name: str) -> None:
    command = NameElements(by=PersonId(there.person("chi").id), at=there.now(), assets=(name,))
    there.command_handler.execute(command, stream=there.streams[0], key=there.key())


def hand_over(there: RunningBot, to: str) -> None:
    command = HandOver(
        by=PersonId(there.person("ana").id), at=there.now(), facilitator=PersonId(there.person(to).id)
    )
    there.command_handler.execute(command, stream=there.streams[0], key=there.key())


def refresh_directory(there: RunningBot, *, heard: bool) -> None:
    """Wait for the next regular look at Slack, where no event tells what happened."""
    if not heard:
        looks = len(there.sandbox.calls_of("conversations.info"))
        there.bot.refresh_directory()
        there.wait(lambda: len(there.sandbox.calls_of("conversations.info")) > looks)


def resting(there: RunningBot, why: str) -> None:
    there.wait(lambda: remembered(there).resting == why)


def remembered(there: RunningBot) -> Card:
    card = there.unit.cards.find(there.streams[0])
    assert card is not None
    return card


def told(there: RunningBot, who: str) -> str:
    there.wait(lambda: there.person(who).direct_messages())
    return there.person(who).direct_messages()[-1].plain


def told_once(there: RunningBot, who: str) -> None:
    assert len(there.person(who).direct_messages()) == 1
