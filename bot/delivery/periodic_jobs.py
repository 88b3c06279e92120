"""Periodic jobs: each runs at a fixed interval, never concurrently with itself."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from bot.delivery.pool import Pool
from bot.logs import work_context
from bot.store import StoreError

log = structlog.get_logger()


class PeriodicJob(msgspec.Struct, frozen=True, kw_only=True):
    """Periodic job with its interval in seconds."""

    name: str
    every: float
    work: Callable[[], object]


class PeriodicJobs:
    """Scheduler of periodic jobs on a thread pool; the first run is at the start.

    A failed job runs again at its next time; `expected` failures are logged in one line.
    """

    def __init__(
        self,
        pool: Pool,
        *jobs: PeriodicJob,
        expected: tuple[type[Exception], ...] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool = pool
        self._jobs = list(jobs)
        self._expected = (*expected, StoreError)
        self._clock = clock
        self._changed = threading.Condition()
        self._running: set[str] = set()
        self._again: set[str] = set()
        self._began: dict[str, float] = {}
        self._ended = False
        # It logs every job and every wake-up.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._scheduler: Any = BackgroundScheduler(timezone=UTC, daemon=True)  # the library has no types

    def add(self, job: PeriodicJob) -> None:
        """Add a job."""
        self._jobs.append(job)
        if self._scheduler.running:
            self._schedule(job)

    def start(self) -> None:
        """Start all jobs."""
        for job in self._jobs:
            self._schedule(job)
        self._scheduler.start()

    def soon(self) -> None:
        """Run every job now; a running job runs again afterwards."""
        for job in list(self._jobs):
            self._fire(job, again=True)

    def check(self) -> None:
        """Run overdue jobs: the scheduler uses the wall clock, which may be set back."""
        now = self._clock()
        for job in list(self._jobs):
            began = self._began.get(job.name)
            if began is not None and now - began > 2 * job.every + 1.0:
                self._fire(job)

    def end(self) -> None:
        """Start no further job."""
        with self._changed:
            self._ended = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def stop(self, seconds: float, *names: str) -> None:
        """Start no further job, and wait up to `seconds` for running jobs, or only for the named ones."""
        self.end()
        of = set(names) or {job.name for job in self._jobs}
        with self._changed:
            if not self._changed.wait_for(lambda: not self._running & of, seconds):
                log.warning(
                    "a periodic job did not end in time", jobs=sorted(self._running & of), seconds=seconds
                )

    def _schedule(self, job: PeriodicJob) -> None:
        self._scheduler.add_job(
            lambda: self._fire(job),
            "interval",
            seconds=job.every,
            next_run_time=datetime.now(UTC),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def _fire(self, job: PeriodicJob, *, again: bool = False) -> None:
        with self._changed:
            if self._ended:
                return
            if job.name in self._running:
                if again:
                    self._again.add(job.name)
                return
            self._running.add(job.name)
            self._began[job.name] = self._clock()
        self._pool.submit(lambda: self._run_logged(job))

    def _run_logged(self, job: PeriodicJob) -> None:
        with work_context(job.name):
            self._run(job)

    def _run(self, job: PeriodicJob) -> None:
        try:
            if not self._ended:
                job.work()
        except self._expected as fault:  # pyrefly: ignore[not-a-type]
            log.warning("a periodic job failed", job=job.name, fault=str(fault))
        except Exception:
            # A failed job must not end the others.
            log.exception("a periodic job failed", job=job.name)
        finally:
            with self._changed:
                self._running.discard(job.name)
                again = job.name in self._again
                self._again.discard(job.name)
                self._changed.notify_all()
            if again:
                self._fire(job)
