"""A token that is rejected: once is no reason to stop, several times in a row is, and nothing is lost."""

from datetime import timedelta

from msgspec.structs import replace

from bot.tracker_sync.connected_trackers import MOST, count_rejection
from bot.trackers.tracker import TrackerRefused
from domain.kernel.tracked_issue import IssueState
from tests.examples import MORNING
from tests.trackers.fake_tracker import When
from tests.trackers.sync_desk import TR1, SyncDesk, planned_desk

REJECTED = TrackerRefused("HTTP 401", unauthorized=True)


def reject_token(desk: SyncDesk, *, times: int) -> None:
    """Have the tracker reject the token at the next calls, whatever they are."""
    left = [REJECTED] * times

    def reject() -> None:
        if left:
            raise left.pop()

    desk.tracker.happens.clear()
    for call in ("project", "find", "create", "read", "update", "changed"):
        desk.tracker.on(call, When.BEFORE, reject, times=100)


def open_issues(desk: SyncDesk) -> list[str]:
    return [issue.issue.key for issue in desk.tracker.issues.values() if issue.issue.state is IssueState.OPEN]


def test_a_rejected_token_stops_the_connection_until_it_is_replaced() -> None:
    desk, stream = planned_desk()
    desk.plan(stream, "Limit refunds")
    reject_token(desk, times=10)
    desk.run()
    for rejections in (1, 2, 3, MOST, MOST, MOST):
        assert (desk.connection.rejections, len(desk.tracker.calls)) == (rejections, rejections)
        assert desk.connection.stopped is (rejections == MOST)
        desk.restart()
        desk.wait(minutes=2)
    assert desk.stopped == [TR1], "the administrators are told once"
    assert desk.connection.error.startswith("The tracker rejected the token 4 times in a row.")

    reject_token(desk, times=0)
    desk.reconnect()
    assert len(open_issues(desk)) == 2
    assert desk.connection.rejections == 0


def test_a_token_that_is_rejected_now_and_then_stops_nothing_and_no_issue_is_lost() -> None:
    desk = SyncDesk()
    stream = desk.start_model()
    for number in range(6):
        desk.plan(stream, f"Limit refunds {number}")
        reject_token(desk, times=1)
        desk.run()
        for _ in range(8):
            desk.wait(minutes=2)
        assert len(open_issues(desk)) == number + 1
    assert desk.stopped == []
    assert (desk.connection.stopped, desk.connection.error, desk.connection.rejections) == (False, "", 1)


def test_rejections_within_a_minute_count_once_and_those_long_before_do_not() -> None:
    minute, at = timedelta(minutes=1), MORNING
    held = replace(SyncDesk().connection, rejections=2, rejected_at=at)
    counts = {passed: count_rejection(held, at + passed * minute) for passed in (-1, 0, 0.9, 1, 15, 15.1)}
    assert counts == {-1: 1, 0: None, 0.9: None, 1: 3, 15: 3, 15.1: 1}


def test_two_processes_that_meet_the_same_rejection_count_it_once() -> None:
    desk = SyncDesk()
    trackers = [desk.new_trackers() for _ in range(2)]
    opened = [tracker.open(TR1) for tracker in trackers]
    for one, by in zip(opened, trackers, strict=True):
        assert one is not None
        by.failed(one, TrackerRefused("HTTP 401", unauthorized=True))
    assert desk.connection.rejections == 1
