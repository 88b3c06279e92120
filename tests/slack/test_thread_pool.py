"""A few threads do all work as long as they get on, and more do where they are stuck."""

import threading
from collections.abc import Generator
from typing import Any, cast, get_args

import pytest

from bot.slack.handlers.thread_pool import ThreadPool
from bot.slack.slots.work_scheduler import EARLIER_BY, LONG_WAIT_SECONDS, WORK, Pace, WorkKind, WorkScheduler
from tests.waiting import wait_until

USUAL, MAX_THREADS = 2, 5


class Stuck:
    """Work that waits until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.let_go = threading.Event()

    def __call__(self) -> None:
        self.begun.release()
        self.let_go.wait(20)

    def have_begun(self, many: int) -> bool:
        """Whether so many have begun, and no more."""
        return all(self.begun.acquire(timeout=20) for _ in range(many)) and not self.begun.acquire(
            timeout=0.02
        )


@pytest.fixture
def stuck() -> Generator[Stuck]:
    work = Stuck()
    yield work
    work.let_go.set()


def test_more_threads_help_out_only_where_nothing_gets_on(stuck: Stuck) -> None:
    threads = ThreadPool("test", MAX_THREADS, usual=USUAL)
    for _ in range(MAX_THREADS + 1):
        threads.run(stuck)
    assert stuck.have_begun(USUAL)

    assert threads.help_out()
    assert stuck.have_begun(0), "work was begun since the last look"
    assert threads.help_out()
    assert stuck.have_begun(MAX_THREADS - USUAL), "the last one waits: there are no more threads"

    stuck.let_go.set()
    assert threads.finish(20)
    assert not threads.help_out()


def test_threads_that_helped_out_end(stuck: Stuck) -> None:
    before = threading.active_count()
    threads = ThreadPool("test", MAX_THREADS, usual=USUAL)
    for _ in range(MAX_THREADS):
        threads.run(stuck)
    assert stuck.have_begun(USUAL)
    threads.help_out()
    threads.help_out()
    assert stuck.have_begun(MAX_THREADS - USUAL)
    helping = [one for one in threading.enumerate() if one.name in ("test-3", "test-4", "test-5")]
    assert len(helping) == MAX_THREADS - USUAL

    stuck.let_go.set()
    for one in helping:
        one.join(20)
    wait_until(lambda: threading.active_count() <= before + USUAL)
    assert threads.finish(20)


PACE = Pace()
TENANTS = [f"T{number:06}" for number in range(200)]


def scheduler(tenant: str) -> WorkScheduler:
    return WorkScheduler(cast("Any", None), tenant, PACE)


def longest(kind: WorkKind) -> list[float]:
    return sorted(scheduler(tenant).touch(kind, "TM-1").longest for tenant in TENANTS)


def test_long_waits_end_at_different_times_in_the_workspaces() -> None:
    waits, usual = longest("summaries"), PACE.summary.longest
    assert usual >= LONG_WAIT_SECONDS
    assert usual * (1 - EARLIER_BY) <= waits[0] < waits[-1] <= usual
    within_a_second = max(sum(wait <= other < wait + 1 for other in waits) for wait in waits)
    assert within_a_second < len(TENANTS) / 4


def test_short_waits_are_the_same_everywhere() -> None:
    assert {*longest("model"), *longest("homes")} == {PACE.card.longest, PACE.home.longest}


def test_every_kind_of_work_has_its_wait_and_its_lane() -> None:
    assert set(WORK) == set(get_args(WorkKind))
