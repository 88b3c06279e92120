"""The running bot of one process: shared threads, a dispatcher, a scheduler, and the open workspaces."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

import structlog
from msgspec.structs import replace
from slack_bolt import App

from bot.commands.command_handler import CommandHandler
from bot.delivery.periodic_jobs import PeriodicJob, PeriodicJobs
from bot.delivery.pool import Pool
from bot.delivery.request_waits import RequestWaits
from bot.delivery.work_dispatcher import WorkDispatcher
from bot.metrics import Metrics
from bot.scheduled_jobs.reminder_planner import OVERDUE
from bot.scheduled_jobs.reminder_work import DUE_REMINDER, LATEST
from bot.settings import Settings
from bot.slack.app import compose_workspace
from bot.slack.directory.app_installations.installation_service import (
    InstallationService,
    serve_installations,
)
from bot.slack.handlers.thread_pool import DeferredWork
from bot.slack.protocol.installation import ConfiguredInstallation, InstallationDirectory, InstalledWorkspace
from bot.slack.protocol.payload_parsing import payload_origins
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable
from bot.slack.queries import form_snapshots, pending_imports
from bot.slack.slots.work_scheduler import Pace
from bot.slack.transport.bolt_app import WorkspaceRequests, make_bolt_app
from bot.slack.transport.http_sites import RequestResults
from bot.slack.transport.link_pages import LinkPages
from bot.slack.transport.tracker_webhooks import TrackerWebhooks, WebhookTarget
from bot.slack.workspace_app import OpenWorkspaces, ProcessParts, WorkspaceApp
from bot.store import Head, Store, StoreError, utc_now
from bot.store.kept_heads import REPAIR
from bot.store.records import tenant_of
from bot.store.reminder_store import REMINDERS
from bot.store.repositories.drafts import DRAFTS_KEPT_FOR
from bot.store.work_queue import MODEL, Backlog
from bot.token_cipher import TokenCipher, TokenUnreadable
from bot.tracker_sync.workspace_sync import poll_touch
from bot.trackers.connection_secrets import encrypt_connections_again, secrets_of
from bot.trackers.open_tracker import TrackerOpener, tracker_opener
from bot.trackers.tracker import TrackerFault
from bot.trackers.tracker_http import UrllibTransport
from domain.kernel.tracked_issue import TrackerId

PENDING_SECONDS: Final = 30.0
RETENTION_SECONDS: Final = 600.0
COMMANDS_SECONDS: Final = 86_400.0
ERASING_SECONDS: Final = 30.0
WATCH_SECONDS: Final = 1.0
REMINDERS_SECONDS: Final = 60.0
CHANNELS_SECONDS: Final = 5.0
INSTALLATIONS_SECONDS: Final = 600.0
TRACKER_KEYS_SECONDS: Final = 600.0
HEADS_SECONDS: Final = 30.0
"""Seconds between two notes of the ends of all chains: what is lost within them is not noticed."""

CALLS_KEPT_FOR: Final = timedelta(days=90)
"""Time for which calls of agents, and the tokens that they used, are kept after they ended."""

BACKLOG_SECONDS: Final = 1.0
"""Seconds for which the backlog is cached: several metrics report it, and one statement suffices."""

DIRECTORY_SECONDS: Final = 86_400.0
"""Seconds between two reads of a channel with many workspaces: events report what changes in between."""

IDLE_DIRECTORY_SECONDS: Final = 7 * DIRECTORY_SECONDS
"""The same for a channel in which no model has changed for a week."""

log = structlog.get_logger()

Clock = Callable[[], datetime]


class ProcessApp:
    """The running bot of one process, for the configured workspace or all installed ones.

    Without `installations`, it serves those in the store.
    """

    def __init__(
        self,
        settings: Settings,
        installations: InstallationDirectory | None,
        command_handler: CommandHandler,
        store: Store,
        clock: Clock,
        *,
        metrics: Metrics,
        pace: Pace | None = None,
        open_tracker: TrackerOpener | None = None,
    ) -> None:
        pace = pace or Pace()
        if not isinstance(installations, ConfiguredInstallation):
            pace = replace(
                pace,
                channel_read_seconds=DIRECTORY_SECONDS,
                idle_channel_read_seconds=IDLE_DIRECTORY_SECONDS,
            )
        pool = Pool()
        self.deferred_work = DeferredWork()
        self.rounds = PeriodicJobs(pool, expected=(ApiRefused, ApiUnreachable))
        self._polled_at = time.monotonic()
        self.request_waits = RequestWaits()
        self.request_results = RequestResults(metrics.slack_request)
        self.dispatcher = WorkDispatcher(
            store.work,
            pool,
            now=clock,
            prepare=self._prepare,
            polled=self._polled,
            pace=pace.work,
            request_waits=self.request_waits,
        )
        command_handler.subscribe(lambda stream: self.dispatcher.model_changed(tenant_of(stream)))
        self.parts = ProcessParts(
            settings=settings,
            command_handler=command_handler,
            store=store,
            clock=clock,
            metrics=metrics,
            pace=pace,
            pool=pool,
            dispatcher=self.dispatcher,
            deferred_work=self.deferred_work,
            open_tracker=open_tracker or tracker_opener(UrllibTransport(allowed=settings.tracker_hosts)),
            cipher=TokenCipher(settings.token_keys) if settings.token_keys else None,
        )
        self.installing: InstallationService | None = None
        if installations is None:
            self.installing = serve_installations(settings, store, self.dispatcher, now=clock)
            installations = self.installing.directory
        self._installations = installations
        configured = isinstance(installations, ConfiguredInstallation)
        self._only = installations.find("", "") if configured else None
        self.workspaces = OpenWorkspaces(installations, self._compose, is_working=self.dispatcher.is_working)
        self._last_check: datetime | None = None
        self._lost_heads: list[Head] = []
        self._backlog: Backlog | None = None
        self._backlog_until = 0.0
        for job in self._jobs():
            self.rounds.add(job)
        if self.installing is not None:
            self.installing.work.on_changed(self.workspaces.installation_changed, self._revoke_tokens)
            started = self.installing.work.start
            self.rounds.add(PeriodicJob(name="installations", every=INSTALLATIONS_SECONDS, work=started))

    def start(self) -> None:
        """Start the background work."""
        if self._only is not None:
            self.workspaces.of_installation(self._only)
        self.dispatcher.start()
        self.rounds.start()

    def stop(self, seconds: float) -> None:
        """Finish the work under way within so many seconds."""
        ends = time.monotonic() + seconds
        self.rounds.end()
        if not self.deferred_work.finish(seconds / 2):
            log.warning("some replies were not sent in time")
        # The cards that are due are still updated.
        self.dispatcher.finish((MODEL,), max(0.1, ends - time.monotonic()))
        self.rounds.stop(max(0.1, ends - time.monotonic()))
        self.parts.pool.end()
        try:
            self._note_heads()
        except StoreError as fault:
            log.warning("the ends of the chains were not noted", fault=str(fault))

    def bolt(self) -> App:
        """Return the app that answers requests of Slack."""
        settings, record = self.parts.settings, self.request_results.record
        return make_bolt_app(settings, self._find, take=self._take, record=record)

    def link_pages(self) -> LinkPages | None:
        """Return the pages of links to cards; None without a public URL."""
        return LinkPages(self._installations, self.parts.store) if self.parts.settings.public_url else None

    def tracker_webhooks(self) -> TrackerWebhooks:
        """Return what receives the webhooks of trackers."""
        return TrackerWebhooks(
            find=self._webhook_target,
            use_once=lambda name, until: self.parts.store.installations.use_once(
                name, until=until, now=self.parts.clock()
            ),
            wake=self._poll_tracker,
            now=self.parts.clock,
        )

    @property
    def only(self) -> WorkspaceApp | None:
        """The parts of the configured workspace, if the bot serves one."""
        return self.workspaces.of_installation(self._only) if self._only is not None else None

    @property
    def stop_reason(self) -> str:
        """Return Slack's reason for which nothing at all is sent; empty while the bot may send.

        One of many workspaces does not make the process useless for the others.
        """
        return self.only.stop_reason if self.only is not None else ""

    @property
    def quiet_seconds(self) -> float:
        """Return the seconds since the last poll of the work queue."""
        return time.monotonic() - self._polled_at

    def backlog(self) -> Backlog:
        """Return the waiting work of all workspaces, at most a second old; raises StoreUnavailable."""
        now = time.monotonic()
        if self._backlog is None or now >= self._backlog_until:
            self._backlog = self.parts.store.work.backlog(self.parts.clock())
            self._backlog_until = now + BACKLOG_SECONDS
        return self._backlog

    def overdue_reminders(self) -> int:
        """Return the number of reminders of all workspaces that are overdue; raises StoreUnavailable."""
        kinds, late = (REMINDERS, DUE_REMINDER), OVERDUE.total_seconds()
        return self.parts.store.housekeeping.overdue_reminders(kinds, self.parts.clock(), seconds=late)

    def count_stopped_trackers(self) -> int:
        """Return the number of trackers that are not called until their token is replaced."""
        return sum(one.stopped for _, one in self.parts.store.housekeeping.tracker_connections())

    def count_workspaces(self) -> int:
        """Return the number of workspaces in which the app is installed; raises StoreUnavailable."""
        return len(self._installations.tenants())

    def schedule_refresh(self) -> None:
        """Schedule a read of every channel: the connection is new, and events may have been missed."""
        # Only recorded here: the thread that reports the connection must not wait for the database.
        self.workspaces.schedule_again()
        self.rounds.soon()

    def _webhook_target(self, tenant: str, tracker: TrackerId) -> WebhookTarget | None:
        """Return a connected tracker with the secret of its webhooks; raises StoreUnavailable."""
        cipher = self.parts.cipher
        held = self.parts.store.unit(tenant).tracker_connections.find(tracker)
        known = self.parts.command_handler.settings.current(tenant).trackers.find(tracker)
        if cipher is None or held is None or known is None:
            return None
        try:
            secrets = secrets_of(cipher, held, tenant=tenant)
        except TokenUnreadable as fault:
            log.warning("a webhook cannot be checked", workspace=tenant, tracker=tracker, why=str(fault))
            return None
        return WebhookTarget(kind=known.kind, secret=secrets.webhook_secret)

    def _poll_tracker(self, tenant: str, tracker: TrackerId) -> None:
        """Have a tracker polled shortly, by any process."""
        touch = poll_touch(tenant, tracker, self.parts.pace.of("tracker"))
        self.parts.store.work.touch(touch)
        self.dispatcher.schedule([touch])

    def _take(self, body: Json) -> bool:
        """Record an event about installations themselves; return whether it is one."""
        return self.installing is not None and self.installing.events.record(body)

    def _find(self, body: Json) -> WorkspaceRequests | None:
        """Return what answers a payload; None if the app is not installed where it comes from."""
        if self.only is not None:
            return self.only.requests  # events for others are ignored where they are read
        for origin in payload_origins(body):
            found = self._installations.find(origin.enterprise, origin.team)
            app = self.workspaces.of_installation(found) if found is not None else None
            if app is not None:
                return app.requests
        return None

    def _prepare(self, tenant: str) -> None:
        """Make the parts of a workspace with queued work, if the bot may send there."""
        self.workspaces.of_tenant(tenant)

    def _polled(self) -> None:
        self._polled_at = time.monotonic()
        self.rounds.check()
        for app in self.workspaces.sending():
            app.deliveries.update_watched()
        if self.installing is not None:
            self.installing.work.renewal.save_unsaved()

    def _compose(self, found: InstalledWorkspace) -> WorkspaceApp:
        app = compose_workspace(
            self.parts, found.installation, token=lambda: self._token(found), org_wide=found.org_wide
        )
        if (installing := self.installing) is not None:
            app.permission.on_revoked(lambda: installing.report_refused(found.tenant))
        return app

    def is_installed(self, tenant: str) -> bool:
        """Return whether the app is installed in a workspace; raises StoreUnavailable."""
        found = self._installations.find("", tenant)
        return found is not None and found.state == "installed"

    def _revoke_tokens(self, tenant: str) -> None:
        """Revoke the access tokens of a workspace without the app: Slack no longer reports who leaves."""
        if not self.is_installed(tenant):
            self.parts.store.unit(tenant).access_tokens.revoke_all(self.parts.clock())

    def _token(self, known: InstalledWorkspace) -> str:
        """Return the current token of a workspace; raises ApiRefused if its installation has ended."""
        found = self._installations.find(known.installation.enterprise, known.tenant)
        if found is None or found.state != "installed":
            raise ApiRefused("token_revoked")
        return found.token.reveal()

    def _jobs(self) -> Iterable[PeriodicJob]:
        """Periodic jobs: each is one for all workspaces, and costs nothing for those that are idle."""
        jobs: dict[str, tuple[float, Callable[[], object]]] = {
            "channels": (CHANNELS_SECONDS, self._read_channels),
            "reminders": (REMINDERS_SECONDS, self._check_reminders),
            "pending": (PENDING_SECONDS, self._check_pending),
            "late messages": (self.parts.pace.file_poll_seconds, self._delete_late_posts),
            "files": (WATCH_SECONDS, self.parts.store.watch),
            "erasing": (ERASING_SECONDS, lambda: self.parts.store.finish_erasing(0)),
            "drafts": (RETENTION_SECONDS, self._forget_old),
            "command keys": (COMMANDS_SECONDS, self._forget_commands),
            "chain ends": (HEADS_SECONDS, self._note_heads),
            "tracker keys": (TRACKER_KEYS_SECONDS, self._encrypt_trackers_again),
        }
        return (PeriodicJob(name=name, every=every, work=work) for name, (every, work) in jobs.items())

    def _read_channels(self) -> None:
        """Read the channels of the workspaces for which that was requested; close unused ones."""
        self.workspaces.schedule_missed()
        self._each(self.workspaces.sending(), lambda app: app.channel_reads.read_requested())
        self.workspaces.close_unused()

    def _check_reminders(self) -> None:
        """Note for operators that reminders are looked for, and handle a clock that was set back."""
        now = self.parts.clock()
        if self.quiet_seconds < REMINDERS_SECONDS:
            self.parts.store.housekeeping.note_reminder_check(now)
        if self._last_check is None or now < self._last_check:
            # Models that were planned while the clock was ahead would be planned again too late.
            self.parts.store.work.bring_forward(REMINDERS, now + LATEST)
        self._last_check = now

    def _check_pending(self) -> None:
        """Check the requests that wait for a look-up."""
        found = map(self.workspaces.of_tenant, self.parts.store.housekeeping.tenants_with_pending_requests())
        self._each([app for app in found if app is not None], lambda app: app.check_pending())

    def _delete_late_posts(self) -> None:
        """Delete duplicate messages whose slots another process filled, and close duplicate issues."""
        self._each(self.workspaces.sending(), lambda app: app.deliveries.delete_late_posts())
        self._each(self.workspaces.sending(), lambda app: app.sync.reconciler.delete_late_posts())

    def _forget_old(self) -> None:
        """Delete what is kept for a limited time only."""
        now = self.parts.clock()
        self.parts.store.housekeeping.forget_before(
            {
                "pending_imports": now - pending_imports.KEPT_FOR,
                "drafts": now - DRAFTS_KEPT_FOR,
                "open_forms": now - form_snapshots.KEPT_FOR,
                "agent_calls": now - CALLS_KEPT_FOR,
                "access_tokens": now - CALLS_KEPT_FOR,
            }
        )

    def _forget_commands(self) -> None:
        """Delete the keys of old commands."""
        # The time of recording is the machine's, also where a clock is moved to try reminders.
        self.parts.store.housekeeping.forget_commands(utc_now())

    def _note_heads(self) -> None:
        """Keep the ends of the chains outside of the database, and report those that it has lost."""
        lost = self.parts.store.note_heads()
        for one in lost:
            if one not in self._lost_heads:
                log.error(
                    "an acknowledged event is missing",
                    workspace=one.tenant,
                    sequence=one.sequence,
                    repair=REPAIR,
                )
        self._lost_heads = lost

    def _encrypt_trackers_again(self) -> None:
        """Encrypt the tokens of trackers with the newest key, after an operator has added it."""
        if (cipher := self.parts.cipher) is not None:
            found = self.parts.store.housekeeping.tracker_connections()
            for tenant in sorted({tenant for tenant, one in found if one.key_id != cipher.newest}):
                encrypt_connections_again(self.parts.store.unit(tenant), cipher, now=self.parts.clock())

    def _each(self, apps: Iterable[WorkspaceApp], work: Callable[[WorkspaceApp], None]) -> None:
        """Do something in workspaces; a failure of Slack or a tracker in one does not delay the others."""
        for app in apps:
            try:
                work(app)
            except (ApiRefused, ApiUnreachable, TrackerFault) as fault:
                log.warning("a periodic job failed", workspace=app.tenant, fault=str(fault))
