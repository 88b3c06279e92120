"""Timer of the polls of the work queue: after changes of this process, at known moments, and regularly."""

import heapq
import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from bot.store.work_queue import MODEL, Item, Touch

POLL_SECONDS: Final = 1.25
"""Seconds between polls of all workspaces for work made due by other processes or by time."""

COLLECT_SECONDS: Final = 0.03
"""Seconds to collect changed models before a poll; the command's answer goes first."""

LONG_QUIET_SECONDS: Final = 2 * POLL_SECONDS
"""Quiet time from which a row is left to the regular polls: people do not notice a second more."""


class Poll(msgspec.Struct, frozen=True, kw_only=True):
    """Poll of all workspaces, or of those in which some work is due now, as far as this process knows."""

    everything: bool
    due: frozenset[str]


class _QuietRow(msgspec.Struct, kw_only=True):
    """Row that waits for its quiet time: when it is due, and the moment beyond which no touch delays it."""

    due: float
    latest: float


class PollTimer:
    """Decides when one process polls its queue, and for which workspaces."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._due: set[str] = set()
        self._everything_at = clock()
        self._moments: list[tuple[float, int, str, Item | None]] = []
        """Moments at which a workspace is polled, with the row that waits for it, if it is for one."""
        self._pushed = itertools.count()
        self._quiet: dict[Item, _QuietRow] = {}
        self.stopped = False

    def work_due(self, *tenants: str) -> None:
        """Claim work of some workspaces now."""
        with self._changed:
            self._due.update(tenants)
            self._changed.notify_all()

    def model_changed(self, tenant: str) -> None:
        """Poll a workspace shortly, once for all of its models that this process changes until then."""
        self.touched([Touch(item=Item(tenant, MODEL, ""), quiet=COLLECT_SECONDS)])

    def claim_in(self, tenant: str, seconds: float) -> None:
        """Claim work of a workspace after some seconds as well."""
        with self._changed:
            self._push(self._clock() + seconds, tenant)
            self._changed.notify_all()

    def touched(self, touches: Iterable[Touch]) -> None:
        """Claim touched rows after their quiet time, which further touches restart as in the queue."""
        now = self._clock()
        with self._changed:
            for touch in touches:
                if not touch.quiet:
                    self._due.add(touch.item.tenant)
                elif touch.quiet < LONG_QUIET_SECONDS:
                    self._wait_for_quiet(touch, now)
            self._changed.notify_all()

    def stop(self) -> None:
        """Poll no longer."""
        with self._changed:
            self.stopped = True
            self._changed.notify_all()

    def begin_poll(self) -> Poll:
        """Return the poll that is due; it covers all changes so far."""
        now = self._clock()
        with self._changed:
            due, self._due = self._due, set()
            due.update(self._passed_moments(now))
            if everything := self._everything_at <= now:
                self._everything_at = now + POLL_SECONDS
            return Poll(everything=everything, due=frozenset(due))

    def wait_for_change(self, seconds: float) -> None:
        """Wait until something changes, for some seconds at most."""
        with self._changed:
            self._changed.wait(seconds)

    def wait_for_next_poll(self, pause: float = 0.0) -> None:
        """Wait until the next poll is due, for `pause` seconds at least, or the timer is stopped."""
        with self._changed:
            if pause > 0:
                self._changed.wait_for(lambda: self.stopped, pause)
            while not (self._due or self.stopped):
                next_moment = min((self._everything_at, *(moment for moment, *_ in self._moments[:1])))
                seconds = next_moment - self._clock()
                if seconds <= 0:
                    return
                self._changed.wait(seconds)

    def _wait_for_quiet(self, touch: Touch, now: float) -> None:
        known = self._quiet.get(touch.item)
        if known is not None:
            known.due = min(now + touch.quiet, known.latest)
            return
        due = now + touch.quiet
        self._quiet[touch.item] = _QuietRow(due=due, latest=max(due, now + touch.longest))
        self._push(due, touch.item.tenant, touch.item)

    def _push(self, moment: float, tenant: str, item: Item | None = None) -> None:
        # The number keeps rows from being compared.
        heapq.heappush(self._moments, (moment, next(self._pushed), tenant, item))

    def _passed_moments(self, now: float) -> Iterator[str]:
        """Yield the workspaces to poll; a row that was touched meanwhile waits for its later moment."""
        while self._moments and self._moments[0][0] <= now:
            _, _, tenant, item = heapq.heappop(self._moments)
            row = self._quiet.get(item) if item is not None else None
            if item is not None and row is not None:
                if row.due > now:
                    self._push(row.due, tenant, item)
                    continue
                del self._quiet[item]
            yield tenant
