"""Rates of webhooks: no connection, and no sender without one, takes what belongs to another connection."""

import time
from typing import Final

from bot.request_rates import Clock, RequestRate, SenderRates, TokenBucket
from domain.kernel.tracked_issue import TrackerId

Connection = tuple[str, TrackerId]
"""A workspace, and what a request names as its tracker."""

EACH: Final = RequestRate(burst=30, per_second=2.0)
"""Webhooks of one connection: each has it polled, at most every second."""

MOST_CONNECTIONS: Final = 10_000
"""Connections with a rate of their own: those that sent a webhook last."""

STRANGERS: Final = RequestRate(burst=10, per_second=1.0)
PARTS: Final = 16
"""Parts of the connections that are not known to exist; each part has one rate, whatever it names."""

ALL: Final = RequestRate(burst=200, per_second=40.0)
"""Requests that one process looks at in all: each costs a statement and a digest."""


class WebhookRates:
    """Rates of webhooks in one process, which learns of a connection by its first webhook.

    A connection that is not known yet shares a rate with a part of all names, which the process chooses by
    chance: names that do not exist create nothing, and take nothing from a known connection.
    """

    def __init__(self, *, clock: Clock = time.monotonic) -> None:
        self._known: SenderRates[Connection] = SenderRates(EACH, most=MOST_CONNECTIONS, clock=clock)
        self._strangers = [TokenBucket(STRANGERS, clock=clock) for _ in range(PARTS)]
        self._all = TokenBucket(ALL, clock=clock)

    @property
    def known(self) -> int:
        """Return the number of connections with a rate of their own."""
        return len(self._known)

    def take(self, connection: Connection) -> bool:
        """Return whether a webhook may be looked at."""
        if connection in self._known:
            wait = self._known.take(connection)
        else:
            wait = self._strangers[hash(connection) % PARTS].take()
        # In this order: what is refused alone takes nothing from the others.
        return not wait and not self._all.take()

    def exists(self, connection: Connection) -> None:
        """Give a connection a rate of its own."""
        self._known.add(connection)

    def is_unknown(self, connection: Connection) -> None:
        """Forget a connection that does not exist, or no longer."""
        self._known.remove(connection)
