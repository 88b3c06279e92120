"""The workspace's clock, which can be moved."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from bot.sandbox.workspace.record_storage import RecordStorage


class WorkspaceClock:
    """Running clock in seconds since 1970, movable forward and back."""

    def __init__(self, moved: float = 0.0) -> None:
        self.moved = moved
        """Seconds by which it is ahead of the machine's clock."""
        self._listeners: list[Callable[[], None]] = []

    @classmethod
    def kept_in(cls, kept: RecordStorage) -> "WorkspaceClock":
        """Return a clock whose offset survives a restart."""
        clock = cls(kept.read("clock", "moved", float) or 0.0)
        clock.on_move(lambda: kept.save("clock", "moved", clock.moved))
        return clock

    def now(self) -> float:
        """Return the workspace's time in seconds since 1970."""
        return time.time() + self.moved

    def moment(self) -> datetime:
        """Return the workspace's time in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    def move(self, seconds: float) -> None:
        """Move the clock by some seconds."""
        self.moved += seconds
        for listener in list(self._listeners):
            listener()

    def call_later(self, seconds: float, act: Callable[[], None]) -> None:
        """Call a function after so many seconds, whether they pass or the clock is moved."""
        due, lock, over = self.now() + seconds, threading.Lock(), False

        def look(*, passed: bool = False) -> None:
            nonlocal over
            with lock:
                if over or not (passed or self.now() >= due):
                    return
                over = True
            self._listeners.remove(look)
            act()

        self._listeners.append(look)
        timer = threading.Timer(seconds, look, kwargs={"passed": True})
        timer.daemon = True
        timer.start()

    def on_move(self, listener: Callable[[], None]) -> None:
        """Register a listener for every move of the clock."""
        self._listeners.append(listener)
