"""Deferred work: runs after the ack on separate threads, so that no answer waits for Slack."""

import threading
from collections.abc import Callable

from bot.logs import in_same_context
from bot.slack.handlers.thread_pool import ThreadPool, Work

THREADS = 32


class DeferredWork:
    """Work that is collected during a request and started after its answer was sent."""

    def __init__(self) -> None:
        self._threads = ThreadPool("afterwards", THREADS)
        self._here = _Here()

    def later(self, work: Work) -> None:
        """Defer work until this thread's answer was sent."""
        # The log names the request and its workspace also for what follows.
        self._here.waiting.append(in_same_context(work))

    def start(self) -> None:
        """Start the work that this thread has deferred, after its answer was sent."""
        self.take()()

    def take(self) -> Callable[[], None]:
        """Return a function that starts this thread's deferred work in order; any thread may call it."""
        waiting, self._here.waiting = self._here.waiting, []

        def start() -> None:
            if waiting:
                self._threads.run(lambda: self._each(waiting))

        return start

    def now(self, work: Work) -> None:
        """Start work immediately."""
        self._threads.run(in_same_context(work))

    def finish(self, seconds: float) -> bool:
        """Wait until all work is done; return whether it was done in time."""
        return self._threads.finish(seconds)

    def _each(self, works: list[Work]) -> None:
        for work in works:
            if not self._threads.finished:
                work()


class _Here(threading.local):
    """Deferred work of each thread."""

    def __init__(self) -> None:
        self.waiting: list[Work] = []
