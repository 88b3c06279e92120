"""Waiting for the disk: changes that were committed at the same time share one wait."""

import threading
from collections.abc import Callable


class LogSync:
    """Count of committed changes, and of those that are known to be on disk.

    A change is visible to others before it is on disk, and acknowledged only after that. While one thread
    waits for the disk, others commit; the next wait covers all of them.
    """

    def __init__(self, flush: Callable[[], None]) -> None:
        self._flush = flush
        self._changed = threading.Condition()
        self._committed = self._durable = 0
        self._flushing = False

    def record_commit(self) -> int:
        """Count a change that was just committed; return its number."""
        with self._changed:
            self._committed += 1
            return self._committed

    def wait_for(self, number: int) -> None:
        """Wait until a change is on disk; raises what `flush` raises, and then it is not known to be."""
        while (covered := self._take_lead(number)) is not None:
            done = False
            try:
                self._flush()
                done = True
            finally:
                with self._changed:
                    self._flushing = False
                    if done:
                        self._durable = max(self._durable, covered)
                    self._changed.notify_all()

    def _take_lead(self, number: int) -> int | None:
        """Return the last change that this thread's flush will cover; None if the given one is on disk."""
        with self._changed:
            while self._durable < number:
                if not self._flushing:
                    self._flushing = True
                    return self._committed
                self._changed.wait()
            return None
