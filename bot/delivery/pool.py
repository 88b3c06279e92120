"""A small pool of threads that are started when they are needed."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Final

import structlog

THREADS: Final = 16
"""Maximum number of threads, independent of the number of models and workspaces."""

log = structlog.get_logger()


class Pool:
    """Pool that runs tasks in order on at most `threads` threads; further tasks wait.

    The threads are daemons: a task that hangs in a call does not keep the process from ending.
    """

    def __init__(self, threads: int = THREADS) -> None:
        self.threads = threads
        self._tasks: deque[Callable[[], None]] = deque()
        self._changed = threading.Condition()
        self._idle = 0
        self._started = 0
        self._ended = False

    def submit(self, task: Callable[[], None]) -> None:
        """Run a task as soon as a thread is free; drop it if the pool has ended."""
        with self._changed:
            if self._ended:
                return
            self._tasks.append(task)
            if self._idle < len(self._tasks) and self._started < self.threads:
                self._started += 1
                name = f"work-{self._started}"
                threading.Thread(target=self._run, name=name, daemon=True).start()
            self._changed.notify()

    def end(self) -> None:
        """Start no further task; running tasks continue."""
        with self._changed:
            self._ended = True
            self._tasks.clear()
            self._changed.notify_all()

    def _run(self) -> None:
        while (task := self._next()) is not None:
            try:
                task()
            except Exception:
                # The edge of a thread: one task that fails must not take a thread from all the others.
                log.exception("a task failed")

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            self._idle += 1
            try:
                self._changed.wait_for(lambda: self._tasks or self._ended)
                return self._tasks.popleft() if self._tasks else None
            finally:
                self._idle -= 1
