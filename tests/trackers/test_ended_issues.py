"""Issues that no longer belong to a mitigation: each gets one last update that says so, and is left alone."""

from collections.abc import Callable
from functools import partial

import pytest
from msgspec.structs import replace

from bot.store import StreamId
from bot.tracker_sync.wanted_issues import MOVED_LINE, REMOVED_LINE, UNLINKED_LINE
from bot.trackers.tracker import TrackerBusy, TrackerRefused, TrackerUnreachable
from domain.commands import (
    ChooseTracker,
    Undo,
)
from domain.kernel.tracked_issue import ConnectedTracker, IssueState, TrackerId, TrackerKind
from tests.examples import ANA
from tests.queue_rows import end_claims
from tests.trackers.fake_tracker import When
from tests.trackers.sync_desk import TR1, Killed, SyncDesk, desk_with_issue, kill, planned_desk

TR2 = TrackerId("TR-2")

Step = Callable[[SyncDesk, StreamId], None]
unlink, name = SyncDesk.unlink, SyncDesk.name_issue


def choose(desk: SyncDesk, stream: StreamId, tracker: TrackerId | None) -> None:
    desk.do(stream, ChooseTracker(by=ANA, at=desk.now(), own=True, tracker=tracker))


def undo(desk: SyncDesk, stream: StreamId) -> None:
    desk.do(stream, Undo(by=ANA, at=desk.now()))


def said(desk: SyncDesk, key: str = "#1") -> tuple[bool, tuple[str, ...]]:
    """Whether an issue is said to be no longer kept up to date, and what it says."""
    shown = desk.tracker.shown(key)
    return shown.ended, shown.lines


def change_everything(desk: SyncDesk, stream: StreamId) -> None:
    """Let time pass, change the mitigation, and have everything compared and read."""
    desk.revise(stream)
    desk.touch_model(stream)
    desk.poll()
    desk.reconnect()
    desk.wait(hours=25)
    desk.restart()
    desk.run()


def test_an_issue_that_ends_says_so_once_and_is_left_alone() -> None:
    cases: dict[str, Step] = {UNLINKED_LINE: unlink, MOVED_LINE: partial(choose, tracker=None)}
    for line, ending in cases.items():
        desk, stream = desk_with_issue()
        desk.tracker.edit("#1", title="Refund signing", own_text="See the wiki.")
        ending(desk, stream)
        desk.run()
        assert said(desk) == (True, (line,))
        issue = desk.tracker.issues["#1"].issue
        assert (issue.title, desk.tracker.shown("#1").link) == ("Refund signing", ""), line
        assert "See the wiki." in issue.text, line
        pushes = desk.tracker.pushes
        change_everything(desk, stream)
        assert desk.tracker.pushes == pushes, line
        assert list(desk.tracker.issues) == ["#1"], line


def test_the_text_comes_back_when_the_issue_is_followed_again() -> None:
    cases: dict[str, tuple[Step, Step]] = {
        "the unlinking is undone": (unlink, undo),
        "the tracker is chosen again": (partial(choose, tracker=None), partial(choose, tracker=TR1)),
        "a person names the issue": (unlink, partial(name, ticket="#1")),
        "a person names its address": (unlink, partial(name, ticket="https://tracker.example/issues/1")),
        "a person names it otherwise": (unlink, partial(name, ticket="https://tracker.example/issues/#1")),
    }
    for case, (ending, again) in cases.items():
        desk, stream = desk_with_issue()
        ending(desk, stream)
        desk.run()
        again(desk, stream)
        desk.run()
        assert said(desk) == (False, ()), case
        assert desk.tracker.shown("#1").link == "https://bot.example/m/TM-1", case
        assert desk.issue(stream).linked, case
        assert list(desk.tracker.issues) == ["#1"], case
        desk.tracker.edit("#1", state=IssueState.COMPLETED)
        desk.poll()
        assert desk.issue(stream).state is IssueState.COMPLETED, case


def test_another_issue_takes_the_place_and_the_former_one_says_so() -> None:
    desk, stream = desk_with_issue()
    desk.unlink(stream)
    desk.request_issue(stream)
    desk.run()
    assert desk.issue(stream).issue.key == "#2"
    assert (said(desk, "#1"), said(desk, "#2")) == ((True, (UNLINKED_LINE,)), (False, ()))

    desk.tracker.add_by_hand("Refund hardening")
    desk.name_issue(stream, "#3")
    desk.run()
    assert [said(desk, key)[0] for key in ("#1", "#2", "#3")] == [True, True, False]
    desk.name_issue(stream, "#1")
    desk.run()
    assert [said(desk, key)[0] for key in ("#1", "#2", "#3")] == [False, True, True]
    pushes = desk.tracker.pushes
    desk.poll()
    desk.touch_model(stream)
    desk.run()
    assert desk.tracker.pushes == pushes


def test_the_former_issue_is_followed_again_when_the_other_one_is_undone() -> None:
    desk, stream = desk_with_issue()
    desk.unlink(stream)
    desk.request_issue(stream)
    for _ in range(2):
        undo(desk, stream)
    desk.run()
    assert (desk.issue(stream).issue.key, said(desk)) == ("#1", (False, ()))


def test_a_deleted_former_issue_says_nothing_about_the_present_one() -> None:
    desk, stream = desk_with_issue()
    desk.tracker.delete("#1")
    desk.unlink(stream)
    desk.request_issue(stream)
    desk.run()
    desk.poll()
    assert (desk.issue(stream).issue.key, desk.issue(stream).state) == ("#2", IssueState.OPEN)


def test_a_former_issue_that_is_missing_later_says_nothing_about_the_present_one() -> None:
    desk, stream = desk_with_issue()
    desk.unlink(stream)
    desk.request_issue(stream)
    desk.tracker.fail("read", TrackerRefused("no permission"))
    desk.run()
    desk.tracker.delete("#1")
    desk.wait(hours=25)
    desk.poll()
    assert (desk.issue(stream).issue.key, desk.named(stream, "IssueSeen")) == ("#2", [])


def test_the_last_update_survives_failures_and_kills() -> None:
    busy, lost = TrackerBusy("slow down", wait=30.0), TrackerUnreachable("no answer")
    for fault, when in ((busy, When.BEFORE), (lost, When.BEFORE), (lost, When.AFTER)):
        desk, stream = desk_with_issue()
        desk.tracker.fail("update", fault, when)
        desk.unlink(stream)
        desk.run()
        desk.wait(minutes=5)
        assert said(desk) == (True, (UNLINKED_LINE,)), (fault, when)

    for when in When:
        desk, stream = desk_with_issue()
        desk.tracker.on("update", when, kill)
        desk.unlink(stream)
        with pytest.raises(Killed):
            desk.run()
        desk.restart()
        desk.run()
        desk.wait(minutes=5)
        assert said(desk) == (True, (UNLINKED_LINE,)), when


def test_the_last_update_waits_for_a_token_and_is_tried_again_after_a_refusal() -> None:
    desk, stream = desk_with_issue()
    wrong = TrackerRefused("wrong token", unauthorized=True)
    for call in ("update", "changed", "project", "read", "create"):
        desk.tracker.fail(call, wrong, times=20)
    desk.unlink(stream)
    desk.request_issue(stream)
    for _ in range(20):
        desk.wait(minutes=1)
    assert desk.connection.stopped
    desk.tracker.happens.clear()
    desk.reconnect()
    assert (said(desk), desk.issue(stream).issue.key) == ((True, (UNLINKED_LINE,)), "#2")

    desk, stream = desk_with_issue()
    desk.tracker.fail("update", TrackerRefused("no permission"))
    desk.unlink(stream)
    desk.run()
    desk.wait(hours=25)
    desk.poll()
    assert said(desk) == (True, (UNLINKED_LINE,))


def test_an_issue_whose_creation_was_uncertain_ends_as_well_and_is_not_created_twice() -> None:
    desk, stream = planned_desk()
    desk.tracker.lose_answer("create")
    desk.run()
    desk.settings = replace(desk.settings, trackers=(*desk.settings.trackers, SECOND))
    choose(desk, stream, None)
    desk.wait(minutes=10)
    assert said(desk) == (True, (MOVED_LINE,))
    assert desk.tracker.calls.count("create") == 1
    choose(desk, stream, TR1)
    desk.run()
    assert (desk.issue(stream).issue.key, said(desk)) == ("#1", (False, ()))


def test_a_creation_that_is_uncertain_ends_before_the_issue_that_a_person_names_is_linked() -> None:
    desk, stream = planned_desk()
    desk.tracker.lose_answer("create")
    desk.run()
    desk.tracker.add_by_hand("Refund hardening")
    desk.name_issue(stream, "#2")
    desk.wait(minutes=10)
    assert desk.issue(stream).issue.key == "#2"
    assert [said(desk, key)[0] for key in ("#1", "#2")] == [True, False]


def test_going_back_to_the_former_tracker_creates_one_issue() -> None:
    for fault in (TrackerUnreachable("no answer"), TrackerBusy("slow down", wait=900.0)):
        desk, stream = planned_desk()
        desk.tracker.fail("create", fault)
        desk.run()
        desk.settings = replace(desk.settings, trackers=(*desk.settings.trackers, SECOND))
        desk.unit.tracker_connections.save(replace(desk.connection, tracker=TR2))
        desk.tracker.fail("create", TrackerBusy("slow down", wait=900.0))
        choose(desk, stream, TR2)
        desk.run()
        choose(desk, stream, TR1)
        desk.wait(minutes=60)
        assert list(desk.tracker.issues) == ["#1"], fault
        assert desk.issue(stream).issue.tracker == TR1, fault


SECOND = ConnectedTracker(id=TR2, kind=TrackerKind.REDMINE, url="https://tracker.example", project="second")


def test_another_tracker_gets_its_issue_while_the_creation_in_the_former_one_is_uncertain() -> None:
    desk, stream = planned_desk()
    desk.tracker.lose_answer("create")
    desk.run()
    desk.settings = replace(desk.settings, trackers=(*desk.settings.trackers, SECOND))
    held = desk.connection
    desk.unit.tracker_connections.save(replace(held, tracker=TR2))
    choose(desk, stream, TR2)
    desk.run()
    desk.wait(minutes=10)
    tracked = desk.issue(stream).issue
    assert (tracked.tracker, tracked.key) == (TR2, "#2")
    assert said(desk, "#1") == (True, (UNLINKED_LINE,))
    assert said(desk, "#2") == (False, ())


def test_a_removed_mitigation_and_an_erased_model_end_their_issues() -> None:
    desk, stream = desk_with_issue()
    undo(desk, stream)
    desk.run()
    assert said(desk) == (True, (REMOVED_LINE,))

    desk, stream = desk_with_issue()
    desk.unlink(stream)
    desk.request_issue(stream)
    desk.run()
    desk.store.erase_stream(stream)
    desk.touch_model(stream)
    desk.run()
    assert [issue.issue.title for issue in desk.tracker.issues.values()] == ["MI-1 in TM-1"] * 2


def test_a_disconnected_project_is_followed_again_when_it_is_connected_again() -> None:
    desk, stream = desk_with_issue()
    desk.disconnect()
    desk.revise(stream)
    desk.tracker.edit("#1", state=IssueState.COMPLETED)
    desk.wait(hours=2)
    desk.plan(stream, "Limit refunds")
    desk.connect_again(mark_key=b"another key")
    assert desk.tracker.shown("#1").title == "Sign all refunds"
    assert desk.issue(stream).state is IssueState.COMPLETED
    assert len(desk.tracker.issues["#1"].issue.marks) == 1, "its mark stays"
    assert {*desk.tracker.issues} == {"#1", "#2"}
    pushes = desk.tracker.pushes
    desk.poll()
    desk.touch_model(stream)
    desk.wait(hours=1)
    assert desk.tracker.pushes == pushes


def test_a_creation_that_was_uncertain_at_the_moment_of_disconnecting_is_not_repeated() -> None:
    for when in When:
        for search_delay in (0.0, 600.0):
            desk, stream = planned_desk(search_delay=search_delay)
            desk.tracker.on("create", when, kill)
            with pytest.raises(Killed):
                desk.run()
            desk.disconnect()
            desk.restart()
            desk.wait(minutes=2)
            desk.connect_again(mark_key=b"another key")
            desk.wait(minutes=30)
            assert list(desk.tracker.issues) == ["#1"], (when, search_delay)
            assert desk.issue(stream).issue.key == "#1", (when, search_delay)


def test_a_process_that_was_stopped_in_a_creation_while_the_project_was_connected_again() -> None:
    desk, stream = planned_desk()

    def meanwhile() -> None:
        desk.disconnect()
        end_claims(desk.store.work)
        stopped = desk.process
        desk.connect_again(mark_key=b"another key")
        desk.wait(minutes=1)
        desk.process = stopped

    desk.tracker.on("create", When.BEFORE, meanwhile)
    desk.run()
    desk.restart()
    desk.wait(minutes=30)
    left = [key for key, one in desk.tracker.issues.items() if one.issue.state is IssueState.OPEN]
    assert left == [desk.issue(stream).issue.key]


def test_a_model_that_inherits_a_new_default_later_keeps_its_text_until_then() -> None:
    desk, stream = desk_with_issue()
    desk.settings = replace(desk.settings, default=TR1)
    desk.do(stream, ChooseTracker(by=ANA, at=desk.now(), own=False))
    desk.run()
    assert said(desk) == (False, ()), "the default is TR-1, which the model is about to take over"
    desk.settings = replace(desk.settings, default=None)
    desk.touch_model(stream)
    desk.run()
    assert said(desk) == (True, (MOVED_LINE,))
