"""Issues are created once, whatever happens between the call and the record of it."""

import pytest

from bot.store import StreamId
from bot.trackers.tracker import TrackerBusy, TrackerRefused, TrackerUnreachable
from domain.commands import DropMitigation
from domain.kernel.tracked_issue import IssueState
from tests.examples import ANA
from tests.trackers.fake_tracker import When
from tests.trackers.sync_desk import MI1, Killed, SyncDesk, desk_with_issue, kill, planned_desk


def killed_desk(moment: When, *, search_delay: float = 0.0) -> tuple[SyncDesk, StreamId]:
    """A process was killed before or after the tracker created the first issue."""
    desk, stream = planned_desk(search_delay=search_delay)
    desk.tracker.on("create", moment, kill)
    with pytest.raises(Killed):
        desk.run()
    desk.restart()
    return desk, stream


def open_issues(desk: SyncDesk) -> list[str]:
    return [issue.issue.key for issue in desk.tracker.issues.values() if issue.issue.state is IssueState.OPEN]


def test_a_kill_around_the_creation_leaves_one_issue() -> None:
    for moment in When:
        desk, stream = killed_desk(moment)
        desk.run()
        assert open_issues(desk) == ["#1"], moment
        assert desk.issue(stream).issue.key == "#1"


def test_a_lost_answer_leaves_one_issue() -> None:
    desk, stream = planned_desk()
    desk.tracker.lose_answer("create")
    desk.run()
    assert not desk.model(stream).issues
    desk.wait(seconds=30)
    assert open_issues(desk) == ["#1"]
    assert desk.issue(stream).issue.key == "#1"
    assert desk.tracker.calls.count("create") == 1


def test_nothing_is_created_before_the_search_would_have_found_it() -> None:
    desk, _ = killed_desk(When.BEFORE, search_delay=600.0)
    for _ in range(3):
        desk.run()
        assert open_issues(desk) == []
        desk.wait(minutes=3)
    desk.wait(minutes=2)
    assert open_issues(desk) == ["#1"]
    assert desk.tracker.calls.count("find") <= 5, "it is not asked all the time"


def test_an_issue_that_the_search_finds_late_is_adopted() -> None:
    desk, stream = killed_desk(When.AFTER, search_delay=600.0)
    desk.run()
    assert not desk.model(stream).issues
    desk.wait(minutes=11)
    assert desk.issue(stream).issue.key == "#1"
    assert desk.tracker.calls.count("create") == 1


def test_an_issue_created_twice_is_closed_later() -> None:
    desk, stream = killed_desk(When.BEFORE)
    desk.run()
    # A process that was stopped before its call goes on after the other one searched in vain.
    mark = desk.tracker.issues["#1"].issue.marks[0]
    desk.tracker.create(mark, desk.tracker.shown("#1"))
    assert open_issues(desk) == ["#1", "#2"]
    desk.wait(minutes=6)
    assert open_issues(desk) == ["#1"]
    assert "see #1" in desk.tracker.issues["#2"].own_text
    assert desk.issue(stream).issue.key == "#1"
    desk.wait(minutes=6)
    assert desk.tracker.calls.count("close_duplicate") == 1


def test_a_mitigation_dropped_before_its_issue_is_found_gets_no_new_one() -> None:
    for moment, issues in ((When.BEFORE, []), (When.AFTER, ["#1"])):
        desk, stream = killed_desk(moment)
        desk.do(stream, DropMitigation(by=ANA, at=desk.now(), mitigation=MI1, reason="no"))
        desk.run()
        assert open_issues(desk) == issues, moment
        if issues:
            assert "no longer planned" in desk.tracker.issues["#1"].issue.text


def test_an_issue_is_linked_once_although_the_process_ends_before_or_after_it_is_recorded() -> None:
    for method in ("before", "after"):
        desk, stream = planned_desk()
        with desk.killing_commands(after=method == "after"), pytest.raises(Killed):
            desk.run()
        desk.restart()
        desk.run()
        assert desk.named(stream, "IssueLinked") == ["IssueLinked"], method
        assert open_issues(desk) == ["#1"]


def test_a_busy_tracker_is_left_alone_for_as_long_as_it_asks() -> None:
    desk, stream = planned_desk()
    desk.plan(stream, "Limit refunds")
    desk.tracker.fail("create", TrackerBusy("slow down", wait=120.0))
    desk.run()
    calls = len(desk.tracker.calls)
    desk.wait(seconds=100)
    assert len(desk.tracker.calls) == calls, "nor is another issue created"
    desk.wait(seconds=30)
    assert len(open_issues(desk)) == 2


def test_an_outage_delays_issues_and_is_told_to_operators() -> None:
    desk, _ = planned_desk()
    desk.tracker.fail("create", TrackerUnreachable("no route to the tracker"), times=2)
    desk.tracker.fail("find", TrackerUnreachable("no route to the tracker"))
    desk.run()
    assert desk.connection.error == "no route to the tracker"
    for _ in range(5):
        desk.wait(seconds=70)
    assert open_issues(desk) == ["#1"]
    assert not desk.connection.stopped


def test_a_refused_issue_is_tried_again_after_a_day_or_with_another_token() -> None:
    for again in ("a day", "another token"):
        desk, stream = planned_desk()
        desk.tracker.fail("create", TrackerRefused("You may not create issues"))
        desk.run()
        assert desk.connection.error == "You may not create issues"
        desk.touch_model(stream)
        desk.wait(minutes=30)
        assert desk.tracker.calls.count("create") == 1, again
        if again == "a day":
            desk.wait(days=1)
            desk.wait(minutes=6)
        else:
            desk.reconnect()
        assert open_issues(desk) == ["#1"], again


def test_a_refused_update_is_tried_again_after_a_day() -> None:
    desk, stream = desk_with_issue()
    desk.tracker.fail("update", TrackerRefused("The issue is locked"))
    desk.revise(stream)
    desk.run()
    desk.wait(hours=2)
    assert desk.tracker.shown("#1").title == "Sign refunds"
    desk.wait(days=1)
    desk.wait(minutes=6)
    assert desk.tracker.shown("#1").title == "Sign all refunds"
