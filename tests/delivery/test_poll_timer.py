"""When the changed models of a workspace are spread, and when work is claimed after its quiet time."""

from bot.delivery.poll_timer import (
    COLLECT_SECONDS,
    LONGEST_SPREAD_INTERVAL_SECONDS,
    SPREADS_PER_SECOND,
    PollTimer,
)
from bot.store.work_queue import Item, Touch
from tests.fake_clock import FakeMonotonicClock

INTERVAL = 0.5


def seconds_until_spread(timer: PollTimer, clock: FakeMonotonicClock, tenant: str) -> float:
    timer.model_changed(tenant)
    began = clock()
    while tenant not in timer.begin_poll().changed:
        clock.advance(0.01)
        assert clock() < began + 10
    assert timer.begin_spread(tenant, own=True, immediately=False)
    return round(clock() - began, 2)


def test_the_more_workspaces_change_the_longer_are_their_changes_collected() -> None:
    for workspaces, expected in (
        (1, INTERVAL),
        (SPREADS_PER_SECOND, 1.0),
        (2 * SPREADS_PER_SECOND, 2.0),
        (9 * SPREADS_PER_SECOND, LONGEST_SPREAD_INTERVAL_SECONDS),
    ):
        clock = FakeMonotonicClock()
        timer = PollTimer(clock, INTERVAL)
        for number in range(workspaces):
            assert timer.begin_spread(f"T{number}", own=True, immediately=False)
        assert abs(seconds_until_spread(timer, clock, "T0") - expected) <= 0.02, workspaces


def test_the_first_change_in_a_workspace_is_spread_within_a_moment() -> None:
    clock = FakeMonotonicClock()
    timer = PollTimer(clock, INTERVAL)
    for number in range(1000):
        timer.begin_spread(f"T{number}", own=True, immediately=False)
    assert seconds_until_spread(timer, clock, "new") <= COLLECT_SECONDS + 0.01


def test_the_changes_of_another_process_are_left_to_it_for_one_interval() -> None:
    clock = FakeMonotonicClock()
    timer = PollTimer(clock, INTERVAL)
    timer.begin_poll()
    assert not timer.begin_spread("T1", own=False, immediately=False)
    clock.advance(INTERVAL)
    assert "T1" in timer.begin_poll().changed
    assert timer.begin_spread("T1", own=True, immediately=False)
    assert timer.begin_spread("T2", own=False, immediately=True), "a process that ends waits for none"


def test_a_row_is_claimed_at_the_last_moment_of_its_quiet_time() -> None:
    clock = FakeMonotonicClock()
    timer = PollTimer(clock, INTERVAL)
    touch = Touch(item=Item("T1", "card", "TM-1"), quiet=0.2, longest=0.5)
    claimed: list[float] = []
    for _ in range(10):  # touched for one second, each 0.1 s
        timer.claim_after_quiet([touch])
        clock.advance(0.1)
        if "T1" in timer.begin_poll().due:
            claimed.append(round(clock(), 1))
    assert len(claimed) == 1, "at the longest wait, and not once for each touch"
    clock.advance(0.2)
    assert "T1" in timer.begin_poll().due
    clock.advance(10)
    assert "T1" not in timer.begin_poll().due
