"""The clock is looked at again and again, one tick at a time, and no tick keeps the bot from ending."""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo

import pytest

from bot.nudges.ticking import Ticking
from bot.store import StoreUnavailable


def test_a_tick_that_hangs_does_not_keep_the_bot_from_ending() -> None:
    begun, released = threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        released.wait(30)

    ticking = Ticking(hang, every=0.02)
    ticking.start()
    assert begun.wait(60)
    began = time.monotonic()
    ticking.stop(0.2)
    assert time.monotonic() - began < 20
    released.set()


def test_the_tick_that_is_under_way_is_waited_for_and_none_comes_after_it() -> None:
    begun, ended = threading.Event(), list[bool]()

    def tick() -> None:
        begun.set()
        time.sleep(0.2)
        ended.append(True)

    ticking = Ticking(tick, every=0.02)
    ticking.start()
    assert begun.wait(60)
    ticking.stop(5)
    assert ended == [True]
    time.sleep(0.1)
    assert ended == [True]


def test_ticks_that_take_longer_than_the_time_between_them_come_one_after_the_other() -> None:
    at_once, most = [0], [0]
    often = threading.Semaphore(0)

    def tick() -> None:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        time.sleep(0.06)
        at_once[0] -= 1
        often.release()

    with ticking(tick):
        assert all(often.acquire(timeout=5) for _ in range(4))
    assert most == [1]


@pytest.mark.parametrize("fault", [ValueError("a broken model"), StoreUnavailable("locked")])
def test_what_one_tick_stumbles_over_is_not_the_end_of_the_others(fault: Exception) -> None:
    often = threading.Semaphore(0)

    def tick() -> None:
        often.release()
        raise fault

    with ticking(tick):
        assert all(often.acquire(timeout=5) for _ in range(3))


def test_a_clock_that_was_put_back_does_not_keep_the_ticks_from_coming(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    often, put_back = threading.Semaphore(0), [timedelta(0)]

    class Clock(datetime):
        """The clock of the machine, as the scheduler sees it."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) - put_back[0]

    monkeypatch.setattr("apscheduler.schedulers.base.datetime", Clock)
    with ticking(often.release):
        assert often.acquire(timeout=5)
        put_back[0] = timedelta(hours=1)
        assert all(often.acquire(timeout=1) for _ in range(5)), "one or two may have been under way"


def test_what_never_began_is_stopped_at_once() -> None:
    Ticking(lambda: None, every=1).stop(5)


@contextmanager
def ticking(tick: Callable[[], None]) -> Generator[None]:
    running = Ticking(tick, every=0.02)
    running.start()
    try:
        yield
    finally:
        running.stop(5)
