"""The bot as a process: started, watched, and stopped without losing anything."""

import time
from collections.abc import Callable
from datetime import datetime

import structlog
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.commands.command_handler import CommandHandler
from bot.delivery.periodic_jobs import PeriodicJob
from bot.delivery.pool import Pool
from bot.heartbeat import Heartbeat
from bot.metrics import Metrics
from bot.settings import Settings
from bot.slack.process_app import ProcessApp
from bot.slack.protocol.app_ids import requested_scopes
from bot.slack.protocol.installation import (
    CannotStart,
    ConfiguredInstallation,
    InstallationDirectory,
    make_slack_api,
    read_installation,
)
from bot.slack.protocol.web_api_client import ApiUnreachable, classify_error
from bot.slack.slots.work_scheduler import Pace
from bot.slack.transport.http_sites import OperatorSite, PublicSite
from bot.slack.transport.install_pages import InstallPages
from bot.slack.transport.socket_connection import SocketConnection
from bot.slack.workspace_app import WorkspaceApp
from bot.store import Store, StoreError
from bot.struct_types import prepare_struct_types
from bot.trackers.open_tracker import TrackerOpener

STUCK_SECONDS = 180.0
"""Seconds without a poll of the work queue after which the worker counts as stuck."""

STOP_SECONDS = 6.0
"""Seconds in which a stop finishes running work; supervisors commonly kill after ten."""

log = structlog.get_logger()


class SlackBot:
    """Bot in one or all workspaces, over Socket Mode or HTTP as the settings say.

    Without `installations`, it serves the workspace of SLACK_BOT_TOKEN, or those that have installed it.
    """

    def __init__(
        self,
        settings: Settings,
        command_handler: CommandHandler,
        store: Store,
        clock: Callable[[], datetime],
        *,
        installations: InstallationDirectory | None = None,
        pace: Pace | None = None,
        open_tracker: TrackerOpener | None = None,
    ) -> None:
        self.settings = settings
        self._open_tracker = open_tracker
        self._installations = installations
        self._readings = Pool(threads=1)  # the database's values, whose reading no scrape waits for
        self.metrics = Metrics(in_background=self._readings.submit)
        self._command_handler = command_handler
        self._store = store
        self._clock = clock
        self._pace = pace
        self._heartbeat = Heartbeat(store)
        self._process: ProcessApp | None = None
        self._public: PublicSite | None = None
        self.operators = OperatorSite(
            self.metrics, readiness_problem=self.readiness_problem, status_line=self.status_line
        )
        self._link: SocketConnection | None = None
        self._stopping = False

    def start(self) -> None:
        """Read the installation, connect, and start the background work; raises CannotStart."""
        prepare_struct_types()
        process = self._process = self._compose()
        by_socket = self.settings.delivery == "socket"
        app = None if by_socket else process.bolt()
        self._public = PublicSite(
            app,
            process.deferred_work,
            signing_secret=self.settings.signing_secret.reveal(),
            install_pages=self._install_pages(process),
            link_pages=process.link_pages(),
            tracker_webhooks=process.tracker_webhooks(),
            request_results=process.request_results,
            request_waits=process.request_waits,
        )
        self._watch(process)
        process.start()
        if by_socket:
            self._connect(process, app_token=self.settings.app_token.reveal())
        team = process.only.tenant if process.only is not None else "all"
        log.info("the bot is running", team=team, delivery=self.settings.delivery)

    def stop(self) -> None:
        """Accept no more requests, finish running work, and close; within ten seconds."""
        if self._stopping:
            return
        self._stopping = True
        self.metrics.stop()
        self._readings.end()
        began = time.monotonic()
        if self._link is not None:
            self._link.stop(STOP_SECONDS / 3)
        if self._process is not None:
            self._process.stop(max(1.0, STOP_SECONDS - (time.monotonic() - began)))
        log.info("stopped", seconds=round(time.monotonic() - began, 1))

    @property
    def public(self) -> PublicSite:
        """Return the public HTTP site, after the bot was started."""
        if self._public is None:
            raise RuntimeError("the bot was not started")
        return self._public

    @property
    def process(self) -> ProcessApp:
        """Return the parts of this process, after the bot was started."""
        if self._process is None:
            raise RuntimeError("the bot was not started")
        return self._process

    @property
    def only(self) -> WorkspaceApp | None:
        """The parts of the configured workspace, if the bot serves one and was started."""
        return self._process.only if self._process is not None else None

    def readiness_problem(self) -> str:
        """Return why the bot cannot work at the moment; empty if it can."""
        if self._process is None or self._stopping:
            return "stopping" if self._stopping else "starting"
        if self._process.stop_reason:
            return f"Slack revoked the app's permission ({self._process.stop_reason}): install the app again"
        if self._link is not None and (why := self._link.problem):
            return why
        if (quiet := self._process.quiet_seconds) > STUCK_SECONDS:
            return f"due reminders have not been checked for {quiet:.0f} s: restart the bot"
        return self._heartbeat.problem() or self._process.request_results.unheard

    def status_line(self) -> str:
        """Return lines about reminders, refused requests, and the database's last failure, for operators.

        Refused requests do not make a bot unready that has verified one since its start: anyone can send
        some, and a replica that is taken out of service for them would help an attacker.
        """
        refused = self._process.request_results.problem if self._process is not None else ""
        lines = (self._reminder_line(), refused, self._heartbeat.last_failure())
        return "\n".join(line for line in lines if line)

    def _reminder_line(self) -> str:
        if self._process is None:
            return ""
        looked = f"reminders: last checked {self._process.quiet_seconds:.0f} s ago"
        try:
            return f"{looked}, {self._process.overdue_reminders() or 'none'} overdue"
        except StoreError:
            return looked  # reported by the check of the database

    def _watch(self, process: ProcessApp) -> None:
        """Add the gauges of this process; readiness comes first, so that no other one delays it."""
        watch, from_database = self.metrics.watch, self.metrics.watch_database
        from_database(
            "threatmodel_ready",
            "1 while the bot is ready",
            lambda: not self.readiness_problem(),
            late=0,
        )
        watch("threatmodel_quiet_seconds", "Seconds since the last message from Slack", self._quiet)
        watch(
            "threatmodel_reminders_quiet_seconds",
            "Seconds since due reminders were last checked",
            lambda: process.quiet_seconds,
        )
        from_database(
            "threatmodel_reminders_overdue",
            "Reminders of all workspaces that have been due for ten minutes",
            process.overdue_reminders,
        )
        from_database(
            "threatmodel_trackers_stopped",
            "Connected trackers that are not called until an administrator replaces their token",
            process.count_stopped_trackers,
        )
        from_database("threatmodel_work_due", "Work items that are due", lambda: process.backlog().due)
        from_database(
            "threatmodel_work_oldest_seconds",
            "Seconds for which the oldest work item has been due",
            lambda: process.backlog().oldest_seconds,
        )
        from_database(
            "threatmodel_work_parked",
            "Work items that failed repeatedly",
            lambda: process.backlog().parked,
        )
        if process.installing is not None:
            from_database(
                "threatmodel_workspaces", "Workspaces in which the app is installed", process.count_workspaces
            )

    def _compose(self) -> ProcessApp:
        installations = self._installations
        if installations is None and not self.settings.many_workspaces:
            installation = read_installation(make_slack_api(self.settings))
            installations = ConfiguredInstallation(self.settings, installation)
        return ProcessApp(
            self.settings,
            installations,
            self._command_handler,
            self._store,
            self._clock,
            metrics=self.metrics,
            pace=self._pace,
            open_tracker=self._open_tracker,
        )

    def _install_pages(self, process: ProcessApp) -> InstallPages | None:
        if (installing := process.installing) is None:
            return None
        return InstallPages(
            self.settings,
            installing.states,
            installing.work,
            scopes=requested_scopes(self.settings.public_url),
        )

    def _quiet(self) -> float:
        """Seconds since Slack was heard last."""
        if self._link is not None:
            return self._link.quiet_seconds
        return self._public.quiet_seconds if self._public is not None else 0.0

    def _connect(self, process: ProcessApp, *, app_token: str) -> None:
        link = self._link = SocketConnection(
            process.bolt(), app_token, process.deferred_work, connected=process.schedule_refresh
        )
        process.rounds.add(PeriodicJob(name="connection", every=5.0, work=link.renew_if_deaf))
        try:
            link.connect()
        except SlackApiError as refused:
            link.stop(0)
            failure = classify_error(refused)
            if isinstance(failure, ApiUnreachable) or failure.code == "ratelimited":
                raise CannotStart(
                    f"SLACK_API_URL: Slack cannot open a Socket Mode connection ({failure.code}); "
                    "start again later, and see Slack's status page"
                ) from refused
            raise CannotStart(
                f"SLACK_APP_TOKEN: Slack does not accept it ({failure.code}); make an app-level token "
                "(xapp-…) with the scope connections:write on the app's page “Basic Information”"
            ) from refused
        except (SlackClientError, OSError) as fault:
            link.stop(0)
            raise CannotStart(
                f"SLACK_API_URL: no Socket Mode connection ({type(fault).__name__}); check the network"
            ) from fault
