"""Rounds come again and again, one at a time, and none keeps the bot from ending."""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo

import pytest

from bot.delivery.periodic_jobs import PeriodicJob, PeriodicJobs
from bot.delivery.pool import Pool
from bot.store import StoreUnavailable
from tests.fake_clock import FakeMonotonicClock
from tests.waiting import wait_until


def test_a_round_that_hangs_does_not_keep_the_bot_from_ending() -> None:
    begun, released = threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        released.wait(30)

    with running(hang) as rounds:
        assert begun.wait(60)
        began = time.monotonic()
        rounds.stop(0.2)
        assert time.monotonic() - began < 5
        released.set()


def test_the_round_that_is_under_way_is_waited_for_and_none_comes_after_it() -> None:
    begun, released, ended = threading.Event(), threading.Event(), list[bool]()

    def work() -> None:
        begun.set()
        released.wait(60)
        ended.append(True)

    with running(work) as rounds:
        assert begun.wait(60)
        stopping = threading.Thread(target=rounds.stop, args=(60,))
        stopping.start()
        wait_until(lambda: rounds._ended)  # pyright: ignore[reportPrivateUsage]  from then on none may come
        stopping.join(0.1)
        assert stopping.is_alive()
        released.set()
        stopping.join(60)
        assert ended == [True]
        time.sleep(0.1)
        assert ended == [True]


def test_a_round_that_takes_longer_than_the_time_between_comes_once_at_a_time() -> None:
    at_once, most = [0], [0]
    often = threading.Semaphore(0)

    def work() -> None:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        time.sleep(0.06)
        at_once[0] -= 1
        often.release()

    with running(work):
        assert all(often.acquire(timeout=60) for _ in range(4))
    assert most == [1]


@pytest.mark.parametrize("fault", [ValueError("a broken model"), StoreUnavailable("locked")])
def test_a_round_that_fails_comes_again(fault: Exception) -> None:
    often = threading.Semaphore(0)

    def work() -> None:
        often.release()
        raise fault

    with running(work):
        assert all(often.acquire(timeout=60) for _ in range(3))


def test_a_clock_that_is_set_back_does_not_keep_rounds_from_coming(monkeypatch: pytest.MonkeyPatch) -> None:
    often, put_back = threading.Semaphore(0), [timedelta(0)]

    class Clock(datetime):
        """The clock of the machine, as the scheduler sees it."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # pyrefly: ignore[bad-override]
            return datetime.now(tz) - put_back[0]

    monkeypatch.setattr("apscheduler.schedulers.base.datetime", Clock)
    passing = FakeMonotonicClock()
    with running(often.release, every=60, clock=passing) as rounds:
        assert often.acquire(timeout=60), "the first one comes at the start"
        put_back[0] = timedelta(hours=1)
        for _ in range(3):
            passing.advance(100)
            rounds.check()  # as the worker does at each look
            assert not often.acquire(timeout=0.05), "it may still come by itself"
            passing.advance(30)
            ends = time.monotonic() + 60
            while not often.acquire(timeout=0.05):  # one that is just ending is not begun again
                rounds.check()
                assert time.monotonic() < ends


def test_every_round_comes_soon_when_that_is_asked_for() -> None:
    often = threading.Semaphore(0)
    with running(often.release, every=3600) as rounds:
        assert often.acquire(timeout=60), "the first one comes at the start"
        rounds.soon()
        assert often.acquire(timeout=60)


def test_a_round_that_is_under_way_when_it_is_asked_for_comes_again_after_that() -> None:
    often, opened = threading.Semaphore(0), threading.Event()

    def work() -> None:
        often.release()
        opened.wait(60)

    with running(work, every=3600) as rounds:
        assert often.acquire(timeout=60)
        rounds.soon()
        assert not often.acquire(timeout=0.1)
        opened.set()
        assert often.acquire(timeout=60)


def test_rounds_that_never_began_are_stopped_without_waiting() -> None:
    PeriodicJobs(Pool(), PeriodicJob(name="tick", every=1, work=lambda: None)).stop(5)


@contextmanager
def running(
    work: Callable[[], object], *, every: float = 0.02, clock: Callable[[], float] = time.monotonic
) -> Generator[PeriodicJobs]:
    pool = Pool(4)
    rounds = PeriodicJobs(
        pool, PeriodicJob(name="tick", every=every, work=lambda: (work(), None)[1]), clock=clock
    )
    rounds.start()
    try:
        yield rounds
    finally:
        rounds.stop(5)
        pool.end()
