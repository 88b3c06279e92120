"""Timer of the polls of the work queue: after changes of this process, at known moments, and regularly."""

import heapq
import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from bot.store.work_queue import Item, Touch

POLL_SECONDS: Final = 1.25
"""Seconds between polls of all workspaces for work made due by other processes or by time."""

COLLECT_SECONDS: Final = 0.03
"""Seconds to collect changed models before a poll; the command's answer goes first."""


SPREADS_PER_SECOND: Final = 70
"""Spreads for which a process has time beside its requests; with more workspaces, changes rest for longer."""

LONGEST_REST_SECONDS: Final = 3.0
"""How long a change rests before it is spread, however many workspaces change."""

LONG_QUIET_SECONDS: Final = 2 * POLL_SECONDS
"""Quiet time from which a row is left to the regular polls: people do not notice a second more."""


class Poll(msgspec.Struct, frozen=True, kw_only=True):
    """Poll of all workspaces, or of those in which this process knows of something to do.

    `woken` are looked at, `changed` have changed models to spread, and `due` have work to claim: some that
    is due now, or whose moment has come.
    """

    everything: bool
    woken: frozenset[str]
    changed: frozenset[str]
    due: frozenset[str]


class _QuietRow(msgspec.Struct, kw_only=True):
    """Row that waits for its quiet time: when it is due, and the moment beyond which no touch delays it."""

    due: float
    latest: float


class PollTimer:
    """Decides when one process polls its queue, for which workspaces, and when changed models are spread.

    Two spreads in a workspace are `spread_interval` seconds apart, however often it is polled. If the models
    of many workspaces change at the same time, each change rests before it is spread, together with those
    that follow it: whichever process spreads it, there are fewer spreads.
    """

    def __init__(self, clock: Callable[[], float], spread_interval: float) -> None:
        self._clock = clock
        self._spread_interval = spread_interval
        self._changed = threading.Condition()
        self._woken: set[str] = set()
        self._due: set[str] = set()
        self._thread_free = False
        self._everything_at = clock()
        self._spread_due: dict[str, float] = {}
        self._spread_at: dict[str, float] = {}
        self._changed_at: dict[str, float] = {}
        self._moments: list[tuple[float, int, str, Item | None]] = []
        """Moments at which a workspace is polled, with the row that waits for it, if it is for one."""
        self._pushed = itertools.count()
        self._quiet: dict[Item, _QuietRow] = {}
        self.stopped = False

    def wake(self, *tenants: str) -> None:
        """Poll some workspaces now."""
        with self._changed:
            self._woken.update(tenants)
            self._changed.notify_all()

    def work_due(self, tenant: str) -> None:
        """Claim work of a workspace now."""
        with self._changed:
            self._due.add(tenant)
            self._changed.notify_all()

    def thread_free(self) -> None:
        """Begin work for which there was no thread."""
        with self._changed:
            self._thread_free = True
            self._changed.notify_all()

    def model_changed(self, tenant: str) -> None:
        """Poll a workspace shortly, once for all of its models that this process changes until then."""
        with self._changed:
            if tenant not in self._spread_due:
                now = self._clock()
                self._changed_at[tenant] = now
                rested = now + max(COLLECT_SECONDS, self._rest())
                self._plan_spread(tenant, max(rested, self._after_last_spread(tenant, now)))
                self._changed.notify_all()

    def spread_in(self, tenant: str, seconds: float) -> None:
        """Spread changed models of a workspace after some seconds."""
        with self._changed:
            if tenant not in self._spread_due:
                self._plan_spread(tenant, self._clock() + seconds)
                self._changed.notify_all()

    def rest(self) -> float:
        """Return the seconds for which changes rest at present before they are spread."""
        with self._changed:
            return self._rest()

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
            woken, self._woken = self._woken, set()
            due, self._due = self._due, set()
            self._thread_free = False
            changed = {one for one in woken if self._spread_due.get(one, now + 1) <= now}
            for tenant, item in self._passed_moments(now):
                if item is None and self._spread_due.get(tenant, now + 1) <= now:
                    changed.add(tenant)
                else:
                    due.add(tenant)
            for tenant in changed:
                del self._spread_due[tenant]
            if everything := self._everything_at <= now:
                self._everything_at = now + POLL_SECONDS
                self._forget_old_spreads(now)
            return Poll(
                everything=everything,
                woken=frozenset(woken),
                changed=frozenset(changed - woken),
                due=frozenset(due - woken),
            )

    def begin_spread(self, tenant: str, *, own: bool, immediately: bool) -> bool:
        """Return whether to spread changed models in this poll; otherwise schedule a poll that does.

        Changes that are not this process's `own` are left to the other process for one interval.

        Many polls have other reasons, such as work that has ended. If each of them spread the models that
        change all the time, the work caused by it would end soon and cause the next poll.
        """
        now = self._clock()
        with self._changed:
            due = self._spread_due.get(tenant)
            if due is None:
                due = self._after_last_spread(tenant, now)
                if not own:
                    due = max(due, now + self._spread_interval)
                if now < due:
                    self._plan_spread(tenant, due)
            if now < due and not immediately:
                return False
            self._spread_due.pop(tenant, None)
            self._spread_at[tenant] = now
            return True

    def wait_for_change(self, seconds: float) -> None:
        """Wait until something changes, for some seconds at most."""
        with self._changed:
            self._changed.wait(seconds)

    def wait_for_next_poll(self, pause: float = 0.0) -> None:
        """Wait until the next poll is due, for `pause` seconds at least, or the timer is stopped."""
        with self._changed:
            if pause > 0:
                self._changed.wait_for(lambda: self.stopped, pause)
            while not (self._woken or self._due or self._thread_free or self.stopped):
                seconds = self._next_poll() - self._clock()
                if seconds <= 0:
                    return
                self._changed.wait(seconds)

    def _after_last_spread(self, tenant: str, now: float) -> float:
        """Return the moment from which a workspace may be spread again; the caller holds the lock."""
        at = self._spread_at.get(tenant)
        return now if at is None else at + self._spread_interval

    def _rest(self) -> float:
        """Return the seconds for which changes rest; the caller holds the lock."""
        return min(len(self._changed_at) / SPREADS_PER_SECOND, LONGEST_REST_SECONDS)

    def _plan_spread(self, tenant: str, due: float) -> None:
        self._spread_due[tenant] = due
        self._push(due, tenant)

    def _push(self, moment: float, tenant: str, item: Item | None = None) -> None:
        # The number keeps rows from being compared.
        heapq.heappush(self._moments, (moment, next(self._pushed), tenant, item))

    def _passed_moments(self, now: float) -> Iterator[tuple[str, Item | None]]:
        """Yield the workspaces to poll; a row that was touched meanwhile waits for its later moment."""
        while self._moments and self._moments[0][0] <= now:
            _, _, tenant, item = heapq.heappop(self._moments)
            row = self._quiet.get(item) if item is not None else None
            if item is not None and row is not None and row.due > now:
                self._push(row.due, tenant, item)
                continue
            if item is not None:
                self._quiet.pop(item, None)
            yield tenant, item

    def _forget_old_spreads(self, now: float) -> None:
        for moments in (self._spread_at, self._changed_at):
            for tenant in [one for one, at in moments.items() if at < now - LONGEST_REST_SECONDS]:
                del moments[tenant]

    def _next_poll(self) -> float:
        """Return the time of the next poll; the caller holds the lock."""
        return min((self._everything_at, *(one[0] for one in self._moments[:1])))
