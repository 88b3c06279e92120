"""Unique IDs and timestamps."""

import threading
from collections.abc import Iterator

from bot.sandbox.workspace.record_storage import RecordStorage
from bot.sandbox.workspace.workspace_clock import WorkspaceClock

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
