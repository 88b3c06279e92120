"""The workspace's movable clock, and its unique IDs and timestamps."""

import threading
import time
from collections.abc import Callable, Iterator
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


_AHEAD = 1000


class IdGenerator:
    """Generator of IDs and timestamps that never repeat, even after a restart."""

    def __init__(self, clock: WorkspaceClock, kept: RecordStorage) -> None:
        self._clock = clock
        self._kept = kept
        self._lock = threading.Lock()
        self._last_ts = kept.read("number", "ts", int) or 0
        # Saved in strides, because single IDs are not worth a write: a restart skips the rest of a stride.
        self._number = kept.read("number", "id", int) or 0
        self._reserved = self._number

    def new_ts(self) -> str:
        """Return a timestamp later than every one before it."""
        with self._lock:
            self._last_ts = max(self._last_ts + 1, int(self._clock.now() * 1_000_000))
            self._kept.save("number", "ts", self._last_ts)
            return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def new_id(self, letter: str) -> str:
        """Return a new id in Slack's shape, such as V0000000A7."""
        with self._lock:
            self._number += 1
            if self._number > self._reserved:
                self._reserved = self._number + _AHEAD
                self._kept.save("number", "id", self._reserved)
            return f"{letter}0{''.join(_base36(self._number)):0>8}"


def _base36(number: int) -> Iterator[str]:
    digits: list[str] = []
    while number:
        number, digit = divmod(number, 36)
        digits.append("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit])
    yield from reversed(digits)
