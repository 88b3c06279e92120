"""Worker: runs the claimed work of one workspace, whose queue the dispatcher polls."""

import threading
from collections.abc import Callable, Collection, Iterable

import structlog

from bot.delivery.work_dispatcher import ClaimedWork, WorkDispatcher, WorkResult, WorkspaceWork
from bot.delivery.work_kinds import Done, Failure, Kind
from bot.logs import work_context
from bot.store import StoreError
from bot.store.work_queue import Overtaken, Touch

log = structlog.get_logger()


class _Running(threading.local):
    work: ClaimedWork | None = None
    paused_until: float = 0.0


class Worker:
    """Worker of one workspace; many processes may run one, and each row is claimed by one at a time.

    `failed` maps an exception to a Failure; `ended` is called when a failure ends all work; `count` counts
    results by kind.
    """

    def __init__(
        self,
        dispatcher: WorkDispatcher,
        tenant: str,
        *,
        failed: Callable[[Exception], Failure],
        ended: Callable[[str], None],
        count: Callable[[str, str], None] = lambda _kind, _what: None,
    ) -> None:
        self._dispatcher = dispatcher
        self._queue = dispatcher.queue
        self._tenant = tenant
        self._failed = failed
        self._ended = ended
        self._count = count
        self._work: WorkspaceWork | None = None
        self._running = _Running()

    def start(self, kinds: Iterable[Kind]) -> None:
        """Start with all work that is due."""
        self._work = WorkspaceWork(kinds={kind.name: kind for kind in kinds}, do=self._do)
        self._dispatcher.add(self._tenant, self._work)

    def end(self) -> None:
        """Start no further work."""
        if self._work is not None:
            self._dispatcher.remove(self._tenant, self._work)

    def wake(self) -> None:
        """Poll the queue now: this process has changed something."""
        self._dispatcher.wake(self._tenant)

    def model_changed(self) -> None:
        """Poll the queue shortly, once for all models that this process changes until then."""
        self._dispatcher.model_changed(self._tenant)

    def touch(self, *touches: Touch, durable: bool = False) -> None:
        """Make work due; raises StoreUnavailable."""
        self._queue.touch(*touches, durable=durable)
        self._dispatcher.schedule(touches)

    def hurry(self, kind: str, subjects: Collection[str]) -> bool:
        """Make rows due now that were put off; return whether there were any; raises StoreUnavailable."""
        return self._queue.hurry(self._tenant, kind, subjects)

    def pause(self) -> None:
        """Note that the current work writes to its lane now, so the lane's next work is delayed."""
        self._running.paused_until = self._dispatcher.clock() + self._dispatcher.pace.channel_interval

    @property
    def subject(self) -> str:
        """Subject of the work running on this thread; empty if it is not queued work."""
        work = self._running.work
        return f"{work.claim.item.kind}/{work.claim.item.subject}" if work else ""

    def check(self, _call: str = "") -> None:
        """Check that this process still holds the claim of the running work; raises Overtaken.

        Call it before each call that shows something to users. A process whose session with the database was
        lost may find its claim taken over.
        """
        work = self._running.work
        if work is not None and not self._queue.is_held(work.claim):
            raise Overtaken

    def _do(self, work: ClaimedWork) -> None:
        running, item = self._running, work.claim.item
        with work_context(f"{item.kind}/{item.subject}", work_id=work.claim.token, workspace=self._tenant):
            running.work, running.paused_until = work, 0.0
            try:
                result = self._attempt(work)
                if result is not None:
                    self._record(work, result)
            finally:
                running.work = None
                self._dispatcher.work_ended(work)

    def _attempt(self, work: ClaimedWork) -> Done | Failure | None:
        """Run the work; return its result, or None if another process has taken it over."""
        claim, kind = work.claim, work.kind
        try:
            with self._queue.guarding(claim):
                return kind.run(claim)
        except Overtaken:
            log.warning("another process took over", kind=kind.name, subject=claim.item.subject)
            self._poll_again(work)
            return None
        except Exception as fault:  # noqa: BLE001  (classified, and logged with what is known of it)
            failure = self._failed(fault)
            if failure.fatal:
                self._ended(failure.reason)
            # Waiting for a turn is normal operation; everything else has a cause to look for.
            entry = log.debug if failure.paced else log.warning
            entry(
                "put off",
                kind=kind.name,
                subject=claim.item.subject,
                why=failure.reason,
                tries=claim.tries,
                exc_info=failure.trace,
            )
            return failure

    def _poll_again(self, work: ClaimedWork) -> None:
        try:
            work.kind.lost(work.claim)
            self.touch(Touch(item=work.claim.item, lane=work.claim.lane))
        except StoreError as fault:
            kind = work.kind.name
            log.warning("lost work cannot be looked at again", kind=kind, fault=type(fault).__name__)

    def _record(self, work: ClaimedWork, result: Done | Failure) -> None:
        if not isinstance(result, Done):
            self._count(work.kind.name, "paced" if result.paced else "put_off")
        paused_until = self._running.paused_until
        self._dispatcher.record(WorkResult(claim=work.claim, result=result, paused_until=paused_until))
