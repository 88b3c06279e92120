"""The budget of calls: never more than the other side allows, in order, and no moment is taken twice."""

import random

import pytest

from bot.delivery.call_budget import CallBudget, Rate, TooEarly
from bot.store.sqlite.work import SqliteWork
from tests.fresh_database import fresh_queue

RATE = Rate(interval=1.5, burst=10)


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(clock: Clock) -> SqliteWork:
    return fresh_queue(clock)


def budget(queue: SqliteWork, clock: Clock, tenant: str = "T1") -> CallBudget:
    return CallBudget(queue, tenant, {"chat.update": RATE}, clock=clock)


def wait_of(one: CallBudget, work: str) -> float:
    try:
        one.take("chat.update", work)
    except TooEarly as early:
        return early.seconds
    return 0.0


def test_a_few_calls_are_made_at_once_and_the_next_ones_one_after_the_other(
    queue: SqliteWork, clock: Clock
) -> None:
    one = budget(queue, clock)

    assert [wait_of(one, f"card/{number}") for number in range(12)] == [0.0] * 10 + [1.5, 3.0]


def test_work_that_comes_at_its_moment_calls_without_another_reservation(
    queue: SqliteWork, clock: Clock
) -> None:
    one = budget(queue, clock)
    for number in range(10):
        one.take("chat.update", f"card/{number}")
    assert wait_of(one, "late") == 1.5
    clock.now += 1.0
    assert wait_of(one, "late") == pytest.approx(0.5), "its moment stays where it was"
    clock.now += 0.5
    assert wait_of(one, "late") == 0.0
    assert wait_of(one, "later") == pytest.approx(1.5), "nobody's moment was lost"


def test_two_processes_share_the_budget_of_a_workspace_and_two_workspaces_do_not(
    queue: SqliteWork, clock: Clock
) -> None:
    one, other, elsewhere = (budget(queue, clock, tenant) for tenant in ("T1", "T1", "T2"))
    waits = [wait_of(process, f"card/{number}") for number in range(6) for process in (one, other)]

    assert waits == [0.0] * 10 + [1.5, 3.0]
    assert wait_of(elsewhere, "card/1") == 0.0


def test_at_most_fifty_calls_are_made_in_any_minute(queue: SqliteWork, clock: Clock) -> None:
    one, chance, calls = budget(queue, clock), random.Random(7), list[float]()
    waiting = {f"card/{number}" for number in range(200)}
    while waiting:
        for work in sorted(waiting):
            if wait_of(one, work) == 0.0:
                waiting.remove(work)
                calls.append(clock.now)
        clock.now += chance.uniform(0.1, 3.0)

    assert max(sum(start <= call < start + 60 for call in calls) for start in calls) <= 50
    assert calls[-1] - calls[0] < 200 * 1.5 + 5, "and no slower than that"


def test_a_request_to_wait_holds_for_everyone(queue: SqliteWork, clock: Clock) -> None:
    one, other = budget(queue, clock), budget(queue, clock)
    one.postpone("chat.update", 30.0)

    assert wait_of(other, "card/1") == pytest.approx(31.5)


def test_other_calls_are_not_limited(queue: SqliteWork, clock: Clock) -> None:
    one = budget(queue, clock)
    for _ in range(100):
        one.take("chat.postMessage", "card/1")
    one.postpone("chat.postMessage", 30.0)
    one.take("chat.postMessage", "card/1")


def test_a_rate_of_nothing_limits_nothing(queue: SqliteWork, clock: Clock) -> None:
    one = CallBudget(queue, "T1", {"chat.update": Rate(interval=0.0, burst=1)}, clock=clock)
    for number in range(100):
        one.take("chat.update", f"card/{number}")
