"""Timer of the polls of the work queue: after changes of this process, at known moments, and regularly."""

import heapq
import threading
from collections.abc import Callable
from typing import Final

POLL_SECONDS: Final = 1.25
"""Seconds between polls of the queue for work made due by other processes or by time."""

COLLECT_SECONDS: Final = 0.03
"""Seconds to collect changed models before a poll; the command's answer goes first."""

MIN_SPREAD_INTERVAL_SECONDS: Final = 0.1
"""Minimum seconds between two spreads of changed models, however often the queue is polled meanwhile.

Shorter than the quiet time of a card, so that changes that continue restart it.
"""


class PollTimer:
    """Decides when one worker polls its queue, and when a poll spreads the models that changed."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._woken = False
        self._spread_due: float | None = None
        self._spread_at = -MIN_SPREAD_INTERVAL_SECONDS
        self._moments: list[float] = []
        self.stopped = False

    def wake(self) -> None:
        """Poll now."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def model_changed(self) -> None:
        """Poll shortly, once for all models that this process changes until then."""
        with self._changed:
            if self._spread_due is None:
                now = self._clock()
                self._spread_due = max(now + COLLECT_SECONDS, self._spread_at + MIN_SPREAD_INTERVAL_SECONDS)
                self._changed.notify_all()

    def poll_in(self, *seconds: float) -> None:
        """Poll after each of the given numbers of seconds as well."""
        with self._changed:
            for one in seconds:
                heapq.heappush(self._moments, self._clock() + one)
            self._changed.notify_all()

    def stop(self) -> None:
        """Poll no longer."""
        with self._changed:
            self.stopped = True
            self._changed.notify_all()

    def begin_poll(self) -> None:
        """Note that the poll now starting covers all changes so far."""
        now = self._clock()
        with self._changed:
            self._woken = False
            if self._spread_due is not None and self._spread_due <= now:
                self._spread_due = None
            while self._moments and self._moments[0] <= now:
                heapq.heappop(self._moments)

    def begin_spread(self, *, immediately: bool) -> bool:
        """Return whether to spread changed models in this poll; otherwise schedule a poll that does.

        Many polls have other reasons, such as work that has ended. If each of them spread the models that
        change all the time, the work caused by it would end soon and cause the next poll.
        """
        now = self._clock()
        with self._changed:
            if self._spread_due is None:
                self._spread_due = self._spread_at + MIN_SPREAD_INTERVAL_SECONDS
            if now < self._spread_due and not immediately:
                return False
            self._spread_due, self._spread_at = None, now
            return True

    def wait_for_change(self, seconds: float) -> None:
        """Wait until something changes, for some seconds at most."""
        with self._changed:
            self._changed.wait(seconds)

    def wait_for_next_poll(self) -> None:
        """Wait until the next poll is due, or the timer is stopped."""
        began = self._clock()
        with self._changed:
            while not (self._woken or self.stopped):
                seconds = self._next_poll(began) - self._clock()
                if seconds <= 0:
                    return
                self._changed.wait(seconds)

    def _next_poll(self, began: float) -> float:
        """Return the time of the next poll; the caller holds the lock."""
        moments = [began + POLL_SECONDS, *self._moments[:1]]
        if self._spread_due is not None:
            moments.append(self._spread_due)
        return min(moments)
