"""The running bot of one workspace: started, watched and stopped as one."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
import structlog
from slack_bolt import App

from bot.delivery.periodic_jobs import PeriodicJob, PeriodicJobs
from bot.delivery.pool import Pool
from bot.delivery.work_kinds import Kind
from bot.delivery.worker import Worker
from bot.scheduled_jobs.reminder_work import ReminderWork
from bot.slack.directory.channel_reads import ChannelReads
from bot.slack.directory.directory_lookup import DirectoryLookup
from bot.slack.handlers.deferred import DeferredWork
from bot.slack.queries.services import Services
from bot.slack.slots.model_changes import CHANGES
from bot.slack.slots.workspace_deliveries import WorkspaceDeliveries
from bot.store.repositories.cards import CARD
from bot.store.work_queue import Backlog, WorkQueue

log = structlog.get_logger()


class SlackPermission:
    """Permission of Slack to call it: once revoked, nothing is sent until the next start."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []
        self.revoked = ""
        """Slack's reason; empty while the permission holds."""

    def on_revoked(self, *listeners: Callable[[], None]) -> None:
        """Call listeners once the permission is revoked."""
        self._listeners.extend(listeners)

    def revoke(self, why: str) -> None:
        """Stop sending; requests are still recorded."""
        log.error("Slack revoked the app's permission; sending has stopped", why=why)
        self.revoked = why
        for listener in self._listeners:
            listener()


class QueueWatch:
    """Time since the last poll of the work queue; each poll also checks the periodic rounds."""

    def __init__(self, rounds: PeriodicJobs) -> None:
        self._rounds = rounds
        self._looked_at = time.monotonic()

    def record_poll(self) -> None:
        """Record a poll of the queue."""
        self._looked_at = time.monotonic()
        self._rounds.check()

    @property
    def quiet_seconds(self) -> float:
        """Return the seconds since the last poll."""
        return time.monotonic() - self._looked_at


class WorkspaceApp(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of the bot that serve one workspace; `bolt` makes the app that answers requests of Slack."""

    services: Services
    lookup: DirectoryLookup
    reminders: ReminderWork
    deferred_work: DeferredWork
    permission: SlackPermission
    queue_watch: QueueWatch
    queue: WorkQueue
    pool: Pool
    worker: Worker
    rounds: PeriodicJobs
    deliveries: WorkspaceDeliveries
    channel_reads: ChannelReads
    kinds: Sequence[Kind]
    """All kinds of work of the queue."""
    bolt: Callable[[], App]
    now: Callable[[], datetime]

    def start(self, *, alone: bool) -> None:
        """Start the background work.

        A process that is `alone` releases the claims of earlier processes.
        """
        if alone:
            self.queue.release_all(self._tenant)
        self.worker.start(self.kinds, self.deliveries.spread)
        self.deliveries.start()
        self.channel_reads.request_all()
        self.rounds.start()

    def add_round(self, one: PeriodicJob) -> None:
        """Add a periodic job."""
        self.rounds.add(one)

    @property
    def stop_reason(self) -> str:
        """Return Slack's reason for which nothing is sent; empty while the bot may send."""
        return self.permission.revoked

    @property
    def quiet_seconds(self) -> float:
        """Return the seconds since the last poll of the work queue."""
        return self.queue_watch.quiet_seconds

    def backlog(self) -> Backlog:
        """Return the amount of waiting work; raises StoreUnavailable."""
        return self.queue.backlog(self._tenant, self.now())

    def schedule_refresh(self) -> None:
        """Schedule a read of every channel: the connection is new, and events may have been missed."""
        # Only recorded here: the thread that reports the connection must not wait for the database.
        self.channel_reads.request_all()
        self.rounds.soon()

    def stop(self, seconds: float) -> None:
        """Finish the work under way within so many seconds."""
        ends = time.monotonic() + seconds
        self.rounds.end()
        if not self.deferred_work.finish(seconds / 2):
            log.warning("some replies were not sent in time")
        if not self.stop_reason:
            # The cards that are due are still updated.
            self.worker.finish((CHANGES, CARD), max(0.1, ends - time.monotonic()))
        self.rounds.stop(max(0.1, ends - time.monotonic()))
        self.pool.end()

    def stop_sending(self, why: str) -> None:
        """Send nothing from now on; requests are still recorded."""
        self.permission.revoke(why)

    @property
    def _tenant(self) -> str:
        return self.services.installation.team
