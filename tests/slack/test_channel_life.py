"""What becomes of a channel becomes of its cards: they rest, somebody is told once, and they go on."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from bot.metrics import Metrics
from bot.slack.directory.member_directory import Directory
from bot.slack.slots.channel_suspensions import ChannelSuspensions, SuspendedCard
from bot.store import StreamId
from bot.store.repositories.cards import Card
from domain.commands import AllowSharing, HandOver, NameElements
from domain.kernel.elements import ChannelId, PersonId
from domain.register import ThreatRegister, register
from tests.slack.slack_team import SlackTeam, run_bot
from tests.slack.slot_contexts import make_context


@pytest.mark.parametrize("heard", [True, False], ids=["heard", "unheard"])
def test_archived_and_in_use_again(team: SlackTeam, heard: bool) -> None:
    card = begin(team)
    with team.sandbox.quietly(unless=heard):
        team.sandbox.change_channel("#house", is_archived=True)
    refresh_directory(team, heard=heard)
    resting(team, "is_archived")
    say(team, "Valuables")
    assert told(team, "ana") == (
        "I cannot update the card of TM-1 “The House” in #house: the channel is archived. All data "
        "is kept. Unarchive it; the card is then updated automatically."
    )
    with team.sandbox.quietly(unless=heard):
        team.sandbox.change_channel("#house", is_archived=False)
    refresh_directory(team, heard=heard)
    assert team.card("Assets  1").ts == card
    told_once(team, "ana")


@pytest.mark.parametrize("heard", [True, False], ids=["heard", "unheard"])
def test_thrown_out_and_invited_again(team: SlackTeam, heard: bool) -> None:
    card = begin(team)
    with team.sandbox.quietly(unless=heard):
        team.sandbox.remove_bot("#house")
    refresh_directory(team, heard=heard)
    resting(team, "not_in_channel")
    say(team, "Valuables")
    assert "Type /invite @threatmodel there; the card is then updated automatically." in told(team, "ana")
    with team.sandbox.quietly(unless=heard):
        team.sandbox.invite_bot("#house")
    refresh_directory(team, heard=heard)
    assert team.card("Assets  1").ts == card
    told_once(team, "ana")


def test_shared_with_another_workspace_of_the_same_organisation_it_goes_on(team: SlackTeam) -> None:
    begin(team)
    channel = team.sandbox.workspace.channel("#house").id
    told_so = {"type": "channel_shared", "connected_team_id": "T0COUSIN1", "channel": channel}
    looks = len(team.sandbox.calls_of("conversations.info"))
    team.sandbox.client.event("channel_shared", told_so, soon=False)
    team.wait(lambda: len(team.sandbox.calls_of("conversations.info")) > looks)
    known = Directory(team.unit)
    team.wait(lambda: (seen := known.channel(ChannelId(channel))) is not None and not seen.shared)
    say(team, "Valuables")
    team.card("Assets  1")
    assert team.person("ana").direct_messages() == []


@pytest.mark.parametrize("heard", [True, False], ids=["heard", "unheard"])
def test_shared_with_others_and_theirs_no_more(team: SlackTeam, heard: bool) -> None:
    card = begin(team)
    with team.sandbox.quietly(unless=heard):
        team.sandbox.change_channel("#house", is_ext_shared=True)
    refresh_directory(team, heard=heard)
    resting(team, "shared")
    say(team, "Valuables")
    assert "shared with another organization, whose members would see it" in told(team, "ana")
    assert "Assets  0" in team.cards()[-1].plain
    team.command("ben", "/threatmodel add asset")
    team.modal("ben", "Add asset")
    with team.sandbox.quietly(unless=heard):
        team.sandbox.change_channel("#house", is_ext_shared=False)
    refresh_directory(team, heard=heard)
    assert team.card("Assets  1").ts == card
    told_once(team, "ana")


def test_where_sharing_was_allowed_before_nothing_rests(team: SlackTeam) -> None:
    begin(team)
    team.command_handler.execute(
        AllowSharing(by=PersonId(team.person("ana").id), at=team.now()),
        stream=team.streams[0],
        key=team.key(),
    )
    team.sandbox.change_channel("#house", is_ext_shared=True)
    say(team, "Valuables")
    team.card("Assets  1")
    assert team.person("ana").direct_messages() == []


def test_renamed_and_made_private_the_card_goes_on(team: SlackTeam) -> None:
    card = begin(team)
    team.sandbox.change_channel("#house", name="home", is_private=True)
    say(team, "Valuables")
    assert team.card("Assets  1", where="#home").ts == card
    refresh_directory(team, heard=False)
    say(team, "Photos")
    assert team.card("Assets  2", where="#home").ts == card
    assert team.person("ana").direct_messages() == []


def test_under_another_id_everything_goes_on(team: SlackTeam) -> None:
    card = begin(team)
    before = team.sandbox.workspace.channel("#house").id
    now = team.sandbox.change_channel_id("#house")
    team.wait(lambda: team.command_handler.model(team.streams[0]).channel == now)
    say(team, "Valuables")
    assert team.card("Assets  1").ts == card
    assert [one.channel for one in team.unit.cards.all()] == [now]
    assert team.person("ana").direct_messages() == []
    # Told once more, nothing comes of it.
    version = team.command_handler.model(team.streams[0]).version
    again = {"type": "channel_id_changed", "old_channel_id": before, "new_channel_id": now}
    team.sandbox.client.event("channel_id_changed", again, soon=False)
    assert team.command_handler.model(team.streams[0]).version == version


def test_what_was_refused_under_the_old_id_says_nothing_of_the_new_one(team: SlackTeam) -> None:
    begin(team)
    (stream,) = team.streams
    card, told_of, now = remembered(team), list[SuspendedCard](), ChannelId("C0NEW0001")
    (before,) = team.unit.deliveries.of_kind("card")

    def meanwhile(_: StreamId) -> ThreatRegister:
        team.unit.deliveries.change_channel_id(card.channel, now)
        return register(team.command_handler.model(stream))

    def tell(some: Sequence[SuspendedCard], _: str) -> Sequence[SuspendedCard]:
        told_of.extend(some)
        return some

    directory = SimpleNamespace(channel=dict[ChannelId, object]().get)
    context = make_context(team.unit, SimpleNamespace(register=meanwhile, directory=directory))
    suspensions = ChannelSuspensions(
        context,
        learn=lambda _channel, _why: None,
        notify=tell,
        suspended=lambda _: None,
        metrics=Metrics(),
    )
    suspensions.refused(card, register(team.command_handler.model(stream)), "not_in_channel")
    shown = replace(before, shown="s:what was seen before the move")
    assert team.unit.deliveries.settle(before, shown), "it is noted after the move"
    after = remembered(team)
    assert (after.channel, after.suspension_reason, told_of) == (now, None, [])


def test_deleted_for_good_the_facilitator_is_told_what_to_do(team: SlackTeam) -> None:
    begin(team)
    team.sandbox.delete_channel("#house")
    assert "the channel was deleted" in told(team, "ana")
    assert "Start a new model in the team's current channel" in told(team, "ana")
    calls = len(team.sandbox.calls_of("chat.postMessage"))
    say(team, "Valuables")
    refresh_directory(team, heard=False)
    assert len(team.sandbox.calls_of("chat.postMessage")) == calls
    told_once(team, "ana")


def test_the_models_of_one_channel_are_told_of_together(team: SlackTeam) -> None:
    begin(team)
    team.start("ana", "The Garden")
    team.wait(lambda: len([one for one in team.unit.cards.all() if one.ts]) == 2)
    team.sandbox.change_channel("#house", is_archived=True)
    assert "the cards of TM-1, TM-2 in #house" in told(team, "ana")
    told_once(team, "ana")


def test_a_refusal_that_comes_again_and_again_is_told_once(team: SlackTeam) -> None:
    begin(team)
    for number in range(3):
        team.sandbox.faults.fail_next("chat.update", "restricted_action")
        say(team, f"Asset {number}")
        resting(team, "restricted_action")
        if number < 2:
            team.sandbox.faults.clear()
            team.sandbox.faults.fail_next("chat.update", "restricted_action")
            refresh_directory(team, heard=False)
    assert "the bot is not allowed to post there" in told(team, "ana")
    team.sandbox.faults.clear()
    refresh_directory(team, heard=False)
    team.card("Assets  3")
    told_once(team, "ana")


def test_a_card_that_was_refused_once_is_shown_a_moment_later_without_an_event(team: SlackTeam) -> None:
    begin(team)
    team.sandbox.faults.fail_next("chat.update", "not_in_channel")
    say(team, "Valuables")
    team.card("Assets  1")
    assert not team.unit.cards.all()[0].suspension_reason


def test_with_the_facilitator_gone_whoever_began_the_model_is_told(team: SlackTeam) -> None:
    begin(team)
    hand_over(team, "ben")
    team.deactivate("ben")
    team.sandbox.change_channel("#house", is_archived=True)
    assert "TM-1" in told(team, "ana")


@pytest.mark.parametrize("code", ["cannot_dm_bot", "user_disabled"])
def test_whom_slack_does_not_let_the_bot_write_to_is_passed_over(team: SlackTeam, code: str) -> None:
    begin(team)
    hand_over(team, "ben")
    team.sandbox.faults.fail_next("conversations.open", code)
    team.sandbox.change_channel("#house", is_archived=True)
    assert "TM-1" in told(team, "ana")
    assert team.person("ben").direct_messages() == []


def test_where_no_one_is_left_to_be_told_no_one_is(team: SlackTeam) -> None:
    begin(team)
    team.deactivate("ana")
    opened = len(team.sandbox.calls_of("conversations.open"))
    team.sandbox.change_channel("#house", is_archived=True)
    resting(team, "is_archived")
    say(team, "Valuables")
    refresh_directory(team, heard=False)
    assert len(team.sandbox.calls_of("conversations.open")) == opened


def test_a_restart_in_between_neither_tells_again_nor_forgets(tmp_path: Path) -> None:
    database = tmp_path / "threatmodel.db"
    with run_bot(database) as team:
        begin(team)
        team.sandbox.change_channel("#house", is_archived=True)
        resting(team, "is_archived")
        told(team, "ana")
        team.bot.stop()
        with run_bot(database, sandbox=team.sandbox) as again:
            say(again, "Valuables")
            refresh_directory(again, heard=False)
            resting(again, "is_archived")
            told_once(again, "ana")
            again.sandbox.change_channel("#house", is_archived=False)
            again.card("Assets  1")


@pytest.mark.parametrize("code", ["msg_blocks_too_long", "invalid_blocks", "msg_too_long"])
def test_a_card_that_slack_does_not_take_whole_is_shown_in_short(team: SlackTeam, code: str) -> None:
    card = begin(team)
    team.sandbox.faults.fail_next("chat.update", code)
    say(team, "Valuables")
    short = team.card("No data is lost", "Next:")
    assert short.ts == card
    assert "More…" in short.plain
    team.person("ben").click(short, "More…")
    team.wait(lambda: team.person("ben").modal is not None)
    say(team, "Photos")
    team.card("Assets  2")


def test_a_card_that_slack_does_not_take_at_all_rests_and_is_told(team: SlackTeam) -> None:
    begin(team)
    team.sandbox.faults.fail_next("chat.update", "invalid_blocks", times=2)
    say(team, "Valuables")
    resting(team, "invalid_blocks")
    assert "Slack refuses the message (invalid_blocks). All data is kept." in told(team, "ana")


def begin(team: SlackTeam) -> str:
    """Start a model; gives the place of its card."""
    team.start()
    return team.card("TM-1").ts


def say(team: SlackTeam, name: str) -> None:
    command = NameElements(by=PersonId(team.person("chi").id), at=team.now(), assets=(name,))
    team.command_handler.execute(command, stream=team.streams[0], key=team.key())


def hand_over(team: SlackTeam, to: str) -> None:
    command = HandOver(
        by=PersonId(team.person("ana").id), at=team.now(), facilitator=PersonId(team.person(to).id)
    )
    team.command_handler.execute(command, stream=team.streams[0], key=team.key())


def refresh_directory(team: SlackTeam, *, heard: bool) -> None:
    """Wait for the next regular look at Slack, where no event tells what happened."""
    if not heard:
        looks = len(team.sandbox.calls_of("conversations.info"))
        team.bot.process.schedule_refresh()
        team.wait(lambda: len(team.sandbox.calls_of("conversations.info")) > looks)


def resting(team: SlackTeam, why: str) -> None:
    team.wait(lambda: remembered(team).suspension_reason == why)


def remembered(team: SlackTeam) -> Card:
    card = team.unit.cards.find(team.streams[0])
    assert card is not None
    return card


def told(team: SlackTeam, who: str) -> str:
    team.wait(lambda: team.person(who).direct_messages())
    return team.person(who).direct_messages()[-1].plain


def told_once(team: SlackTeam, who: str) -> None:
    assert len(team.person(who).direct_messages()) == 1
