"""Heartbeat of the database: whether it accepts data, and when it last did not."""

import threading
import time
from collections.abc import Callable
from typing import Final

import msgspec

from bot.store import Store, StoreError

EVERY_SECONDS: Final = 5.0
"""Seconds for which a result is cached, so that frequent probes add no load."""


class Heartbeat(msgspec.Struct, eq=False):
    """Cached health check of the database.

    A server is asked by a SELECT. A page is written to a file: a full disk shows in no other way.
    """

    store: Store
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = msgspec.field(default_factory=threading.Lock)
    _next: float = 0.0
    _why: str = ""
    _failure: str = ""
    _failed_at: float = 0.0

    def problem(self) -> str:
        """Return why the database rejects writes, and what to do; empty if it accepts them."""
        with self._lock:
            if self.clock() >= self._next:
                self._why = self._try()
                now = self.clock()
                self._next = now + EVERY_SECONDS
                if self._why:
                    self._failure, self._failed_at = self._why, now
            return self._why

    def last_failure(self) -> str:
        """Return the last failure with its age, as a line for operators; empty if there was none."""
        with self._lock:
            if not self._failure:
                return ""
            return f"database: last failure {self.clock() - self._failed_at:.0f} s ago: {self._failure}"

    def _try(self) -> str:
        try:
            self.store.check_writable()
        except StoreError as fault:
            return str(fault)
        return ""
