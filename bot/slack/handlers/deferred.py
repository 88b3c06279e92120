"""Deferred work: what follows an ack, on its own threads, so that no answer waits for Slack."""

import threading
from collections.abc import Callable

from bot.slack.handlers.thread_pool import ThreadPool, Work

THREADS = 32


class DeferredWork:
    """Work that is collected during a request and started once the answer has been sent."""

    def __init__(self) -> None:
        self._threads = ThreadPool("afterwards", THREADS)
        self._here = _Here()

    def later(self, work: Work) -> None:
        """Keep some work until this thread's answer has left."""
        self._here.waiting.append(work)

    def start(self) -> None:
        """Start what this thread collected: its answer has been sent."""
        self.take()()

    def take(self) -> Callable[[], None]:
        """Return a function that starts all that this thread collected, in order; any thread may call it."""
        waiting, self._here.waiting = self._here.waiting, []

        def start() -> None:
            if waiting:
                self.now(lambda: self._each(waiting))

        return start

    def now(self, work: Work) -> None:
        """Start some work at once."""
        self._threads.run(work)

    def finish(self, seconds: float) -> bool:
        """Wait until all work is done; whether it was within so many seconds."""
        return self._threads.finish(seconds)

    def _each(self, works: list[Work]) -> None:
        for work in works:
            if not self._threads.finished:
                work()


class _Here(threading.local):
    """What each thread has collected."""

    def __init__(self) -> None:
        self.waiting: list[Work] = []
