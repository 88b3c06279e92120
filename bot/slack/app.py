"""Composition of the bot in one workspace."""

import threading
import time
from collections.abc import Callable
from datetime import datetime

import structlog
from slack_bolt import App

from bot.commands.command_handler import CommandHandler
from bot.delivery.call_budget import CallBudget
from bot.delivery.pool import Pool
from bot.delivery.rounds import Round, Rounds
from bot.delivery.worker import Worker
from bot.metrics import Metrics
from bot.nudges.reminder_planner import ReminderPlanner
from bot.nudges.reminder_sender import ReminderSender
from bot.nudges.reminder_work import ReminderWork
from bot.nudges.round_deadlines import RoundDeadlines
from bot.settings import Settings
from bot.slack.directory.availability import PeopleAvailability
from bot.slack.directory.channel_reads import ChannelReads
from bot.slack.directory.departed_voters import DepartedVoters
from bot.slack.directory.directory_lookup import DirectoryLookup
from bot.slack.directory.member_directory import Directory
from bot.slack.directory.open_rounds import OpenRounds
from bot.slack.handlers.deferred import DeferredWork
from bot.slack.handlers.dispatch_table import handler_of, is_open_to_everyone
from bot.slack.handlers.dispatcher import Dispatcher
from bot.slack.handlers.events.workspace_changes import EventContext
from bot.slack.handlers.file_import.file_reader import FileReader
from bot.slack.handlers.follow_ups import FollowUps
from bot.slack.handlers.handler_responses import HandlerResponse, ReadChannel
from bot.slack.handlers.pending_request_checks import PendingRequestChecks
from bot.slack.protocol.installation import Installation, make_slack_api
from bot.slack.protocol.request_reader import RequestReader
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable
from bot.slack.queries.form_snapshots import FormSnapshots
from bot.slack.queries.pending_imports import PendingImports
from bot.slack.queries.services import Services
from bot.slack.sinks.failure_classification import classify_failure
from bot.slack.sinks.reminder_posts import SlackCourier
from bot.slack.slots.channel_suspensions import suspension_reason
from bot.slack.slots.delivery_pace import Pace
from bot.slack.slots.workspace_deliveries import WorkspaceDeliveries
from bot.slack.transport.bolt_app import make_bolt_app
from bot.slack.ui.messages.notices import refusal
from bot.store import CommandKey, Store, StoreError
from bot.store.records import of_model
from bot.store.repositories.workspace_directory import Channel
from bot.store.work_queue import Backlog
from domain.commands import FollowChannel
from domain.kernel.elements import SYSTEM, ChannelId
from domain.model import ThreatModel

PENDING_SECONDS = 30.0
DRAFTS_SECONDS = 600.0
ERASING_SECONDS = 30.0
WATCH_SECONDS = 1.0
REMINDERS_SECONDS = 60.0
CHANNELS_SECONDS = 5.0

log = structlog.get_logger()

Clock = Callable[[], datetime]


class WorkspaceApp:
    """All parts that answer Slack in one workspace, started and stopped as one."""

    def __init__(
        self,
        settings: Settings,
        installation: Installation,
        command_handler: CommandHandler,
        store: Store,
        clock: Clock,
        *,
        metrics: Metrics,
        pace: Pace | None = None,
    ) -> None:
        unit = store.unit(installation.team)
        self._installation = installation
        self.deferred_work = DeferredWork()
        self.silenced = ""
        self._looked_at = time.monotonic()
        self._store = store
        self._clock = clock
        pace = pace or Pace()
        api = make_slack_api(settings)
        self._queue = store.work
        self._pool = Pool()
        self._worker = Worker(
            self._queue,
            installation.team,
            self._pool,
            failed=classify_failure,
            ended=self.silence,
            now=clock,
            did=metrics.surface,
            looked=self._looked,
            pace=pace.work,
        )
        budget = CallBudget(self._queue, installation.team, pace.rates)

        def before(method: str) -> None:
            self._worker.check(method)
            budget.take(method, self._worker.subject)

        fenced = make_slack_api(settings, patient=False, before=before, limited=budget.postpone)
        directory = Directory(unit, enterprise=installation.enterprise)
        self.lookup = DirectoryLookup(
            directory,
            api,
            tenant=installation.team,
            now=clock,
            renamed=lambda: self._surfaces.keeper.touch_all(),
            seen=self._channel_read,
            members_changed=self._members_changed,
            enterprise=installation.enterprise,
        )
        self._request_reader = RequestReader(app=installation.app, api_url=settings.api_url)
        self._reaches = PeopleAvailability(
            directory,
            hours=lambda person: command_handler.working_hours(installation.team, person),
            holidays=settings.holidays,
        )
        self.services = Services(
            installation=installation,
            command_handler=command_handler,
            store=unit.events,
            directory=directory,
            now=clock,
            card_ts=lambda stream: self._surfaces.card_ts(stream),
            request_diagram=lambda stream, key: self._surfaces.draw(stream, key),
            request_export=lambda order: self._surfaces.export(order),
            drafts=PendingImports(unit.drafts),
            opened=FormSnapshots(unit.open_forms, beside=self.deferred_work.now),
            mark_as_announced=lambda stream, version: self._surfaces.mark_as_announced(stream, version),
            nudges=unit.nudges,
            people=self._reaches,
        )
        self._surfaces = WorkspaceDeliveries(
            self.services,
            unit,
            api,
            fenced,
            self._worker,
            lookup=self.lookup,
            rested=self._rested,
            later=self.deferred_work.now,
            metrics=metrics,
            pace=pace,
        )
        keeper, reminded = self._surfaces.keeper, self._surfaces.nudges
        planner = ReminderPlanner(
            command_handler, unit.nudges, tenant=installation.team, people=self._reaches, rests=self._rests
        )
        self._sender = ReminderSender(
            command_handler,
            unit.nudges,
            planner,
            SlackCourier(
                fenced,
                compose=reminded.compose,
                card=lambda key: self._surfaces.card(of_model(installation.team, key)),
                silence=self.silence,
                writes=self._worker.pause,
                metrics=metrics,
            ),
            tenant=installation.team,
            now=clock,
            sent=self._surfaces.reminded,
        )
        self.reminders = ReminderWork(
            planner,
            self._sender,
            store.work,
            tenant=installation.team,
            now=clock,
            waits=pace.of("reminders"),
            touch=lambda touches: self._worker.touch(*touches),
        )
        self._channels_unread = threading.Event()
        self._channel_reads = ChannelReads(
            self.lookup,
            unit.events,
            tenant=installation.team,
            rests=keeper.rests,
            wrote=self._worker.pause,
            touch=lambda touches: self._worker.touch(*touches),
        )
        self._open_rounds = OpenRounds(
            DepartedVoters(command_handler, directory, now=clock),
            RoundDeadlines(command_handler, now=clock),
            unit.events,
            tenant=installation.team,
            waits=pace.of("rounds"),
            touch=self._surfaces.check_rounds,
        )
        self._dispatcher = Dispatcher(
            self.services,
            unit.pending,
            self._request_reader,
            route=handler_of,
            for_everyone=is_open_to_everyone,
            orphan=keeper.is_orphan,
            refused=self.lookup.recently_refused,
            metrics=metrics,
        )
        self._outbox = FollowUps(
            api,
            self.lookup,
            check=self._check,
            outside=lambda: refusal(_outside(installation)),
            inside=self._inside,
            home=self._surfaces.open_home,
            read=FileReader(self.services, api, show=lambda view: self._outbox.carry_out(view)).read,
            metrics=metrics,
        )
        self._watch = EventContext(
            bot_user=installation.bot_user,
            lookup=self.lookup,
            keeper=keeper,
            answer=self._dispatcher.answer,
            follow=self._follow,
            silence=self.silence,
        )
        self._checking = PendingRequestChecks(
            unit.pending, self.lookup, self._dispatcher, self.services, carry_out=self._outbox.carry_out
        )
        self._rounds = Rounds(
            self._pool,
            Round(name="channels", every=CHANNELS_SECONDS, work=self._read_channels),
            Round(name="reminders", every=REMINDERS_SECONDS, work=self._note_reminders),
            Round(name="pending", every=PENDING_SECONDS, work=self._checking.check_all),
            Round(name="late messages", every=pace.look, work=self._take_back_late),
            Round(name="files", every=WATCH_SECONDS, work=store.watch),
            Round(name="erasing", every=ERASING_SECONDS, work=self._finish_erasing),
            Round(name="drafts", every=DRAFTS_SECONDS, work=self._forget_old),
            expected=(ApiRefused, ApiUnreachable),
        )
        command_handler.subscribe(lambda _: self._worker.model_changed())

    def bolt(self, settings: Settings) -> App:
        """Return a Bolt app that answers everything of the table of bindings."""
        return make_bolt_app(
            settings,
            self._installation,
            request_reader=self._request_reader,
            dispatcher=self._dispatcher,
            watch=self._watch,
            later=self._later,
        )

    def start(self, *, alone: bool) -> None:
        """Begin to keep surfaces and directory true, and to do what time makes due.

        A process that is `alone` need not wait for others to end what they have claimed.
        """
        if alone:
            self._queue.release_all(self._installation.team)
        others = (self._open_rounds, self.reminders, self._channel_reads)
        self._surfaces.start([kind for one in others for kind in one.kinds()])
        self._channels_unread.set()
        self._rounds.start()

    def add_round(self, one: Round) -> None:
        """Run one more round."""
        self._rounds.add(one)

    @property
    def quiet_seconds(self) -> float:
        """Return for how long nobody has looked whether some work is due, such as a reminder."""
        return time.monotonic() - self._looked_at

    def backlog(self) -> Backlog:
        """Return the amount of waiting work; raises StoreUnavailable."""
        return self._queue.backlog(self._installation.team, self._clock())

    def schedule_refresh(self) -> None:
        """The connection is new: what happened meanwhile was not heard, so look again."""
        # Only noted here: the thread that hears of the connection waits for no database.
        self._channels_unread.set()
        self._rounds.soon()

    def _read_channels(self) -> None:
        """Have every channel read where that is due; where it fails, it is due again."""
        if self._channels_unread.is_set():
            self._channels_unread.clear()
            try:
                self._channel_reads.read_all()
            except StoreError:
                self._channels_unread.set()
                raise

    def stop(self, seconds: float) -> None:
        """Finish what is in hand within so many seconds."""
        ends = time.monotonic() + seconds
        self._rounds.end()
        if not self.deferred_work.finish(seconds / 2):
            log.warning("some replies were not sent in time")
        if not self.silenced:
            self._surfaces.stop(max(0.1, ends - time.monotonic()))
        self._rounds.stop(max(0.1, ends - time.monotonic()))
        self._pool.end()

    def silence(self, why: str) -> None:
        """Send nothing any more; what people say is still kept."""
        log.error("Slack has withdrawn its permission; nothing is sent any more", why=why)
        self.silenced = why
        self._surfaces.pause()
        self._rounds.end()

    def _later(self, answer: HandlerResponse) -> None:
        for one in answer.after:
            self.deferred_work.later(lambda one=one: self._outbox.carry_out(one))

    def _check(self, key: str) -> None:
        self._checking.check(key)

    def _inside(self, read: ReadChannel) -> bool:
        known = self.services.directory.channel(read.channel)
        return known is None or known.bot_inside

    def _follow(self, old: ChannelId, new: ChannelId) -> None:
        for one in self._store.streams(self._installation.team, channel=old):
            follow = FollowChannel(by=SYSTEM, at=self._clock(), channel=new)
            self.services.command_handler.execute(
                follow, stream=one.stream, key=CommandKey(f"follow {one.stream} {new}")
            )
        # After the models: if this is cut short, Slack tells it again, and the rest follows.
        self.services.directory.follow(old, new)
        self._surfaces.follow(old, new)

    def _rested(self, channel: ChannelId) -> None:
        self._channel_reads.rested(channel)

    def _channel_read(self, channel: Channel) -> None:
        self._channel_reads.was_read(channel.id)
        self._surfaces.keeper.look_again(channel.id)

    def _members_changed(self, channel: ChannelId) -> None:
        self._open_rounds.members_changed(channel)

    def _rests(self, model: ThreatModel) -> bool:
        """Return whether nothing may be said about a model: its channel is gone, or strangers see it."""
        known = self.services.directory.channel(model.channel)
        return known is not None and suspension_reason(known, model) != ""

    def _looked(self) -> None:
        self._looked_at = time.monotonic()
        self._rounds.check()

    def _note_reminders(self) -> None:
        """Note for the operator that reminders are looked for; a clock that was set back is seen to here."""
        if self.quiet_seconds < REMINDERS_SECONDS:
            self.services.nudges.note_tick(self._clock())
        self.reminders.hasten()

    def _take_back_late(self) -> None:
        """Delete messages that another process has posted as well."""
        self._sender.take_back_late()
        self._surfaces.take_back_late()

    def _finish_erasing(self) -> None:
        """Go on where erasing was hindered by a reader of the file."""
        self._store.finish_erasing(0)

    def _forget_old(self) -> None:
        """Delete drafts and open forms that were not used for a long time."""
        self.services.drafts.forget_old(self._clock())
        self.services.opened.forget_old(self._clock())


def _outside(installation: Installation) -> str:
    return (
        "I am not in this channel yet, so I cannot post the card here. "
        f"Close the form, type “{installation.invite}” in the channel, and start again."
    )
