"""Dispatcher of queued work: one thread of a process claims it, in turn for each workspace."""

import itertools
import threading
import time
from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import msgspec
import structlog

from bot.delivery.poll_timer import POLL_SECONDS, PollTimer
from bot.delivery.pool import Pool
from bot.delivery.request_waits import RequestWaits
from bot.delivery.work_kinds import Done, Failure, Kind
from bot.store import StoreError
from bot.store.work_queue import MODEL, Claim, Touch, WorkQueue

log = structlog.get_logger()

RESERVED_THREADS: Final = 2
"""Threads of the pool that are left for periodic jobs."""

EXTERNAL_SHARE: Final = 4
"""Work of external kinds uses at most 1/EXTERNAL_SHARE of the pool's threads."""

THREADS_BESIDE_REQUESTS: Final = 4
"""Threads of the pool that compute while requests wait for the processor."""

COMPUTING_SECONDS: Final = 1.0
"""Work that runs for longer waits for a service, which costs requests nothing."""

LONGEST_PAUSE_SECONDS: Final = 0.1
"""A poll is followed by a pause that is as long as the poll was, but not longer than this."""

MAX_RETRY_SECONDS: Final = 60.0
"""Maximum seconds between attempts of work that keeps failing."""


class WorkPace(msgspec.Struct, frozen=True, kw_only=True):
    """Timing in seconds: first retry of failed work, and the interval between two writes into one channel."""

    retry_seconds: float = 2.0
    channel_interval: float = 1.0


class ClaimedWork(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Work that this process has claimed, and when it began."""

    claim: Claim
    kind: Kind
    began: float


class WorkspaceWork(msgspec.Struct, frozen=True, kw_only=True):
    """Work of one workspace: its kinds, and what does a claimed one."""

    kinds: dict[str, Kind]
    do: Callable[[ClaimedWork], None]


class WorkResult(msgspec.Struct, frozen=True, kw_only=True):
    """Result of work that is to be recorded; its lane is paused until a moment of the clock."""

    claim: Claim
    result: Done | Failure
    paused_until: float


class WorkDispatcher:
    """Dispatcher of the work of all workspaces; many processes may run one, and one claims each row.

    `prepare` adds the work of a workspace when there is something to do, unless it must wait. `polled` is
    called after each poll of the queue, at least every other second.
    """

    def __init__(
        self,
        queue: WorkQueue,
        pool: Pool,
        *,
        now: Callable[[], datetime],
        prepare: Callable[[str], None] = lambda _: None,
        polled: Callable[[], None] = lambda: None,
        pace: WorkPace | None = None,
        request_waits: RequestWaits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.queue = queue
        self.pace = pace or WorkPace()
        self.clock = clock
        self._pool = pool
        self._now = now
        self._prepare = prepare
        self._polled = polled
        self._request_waits = request_waits or RequestWaits(clock)
        self._threads = max(1, pool.threads - RESERVED_THREADS)
        self._external_threads = max(1, pool.threads // EXTERNAL_SHARE)
        self._works: dict[str, WorkspaceWork] = {}
        self._ready: dict[str, None] = {}
        """Workspaces in which work may be due; which got a thread longest ago is the first."""
        self._lock = threading.Lock()
        self._held: list[ClaimedWork] = []
        self._unsettled: list[WorkResult] = []
        """Results that could not be recorded yet, as with a full disk: their claims stand until then."""
        self._awaiting_external: set[str] = set()
        """Workspaces whose external work was not begun, because others used the share of such work."""
        self._finishing: frozenset[str] = frozenset()
        self._claiming = False
        self._overdue = 0.0
        self._timer = PollTimer(clock)
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)

    def start(self) -> None:
        """Start with all work that is due."""
        self._thread.start()

    def add(self, tenant: str, work: WorkspaceWork) -> None:
        """Do the work of a workspace from now on."""
        self._works[tenant] = work
        self.wake(tenant)

    def remove(self, tenant: str, work: WorkspaceWork) -> None:
        """Start no further work of a workspace, unless other work was added for it since."""
        if self._works.get(tenant) is work:
            del self._works[tenant]

    def wake(self, tenant: str) -> None:
        """Poll the queue of a workspace now: this process has changed something."""
        self._timer.work_due(tenant)

    def model_changed(self, tenant: str) -> None:
        """Poll the queue shortly, once for all models of a workspace that this process changes until then.

        Polling writes to the database, and the person who changed the model still waits for an answer.
        """
        self._timer.model_changed(tenant)

    def schedule(self, touches: Iterable[Touch]) -> None:
        """Claim touched work when it is due."""
        self._timer.touched(touches)

    def record(self, result: WorkResult) -> None:
        """Settle work, now or when the store can record it."""
        try:
            self._settle(result)
        except StoreError as fault:
            kind = result.claim.item.kind
            log.warning("work cannot be settled yet", kind=kind, fault=type(fault).__name__)
            with self._lock:
                self._unsettled.append(result)

    def work_ended(self, work: ClaimedWork) -> None:
        """Claim further work, for which there was no thread or no free lane."""
        with self._lock:
            self._held.remove(work)
            waiting = set[str]()
            if work.kind.external:
                waiting, self._awaiting_external = self._awaiting_external, set()
        self._timer.work_due(work.claim.item.tenant, *waiting)

    def is_working(self, tenant: str) -> bool:
        """Return whether work of a workspace is under way in this process."""
        return self._claiming or tenant in self._ready or self._is_held(tenant)

    @property
    def held_count(self) -> int:
        """Number of works under way in this process."""
        return len(self._held)

    def finish(self, kinds: Collection[str], seconds: float) -> None:
        """Run all due work of some kinds without debounce, then end; give up after `seconds`.

        Running work of other kinds is awaited as well, because it has results to record. Workspaces without
        parts in this process are left to the other processes, or to the next start.
        """
        deadline = self.clock() + seconds
        self._finishing = frozenset(kinds)
        unfinished = tuple(self._works)  # some of which may end meanwhile
        self._timer.work_due(*unfinished)
        while self._thread.is_alive() and self.clock() < deadline and not self._timer.stopped:
            unfinished = tuple(tenant for tenant in unfinished if not self._is_finished(tenant))
            if not unfinished:
                break
            self._timer.wait_for_change(0.02)
        self.end()
        if self._thread.is_alive():
            self._thread.join(max(0.0, deadline - self.clock()))

    def end(self) -> None:
        """Start no further work."""
        self._timer.stop()

    @property
    def is_alive(self) -> bool:
        """Whether the queue is still polled."""
        return self._thread.is_alive()

    def poll(self) -> None:
        """Poll the queue, and start the work that is due."""
        self._settle_earlier()
        due = self._timer.begin_poll()
        if due.everything:
            # Rows that became due lately are left to the process that touched them: two that try to claim
            # the same rows cost each other time. At its start, a process does not wait for the one before it.
            for tenant in self.queue.look(self._now(), overdue=self._overdue):
                self._ready.setdefault(tenant)
            self._overdue = POLL_SECONDS
        for tenant in due.due:
            self._ready.setdefault(tenant)
        self._begin()

    def _run(self) -> None:
        while not self._timer.stopped:
            began = self.clock()
            try:
                self.poll()
                self._polled()
            except StoreError as fault:
                log.warning("the work queue cannot be read", fault=type(fault).__name__)
            except Exception:
                # The edge of a thread: without it nothing would be shown to anyone.
                log.exception("the work queue cannot be looked through")
            # What becomes due meanwhile is claimed together, and requests get the processor.
            pause = 0.0 if self._finishing else min(self.clock() - began, LONGEST_PAUSE_SECONDS)
            self._timer.wait_for_next_poll(pause)

    def _begin(self) -> None:
        """Start work of the workspaces in turn, while there are threads."""
        while self._ready and not self._timer.stopped and (free := self._free_threads()) > 0:
            self._claiming = True
            try:
                self._begin_in(list(itertools.islice(self._ready, free)))
            finally:
                self._claiming = False

    def _begin_in(self, tenants: Iterable[str]) -> None:
        """Claim and start one work of each of some workspaces, whose next turn is after all others."""
        works: dict[str, WorkspaceWork] = {}
        for tenant in tenants:
            del self._ready[tenant]
            with _isolated(tenant):
                if tenant not in self._works:
                    self._prepare(tenant)
                if (work := self._works.get(tenant)) is not None:
                    works[tenant] = work
        exclude = set[str]()
        if self._uses_external_share():
            exclude = {kind.name for work in works.values() for kind in work.kinds.values() if kind.external}
            self._awaiting_external.update(works)
        claims = self.queue.claim([*works], self._now(), exclude=exclude, only=self._finishing)
        for claim in claims:
            self._start(works[claim.item.tenant], claim)
            self._ready.setdefault(claim.item.tenant)

    def _start(self, work: WorkspaceWork, claim: Claim) -> None:
        kind = work.kinds.get(claim.item.kind)
        if kind is None:
            log.error("no such kind of work", kind=claim.item.kind)
            self.queue.settle(claim)
            return
        if kind.external and self._uses_external_share():
            # Several workspaces have claimed work of such kinds at once.
            self.queue.settle(claim, again_after=0.0)
            self._awaiting_external.add(claim.item.tenant)
            return
        claimed = ClaimedWork(claim=claim, kind=kind, began=self.clock())
        with self._lock:
            self._held.append(claimed)
        self._pool.submit(lambda: work.do(claimed))

    def _free_threads(self) -> int:
        """Return how many works may begin at present."""
        free = self._threads - len(self._held)
        if not self._request_waits.are_long:
            return free
        since = self.clock() - COMPUTING_SECONDS
        with self._lock:
            computing = sum(work.began > since for work in self._held)
        return min(free, THREADS_BESIDE_REQUESTS - computing)

    def _uses_external_share(self) -> bool:
        with self._lock:
            return sum(work.kind.external for work in self._held) >= self._external_threads

    def _is_held(self, tenant: str) -> bool:
        with self._lock:
            return any(work.claim.item.tenant == tenant for work in self._held)

    def _settle_earlier(self) -> None:
        with self._lock:
            unsettled, self._unsettled = self._unsettled, []
        for result in unsettled:
            self.record(result)

    def _settle(self, ended: WorkResult) -> None:
        claim, result = ended.claim, ended.result
        tenant = claim.item.tenant
        pause = max(0.0, ended.paused_until - self.clock())
        if isinstance(result, Done):
            self.queue.settle(claim, again_at=result.again_at, again_after=result.again_after, pause=pause)
            again = result.again_after
        else:
            again = (
                result.wait
                or result.own_wait
                or min(self.pace.retry_seconds * 2 ** min(claim.tries - 1, 8), MAX_RETRY_SECONDS)
            )
            pause = max(result.wait, pause)
            self.queue.retry_later(claim, again, counted=result.counted, pause=pause)
        for seconds in (again, pause):
            if seconds:
                self._timer.claim_in(tenant, seconds)

    def _is_finished(self, tenant: str) -> bool:
        try:
            rows = self.queue.rows(tenant, MODEL, *self._finishing) if tenant in self._works else []
        except StoreError:
            return True
        # In this order: what waits no longer may have been claimed in between.
        return not any(row.waits for row in rows) and not self._claiming and not self._is_held(tenant)


@contextmanager
def _isolated(tenant: str) -> Generator[None]:
    """Return a block whose error is logged, except for one of the store.

    What is broken in one workspace must not keep the others waiting.
    """
    try:
        yield
    except StoreError:
        raise
    except Exception:
        log.exception("the work of a workspace cannot be looked through", tenant=tenant)
