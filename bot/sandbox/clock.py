"""The workspace's clock, which tests can move."""

import time


class Clock:
    """Seconds since 1970, running, and movable forward or back."""

    def __init__(self) -> None:
        self._moved = 0.0

    def now(self) -> float:
        """Return the workspace's time in seconds since 1970."""
        return time.time() + self._moved

    def move(self, seconds: float) -> None:
        """Move the clock by some seconds."""
        self._moved += seconds
