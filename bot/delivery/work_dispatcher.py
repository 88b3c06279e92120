"""Dispatcher of queued work: one thread of a process polls the queue and shares threads among workspaces."""

import itertools
import threading
import time
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
import structlog

from bot.delivery.poll_timer import POLL_SECONDS, PollTimer
from bot.delivery.pool import Pool
from bot.delivery.request_waits import RequestWaits
from bot.delivery.thread_shares import ThreadShares
from bot.delivery.work_claims import ExpiredClaims, HeldClaims
from bot.delivery.work_kinds import Kind
from bot.delivery.work_results import WorkResults
from bot.store import StoreError
from bot.store.work_queue import MODEL, Claim, QueueStatus, Touch, WorkQueue

log = structlog.get_logger()

OVERDUE_SECONDS: Final = 0.5
"""Seconds for which requests may keep work waiting for a thread."""

BUSY_LIMIT: Final = 1000
"""Number of busy workspaces that one statement returns."""

LONGEST_PAUSE_SECONDS: Final = 0.1
"""A poll is followed by a pause that is as long as the poll was, but not longer than this."""


class WorkPace(msgspec.Struct, frozen=True, kw_only=True):
    """Timing in seconds: first retry of failed work, and lease of a claim."""

    retry_seconds: float = 2.0
    lease: float = 60.0
    channel_interval: float = 1.0
    """Minimum seconds between two writes into one channel."""


class WorkspaceWork(msgspec.Struct, frozen=True, kw_only=True):
    """Work of one workspace: its kinds, and how a claim is run."""

    kinds: dict[str, Kind]
    run: Callable[[Claim, Kind], Callable[[], None]]
    """Hold a claim, and return the task that does the work."""


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
        self._works: dict[str, WorkspaceWork] = {}
        self._ready: dict[str, float] = {}
        """Workspaces with work to claim, and since when; which got a thread longest ago is the first."""
        self._held_back: set[str] = set()
        """Workspaces that used their share of the threads, so that there may be work that was not claimed."""
        self._awaiting_external: dict[str, None] = {}
        """Workspaces whose external work was not claimed, because others used the share of such work."""
        self._expired: dict[str, ExpiredClaims] = {}
        self._finishing: dict[str, frozenset[str]] = {}
        self._claiming = False
        self._polled_before = False
        self._timer = PollTimer(clock)
        self.held = HeldClaims(queue, self.pace.lease, clock)
        self._shares = ThreadShares(pool.threads, self.held, self._request_waits, clock)
        self.results = WorkResults(queue, self.pace.retry_seconds, clock, timer=self._timer)
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
            self._finishing.pop(tenant, None)
            self._held_back.discard(tenant)
            self._awaiting_external.pop(tenant, None)

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
        quiet: list[Touch] = []
        for one in touches:
            if one.quiet:
                quiet.append(one)
            else:
                self._timer.work_due(one.item.tenant)
        if quiet:
            self._timer.claim_after_quiet(quiet)

    def work_ended(self, tenant: str) -> None:
        """Claim the work for which there was no thread."""
        if self._awaiting_external and not self._shares.external_is_used:
            waiting, self._awaiting_external = self._awaiting_external, {}
            for one in waiting:
                self._timer.work_due(one)
        if tenant in self._held_back or tenant in self._finishing:
            self._held_back.discard(tenant)
            self._timer.work_due(tenant)
        elif self._ready:
            self._timer.thread_free()

    def is_working(self, tenant: str) -> bool:
        """Return whether work of a workspace is under way in this process."""
        return self._claiming or tenant in self._ready or bool(self.held.by_group(tenant))

    def release_all(self) -> None:
        """End the claims of earlier processes in every workspace; no other process may serve the store."""
        for tenant, status in self._busy().items():
            if status.claimed:
                self.queue.release_all(tenant)

    def finish(self, kinds: Collection[str], seconds: float) -> None:
        """Run all due work of some kinds without debounce, then end; give up after `seconds`.

        Running work of other kinds is awaited as well, because it has results to record. Workspaces without
        parts in this process are left to the other processes, or to the next start.
        """
        deadline = self.clock() + seconds
        tenants = tuple(self._works)  # some of which may end meanwhile
        self._finishing = dict.fromkeys(tenants, frozenset(kinds))
        unfinished = tuple(one for one in tenants if not self._is_finished(one))
        self._timer.work_due(*unfinished)
        while self._thread.is_alive() and self.clock() < deadline and not self._timer.stopped:
            unfinished = tuple(one for one in unfinished if not self._is_finished(one))
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
        self.held.renew_all()
        self.results.record_unsettled()
        due = self._timer.begin_poll()
        busy = self._busy() if due.everything else {}
        watched = [one for one in self._expired if due.everything or one in due.due]
        for tenant in dict.fromkeys((*busy, *watched)):
            with _isolated(tenant):
                self._look(tenant, busy.get(tenant, QueueStatus()))
        self._make_ready(due.due)
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

    def _busy(self) -> dict[str, QueueStatus]:
        """Return the status of the workspaces with something to do.

        Rows that became due lately are left to the process that touched them: two that try to claim the same
        rows cost each other time. At its start, a process does not wait for the one before it.
        """
        now, busy = self._now(), dict[str, QueueStatus]()
        overdue = POLL_SECONDS if self._polled_before and self.queue.is_shared else 0.0
        while True:
            part = self.queue.busy_tenants(
                now, after=next(reversed(busy), ""), limit=BUSY_LIMIT, overdue=overdue
            )
            busy |= part
            if len(part) < BUSY_LIMIT:
                break
        self._polled_before = True
        return busy

    def _look(self, tenant: str, status: QueueStatus) -> None:
        """Note what there is to do in a workspace."""
        work = self._prepared(tenant) if status.claimable else self._works.get(tenant)
        if status.claimed or tenant in self._expired:
            self._take_over(tenant)
        if work is not None and (status.claimable or tenant in self._finishing):
            self._make_ready([tenant])

    def _free(self) -> int:
        """Return how many works may begin at present."""
        found = next(iter(self._ready.values()), None)
        overdue = found is not None and self.clock() - found > OVERDUE_SECONDS
        return self._shares.free(overdue=overdue)

    def _make_ready(self, tenants: Iterable[str]) -> None:
        """Claim work of some workspaces in their turn."""
        for one in tenants:
            self._ready.setdefault(one, self.clock())

    def _begin(self) -> None:
        """Start work of the workspaces in turn, while there are threads."""
        while self._ready and not self._timer.stopped and (free := self._free()) > 0:
            tenants = list(itertools.islice(self._ready, free))
            self._claiming = True
            try:
                works: dict[str, WorkspaceWork] = {}
                for one in tenants:
                    del self._ready[one]
                    with _isolated(one):
                        if (work := self._prepared(one)) is not None:
                            works[one] = work
                for claim in self._claim(works):
                    tenant = claim.item.tenant
                    self._start(works[tenant], claim)
                    if claim.more or tenant in self._finishing:
                        self._make_ready([tenant])
            finally:
                self._claiming = False

    def _claim(self, works: Mapping[str, WorkspaceWork]) -> Iterator[Claim]:
        """Claim a row in each of several workspaces, with as few statements as possible.

        What one statement has claimed is begun before the next one, which may fail.
        """
        now, alike = self._now(), dict[_Choice, list[str]]()
        for tenant, work in works.items():
            choice = self._choice(tenant, work)
            if choice is not None:
                alike.setdefault(choice, []).append(tenant)
        for choice, tenants in alike.items():
            yield from self.queue.claim_each(
                tenants,
                now,
                exclude=choice.exclude,
                only=choice.only,
            )

    def _choice(self, tenant: str, work: WorkspaceWork) -> "_Choice | None":
        """Return which rows may be claimed; None if none may."""
        busy = self._busy_kinds(tenant, work)
        if busy is None or busy:
            self._held_back.add(tenant)
        if busy is None:
            return None
        return _Choice(exclude=tuple(busy), only=tuple(sorted(self._finishing.get(tenant, ()))))

    def _prepared(self, tenant: str) -> WorkspaceWork | None:
        """Return the work of a workspace; None if it must wait."""
        if tenant not in self._works:
            self._prepare(tenant)
        return self._works.get(tenant)

    def _busy_kinds(self, tenant: str, work: WorkspaceWork) -> list[str] | None:
        """Return the kinds of which a workspace may begin no work; None if it uses its share."""
        if self._shares.external_is_used:
            self._awaiting_external[tenant] = None
        return self._shares.busy_kinds(tenant, work.kinds.values())

    def _start(self, work: WorkspaceWork, claim: Claim) -> None:
        kind = work.kinds.get(claim.item.kind)
        if kind is None:
            log.error("no such kind of work", kind=claim.item.kind)
            self.queue.settle(claim)
            return
        if kind.external and self._shares.external_is_used:
            # Several workspaces have claimed work of such kinds at once.
            self.queue.settle(claim, again_after=0.0)
            self._awaiting_external[claim.item.tenant] = None
            return
        self._pool.submit(work.run(claim, kind))

    def _take_over(self, tenant: str) -> None:
        expired = self._expired.setdefault(
            tenant, ExpiredClaims(self.queue, tenant, self.pace.lease, self.clock)
        )
        work = None
        for claim in expired.take_over(self.held.is_own):
            work = work or self._prepared(tenant)
            log.info("took over work", kind=claim.item.kind, subject=claim.item.subject)
            if work is None:
                self.queue.retry_later(claim, 0.0, counted=False)
            else:
                self._start(work, claim)
        if not expired.watched:
            self._expired.pop(tenant, None)

    def _is_finished(self, tenant: str) -> bool:
        try:
            if tenant in self._works and self.queue.waits(tenant, (MODEL, *self._finishing.get(tenant, ()))):
                return False
        except StoreError:
            return True
        # In this order: what waits no longer may have been claimed in between.
        return not self._claiming and not self.held.by_group(tenant)


class _Choice(NamedTuple):
    """Kinds of work in a claim, as `WorkQueue.claim` describes them."""

    exclude: tuple[str, ...]
    only: tuple[str, ...]


@contextmanager
def _isolated(*tenants: str) -> Generator[None]:
    """Return a block whose error is logged, except for one of the store.

    What is broken in one workspace must not keep the others waiting.
    """
    try:
        yield
    except StoreError:
        raise
    except Exception:
        log.exception("the work of a workspace cannot be looked through", tenants=tenants)
