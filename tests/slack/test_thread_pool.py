"""A few threads do all work as long as they get on, and more do where they are stuck."""

import threading
from collections.abc import Generator

import pytest

from bot.slack.handlers.thread_pool import ThreadPool
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
