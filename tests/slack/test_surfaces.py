"""The card is kept true: one message, edited in place, whatever Slack does meanwhile."""

import time
from collections.abc import Generator
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.delivery.kinds import Waits
from bot.manifest import build_manifest
from bot.sandbox.api import Sandbox
from bot.store.repositories.cards import Card
from domain.commands import NameElements, ReviseAsset
from domain.kernel.elements import Kind, PersonId
from tests.slack.slack_team import QUICK, RunningBot, run_at_the_same_time, run_bot
from tests.waiting import patient_sandbox

BUSY = replace(QUICK, card=Waits(quiet=0.3, longest=1.0), look=60)


@pytest.fixture
def workspace() -> Generator[Sandbox]:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        yield sandbox


def test_forty_answers_in_a_second_become_one_update(tmp_path: Path) -> None:
    with run_bot(tmp_path / "threatmodel.db", pace=BUSY) as there:
        there.start()
        there.card("TM-1")
        updates = len(there.sandbox.calls_of("chat.update"))
        run_at_the_same_time(*(lambda number=number: say(there, f"Asset {number}") for number in range(40)))
        there.card("Assets  40")
        assert len(there.sandbox.calls_of("chat.update")) - updates <= 2
        assert len(there.cards()) == 1


def test_what_changes_nothing_on_the_card_updates_nothing(there: RunningBot) -> None:
    there.start()
    there.card("TM-1")
    say(there, "Valuables")
    there.card("Assets  1")
    updates = len(there.sandbox.calls_of("chat.update"))
    asset = there.model().of_kind(Kind.ASSET)[0]
    detail = ReviseAsset(
        by=PersonId(there.person("ben").id),
        at=there.now(),
        element=asset.id,
        name=asset.name,
        description="Silver, mostly.",
    )
    there.command_handler.execute(detail, stream=there.streams[0], key=there.key())
    there.wait_for_channels()
    assert len(there.sandbox.calls_of("chat.update")) == updates


def test_told_to_slow_down_it_waits_as_long_as_slack_says(there: RunningBot) -> None:
    there.start()
    there.card("TM-1")
    there.sandbox.faults.fail_next("chat.update", "ratelimited", retry_after=1)
    say(there, "Valuables")
    there.wait(lambda: there.sandbox.calls_of("chat.update"))
    say(there, "Family photos")
    assert len(there.sandbox.calls_of("chat.update")) == 1
    there.card("Assets  2")
    # A call is listed once it is answered, a moment after what it wrote is there.
    there.wait(lambda: len(there.sandbox.calls_of("chat.update")) > 1)
    assert len(there.sandbox.calls_of("chat.update")) == 2, "both answers in the one update after the wait"


def test_told_to_slow_down_in_a_channel_it_writes_nothing_there_meanwhile(there: RunningBot) -> None:
    there.start()
    there.start("ben", "The Garden")
    there.wait(lambda: len(there.cards()) == 2)
    there.wait(lambda: all(one.ts for one in there.unit.cards.all()))
    there.sandbox.faults.fail_next("chat.update", "ratelimited", retry_after=1)
    say(there, "Valuables", number=0)
    there.wait(lambda: there.sandbox.calls_of("chat.update"))
    say(there, "Apple tree", number=1)
    time.sleep(0.4)  # long enough for another card to be tried
    assert len(there.sandbox.calls_of("chat.update")) == 1
    there.wait(lambda: all("Assets  1" in one.plain for one in there.cards()))


def test_one_channel_told_to_slow_down_does_not_hold_up_another(there: RunningBot) -> None:
    there.start()
    there.start("ben", "The Garden", "#general")
    there.card("TM-1")
    there.card("TM-2", where="#general")
    there.sandbox.faults.fail_next("chat.update", "ratelimited", retry_after=5)
    say(there, "Valuables", number=0)
    there.wait(lambda: there.sandbox.calls_of("chat.update"))
    say(there, "Apple tree", number=1)
    there.card("Assets  1", where="#general")
    assert "Assets  0" in there.cards()[-1].plain
    there.card("Assets  1")


@pytest.mark.parametrize("trouble", ["server_error", "dropped"])
def test_slack_having_a_bad_day_is_waited_for(there: RunningBot, trouble: str) -> None:
    there.start()
    there.card("TM-1")
    there.sandbox.faults.fail_next("chat.update", trouble, times=3)
    say(there, "Valuables")
    there.card("Assets  1")


def test_a_card_that_somebody_deleted_is_posted_anew(there: RunningBot) -> None:
    there.start()
    gone = there.card("TM-1")
    there.sandbox.workspace.delete(gone.message)
    say(there, "Valuables")
    card = there.card("Assets  1")
    assert card.ts != gone.ts
    say(there, "Family photos")
    assert there.card("Assets  2").ts == card.ts
    assert len(there.cards()) == 1


def test_a_restart_shows_what_was_said_meanwhile_on_the_same_card(workspace: Sandbox, tmp_path: Path) -> None:
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace) as there:
        there.start()
        card = there.card("TM-1")
    never = replace(QUICK, card=Waits(quiet=60, longest=60), again=60, look=60)
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace, pace=never) as there:
        there.bot.silence("for this test")
        say(there, "Valuables")
    assert "Assets  0" in workspace.person("ben").sees("#house")[-1].plain
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace) as there:
        assert there.card("Assets  1").ts == card.ts
        assert len(there.cards()) == 1


def test_a_restart_without_news_says_nothing(workspace: Sandbox, tmp_path: Path) -> None:
    talkative = replace(QUICK, summary=Waits(quiet=0.1, longest=0.2))
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace, pace=talkative) as there:
        there.start()
        there.card("TM-1")
        there.wait(lambda: len(there.sandbox.calls_of("chat.postMessage")) == 2)
        there.wait(lambda: there.unit.thread_messages.told(there.streams[0]).version == 1)
    calls = len(workspace.calls_of("chat.update")) + len(workspace.calls_of("chat.postMessage"))
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace) as there:
        there.command("ben", "/threatmodel status")
        there.told("ben", "TM-1")
    assert len(workspace.calls_of("chat.update")) + len(workspace.calls_of("chat.postMessage")) == calls


def test_a_card_left_behind_by_a_crash_goes_at_its_first_press(workspace: Sandbox, tmp_path: Path) -> None:
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace) as there:
        there.start()
        left_behind = there.card("TM-1")
        # As if the process had died between the post and the note of it.
        (known,) = there.unit.deliveries.of_kind("card")
        there.unit.deliveries.put(replace(known, external_id="", shown=""))
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace) as there:
        there.wait(lambda: len(there.cards()) == 2)
        there.wait(lambda: remembered(there).ts not in (None, left_behind.ts))
        there.person("ben").click(left_behind, action_id="open:add-asset")
        there.modal("ben", "Add asset")
        there.wait(lambda: len(there.cards()) == 1)
        assert there.cards()[0].ts == remembered(there).ts


def test_a_card_of_an_earlier_release_is_known_by_its_place(workspace: Sandbox, tmp_path: Path) -> None:
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace) as there:
        there.start()
        there.card("TM-1")
        there.wait_for_channels()
        (known,) = there.unit.deliveries.of_kind("card")
        there.unit.deliveries.put(replace(known, attempt=""))
        say(there, "Valuables")
        left_behind = there.card("Assets  1")
        assert known.attempt not in str(left_behind.blocks), "its buttons do not say which post it is"
        there.wait_for_channels()
        (known,) = there.unit.deliveries.of_kind("card")
        there.unit.deliveries.put(replace(known, external_id="", shown=""))
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace) as there:
        there.wait(lambda: len(there.cards()) == 2)
        there.wait(lambda: remembered(there).ts not in (None, left_behind.ts))
        there.person("ben").click(left_behind, action_id="open:add-asset")
        there.modal("ben", "Add asset")
        there.wait(lambda: len(there.cards()) == 1)


def test_the_only_card_is_not_deleted_by_a_press_while_it_is_not_recorded(there: RunningBot) -> None:
    there.start()
    card = there.card("TM-1")
    there.wait_for_channels()
    (known,) = there.unit.deliveries.of_kind("card")
    assert known.attempt in str(card.blocks)
    there.unit.deliveries.put(replace(known, external_id="", shown=""))
    there.person("ben").click(card, action_id="open:add-asset")
    there.modal("ben", "Add asset")
    assert [one.ts for one in there.cards()] == [card.ts]


def test_a_card_left_behind_of_an_erased_model_goes_at_its_first_press(there: RunningBot) -> None:
    there.start()
    left_behind = there.card("TM-1")
    there.wait_for_channels()
    (known,) = there.unit.deliveries.of_kind("card")
    there.unit.deliveries.put(replace(known, attempt="another", external_id="1.1"))
    there.store.erase_stream(there.streams[0])
    there.wait(lambda: there.unit.deliveries.of_kind("card") == [])
    there.person("ben").click(left_behind, action_id="open:add-asset")
    there.wait(lambda: there.cards() == [])


def test_a_copy_of_the_card_may_be_pressed_and_stays(there: RunningBot) -> None:
    there.start()
    there.card("TM-1")
    there.command("ben", "/threatmodel status")
    there.told("ben", "TM-1")
    copy = next(one for one in there.person("ben").sees("#house") if one.ephemeral)
    there.person("ben").click(copy, action_id="open:add-asset")
    there.modal("ben", "Add asset")
    assert len(there.cards()) == 1
    assert not there.sandbox.calls_of("chat.delete")


def test_thrown_out_it_says_so_to_the_facilitator_once_and_comes_back(there: RunningBot) -> None:
    there.start()
    card = there.card("TM-1")
    there.sandbox.remove_bot("#house")
    said = told_directly(there, "ana")
    assert "TM-1" in said
    assert "/invite" in said
    say(there, "Valuables")
    say(there, "Family photos")
    there.sandbox.invite_bot("#house")
    assert there.card("Assets  2").ts == card.ts
    assert len(there.person("ana").direct_messages()) == 1


def test_in_an_archived_channel_the_card_rests_until_it_is_in_use_again(there: RunningBot) -> None:
    there.start()
    card = there.card("TM-1")
    there.sandbox.change_channel("#house", is_archived=True)
    say(there, "Valuables")
    there.wait(lambda: remembered(there).resting == "is_archived")
    assert "archived" in told_directly(there, "ana")
    there.sandbox.change_channel("#house", is_archived=False)
    happens(there, "channel_unarchive")
    assert there.card("Assets  1").ts == card.ts


def test_a_channel_that_is_shared_later_is_told_nothing_more(there: RunningBot) -> None:
    there.start()
    there.card("TM-1")
    there.sandbox.change_channel("#house", is_ext_shared=True)
    there.wait(lambda: remembered(there).resting == "shared")
    say(there, "Valuables")
    assert "another organisation" in told_directly(there, "ana")
    assert "Assets  0" in there.cards()[-1].plain
    there.sandbox.change_channel("#house", is_ext_shared=False)
    there.card("Assets  1")


def test_a_withdrawn_token_stops_the_bot_and_shows_in_its_readiness(there: RunningBot) -> None:
    there.start()
    there.card("TM-1")
    happens(there, "tokens_revoked")
    calls = len(there.sandbox.api_calls)
    say(there, "Valuables")
    assert "install the app again" in there.bot.readiness_problem()
    assert len(there.sandbox.api_calls) == calls


def say(there: RunningBot, name: str, *, number: int = 0) -> None:
    """Name an asset past Slack, so that only the card shows it."""
    command = NameElements(by=PersonId(there.person("ana").id), at=there.now(), assets=(name,))
    there.command_handler.execute(command, stream=there.streams[number], key=there.key())


def happens(there: RunningBot, event: str) -> None:
    channel = there.sandbox.workspace.channel("#house").id
    there.sandbox.client.event(event, {"type": event, "channel": channel}, soon=False)


def told_directly(there: RunningBot, who: str) -> str:
    there.wait(lambda: there.person(who).direct_messages())
    return there.person(who).direct_messages()[-1].plain


def remembered(there: RunningBot) -> Card:
    card = there.unit.cards.find(there.streams[0])
    assert card is not None
    return card


def test_the_card_calls_people_by_the_names_they_have_now(there: RunningBot) -> None:
    there.start()
    there.card("Facilitator: Ana")
    told = {"id": there.person("ana").id, "team_id": "T0SANDBOX", "profile": {"display_name": "Ana Lima"}}
    there.sandbox.client.event("user_change", {"type": "user_change", "user": told}, soon=False)
    there.card("Facilitator: Ana Lima")
