"""When the changed models of a workspace are spread, and when work is claimed after its quiet time."""

from bot.delivery.poll_timer import (
    COLLECT_SECONDS,
    LONGEST_REST_SECONDS,
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


def test_the_more_workspaces_change_the_longer_do_changes_rest() -> None:
    for workspaces, expected in (
        (1, COLLECT_SECONDS),
        (SPREADS_PER_SECOND, 1.0),
        (2 * SPREADS_PER_SECOND, 2.0),
        (9 * SPREADS_PER_SECOND, LONGEST_REST_SECONDS),
    ):
        clock = FakeMonotonicClock()
        timer = PollTimer(clock, INTERVAL)
        for number in range(workspaces):
            timer.model_changed(f"T{number}")
        assert abs(seconds_until_spread(timer, clock, "new") - expected) <= 0.03, workspaces
        assert timer.rest() == min((workspaces + 1) / SPREADS_PER_SECOND, LONGEST_REST_SECONDS)


def test_changes_rest_no_longer_when_few_workspaces_change() -> None:
    clock = FakeMonotonicClock()
    timer = PollTimer(clock, INTERVAL)
    for number in range(1000):
        timer.model_changed(f"T{number}")
    clock.advance(LONGEST_REST_SECONDS + 1)
    timer.begin_poll()
    assert seconds_until_spread(timer, clock, "new") <= COLLECT_SECONDS + 0.01


def test_two_spreads_of_a_workspace_are_an_interval_apart() -> None:
    clock = FakeMonotonicClock()
    timer = PollTimer(clock, INTERVAL)
    assert seconds_until_spread(timer, clock, "T1") <= COLLECT_SECONDS + 0.01
    assert abs(seconds_until_spread(timer, clock, "T1") - INTERVAL) <= 0.02


def test_changes_that_were_left_are_spread_when_they_have_rested() -> None:
    clock = FakeMonotonicClock()
    timer = PollTimer(clock, INTERVAL)
    timer.spread_in("T1", 0.7)
    timer.spread_in("T1", 5.0)
    clock.advance(0.69)
    assert "T1" not in timer.begin_poll().changed
    clock.advance(0.02)
    assert "T1" in timer.begin_poll().changed


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
