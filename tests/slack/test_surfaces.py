"""The card is kept true: one message, edited in place, whatever Slack does meanwhile."""

import time
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.delivery.work_kinds import Waits
from bot.sandbox.api import Sandbox
from bot.store.repositories.access_tokens import AccessToken
from bot.store.repositories.cards import Card
from domain.commands import NameElements, ReviseAsset
from domain.kernel.elements import Kind, PersonId
from tests.slack.slack_team import QUICK, SlackTeam, run_at_the_same_time, run_bot

BUSY = replace(QUICK, card=Waits(quiet=0.3, longest=1.0), file_poll_seconds=60)


def test_forty_answers_in_a_second_become_one_update(tmp_path: Path) -> None:
    with run_bot(tmp_path / "threatmodel.db", pace=BUSY) as team:
        team.start()
        team.card("TM-1")
        updates = len(team.sandbox.calls_of("chat.update"))
        # An update that begins before all of them were said ends after that.
        with team.sandbox.faults.holding("chat.update"):
            run_at_the_same_time(
                *(lambda number=number: say(team, f"Asset {number}") for number in range(40))
            )
        team.card("Assets  40")
        assert len(team.sandbox.calls_of("chat.update")) - updates <= 2
        assert len(team.cards()) == 1


def test_what_changes_nothing_on_the_card_updates_nothing(team: SlackTeam) -> None:
    team.start()
    team.card("TM-1")
    say(team, "Valuables")
    team.card("Assets  1")
    updates = len(team.sandbox.calls_of("chat.update"))
    asset = team.model().of_kind(Kind.ASSET)[0]
    detail = ReviseAsset(
        by=PersonId(team.person("ben").id),
        at=team.now(),
        element=asset.id,
        name=asset.name,
        description="Silver, mostly.",
    )
    team.command_handler.execute(detail, stream=team.streams[0], key=team.key())
    team.wait_for_channels()
    assert len(team.sandbox.calls_of("chat.update")) == updates


def test_told_to_slow_down_it_waits_as_long_as_slack_says(team: SlackTeam) -> None:
    team.start()
    team.card("TM-1")
    team.sandbox.faults.fail_next("chat.update", "ratelimited", retry_after=600)
    say(team, "Valuables")
    team.wait(lambda: team.sandbox.calls_of("chat.update"))
    say(team, "Family photos")
    time.sleep(0.4)  # long enough for the card to be tried
    assert len(team.sandbox.calls_of("chat.update")) == 1
    team.pass_queue_time(600)
    team.card("Assets  2")
    # A call is listed once it is answered, a moment after what it wrote is there.
    team.wait(lambda: len(team.sandbox.calls_of("chat.update")) > 1)
    assert len(team.sandbox.calls_of("chat.update")) == 2, "both answers in the one update after the wait"


def test_told_to_slow_down_in_a_channel_it_writes_nothing_there_meanwhile(team: SlackTeam) -> None:
    team.start()
    team.start("ben", "The Garden")
    team.wait(lambda: len(team.cards()) == 2)
    team.wait(lambda: all(one.ts for one in team.unit.cards.all()))
    team.sandbox.faults.fail_next("chat.update", "ratelimited", retry_after=600)
    say(team, "Valuables", number=0)
    team.wait(lambda: team.sandbox.calls_of("chat.update"))
    say(team, "Apple tree", number=1)
    time.sleep(0.4)  # long enough for another card to be tried
    assert len(team.sandbox.calls_of("chat.update")) == 1
    team.pass_queue_time(600)
    team.wait(lambda: all("Assets  1" in message.plain for message in team.cards()))


def test_one_channel_told_to_slow_down_does_not_hold_up_another(team: SlackTeam) -> None:
    team.start()
    team.start("ben", "The Garden", "#general")
    team.card("TM-1")
    team.card("TM-2", where="#general")
    team.sandbox.faults.fail_next("chat.update", "ratelimited", retry_after=600)
    say(team, "Valuables", number=0)
    team.wait(lambda: team.sandbox.calls_of("chat.update"))
    say(team, "Apple tree", number=1)
    team.card("Assets  1", where="#general")
    assert "Assets  0" in team.cards()[-1].plain
    team.pass_queue_time(600)
    team.card("Assets  1")


@pytest.mark.parametrize("trouble", ["server_error", "dropped"])
def test_slack_having_a_bad_day_is_waited_for(team: SlackTeam, trouble: str) -> None:
    team.start()
    team.card("TM-1")
    team.sandbox.faults.fail_next("chat.update", trouble, times=3)
    say(team, "Valuables")
    team.card("Assets  1")


def test_a_card_that_someone_deleted_is_posted_again(team: SlackTeam) -> None:
    team.start()
    gone = team.card("TM-1")
    team.sandbox.workspace.delete(gone.message)
    say(team, "Valuables")
    card = team.card("Assets  1")
    assert card.ts != gone.ts
    say(team, "Family photos")
    assert team.card("Assets  2").ts == card.ts
    assert len(team.cards()) == 1


def test_a_restart_shows_what_was_said_meanwhile_on_the_same_card(workspace: Sandbox, tmp_path: Path) -> None:
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace) as team:
        team.start()
        card = team.card("TM-1")
    never = replace(QUICK, card=Waits(quiet=60, longest=60), retry_seconds=60, file_poll_seconds=60)
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace, pace=never) as team:
        team.silence()
        say(team, "Valuables")
    assert "Assets  0" in workspace.person("ben").sees("#house")[-1].plain
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace) as team:
        assert team.card("Assets  1").ts == card.ts
        assert len(team.cards()) == 1


def test_a_restart_without_news_says_nothing(workspace: Sandbox, tmp_path: Path) -> None:
    talkative = replace(QUICK, summary=Waits(quiet=0.1, longest=0.2))
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace, pace=talkative) as team:
        team.start()
        team.card("TM-1")
        team.wait(lambda: len(team.sandbox.calls_of("chat.postMessage")) == 2)
        team.wait(lambda: team.unit.thread_messages.announced(team.streams[0]).version == 1)
    calls = len(workspace.calls_of("chat.update")) + len(workspace.calls_of("chat.postMessage"))
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace) as team:
        team.command("ben", "/threatmodel status")
        team.private_message("ben", "TM-1")
    assert len(workspace.calls_of("chat.update")) + len(workspace.calls_of("chat.postMessage")) == calls


def test_a_card_left_behind_by_a_crash_goes_at_its_first_press(workspace: Sandbox, tmp_path: Path) -> None:
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace) as team:
        team.start()
        left_behind = team.card("TM-1")
        # As if the process had died between the post and the note of it.
        (known,) = team.unit.deliveries.of_kind("card")
        team.unit.deliveries.put(replace(known, external_id="", shown=""))
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace) as team:
        team.wait(lambda: len(team.cards()) == 2)
        team.wait(lambda: remembered(team).ts not in (None, left_behind.ts))
        team.person("ben").click(left_behind, action_id="open:add-asset")
        team.modal("ben", "Add asset")
        team.wait(lambda: len(team.cards()) == 1)
        assert team.cards()[0].ts == remembered(team).ts


def test_the_only_card_is_not_deleted_by_a_press_while_it_is_not_recorded(team: SlackTeam) -> None:
    team.start()
    card = team.card("TM-1")
    team.wait_for_channels()
    (known,) = team.unit.deliveries.of_kind("card")
    assert known.attempt in str(card.blocks)
    team.unit.deliveries.put(replace(known, external_id="", shown=""))
    team.person("ben").click(card, action_id="open:add-asset")
    team.modal("ben", "Add asset")
    assert [message.ts for message in team.cards()] == [card.ts]


def test_a_card_left_behind_of_an_erased_model_goes_at_its_first_press(team: SlackTeam) -> None:
    team.start()
    left_behind = team.card("TM-1")
    team.wait_for_channels()
    (known,) = team.unit.deliveries.of_kind("card")
    team.unit.deliveries.put(replace(known, attempt="another", external_id="1.1"))
    team.store.erase_stream(team.streams[0])
    team.wait(lambda: team.unit.deliveries.of_kind("card") == [])
    team.person("ben").click(left_behind, action_id="open:add-asset")
    team.wait(lambda: team.cards() == [])


def test_a_copy_of_the_card_may_be_pressed_and_stays(team: SlackTeam) -> None:
    team.start()
    team.card("TM-1")
    team.command("ben", "/threatmodel status")
    team.private_message("ben", "TM-1")
    copy = next(message for message in team.person("ben").sees("#house") if message.ephemeral)
    team.person("ben").click(copy, action_id="open:add-asset")
    team.modal("ben", "Add asset")
    assert len(team.cards()) == 1
    assert not team.sandbox.calls_of("chat.delete")


def test_a_withdrawn_token_stops_the_bot_and_shows_in_its_readiness(team: SlackTeam) -> None:
    team.start()
    team.card("TM-1")
    token = AccessToken(
        id="a",
        person=PersonId(team.person("ana").id),
        digest=b"d",
        scopes="read",
        created_at=team.now(),
        expires_at=team.now() + timedelta(days=30),
    )
    team.unit.access_tokens.save(token)
    happens(team, "tokens_revoked")
    team.wait_for_silence()
    revoked = team.unit.access_tokens.find(token.id)
    assert revoked is not None
    assert revoked.revoked_at is not None
    calls = len(team.sandbox.api_calls)
    say(team, "Valuables")
    assert "install the app again" in team.bot.readiness_problem()
    assert len(team.sandbox.api_calls) == calls


def say(team: SlackTeam, name: str, *, number: int = 0) -> None:
    """Name an asset past Slack, so that only the card shows it."""
    command = NameElements(by=PersonId(team.person("ana").id), at=team.now(), assets=(name,))
    team.command_handler.execute(command, stream=team.streams[number], key=team.key())


def happens(team: SlackTeam, event: str) -> None:
    channel = team.sandbox.workspace.channel("#house").id
    team.sandbox.client.event(event, {"type": event, "channel": channel}, soon=False)


def remembered(team: SlackTeam) -> Card:
    card = team.unit.cards.find(team.streams[0])
    assert card is not None
    return card


def test_the_card_calls_people_by_the_names_they_have_now(team: SlackTeam) -> None:
    team.start()
    team.card("Facilitator: Ana")
    told = {"id": team.person("ana").id, "team_id": "T0SANDBOX", "profile": {"display_name": "Ana Lima"}}
    team.sandbox.client.event("user_change", {"type": "user_change", "user": told}, soon=False)
    team.card("Facilitator: Ana Lima")
