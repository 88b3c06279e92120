"""Whether the database takes what is said: tried with a small write, not guessed."""

import threading
import time
from collections.abc import Callable
from typing import Final

from bot.store import Store, StoreError

EVERY_SECONDS: Final = 5.0
"""How long an answer stands, so that eager probes do not become the load they look for."""


class Heartbeat:
    """Writes now and then, and says why that is impossible."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._next = 0.0
        self._why = ""

    def problem(self) -> str:
        """Why nothing can be written down, in a sentence with its mend; empty when it can."""
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
