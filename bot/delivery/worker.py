"""Worker: claims and runs the queued work of one workspace, one row per lane at a time."""

import threading
import time
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Final

import msgspec
import structlog

from bot.delivery.poll_timer import PollTimer
from bot.delivery.pool import Pool
from bot.delivery.work_claims import ClaimedWork, ExpiredClaims, HeldClaims
from bot.delivery.work_kinds import Done, Failure, Kind
from bot.delivery.work_results import WorkResults
from bot.logs import work_context
from bot.store import StoreError
from bot.store.work_queue import MODEL, Claim, Overtaken, Spread, Touch, WorkQueue

log = structlog.get_logger()

SHARE: Final = 4
"""A workspace uses at most 1/SHARE of the pool's threads."""


class WorkPace(msgspec.Struct, frozen=True, kw_only=True):
    """Timing in seconds: first retry of failed work, and lease of a claim."""

    retry_seconds: float = 2.0
    lease: float = 60.0
    channel_interval: float = 1.0
    """Minimum seconds between two writes into one channel."""


class _Running(threading.local):
    work: ClaimedWork | None = None
    paused_until: float = 0.0


class Worker:
    """Worker of one workspace; many processes may run one, and each row is claimed by one at a time.

    `failed` maps an exception to a Failure; `ended` is called when a failure ends all work; `count` counts
    results by kind; `polled` is called after each poll of the queue, at least once a second.
    """

    def __init__(
        self,
        queue: WorkQueue,
        tenant: str,
        pool: Pool,
        *,
        failed: Callable[[Exception], Failure],
        ended: Callable[[str], None],
        now: Callable[[], datetime],
        count: Callable[[str, str], None] = lambda _kind, _what: None,
        polled: Callable[[], None] = lambda: None,
        pace: WorkPace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue = queue
        self._tenant = tenant
        self._pool = pool
        self._kinds: dict[str, Kind] = {}
        self._spread: Spread = lambda _item, _channel: ()
        self._failed = failed
        self._ended = ended
        self._now = now
        self._count = count
        self._polled = polled
        self._pace = pace or WorkPace()
        self._clock = clock
        self._max_running = max(2, pool.threads // SHARE)
        self._running = _Running()
        self._timer = PollTimer(clock)
        self._claiming = False
        self._last_group = ""
        self._finishing: frozenset[str] = frozenset()
        self._held = HeldClaims(queue, self._pace.lease, clock)
        self._expired = ExpiredClaims(queue, tenant, self._pace.lease, clock)
        self._results = WorkResults(queue, self._pace.retry_seconds, clock, poll_in=self._timer.poll_in)
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)

    def start(self, kinds: Iterable[Kind], spread: Spread) -> None:
        """Start with all work that is due; `spread` returns the work that a changed model makes due."""
        self._kinds = {one.name: one for one in kinds}
        self._spread = spread
        self._thread.start()

    def wake(self) -> None:
        """Poll the queue now: this process has changed something."""
        self._timer.wake()

    def model_changed(self) -> None:
        """Poll the queue shortly, once for all models that this process changes until then.

        Polling writes to the database file, and the person who changed the model still waits for an answer.
        """
        self._timer.model_changed()

    def touch(self, *touches: Touch, durable: bool = False) -> None:
        """Make work due; raises StoreUnavailable."""
        self._queue.touch(*touches, durable=durable)
        self._schedule(touches)

    def pause(self) -> None:
        """Note that the current work writes to its lane now, so the lane's next work is delayed."""
        self._running.paused_until = self._clock() + self._pace.channel_interval

    @property
    def subject(self) -> str:
        """Subject of the work running on this thread; empty if it is not queued work."""
        work = self._running.work
        return f"{work.claim.item.kind}/{work.claim.item.subject}" if work else ""

    def check(self, _call: str = "") -> None:
        """Check that this process still holds the claim of the running work; raises Overtaken.

        Call it before each call that shows something to users. The claim of long work is renewed
        meanwhile; a process that was stopped for longer than the lease finds its claim taken over.
        """
        work = self._running.work
        if work is None:
            return  # not work of the queue
        self._held.check(work)

    def finish(self, kinds: Collection[str], seconds: float) -> None:
        """Run all due work of some kinds without debounce, then end; give up after `seconds`.

        Running work of other kinds is awaited as well, because it has results to record.
        """
        deadline = self._clock() + seconds
        self._finishing = frozenset(kinds)
        self.wake()
        while self._thread.is_alive() and self._clock() < deadline and not self._timer.stopped:
            if self._is_finished():
                break
            self._timer.wait_for_change(0.02)
        self.end()
        if self._thread.is_alive():
            self._thread.join(max(0.0, deadline - self._clock()))

    def end(self) -> None:
        """Start no further work."""
        self._timer.stop()

    def _is_finished(self) -> bool:
        try:
            if self._queue.waits(self._tenant, (MODEL, *self._finishing)):
                return False
        except StoreError:
            return True
        # In this order: what waits no longer may have been claimed in between.
        return not self._claiming and not self._held.by_group()

    def _run(self) -> None:
        while not self._timer.stopped:
            self._timer.begin_poll()
            try:
                self._poll()
                self._polled()
            except StoreError as fault:
                log.warning("the work queue cannot be read", fault=type(fault).__name__)
            except Exception:
                # The edge of a thread: without it nothing would be shown to anyone.
                log.exception("the work queue cannot be looked through")
            self._timer.wait_for_next_poll()

    def _poll(self) -> None:
        self._held.renew_all()
        self._results.record_unsettled()
        seen = self._queue.status(self._tenant, self._now())
        spreads = seen.changed and self._timer.begin_spread(immediately=bool(self._finishing))
        if spreads:
            touches = self._queue.spread(self._tenant, MODEL, self._spread)
            self._schedule(touches)
        if seen.claimed or self._expired.watched:
            self._take_over()
        if seen.claimable or spreads or self._finishing:
            self._begin()

    def _begin(self) -> None:
        while not self._timer.stopped and (busy := self._busy()) is not None:
            self._claiming = True
            try:
                claim = self._next(busy)
                if claim is None:
                    return
                self._start(claim)
            finally:
                self._claiming = False

    def _next(self, busy: list[str]) -> Claim | None:
        """Claim a row, preferring another group than the last one."""
        now, last = self._now(), self._last_group
        others = [*busy, *(one.name for one in self._kinds.values() if one.group == last)]
        claim = self._queue.claim(self._tenant, now, exclude=others, only=self._finishing) if last else None
        return claim or self._queue.claim(self._tenant, now, exclude=busy, only=self._finishing)

    def _busy(self) -> list[str] | None:
        """Kinds that have reached their limit of threads; None if all threads are in use."""
        used = self._held.by_group()
        if used.total() >= self._max_running:
            return None
        # One thread is left for the other groups.
        return [one.name for one in self._kinds.values() if used[one.group] >= self._max_running - 1]

    def _start(self, claim: Claim) -> None:
        kind = self._kinds.get(claim.item.kind)
        if kind is None:
            log.error("no such kind of work", kind=claim.item.kind)
            self._queue.settle(claim)
            return
        self._last_group = kind.group
        work = self._held.add(claim, kind)
        self._pool.submit(lambda: self._do_logged(work))

    def _do_logged(self, work: ClaimedWork) -> None:
        item, claim = work.claim.item, work.claim.token
        with work_context(f"{item.kind}/{item.subject}", work_id=claim, workspace=self._tenant):
            self._do(work)

    def _do(self, work: ClaimedWork) -> None:
        running = self._running
        running.work, running.paused_until = work, 0.0
        try:
            result = self._attempt(work)
            work.end()
            self._settle(work, result)
        finally:
            work.end()
            running.work = None
            self._held.remove(work)
            self.wake()

    def _attempt(self, work: ClaimedWork) -> Done | Failure | None:
        """Run the work; return its result, or None if another process has taken it over."""
        claim, kind = work.claim, work.kind
        try:
            with self._queue.guarding(lambda: work.claim):
                return kind.run(claim)
        except Overtaken:
            log.warning("another process took over", kind=kind.name, subject=claim.item.subject)
            self._poll_again(claim, kind)
            return None
        except Exception as fault:
            failure = self._failed(fault)
            if failure.fatal:
                self._ended(failure.reason)
            log.warning(
                "put off",
                kind=kind.name,
                subject=claim.item.subject,
                why=failure.reason,
                tries=claim.tries,
                exc_info=failure.trace,
            )
            return failure

    def _poll_again(self, claim: Claim, kind: Kind) -> None:
        try:
            kind.lost(claim)
            self.touch(Touch(item=claim.item, lane=claim.lane))
        except StoreError as fault:
            log.warning("lost work cannot be looked at again", kind=kind.name, fault=type(fault).__name__)

    def _settle(self, work: ClaimedWork, result: Done | Failure | None) -> None:
        if result is None:
            return
        if not isinstance(result, Done):
            self._count(work.kind.name, "put_off")
        self._results.record(work.claim, result, paused_until=self._running.paused_until)

    def _take_over(self) -> None:
        for claim in self._expired.take_over(self._held.is_own):
            log.info("took over work", kind=claim.item.kind, subject=claim.item.subject)
            self._start(claim)

    def _schedule(self, touches: Iterable[Touch]) -> None:
        self._timer.poll_in(*{one.quiet for one in touches})
        self._timer.wake()
