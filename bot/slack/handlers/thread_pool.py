"""Pool of a bounded number of daemon threads: the process does not wait for them when it ends."""

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

import structlog

from bot.logs import in_same_context

log = structlog.get_logger()

Work = Callable[[], object]


class ThreadPool:
    """Bounded pool that starts threads on demand.

    Threads that compute compete for the interpreter, so a few are faster than many. If all of them wait, for
    instance for a file locked by another process, further threads keep the other work going.
    """

    def __init__(self, name: str, most: int, *, usual: int | None = None) -> None:
        # Not ThreadPoolExecutor: the process would wait for its threads, however long a call to Slack hangs.
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
        """The amount of running and waiting work."""
        return self._count

    @property
    def finished(self) -> bool:
        """Whether the pool accepts no more work."""
        return self._finished

    def run(self, work: Work) -> None:
        """Run work as soon as a thread is free."""
        with self._idle:
            if self._finished:
                log.warning("work rejected: the bot is stopping")
                return
            self._count += 1
            if self._started < min(self._count, self._usual):
                self._start(self._work)
        self._queue.put(work)

    def help_out(self) -> bool:
        """Start more threads if no work was started since the last call; return whether any is waiting.

        These threads end when no work is waiting.
        """
        with self._idle:
            waiting, begun = self._queue.qsize(), self._begun
            if begun == self._begun_before and not self._finished:
                for _ in range(min(waiting, self._most - self._started)):
                    self._start(self._work_off)
            self._begun_before = begun
            return waiting > 0 and not self._finished

    def finish(self, seconds: float) -> bool:
        """Wait until all work is done; return whether it was done in time."""
        ends = time.monotonic() + seconds
        with self._idle:
            done = self._idle.wait_for(lambda: not self._count, max(0.0, ends - time.monotonic()))
            self._finished = True
        for _ in range(self._started):
            self._queue.put(None)
        return done

    def _start(self, target: Callable[[], None]) -> None:
        """Start a thread; the caller holds the lock."""
        self._started += 1
        threading.Thread(target=target, name=f"{self._name}-{self._started}", daemon=True).start()

    def _work(self) -> None:
        while (work := self._queue.get()) is not None:
            self._run(work)

    def _work_off(self) -> None:
        try:
            while (work := self._queue.get_nowait()) is not None:
                self._run(work)
            self._queue.put(None)  # the end marker was meant for another thread
        except Empty:
            pass
        finally:
            with self._idle:
                self._started -= 1

    def _run(self, work: Work) -> None:
        self._begun += 1  # several threads increment it; only the fact that it changes matters
        try:
            work()
        except Exception:
            # Top of the thread: an unexpected error must be logged, because no caller sees it.
            log.exception("work in a thread failed", thread=self._name)
        finally:
            with self._idle:
                self._count -= 1
                self._idle.notify_all()


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
