"""Heartbeat of the database: a small write shows whether it accepts data."""

import threading
import time
from collections.abc import Callable
from typing import Final

from bot.store import Store, StoreError

EVERY_SECONDS: Final = 5.0
"""Seconds for which a result is cached, so that frequent probes add no load."""


class Heartbeat:
    """Cached health check of the database by small writes."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._next = 0.0
        self._why = ""

    def problem(self) -> str:
        """Return why the database rejects writes, and what to do; empty if it accepts them."""
        with self._lock:
            if self._clock() >= self._next:
                self._why = self._try()
                self._next = self._clock() + EVERY_SECONDS
            return self._why

    def _try(self) -> str:
        try:
            self._store.check_writable()
        except StoreError as fault:
            return str(fault)
        return ""
