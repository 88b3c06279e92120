"""A bounded number of threads for queued work; the process does not wait for them at its end."""

import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

import structlog

log = structlog.get_logger()

Work = Callable[[], object]


class ThreadPool:
    """Starts threads as there is work for them."""

    def __init__(self, name: str, most: int) -> None:
        # Not the library's pool: a process waits for its threads at the end, however long Slack hangs.
        self._name = name
        self._most = most
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        self._started = 0
        self._count = 0
        self._finished = False
        self._idle = threading.Condition()

    @property
    def count(self) -> int:
        """How much work is done or waits."""
        return self._count

    @property
    def finished(self) -> bool:
        """Whether no more work is taken."""
        return self._finished

    def run(self, work: Work) -> None:
        """Have some work done as soon as a thread is free."""
        with self._idle:
            if self._finished:
                log.warning("too late: the bot is stopping")
                return
            self._count += 1
            if self._started < min(self._count, self._most):
                self._started += 1
                name = f"{self._name}-{self._started}"
                threading.Thread(target=self._work, name=name, daemon=True).start()
        self._queue.put(work)

    def finish(self, seconds: float) -> bool:
        """Wait until all work is done; whether it was within so many seconds."""
        ends = time.monotonic() + seconds
        with self._idle:
            done = self._idle.wait_for(lambda: not self._count, max(0.0, ends - time.monotonic()))
            self._finished = True
        for _ in range(self._started):
            self._queue.put(None)
        return done

    def _work(self) -> None:
        while (work := self._queue.get()) is not None:
            self._run(work)

    def _run(self, work: Work) -> None:
        try:
            work()
        except Exception:
            # The top of the thread: an unexpected error must be logged, because no caller sees it.
            log.exception("work on a thread failed", thread=self._name)
        finally:
            with self._idle:
                self._count -= 1
                self._idle.notify_all()
