"""Results of queued work: recorded when it ends, or as soon as the store can record them."""

import threading
from collections.abc import Callable
from typing import Final

import msgspec
import structlog

from bot.delivery.poll_timer import PollTimer
from bot.delivery.work_kinds import Done, Failure
from bot.store import StoreError
from bot.store.work_queue import Claim, Settled, WorkQueue

log = structlog.get_logger()

MAX_RETRY_SECONDS: Final = 60.0
"""Maximum seconds between attempts of work that keeps failing."""


class _UnsettledResult(msgspec.Struct, frozen=True, kw_only=True):
    """Result of work whose claim still stands, because it could not be settled, as far as is known."""

    claim: Claim
    result: Done | Failure
    paused_until: float


class WorkResults:
    """Records the results of work; `timer` has the workspaces polled whose work is due, now or later.

    Failed work is first retried after `retry_seconds`.
    """

    def __init__(
        self,
        queue: WorkQueue,
        retry_seconds: float,
        clock: Callable[[], float],
        *,
        timer: PollTimer,
    ) -> None:
        self._queue = queue
        self._retry_seconds = retry_seconds
        self._clock = clock
        self._timer = timer
        self._lock = threading.Lock()
        self._unsettled: list[_UnsettledResult] = []

    def record(self, claim: Claim, result: Done | Failure, *, paused_until: float) -> None:
        """Settle work, now or when the store can record it; its lane is paused until a time."""
        self._record_or_keep(_UnsettledResult(claim=claim, result=result, paused_until=paused_until))

    def record_unsettled(self) -> None:
        """Settle work whose result could not be recorded, as with a full disk.

        Its claim stands until then: without this, its lane would be blocked for the length of a lease.
        """
        with self._lock:
            unsettled, self._unsettled = self._unsettled, []
        while unsettled and self._record_or_keep(unsettled[0]):
            del unsettled[0]
        with self._lock:
            self._unsettled += unsettled[1:]  # each failure may wait for a lock of the file

    def _record_or_keep(self, unsettled: _UnsettledResult) -> bool:
        """Settle work; return False if that has to be tried again."""
        try:
            self._settle(unsettled)
        except StoreError as fault:
            kind = unsettled.claim.item.kind
            log.warning("work cannot be settled yet", kind=kind, fault=type(fault).__name__)
            with self._lock:
                self._unsettled.append(unsettled)
            return False
        return True

    def _settle(self, unsettled: _UnsettledResult) -> None:
        claim, result = unsettled.claim, unsettled.result
        tenant = claim.item.tenant
        pause = max(0.0, unsettled.paused_until - self._clock())
        if isinstance(result, Done):
            settled = self._queue.settle(
                claim, again_at=result.again_at, again_after=result.again_after, pause=pause
            )
            if settled is not Settled.DONE:
                self._timer.work_due(tenant)
            if result.again_after is not None:
                self._timer.claim_in(tenant, result.again_after)
        else:
            seconds = result.wait or min(
                self._retry_seconds * 2 ** min(claim.tries - 1, 8), MAX_RETRY_SECONDS
            )
            self._queue.retry_later(claim, seconds, counted=result.counted, pause=max(result.wait, pause))
            self._timer.work_due(tenant)
            self._timer.claim_in(tenant, seconds)
        if pause:
            self._timer.claim_in(tenant, pause)
