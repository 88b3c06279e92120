"""Log of refused requests: the first of each kind as they come, then one line a minute with their number."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Final

import structlog

FIRST: Final = 3
"""So many of a kind are logged one by one in each period."""

PERIOD_SECONDS: Final = 60.0

log = structlog.get_logger()


class RefusalLog:
    """Counter of refusals by kind. Kinds are sentences of our own, so that there are few of them."""

    def __init__(self, say: Callable[..., object] | None = None) -> None:
        self._say = say or log.warning
        self._counts: Counter[tuple[str, int]] = Counter()

    def note(self, why: str, status: int) -> None:
        """Count a refused request; a status of 0 means that there was no answer."""
        kind = (why, status)
        self._counts[kind] += 1
        if self._counts[kind] <= FIRST:
            self._say("request not taken", status=status, why=why)

    def tell(self) -> None:
        """End a period: log how many refusals were not logged one by one, and count from zero."""
        counts, self._counts = self._counts, Counter()
        for (why, status), count in counts.items():
            if count > FIRST:
                self._say("requests not taken", status=status, why=why, more=count - FIRST)

    def tick(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin a period, and another one after it."""
        self.tell()
        loop.call_later(PERIOD_SECONDS, self.tick, loop)
