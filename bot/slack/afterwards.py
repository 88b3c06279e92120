"""Does what follows an ack, on threads of its own, so that no answer to Slack ever waits for Slack."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

THREADS = 32

log = structlog.get_logger()

Work = Callable[[], None]


class Afterwards:
    """Collects work while a request is answered, and starts it once the answer has left."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="afterwards")
        self._here = _Here()
        self._count = 0
        self._finished = False
        self._idle = threading.Condition()

    def later(self, work: Work) -> None:
        """Keep some work until this thread's answer has left."""
        self._waiting().append(work)

    def start(self) -> None:
        """This thread's answer has left: start what it collected, in order, as one piece of work."""
        waiting = self._waiting()
        if waiting:
            self._here.waiting = []
            self.now(lambda: _each(waiting))

    def now(self, work: Work) -> None:
        """Start some work at once."""
        with self._idle:
            if self._finished:
                log.warning("too late: the bot is stopping")
                return
            self._count += 1
            self._pool.submit(self._run, work)

    def finish(self, seconds: float) -> bool:
        """Wait until all work is done; whether it was within so many seconds."""
        ends = time.monotonic() + seconds
        with self._idle:
            done = self._idle.wait_for(lambda: not self._count, max(0.0, ends - time.monotonic()))
            self._finished = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        return done

    def _run(self, work: Work) -> None:
        try:
            work()
        except Exception:
            # The edge of a thread: whatever was not foreseen must not vanish in a future nobody reads.
            log.exception("work after an answer failed")
        finally:
            with self._idle:
                self._count -= 1
                self._idle.notify_all()

    def _waiting(self) -> list[Work]:
        return self._here.waiting


class _Here(threading.local):
    """What each thread has collected."""

    def __init__(self) -> None:
        self.waiting: list[Work] = []


def _each(works: list[Work]) -> None:
    for work in works:
        work()
