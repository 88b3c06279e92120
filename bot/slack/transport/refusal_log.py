"""Log of refused requests: the first of each kind individually, then one summary line a minute."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Final

import structlog

FIRST: Final = 3
"""Refusals of a kind that are logged individually in each period."""

PERIOD_SECONDS: Final = 60.0

log = structlog.get_logger()


class RefusalLog:
    """Counter of refusals by kind; kinds are fixed sentences, so that their number is bounded."""

    def __init__(self, say: Callable[..., object] | None = None) -> None:
        self._say = say or log.warning
        self._counts: Counter[tuple[str, int]] = Counter()

    def note(self, why: str, status: int, **details: int) -> None:
        """Count a refused request; a status of 0 means that no response was sent."""
        kind = (why, status)
        self._counts[kind] += 1
        if self._counts[kind] <= FIRST:
            self._say("request rejected", status=status, why=why, **details)

    def log_summary(self) -> None:
        """End a period: log the number of refusals not logged individually, and reset the counters."""
        counts, self._counts = self._counts, Counter()
        for (why, status), count in counts.items():
            if count > FIRST:
                self._say("requests rejected", status=status, why=why, more=count - FIRST)

    def tick(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start periodic summaries on an event loop."""
        self.log_summary()
        loop.call_later(PERIOD_SECONDS, self.tick, loop)
