"""What people said is summed up in the card's thread: one message a sitting, and a closing for everybody."""

import time
from collections.abc import Callable, Generator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.delivery.work_kinds import Waits
from bot.sandbox.api import TEAM_ID, Sandbox, VisibleMessage
from bot.slack.projectors.channel_contents import continuing, session_events
from bot.slack.projectors.event_table import Announcement, announcement_of
from bot.slack.sinks.outcomes import OF_THE_CARD, OF_THE_CHANNEL
from bot.slack.slots.channel_suspensions import SuspendedCard, suspension_message, suspension_reason
from bot.slack.ui.messages.card_message import short_card
from bot.slack.ui.messages.thread_announcements import (
    SessionEntry,
    WorkSession,
    closed_message,
    moved_message,
    session_message,
    short_session_message,
)
from bot.store import StreamId
from bot.store.repositories.cards import Card
from bot.store.repositories.thread_messages import ThreadMessages
from bot.store.repositories.workspace_directory import Channel
from bot.store.work_queue import MODEL
from domain.commands import (
    BeginAnalysis,
    CloseThreatModel,
    Command,
    NameElements,
    RemoveElement,
    ReopenThreatModel,
    ReturnToCollection,
    ReviseAsset,
    Undo,
)
from domain.events import AssetAdded, Erased, PhaseMoved, ThreatModelClosed
from domain.kernel.closing import ConditionOverride
from domain.kernel.elements import Asset, ChannelId, ElementId, ModelKey, PersonId
from domain.model import ThreatModel
from domain.phase_conditions import TITLES
from domain.register import register
from domain.replay import EMPTY
from tests.depth import deep_only, examples
from tests.examples import ANA, BEN, at, reasons_for_conditions
from tests.queue_rows import are_waiting, claims_of
from tests.slack.hostile_models import STREAM, hostile_models, hostile_naming, texts
from tests.slack.limit_checks import message_faults
from tests.slack.slack_team import QUICK, SlackTeam, run_at_the_same_time, run_bot

TALKATIVE = replace(QUICK, summary=Waits(quiet=0.1, longest=0.5))
PATIENT = replace(QUICK, summary=Waits(quiet=0.4, longest=2.0))


@pytest.fixture
def told(tmp_path: Path) -> Generator[SlackTeam]:
    """A bot that sums up soon, with a model begun by ana, and the summary of that in the thread."""
    with run_bot(tmp_path / "threatmodel.db", pace=TALKATIVE) as team:
        begin(team)
        yield team


def test_who_did_what_is_one_message_in_the_thread_of_the_card(tmp_path: Path) -> None:
    with run_bot(tmp_path / "threatmodel.db", pace=PATIENT) as team:
        team.start()
        team.card("TM-1")
        say(team, "ana", assets=("Valuables", "Papers", "Photos"), entry_points=("Front door",))
        say(team, "ben", trust_levels=("Visitors",))
        (message,) = thread(team, "Ben added")
        assert message.plain == (
            "Ana started “The House” (TM-1) and added 1 entry point and "
            "3 assets.\n"
            "Ben added the trust level “Visitors” (TL-1)."
        )
        assert len(team.cards()) == 1, "the channel itself is told nothing"


def test_more_in_the_same_sitting_is_an_edit_that_notifies_no_one(told: SlackTeam) -> None:
    (first,) = thread(told)
    posts = len(told.sandbox.calls_of("chat.postMessage"))
    say(told, "ben", assets=("Papers",))
    (second,) = thread(told, "Ben added the asset")
    assert second.ts == first.ts
    assert len(told.sandbox.calls_of("chat.postMessage")) == posts


def test_after_half_an_hour_of_silence_a_new_message_begins(told: SlackTeam) -> None:
    say(told, "ben", later=timedelta(minutes=29), assets=("Papers",))
    thread(told, "Papers")
    say(told, "chi", later=timedelta(minutes=29 + 30), assets=("Photos",))
    first, second = thread(told, "Chi added")
    assert "Ben added the asset “Papers”" in first.plain
    assert second.plain == "Chi added the asset “Photos” (AS-2)."


def test_what_was_taken_back_in_the_same_sitting_was_never_said(told: SlackTeam) -> None:
    say(told, "ben", assets=("Papers",))
    thread(told, "Papers")
    do(told, "ben", lambda by, at: Undo(by=by, at=at))
    told.wait(lambda: "Ben" not in thread(told)[0].plain)


def test_what_was_taken_back_later_goes_from_where_it_was_told(told: SlackTeam) -> None:
    say(told, "ben", assets=("Papers",))
    thread(told, "Papers")
    told_all(told)
    do(told, "ben", lambda by, at: Undo(by=by, at=at), later=timedelta(hours=1))
    first, second = thread(told, "undid an earlier change")
    assert "Papers" not in first.plain
    assert second.plain == "Ben undid an earlier change."


def test_going_back_and_forth_over_the_same_thing_counts_once(told: SlackTeam) -> None:
    say(told, "ben", assets=("Papers", "Photos", "Silver"))
    do(told, "ben", lambda by, at: RemoveElement(by=by, at=at, element=ElementId("AS-3")))
    thread(told, "Ben added 2 assets.")


def test_a_new_phase_has_a_line_of_its_own(told: SlackTeam) -> None:
    do(told, "ana", lambda by, at: BeginAnalysis(by=by, at=at, reason="time is short"))
    told.wait(lambda: len(told.cards()) == 2)
    do(told, "ana", lambda by, at: ReturnToCollection(by=by, at=at, reason="we forgot the garage"))
    thread(told, "to collection")
    message = next(one for one in thread(told) if "to collection" in one.plain)
    expected = "→ Ana moved to collection, because: we forgot the garage."
    assert message.plain.splitlines()[-1] == expected
    assert len(told.cards()) == 2


def test_a_condition_that_was_passed_while_open_is_shown_in_the_channel_with_its_reason(
    told: SlackTeam,
) -> None:
    do(told, "ana", lambda by, at: BeginAnalysis(by=by, at=at, reason="time is short"))
    told.wait(lambda: len(told.cards()) == 2)
    said = told.cards()[-1].plain
    assert said.startswith("→ Ana moved The House (TM-1) to analysis, with 1 condition not met.")
    assert "an asset, an entry point, a trust level, a data flow" in said
    assert "time is short" in said


def test_a_closing_is_shown_in_the_channel_too_and_once(told: SlackTeam) -> None:
    close(told)
    told.wait(lambda: len(told.cards()) == 2)
    said = told.cards()[-1]
    assert said.plain.startswith("■ Ana closed the threat model The House (TM-1).")
    assert "Not met at closing" in said.plain
    assert "○ Missing: an asset, an entry point, a trust level, a data flow" in said.plain
    assert "we sold it" in said.plain
    assert said.message.thread == told.cards()[0].ts
    say_reopened(told)
    thread(told, "reopened")
    assert len(told.cards()) == 2


def test_a_message_of_the_thread_that_was_left_behind_goes_at_its_first_press(told: SlackTeam) -> None:
    close(told)
    told.wait(lambda: len(told.cards()) == 2)
    told_all(told)
    left_behind = told.cards()[-1]
    (known,) = told.unit.deliveries.of_kind("result")
    told.person("ben").click(left_behind, "Answer retrospective")
    told.modal("ben", "Answer retrospective")
    told.person("ben").close()
    assert len(told.cards()) == 2, "it is the one that is recorded"
    # As if a process that was overtaken had posted it, and had ended before it could delete it.
    told.unit.deliveries.put(replace(known, attempt="another", external_id="1.1"))
    told.person("ben").click(left_behind, "Answer retrospective")
    told.wait(lambda: len(told.cards()) == 1)


def test_a_closing_whose_answer_was_lost_is_posted_again_and_the_first_one_goes_once_it_is_pressed(
    told: SlackTeam,
) -> None:
    told.sandbox.faults.fail_next("chat.postMessage", "answer_lost", about="Answer+retrospective")
    close(told)
    told.wait(lambda: len(told.cards()) == 3)
    first, second = told.cards()[-2:]
    told.wait(lambda: remembered(told).announced(told.streams[0]).version == told.model().version)
    told.person("ben").click(first, "Answer retrospective")

    told.wait(lambda: len(told.cards()) == 2)
    assert told.cards()[-1].ts == second.ts


@pytest.mark.parametrize("trouble", ["ratelimited", "server_error"])
def test_a_closing_that_slack_did_not_take_is_tried_again(told: SlackTeam, trouble: str) -> None:
    told.sandbox.faults.fail_next("chat.postMessage", trouble, about="Answer+retrospective")
    close(told)
    told.wait(lambda: len(told.cards()) == 2)
    assert not told.sandbox.faults.active


def test_a_restart_goes_on_where_it_was(workspace: Sandbox, tmp_path: Path) -> None:
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace, pace=TALKATIVE) as team:
        begin(team)
        (first,) = thread(team)
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace, pace=QUICK) as team:
        say(team, "ben", assets=("Papers",))
        team.card("Assets  1")
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace, pace=TALKATIVE) as team:
        (second,) = thread(team, "Papers")
        assert second.ts == first.ts


def test_what_was_said_during_many_sittings_unheard_is_told_in_one_message(
    workspace: Sandbox, tmp_path: Path
) -> None:
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace, pace=QUICK) as team:
        team.start()
        team.card("TM-1")
        for days in range(1, 6):
            say(team, "ben", later=timedelta(days=days), assets=(f"Asset {days}",))
    with run_bot(tmp_path / "threatmodel.db", sandbox=workspace, pace=TALKATIVE) as team:
        (message,) = thread(team, "Ben added 5 assets")
        told_all(team)
        assert thread(team) == [message]


def test_a_deleted_summary_stays_deleted_until_the_next_sitting(told: SlackTeam) -> None:
    (first,) = thread(told)
    told.sandbox.workspace.delete(first.message)
    say(told, "ben", assets=("Papers",))
    told_all(told)
    assert thread(told) == []
    say(told, "ben", later=timedelta(hours=1), assets=("Photos",))
    (message,) = thread(told, "Photos")
    assert "Papers" not in message.plain


def test_the_thread_goes_with_a_card_that_is_posted_again(told: SlackTeam) -> None:
    told.sandbox.workspace.delete(told.cards()[0].message)
    say(told, "ben", assets=("Papers",))
    told.card("Assets  1")
    (message,) = thread(told, "Papers")
    assert message.plain == "Ben added the asset “Papers” (AS-1)."


def test_card_and_thread_together_write_to_a_channel_at_their_common_pace(tmp_path: Path) -> None:
    slow = replace(TALKATIVE, channel_interval=0.5)
    with run_bot(tmp_path / "threatmodel.db", pace=slow) as team:
        begin(team)
        for number in range(6):
            say(team, "ben", assets=(f"Asset {number}",))
            time.sleep(0.3)
        team.card("Assets  6")
        told_all(team)
        moments = [
            one.at for one in team.sandbox.exchanges if one.title in ("chat.update", "chat.postMessage")
        ]
        assert len(moments) > 5
        # Each alone may arrive late on a busy machine; two paces beside each other would halve the whole.
        assert moments[-1] - moments[0] > 0.4 * (len(moments) - 1) - 0.4, moments


def test_a_rate_limit_of_the_thread_holds_for_the_card(told: SlackTeam) -> None:
    told.sandbox.faults.fail_next("chat.update", "ratelimited", times=2, retry_after=1)
    say(told, "ben", assets=("Papers",))
    told.wait(lambda: told.sandbox.calls_of("chat.update"))
    told.card("Assets  1")
    thread(told, "Papers")


def test_in_an_archived_channel_the_thread_rests_with_the_card(told: SlackTeam) -> None:
    told.sandbox.change_channel("#house", is_archived=True)
    say(told, "ben", assets=("Papers",))
    told.sandbox.change_channel("#house", is_archived=False)
    (message,) = thread(told, "Papers")
    assert message.plain.count("Ben") == 1


@deep_only
def test_two_hundred_people_fit_into_one_message_with_a_way_to_the_rest(told: SlackTeam) -> None:
    everybody = [PersonId(f"U{number:03}") for number in range(200)]
    for some in (everybody[first : first + 20] for first in range(0, 200, 20)):
        run_at_the_same_time(
            *(
                lambda person=person: told.command_handler.execute(
                    NameElements(by=person, at=told.now(), assets=(f"Asset of {person}",)),
                    stream=told.streams[0],
                    key=told.key(),
                )
                for person in some
            )
        )
    (message,) = thread(told, "and 176 more: see History")
    told.person("ben").click(message, "History")
    assert "entries" in told.modal("ben", "History").plain


def test_a_summary_that_slack_does_not_take_whole_is_shortened(told: SlackTeam) -> None:
    told.sandbox.faults.fail_next("chat.postMessage", "msg_blocks_too_long")
    say(told, "ben", later=timedelta(hours=1), assets=("Papers",))
    _, message = thread(told, "There are more changes than Slack shows")
    told.sandbox.faults.fail_next("chat.update", "invalid_blocks", times=2)
    ballot_papers = next(element for element in told.model().elements.values() if element.name == "Papers")
    # The card shows nothing of a description: only the summary is edited.
    do(
        told,
        "ben",
        lambda by, at: ReviseAsset(
            by=by, at=at, element=ballot_papers.id, name="Papers", description="Deeds"
        ),
        later=timedelta(hours=1),
    )
    told_all(told)
    assert thread(told)[1].ts == message.ts


def test_a_thread_that_slack_does_not_find_is_tried_again_without_haste(told: SlackTeam) -> None:
    told.sandbox.faults.fail_next("chat.postMessage", "thread_not_found", times=3)
    updates = len(told.sandbox.calls_of("chat.update"))
    say(told, "ben", later=timedelta(hours=1), assets=("Papers",))
    thread(told, "Papers")
    assert len(told.sandbox.calls_of("chat.update")) - updates <= 5


def test_where_a_thread_is_locked_the_facilitator_is_told_once_until_it_is_open_again(
    told: SlackTeam,
) -> None:
    card = told.cards()[0].ts
    told.sandbox.lock_thread("#house", card)
    say(told, "ben", later=timedelta(hours=1), assets=("Papers",))

    def letters() -> list[str]:
        return [message.plain for message in told.person("ana").direct_messages()]

    told.wait(lambda: letters())
    assert "the thread of the card is locked" in letters()[0]
    tries = len(told.sandbox.calls_of("chat.postMessage"))
    told.read_channel()  # as at every regular look
    told.wait(lambda: len(told.sandbox.calls_of("chat.postMessage")) > tries)
    assert "Papers" not in str([one.plain for one in thread(told)])
    assert len(letters()) == 1
    told.sandbox.lock_thread("#house", card, locked=False)
    told.read_channel()
    thread(told, "Papers")


@pytest.mark.parametrize(
    ("rule", "reason"),
    [("is_read_only", "the channel is read-only"), ("is_thread_only", "only replies in threads are allowed")],
)
def test_a_channel_in_which_no_one_may_post_is_told_of_by_name(
    team: SlackTeam, rule: str, reason: str
) -> None:
    team.sandbox.restrict("#house", **{rule: True})
    team.start()
    team.wait(lambda: team.person("ana").direct_messages())
    assert reason in team.person("ana").direct_messages()[0].plain


def test_a_channel_without_threads_is_told_of_by_name(told: SlackTeam) -> None:
    told.sandbox.restrict("#house", is_non_threadable=True)
    say(told, "ben", later=timedelta(hours=1), assets=("Papers",))
    told.wait(lambda: told.person("ana").direct_messages())
    assert "replies in threads are disabled" in told.person("ana").direct_messages()[0].plain


def test_what_was_erased_goes_from_the_thread_and_from_the_channel(told: SlackTeam) -> None:
    say(told, "ben", assets=("Papers",))
    thread(told, "Papers")
    erased = told.model().version
    close(told)
    told.wait(lambda: len(told.cards()) == 2)
    told_all(told)
    told.store.erase(told.streams[0], [erased, told.model().version])
    told.wait(lambda: "Papers" not in thread(told)[0].plain)
    told.wait(lambda: not any("we sold it" in message.plain for message in told.cards()))
    assert "Ana started" in thread(told)[0].plain


def begin(team: SlackTeam) -> None:
    team.start()
    team.card("TM-1")
    thread(team, "started")
    told_all(team)


def told_all(team: SlackTeam) -> None:
    """Wait until everything that was said is told."""

    def is_told() -> bool:
        messages, (stream,) = remembered(team), team.streams
        return messages.announced(stream).version == team.model().version and not is_at_work(team)

    team.wait(is_told)


def is_at_work(team: SlackTeam) -> bool:
    """Whether a message of a thread is still to be posted, edited or deleted."""
    work = team.store.work
    return are_waiting(work, TEAM_ID, (MODEL, "results", "summaries", "sitting", "result")) or bool(
        claims_of(work, TEAM_ID)
    )


def remembered(team: SlackTeam) -> ThreadMessages:
    return team.unit.thread_messages


def thread(team: SlackTeam, words: str = "") -> list[VisibleMessage]:
    """What stands in the thread of the card, once it says these words."""

    def replies() -> list[VisibleMessage]:
        card = next(message for message in reversed(team.cards()) if message.message.thread is None)
        return team.person("ben").thread("#house", card.ts)[1:]

    team.wait(lambda: not words or any(words in reply.plain for reply in replies()))
    return replies()


def say(team: SlackTeam, who: str, *, later: timedelta = timedelta(), **named: tuple[str, ...]) -> None:
    """Name some things."""

    def naming(by: PersonId, at: datetime) -> NameElements:
        return msgspec.convert({"by": by, "at": at, **named}, NameElements)

    do(team, who, naming, later=later)


def do(
    team: SlackTeam,
    who: str,
    command: Callable[[PersonId, datetime], Command],
    *,
    later: timedelta = timedelta(),
) -> None:
    said = command(PersonId(team.person(who).id), team.now() + later)
    team.command_handler.execute(said, stream=team.streams[0], key=team.key())


def close(team: SlackTeam) -> None:
    do(
        team,
        "ana",
        lambda by, at: CloseThreatModel(by=by, at=at, reasons=reasons_for_conditions("we sold it")),
    )


def say_reopened(team: SlackTeam) -> None:
    do(team, "ana", lambda by, at: ReopenThreatModel(by=by, at=at, reason="we bought it back"))


PASSED = tuple(
    ConditionOverride(condition=one, reason="<!channel> " * 500, text=text) for one, text in TITLES.items()
)
CLOSED = ThreatModelClosed(by=BEN, at=at(1), answer=2, reason="x" * 3000, overrides=PASSED, proposed_by=ANA)
MOVED = PhaseMoved(by=BEN, at=at(1), answer=2, step="responding", reason="x" * 3000, overrides=PASSED)

deeds = st.builds(
    SessionEntry,
    by=st.sampled_from([ANA, BEN]),
    text=texts,
    mentions=st.sampled_from([(), (ANA,), (ANA, BEN)]),
)


@examples(25)
@given(said=st.lists(deeds, max_size=6), moves=st.lists(deeds, max_size=6), times=st.sampled_from([1, 50]))
def test_a_summary_keeps_to_the_limits_whatever_was_said(
    said: list[SessionEntry], moves: list[SessionEntry], times: int
) -> None:
    sitting = WorkSession(entries=tuple(said * times), moves=tuple(moves))
    assert message_faults(session_message(STREAM, sitting, hostile_naming)) == []


@examples(3, deep=300)
@given(
    model=hostile_models(),
    channel=texts,
    why=st.sampled_from([*OF_THE_CHANNEL, *OF_THE_CARD, "invalid_blocks"]),
)
def test_so_do_the_other_messages(model: ThreatModel, channel: str, why: str) -> None:
    known = register(model)
    suspended = [
        SuspendedCard(
            card=Card(stream=StreamId(f"T0SANDBOX/TM-{number}"), channel=ChannelId("C0HOUSE01")),
            register=replace(known, key=ModelKey(f"TM-{number}")),
        )
        for number in range(100)
    ]
    for message in (
        closed_message(STREAM, known, CLOSED, hostile_naming),
        moved_message(known, MOVED, hostile_naming),
        short_card(STREAM, known, hostile_naming),
        short_session_message(STREAM),
        suspension_message(suspended[:1], why, channel=channel, invite="/invite @threatmodel"),
        suspension_message(suspended, why, channel=channel, invite="/invite @threatmodel"),
    ):
        assert message_faults(message) == []


def test_what_does_not_fit_is_counted_and_the_moves_are_told_in_any_case() -> None:
    many = tuple(SessionEntry(by=PersonId(f"U{number}"), text="added 1 asset") for number in range(60))
    moves = (SessionEntry(by=BEN, text="moved to analysis"),)
    message = session_message(
        STREAM, WorkSession(entries=many, moves=moves), lambda person: f"Person {person}"
    )
    said = str(message.blocks)
    assert "→ *Person" in said
    assert "and 35 more: see *History*" in said


def test_a_pause_of_half_an_hour_ends_a_sitting_and_a_clock_that_goes_back_does_not() -> None:
    first = added(1)
    soon = added(2, minutes=29)
    earlier = added(3, minutes=-90)
    late = added(4, minutes=29 + 30)
    assert continuing([soon, earlier, late], first[1].at) == 2
    assert continuing([soon], None) == 0


def test_what_was_erased_is_not_heard() -> None:
    assert announcement_of(Erased()) is Announcement.SILENT
    assert session_events([(1, Erased()), added(2)]) == [added(2)]


def test_why_nothing_may_be_shown_is_said_in_slacks_words() -> None:
    known = register(EMPTY)
    here = Channel(id=ChannelId("C1"), name="house")
    assert suspension_reason(None, known) == ""
    assert suspension_reason(here, known) == ""


def added(version: int, *, minutes: int = 0) -> tuple[int, AssetAdded]:
    asset = Asset(id=ElementId(f"AS-{version}"), name=f"Asset {version}")
    return version, AssetAdded(by=ANA, at=at(0) + timedelta(minutes=minutes), answer=version, asset=asset)
