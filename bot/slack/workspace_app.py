"""The parts of the bot, those that workspaces share and those of each one, and the open workspaces."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
import structlog

from bot.commands.command_handler import CommandHandler
from bot.delivery.pool import Pool
from bot.delivery.work_dispatcher import WorkDispatcher
from bot.delivery.work_kinds import Kind
from bot.delivery.worker import Worker
from bot.metrics import Metrics
from bot.scheduled_jobs.reminder_work import ReminderWork
from bot.settings import Secret, Settings
from bot.slack.directory.channel_reads import ChannelReads
from bot.slack.directory.directory_lookup import DirectoryLookup
from bot.slack.handlers.thread_pool import DeferredWork
from bot.slack.protocol.installation import InstallationDirectory, InstalledWorkspace
from bot.slack.queries.model_overviews import RegisterCache
from bot.slack.queries.services import Services
from bot.slack.slots.work_scheduler import Pace
from bot.slack.slots.workspace_deliveries import WorkspaceDeliveries
from bot.slack.transport.bolt_app import WorkspaceRequests
from bot.store import Store, StoreError
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


MAX_OPEN: Final = 500
"""Number of workspaces above which those unused for the longest time are closed."""

IDLE_SECONDS: Final = 60.0
"""Seconds after its last use for which a workspace stays open: what follows a request has ended by then."""

ASK_AGAIN_SECONDS: Final = 30.0
"""Seconds after which the installation of a workspace that has ended is first looked up again for its work.

Each further wait is twice as long. A process that learns of another installation wakes the workspace at once;
what other processes learn of is found by looking.
"""

LONGEST_WAIT_SECONDS: Final = 3600.0
"""Maximum seconds between two such look-ups."""


_Grant = tuple[Secret, datetime | None]
"""The token of an installation, and when it was installed: a second installation may have the same token."""


class _Ended(NamedTuple):
    """Workspace without an installation that is in force: when to look again, and after which wait."""

    again: float
    wait: float


class _Open(msgspec.Struct, eq=False):
    app: WorkspaceApp
    grant: _Grant
    used: float


class OpenWorkspaces(msgspec.Struct, eq=False):
    """Workspaces whose parts exist in this process.

    `compose` makes the parts of one, and `opened` is called after that; it must return quickly. A workspace
    for which `is_working` stays open.
    """

    installations: InstallationDirectory
    compose: Callable[[InstalledWorkspace], WorkspaceApp]
    is_working: Callable[[str], bool] = lambda _: False
    opened: Callable[[], None] = lambda: None
    most: int = MAX_OPEN
    clock: Callable[[], float] = time.monotonic
    _lock: threading.RLock = msgspec.field(default_factory=threading.RLock)
    _open: dict[str, _Open] = {}
    """By workspace; the one that was used last is the last."""
    _ended: dict[str, _Ended] = {}
    _scheduled: set[str] = msgspec.field(default_factory=set)
    """Workspaces in which this process has scheduled what others may have left."""

    def of_installation(self, found: InstalledWorkspace) -> WorkspaceApp | None:
        """Return the parts of an installed workspace; None if the installation has ended."""
        if found.state != "installed":
            return None
        with self._lock:
            known = self._open.get(found.tenant)
            if known is not None and known.app.stop_reason and known.grant != _grant(found):
                log.info("the app was installed again", workspace=found.tenant)
                self._close(found.tenant)
                self._scheduled.discard(found.tenant)  # events may have been missed
                known = None
            return known.app if known is not None and self._use(known) else self._make(found)

    def of_tenant(self, tenant: str) -> WorkspaceApp | None:
        """Return the parts of a workspace with queued work; None if nothing may be sent there.

        Where Slack refused a call and the installation is still in force, another call is tried after the
        wait for an ended workspace: the refusal may have been a mistake. Raises StoreUnavailable.
        """
        with self._lock:
            known = self._open.get(tenant)
            if known is not None and not known.app.stop_reason:
                self._use(known)
                return known.app
            ended = self._ended.get(tenant)
            if ended is not None and ended.again > self.clock():
                return None
        found = self.installations.find("", tenant)
        if known is not None and ended is not None and found is not None:
            self._try_again(known, found, ended)
        app = self.of_installation(found) if found is not None else None
        if app is not None and not app.stop_reason:
            return app
        self._note_ended(tenant)
        return None

    def installation_changed(self, tenant: str) -> None:
        """Drop the parts of a workspace: the app was installed there again, or is no longer."""
        with self._lock:
            if tenant in self._open:
                self._close(tenant)
            self._ended.pop(tenant, None)
            self._scheduled.discard(tenant)

    def sending(self) -> list[WorkspaceApp]:
        """Return the open workspaces in which the bot may send."""
        with self._lock:
            return [one.app for one in self._open.values() if not one.app.stop_reason]

    def schedule_missed(self) -> None:
        """Schedule what was left in the workspaces that were opened since the last time.

        Where the store is unavailable, it is tried again the next time.
        """
        for app in self.sending():
            if app.tenant in self._scheduled:
                continue
            self._scheduled.add(app.tenant)
            try:
                app.schedule_missed()
            except StoreError:
                self._scheduled.discard(app.tenant)
                raise

    def schedule_again(self) -> None:
        """Read the channels again of each workspace that is open or opened later, as events were missed."""
        with self._lock:
            self._scheduled.clear()
        for app in self.sending():
            self._scheduled.add(app.tenant)
            app.channel_reads.request_all()

    def close_unused(self) -> None:
        """Close the workspaces unused for the longest time, if there are too many."""
        with self._lock:
            now = self.clock()
            for tenant, one in list(self._open.items()):
                if len(self._open) <= self.most or now - one.used < IDLE_SECONDS:
                    return
                if not (one.app.stop_reason or one.app.holds_unsaved or self.is_working(tenant)):
                    self._close(tenant)

    def _use(self, known: _Open) -> bool:
        known.used = self.clock()
        self._open[known.app.tenant] = self._open.pop(known.app.tenant)
        return True

    def _make(self, found: InstalledWorkspace) -> WorkspaceApp:
        app = self.compose(found)
        self._open[found.tenant] = _Open(app, _grant(found), self.clock())
        self._ended.pop(found.tenant, None)
        app.start()
        self.opened()
        return app

    def _try_again(self, known: _Open, found: InstalledWorkspace, ended: _Ended) -> None:
        """Make the parts of a stopped workspace again; the wait until the next time is longer."""
        with self._lock:
            if self._open.get(found.tenant) is known and found.state == "installed":
                log.info("trying again to send", workspace=found.tenant)
                self._close(found.tenant)
                self._make(found)
                wait = min(2 * ended.wait, LONGEST_WAIT_SECONDS)
                self._ended[found.tenant] = _Ended(again=self.clock() + wait, wait=wait)

    def _close(self, tenant: str) -> None:
        self._open.pop(tenant).app.worker.end()

    def _note_ended(self, tenant: str) -> None:
        now = self.clock()
        with self._lock:
            before = self._ended.get(tenant)
            wait = min(2 * before.wait, LONGEST_WAIT_SECONDS) if before else ASK_AGAIN_SECONDS
            # Work that is no longer queued is no longer asked for.
            asked = {one: it for one, it in self._ended.items() if it.again > now - LONGEST_WAIT_SECONDS}
            self._ended = {**asked, tenant: _Ended(again=now + wait, wait=wait)}


def _grant(found: InstalledWorkspace) -> _Grant:
    return found.token, found.installed_at
