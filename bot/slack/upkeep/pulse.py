"""Whether the database takes what is said: tried with a small write, not guessed."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from bot.store import Connections, StoreError

EVERY_SECONDS: Final = 5.0
"""How long an answer stands, so that eager probes do not become the load they look for."""

_BYTES: Final = 16_384
"""More than fits into a page, as a long answer is."""


class Pulse:
    """Writes now and then, and says why that is impossible."""

    def __init__(self, database: Connections, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._next = 0.0
        self._why = ""

    def why_not(self) -> str:
        """Why nothing can be written down, in a sentence with its mend; empty when it can."""
        with self._lock:
            if self._clock() >= self._next:
                self._why = self._try()
                self._next = self._clock() + EVERY_SECONDS
            return self._why

    def _try(self) -> str:
        try:
            with self._database.writing() as connection:
                connection.execute(_BEAT, (datetime.now(UTC).isoformat(), _BYTES))
        except StoreError as fault:
            return str(fault)
        return ""


_BEAT = "INSERT OR REPLACE INTO slack_pulse (only, at, filler) VALUES (1, ?, zeroblob(?))"
