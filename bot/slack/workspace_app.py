"""The parts of the bot: those that all workspaces share, and those that serve one."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
import structlog

from bot.commands.command_handler import CommandHandler
from bot.delivery.pool import Pool
from bot.delivery.work_dispatcher import WorkDispatcher
from bot.delivery.work_kinds import Kind
from bot.delivery.worker import Worker
from bot.metrics import Metrics
from bot.scheduled_jobs.reminder_work import ReminderWork
from bot.settings import Settings
from bot.slack.directory.channel_reads import ChannelReads
from bot.slack.directory.directory_lookup import DirectoryLookup
from bot.slack.handlers.thread_pool import DeferredWork
from bot.slack.queries.model_overviews import RegisterCache
from bot.slack.queries.services import Services
from bot.slack.slots.work_scheduler import Pace
from bot.slack.slots.workspace_deliveries import WorkspaceDeliveries
from bot.slack.transport.bolt_app import WorkspaceRequests
from bot.store import Store
from bot.token_cipher import TokenCipher
from bot.tracker_sync.workspace_sync import WorkspaceSync
from bot.trackers.open_tracker import TrackerOpener

log = structlog.get_logger()


class ProcessParts(msgspec.Struct, frozen=True, kw_only=True):
    """Parts that do not depend on a workspace: the threads, the queue, the store and the clock."""

    settings: Settings
    command_handler: CommandHandler
    store: Store
    clock: Callable[[], datetime]
    metrics: Metrics
    pace: Pace
    pool: Pool
    dispatcher: WorkDispatcher
    deferred_work: DeferredWork
    open_tracker: TrackerOpener
    cipher: TokenCipher | None = None
    """Encrypts the tokens of trackers; None without keys."""
    registers: RegisterCache = msgspec.field(default_factory=RegisterCache)


class SlackPermission:
    """Permission of Slack to call it in one workspace: once revoked, nothing is sent there.

    It is given again with another token, or at the next start.
    """

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


class WorkspaceApp(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of the bot that serve one workspace; `requests` are those that answer Slack.

    Nothing that only they know must be kept, so that they may be dropped whenever they are idle, and made
    again by this or another process.
    """

    services: Services
    lookup: DirectoryLookup
    reminders: ReminderWork
    permission: SlackPermission
    worker: Worker
    deliveries: WorkspaceDeliveries
    sync: WorkspaceSync
    """Keeps the issues of mitigations up to date."""
    channel_reads: ChannelReads
    kinds: Sequence[Kind]
    """All kinds of work of the queue."""
    requests: WorkspaceRequests
    check_pending: Callable[[], None]
    """Checks the requests that wait for a look-up."""

    @property
    def tenant(self) -> str:
        """The ID of the workspace."""
        return self.services.installation.team

    @property
    def stop_reason(self) -> str:
        """Return Slack's reason for which nothing is sent; empty while the bot may send."""
        return self.permission.revoked

    @property
    def holds_unsaved(self) -> bool:
        """Whether there is something that only these parts know yet."""
        late = self.deliveries.has_late_posts or self.sync.reconciler.has_late_posts
        return late or self.channel_reads.is_requested

    def start(self) -> None:
        """Start the work of the queue."""
        if not self.stop_reason:
            self.worker.start(self.kinds)

    def schedule_missed(self) -> None:
        """Schedule what an earlier release or a process that ended may have left; raises StoreUnavailable."""
        self.deliveries.start()
        self.sync.start()
        self.channel_reads.request_missed()

    def stop_sending(self, why: str) -> None:
        """Send nothing from now on; requests are still recorded."""
        self.permission.revoke(why)
