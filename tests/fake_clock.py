"""A monotonic clock for tests of what waits: queues, leases and quiet times."""

import threading
from collections.abc import Callable


class FakeMonotonicClock:
    """Seconds that pass only when a test says so."""

    def __init__(self, seconds: float = 1_000_000.0) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []

    def __call__(self) -> float:
        """Return the seconds, as `time.monotonic` does."""
        with self._lock:
            return self._seconds

    def on_advance(self, listener: Callable[[], None]) -> None:
        """Call a listener after each advance, such as what makes a worker look at its queue."""
        self._listeners.append(listener)

    def advance(self, seconds: float) -> None:
        """Let some seconds pass."""
        with self._lock:
            self._seconds += seconds
        for listener in list(self._listeners):
            listener()
