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
        self._thread_free = False
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

    def thread_free(self) -> None:
        """Begin work for which there was no thread."""
        with self._changed:
            self._thread_free = True
            self._changed.notify_all()

    def model_changed(self, tenant: str) -> None:
        """Poll a workspace shortly, once for all of its models that this process changes until then."""
        item = Item(tenant, MODEL, "")
        self.claim_after_quiet([Touch(item=item, quiet=COLLECT_SECONDS, restart=False)])

    def claim_in(self, tenant: str, seconds: float) -> None:
        """Claim work of a workspace after some seconds as well."""
        with self._changed:
            self._push(self._clock() + seconds, tenant)
            self._changed.notify_all()

    def claim_after_quiet(self, touches: Iterable[Touch]) -> None:
        """Claim touched rows after their quiet time, which further touches restart as in the queue."""
        now = self._clock()
        with self._changed:
            for one in touches:
                if one.quiet >= LONG_QUIET_SECONDS:
                    continue
                known = self._quiet.get(one.item)
                if known is None:
                    due = now + one.quiet
                    self._quiet[one.item] = _QuietRow(due=due, latest=max(due, now + one.longest))
                    self._push(due, one.item.tenant, one.item)
                elif one.restart:
                    known.due = min(now + one.quiet, known.latest)
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
            self._thread_free = False
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
            while not (self._due or self._thread_free or self.stopped):
                seconds = self._next_poll() - self._clock()
                if seconds <= 0:
                    return
                self._changed.wait(seconds)

    def _push(self, moment: float, tenant: str, item: Item | None = None) -> None:
        # The number keeps rows from being compared.
        heapq.heappush(self._moments, (moment, next(self._pushed), tenant, item))

    def _passed_moments(self, now: float) -> Iterator[str]:
        """Yield the workspaces to poll; a row that was touched meanwhile waits for its later moment."""
        while self._moments and self._moments[0][0] <= now:
            _, _, tenant, item = heapq.heappop(self._moments)
            row = self._quiet.get(item) if item is not None else None
            if item is not None and row is not None and row.due > now:
                self._push(row.due, tenant, item)
                continue
            if item is not None:
                self._quiet.pop(item, None)
            yield tenant

    def _next_poll(self) -> float:
        """Return the time of the next poll; the caller holds the lock."""
        return min((self._everything_at, *(one[0] for one in self._moments[:1])))
