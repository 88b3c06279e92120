"""Waits of requests for a thread: while they are long, other work leaves the processor to them."""

import time
from collections.abc import Callable
from typing import Final

LONG_WAIT_SECONDS: Final = 0.02
"""A request that waited for a thread for so long shows that there are more than the process can answer."""

EFFECT_SECONDS: Final = 0.25
"""How long one such request counts."""


class RequestWaits:
    """Says whether the requests of this process waited for long just now; safe for several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = clock()

    def note(self, seconds: float) -> None:
        """Record how long a request waited for a thread."""
        if seconds >= LONG_WAIT_SECONDS:
            self._until = self._clock() + EFFECT_SECONDS

    @property
    def are_long(self) -> bool:
        """Whether a request waited for long within the last moments."""
        return self._clock() < self._until
