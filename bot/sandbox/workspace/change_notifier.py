"""Notification of listeners and waiting threads about changes."""

import threading
import time
from collections.abc import Callable


class ChangeNotifier:
    """A lock, a counter of changes, and listeners."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.revision = 0
        """The number of changes, by which a view knows when to redraw."""
        self._changed = threading.Condition(self.lock)
        self._listeners: list[Callable[[], None]] = []

    def notify_changed(self) -> None:
        """Notify listeners and waiting threads of a change."""
        with self.lock:
            self.revision += 1
            self._changed.notify_all()
            listeners = list(self._listeners)
        for listener in listeners:
            listener()

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Register a listener for every change, called from any thread; return a function that removes it."""
        with self.lock:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def wait_until(self, predicate: Callable[[], bool], seconds: float) -> bool:
        """Wait for a predicate over the state; return whether it held in time."""
        # Real time, because a moved clock must not change how long a test waits.
        ends = time.monotonic() + seconds
        while not predicate():
            left = ends - time.monotonic()
            if left <= 0:
                return False
            with self.lock:
                # A predicate may use data outside the state, so it is evaluated again periodically.
                self._changed.wait(min(left, 0.02))
        return True
