"""A bounded number of threads for queued work; the process does not wait for them at its end."""

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

import structlog

log = structlog.get_logger()

Work = Callable[[], object]


class ThreadPool:
    """Bounded pool that starts threads as there is work.

    Threads that compute take the interpreter from each other, so a few are faster than many. Where all of
    them wait, such as for a file that another process has locked, the other work must not wait with them.
    """

    def __init__(self, name: str, most: int, *, usual: int | None = None) -> None:
        # Not the library's pool: a process waits for its threads at the end, however long Slack hangs.
        self._name = name
        self._most = most
        self._usual = most if usual is None else usual
        self._begun = self._begun_before = 0
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
            if self._started < min(self._count, self._usual):
                self._start(self._work)
        self._queue.put(work)

    def help_out(self) -> bool:
        """Start more threads if no work was begun since the last call; whether any waits that was not begun.

        These threads end when nothing waits.
        """
        with self._idle:
            waiting, begun = self._queue.qsize(), self._begun
            if begun == self._begun_before and not self._finished:
                for _ in range(min(waiting, self._most - self._started)):
                    self._start(self._work_off)
            self._begun_before = begun
            return waiting > 0 and not self._finished

    def finish(self, seconds: float) -> bool:
        """Wait until all work is done; whether it was within so many seconds."""
        ends = time.monotonic() + seconds
        with self._idle:
            done = self._idle.wait_for(lambda: not self._count, max(0.0, ends - time.monotonic()))
            self._finished = True
        for _ in range(self._started):
            self._queue.put(None)
        return done

    def _start(self, target: Callable[[], None]) -> None:
        """Start a thread; the lock is held."""
        self._started += 1
        threading.Thread(target=target, name=f"{self._name}-{self._started}", daemon=True).start()

    def _work(self) -> None:
        while (work := self._queue.get()) is not None:
            self._run(work)

    def _work_off(self) -> None:
        try:
            while (work := self._queue.get_nowait()) is not None:
                self._run(work)
            self._queue.put(None)  # the end was meant for one of the others
        except Empty:
            pass
        finally:
            with self._idle:
                self._started -= 1

    def _run(self, work: Work) -> None:
        self._begun += 1  # by several threads at once: that it changes is all that is asked of it
        try:
            work()
        except Exception:
            # The top of the thread: an unexpected error must be logged, because no caller sees it.
            log.exception("work on a thread failed", thread=self._name)
        finally:
            with self._idle:
                self._count -= 1
                self._idle.notify_all()
