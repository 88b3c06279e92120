"""Results of Slack's requests: counted by the reason of a refusal, and named while none is accepted."""

import threading
import time
from collections.abc import Callable
from typing import Final

from bot.metrics import RequestResult

ONLY_REFUSED_SECONDS: Final = 120.0
"""Time with refusals alone after which they are named."""

_CAUSES: Final[dict[RequestResult, str]] = {
    "signature": "SLACK_SIGNING_SECRET is not the app's. Copy it from the app's page *Basic Information*",
    "clock": "the clock of this machine is {offset}. Turn on time synchronization",
    "unknown": "the app is not installed in their workspace. Install it there again, or check DATABASE_URL",
}
"""Causes of refusals that concern all requests, each with its fix; what anyone can send says nothing."""


class RequestResults:
    """Counts of accepted and refused requests of this process, and since when all of them are refused."""

    def __init__(
        self, count: Callable[[RequestResult], None], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._count = count
        self._clock = clock
        self._lock = threading.Lock()
        self._since: float | None = None
        self._last = 0.0
        self._cause = ""

    def record(self, result: RequestResult, *, ahead_seconds: int = 0) -> None:
        """Count a request; after a refusal for the clock, this machine's is so many seconds ahead."""
        self._count(result)
        cause = _CAUSES.get(result)
        with self._lock:
            if result == "accepted":
                self._since = None
            elif cause is not None:
                self._last = self._clock()
                self._since = self._last if self._since is None else self._since
                self._cause = cause.format(offset=describe_offset(ahead_seconds))

    @property
    def problem(self) -> str:
        """The line for operators while requests have only been refused for two minutes; empty otherwise."""
        with self._lock:
            now = self._clock()
            if self._since is None or now - self._since < ONLY_REFUSED_SECONDS:
                return ""
            minutes, ago = (now - self._since) / 60, now - self._last
            return f"{ONLY_REFUSED} for {minutes:.0f} minutes, the last {ago:.0f} s ago: {self._cause}"


ONLY_REFUSED: Final = "requests of Slack: all refused"
"""Beginning of the line by which `doctor` recognizes it."""


def describe_offset(ahead_seconds: int) -> str:
    """Return how far this machine's clock is from the time of a signature."""
    return f"{abs(ahead_seconds)} s {'ahead of' if ahead_seconds > 0 else 'behind'} Slack's"
