"""Notification of listeners and waiting threads about changes."""

import threading
import time
from collections.abc import Callable


class ChangeNotifier:
    """A lock, a count of changes, and their listeners."""

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
        """Call a listener after every change, from whatever thread made it; return how to stop that."""
        with self.lock:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def wait_until(self, predicate: Callable[[], bool], seconds: float) -> bool:
        """Wait for a predicate over the state to hold; say whether it did within so many seconds."""
        # Real time, because a moved clock must not change how long a test waits.
        ends = time.monotonic() + seconds
        while not predicate():
            left = ends - time.monotonic()
            if left <= 0:
                return False
            with self.lock:
                # Not everything a predicate looks at lies in the state, so look again now and then.
                self._changed.wait(min(left, 0.02))
        return True
