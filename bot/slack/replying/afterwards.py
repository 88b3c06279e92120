"""Does what follows an ack, on threads of its own, so that no answer to Slack ever waits for Slack."""

import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

import structlog

THREADS = 32

log = structlog.get_logger()

Work = Callable[[], object]


class Afterwards:
    """Collects work while a request is answered, and starts it once the answer has left."""

    def __init__(self) -> None:
        # Not the library's pool: a process waits for its threads at the end, however long Slack hangs.
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        self._threads = 0
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
            self.now(lambda: self._each(waiting))

    def now(self, work: Work) -> None:
        """Start some work at once."""
        with self._idle:
            if self._finished:
                log.warning("too late: the bot is stopping")
                return
            self._count += 1
            if self._threads < min(self._count, THREADS):
                self._threads += 1
                name = f"afterwards-{self._threads}"
                threading.Thread(target=self._work, name=name, daemon=True).start()
        self._queue.put(work)

    def finish(self, seconds: float) -> bool:
        """Wait until all work is done; whether it was within so many seconds."""
        ends = time.monotonic() + seconds
        with self._idle:
            done = self._idle.wait_for(lambda: not self._count, max(0.0, ends - time.monotonic()))
            self._finished = True
        for _ in range(self._threads):
            self._queue.put(None)
        return done

    def _work(self) -> None:
        while (work := self._queue.get()) is not None:
            self._run(work)

    def _each(self, works: list[Work]) -> None:
        for work in works:
            if not self._finished:
                work()

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
