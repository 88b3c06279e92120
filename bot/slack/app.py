"""Composition of the bot in one workspace, from its worker below to the answers above."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

import msgspec

from bot.commands.command_handler import NoSuchModel
from bot.delivery.call_budget import CallBudget
from bot.delivery.worker import Worker
from bot.logs import workspace_context
from bot.portfolio.portfolio_reader import PortfolioReader
from bot.scheduled_jobs.reminder_batches import ReminderBatches
from bot.scheduled_jobs.reminder_planner import ReminderPlanner
from bot.scheduled_jobs.reminder_sender import ReminderSender
from bot.scheduled_jobs.reminder_work import ReminderWork
from bot.scheduled_jobs.round_deadlines import RoundDeadlines
from bot.slack.directory.channel_reads import ChannelReads
from bot.slack.directory.directory_lookup import DirectoryLookup, email_address
from bot.slack.directory.member_directory import Directory, Membership
from bot.slack.directory.open_rounds import DepartedVoters, OpenRounds
from bot.slack.directory.time_zones import PeopleAvailability, zones_of
from bot.slack.handlers.dispatcher import Dispatcher
from bot.slack.handlers.draft_reader import DraftReader
from bot.slack.handlers.event_handlers import EventContext
from bot.slack.handlers.file_reader import FileReader
from bot.slack.handlers.follow_ups import FollowUps
from bot.slack.handlers.handler_responses import FollowUp, HandlerResponse
from bot.slack.handlers.pending_request_checks import PendingRequestChecks
from bot.slack.handlers.tracker_checks import CHECK, TrackerChecks, check_touch
from bot.slack.protocol.app_ids import READ_EMAIL
from bot.slack.protocol.installation import Installation, make_slack_api
from bot.slack.protocol.model_links import ModelLink, link_url
from bot.slack.protocol.payload_parsing import RequestReader
from bot.slack.protocol.web_api_client import SlackApi
from bot.slack.queries.form_snapshots import FormSnapshots
from bot.slack.queries.link_previews import LinkPreviews
from bot.slack.queries.model_reader import ModelReader
from bot.slack.queries.services import Services
from bot.slack.sinks.outcomes import classify_failure
from bot.slack.sinks.watched_cards import WatchedCards
from bot.slack.slots.channel_suspensions import SuspensionNotices, is_suspended, suspension_reason
from bot.slack.slots.model_files import FileOrders
from bot.slack.slots.portfolio_slots import portfolio_kind
from bot.slack.slots.slot_context import SlotContext
from bot.slack.slots.work_scheduler import UPDATE, URGENT_UPDATE, WorkScheduler
from bot.slack.slots.workspace_changes import ChannelMoves, SettingsWork
from bot.slack.slots.workspace_deliveries import WorkspaceDeliveries
from bot.slack.transport.bolt_app import WorkspaceRequests
from bot.slack.workspace_app import ProcessParts, SlackPermission, WorkspaceApp
from bot.store import StreamId, UnitOfWork
from bot.store.repositories.cards import CARD
from bot.store.work_queue import MODEL, Touch
from bot.tracker_sync.connected_trackers import ConnectedTrackers, client_maker
from bot.tracker_sync.issue_work import tracker_failure
from bot.tracker_sync.owner_accounts import OwnerAccounts
from bot.tracker_sync.sync_parts import SyncParts
from bot.tracker_sync.workspace_sync import SyncPace, WorkspaceSync
from bot.trackers.tracker_requests import TrackerRequests
from domain.kernel.elements import ChannelId, ModelKey, PersonId
from domain.kernel.tracked_issue import TrackerId
from domain.model import ThreatModel
from domain.workspace_settings import WorkspaceSettings


class _Base(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What every part of a workspace is made from: its data, its work, and the two clients of Slack.

    `api` calls Slack immediately, `fenced` for claimed work only.
    """

    process: ProcessParts
    installation: Installation
    unit: UnitOfWork
    permission: SlackPermission
    worker: Worker
    scheduler: WorkScheduler
    directory: Directory
    api: SlackApi
    fenced: SlackApi
    watched: WatchedCards

    @property
    def tenant(self) -> str:
        return self.installation.team

    @property
    def now(self) -> Callable[[], datetime]:
        return self.process.clock

    @property
    def settings(self) -> WorkspaceSettings:
        return self.process.command_handler.settings.current(self.tenant)

    @property
    def address_of(self) -> Callable[[PersonId], str] | None:
        """What reads email addresses, where the app was granted the permission for that."""
        allowed = READ_EMAIL in self.installation.scopes
        return partial(email_address, self.fenced) if allowed else None

    @property
    def people(self) -> PeopleAvailability:
        return PeopleAvailability(
            self.directory,
            hours=partial(self.process.command_handler.working_hours, self.tenant),
            holidays=lambda: self.process.settings.holidays | {*self.settings.holidays},
        )

    def touch(self, touches: Iterable[Touch]) -> None:
        self.worker.touch(*touches)

    def link(self, key: ModelKey) -> str:
        settings = self.process.settings
        model = ModelLink(key=key, team=self.tenant if settings.many_workspaces else "")
        return link_url(settings.public_url, model) if settings.public_url else ""

    def is_member(self, stream: StreamId, person: PersonId) -> bool:
        try:
            channel = self.process.command_handler.model(stream).channel
        except NoSuchModel:
            return False
        return self.directory.status(channel, person) is Membership.MEMBER


def _connect(
    process: ProcessParts, installation: Installation, token: Callable[[], str], *, org_wide: bool
) -> _Base:
    """Return the work of the queue, and the clients of Slack."""
    tenant, unit = installation.team, process.store.unit(installation.team)
    permission = SlackPermission()
    worker = Worker(
        process.dispatcher,
        tenant,
        failed=lambda fault: tracker_failure(fault) or classify_failure(fault),
        ended=permission.revoke,
        # The work on a model fails with its card.
        count=lambda kind, what: process.metrics.delivery(CARD if kind == MODEL else kind, what),
    )
    permission.on_revoked(worker.end)
    watched = WatchedCards(check=worker.check)
    budget = CallBudget(
        process.store.work,
        tenant,
        process.pace.rates,
        used=lambda call, rate, ahead: process.metrics.reserved(call, rate.burst, rate.interval, ahead),
    )

    def before(method: str) -> None:
        worker.check(method)
        budget.take(
            URGENT_UPDATE if method == UPDATE and watched.is_urgent(worker.subject) else method,
            worker.subject,
        )

    connect = partial(make_slack_api, process.settings, token=token, team=tenant if org_wide else "")
    return _Base(
        process=process,
        installation=installation,
        unit=unit,
        permission=permission,
        worker=worker,
        scheduler=WorkScheduler(worker, tenant, process.pace),
        directory=Directory(unit, enterprise=installation.enterprise),
        api=connect(),
        fenced=connect(patient=False, before=before, limited=budget.postpone),
        watched=watched,
    )


def _compose_lookup(base: _Base) -> tuple[DirectoryLookup, ChannelReads]:
    """Return the look-ups of people and channels, and what repeats them."""
    unit, scheduler, pace = base.unit, base.scheduler, base.process.pace
    lookup = DirectoryLookup(
        base.directory,
        base.api,
        tenant=base.tenant,
        now=base.now,
        renamed=lambda: scheduler.schedule_gradually(MODEL, *(card.stream for card in unit.cards.all())),
        enterprise=base.installation.enterprise,
    )
    channel_reads = ChannelReads(
        lookup,
        unit.events,
        tenant=base.tenant,
        is_suspended=lambda channel: is_suspended(unit.cards, channel),
        wrote=base.worker.pause,
        touch=base.touch,
        now=base.now,
        every=pace.channel_read_seconds,
        idle_every=pace.idle_channel_read_seconds,
    )
    lookup.on_channel_read(lambda channel: channel_reads.was_read(channel.id))
    return lookup, channel_reads


def _compose_sync(base: _Base) -> tuple[WorkspaceSync, OwnerAccounts]:
    """Return what keeps the issues of mitigations up to date in the trackers."""
    process, worker, scheduler = base.process, base.worker, base.scheduler
    parts = SyncParts(
        unit=base.unit,
        queue=process.store.work,
        trackers=ConnectedTrackers(
            base.unit.tracker_connections,
            settings=lambda: base.settings.trackers,
            make_client=client_maker(base.tenant, process.cipher, process.open_tracker),
            now=base.now,
            stopped=scheduler.schedule_notices,
        ),
        command_handler=process.command_handler,
        now=base.now,
        check=partial(worker.check, "tracker"),
        touch=base.touch,
        is_member=base.is_member,
    )
    zones = zones_of(base.directory)
    sync = WorkspaceSync(
        parts,
        register=lambda model: process.registers.register(model, base.now(), zones, tenant=base.tenant),
        link=base.link,
        count=process.metrics.delivery,
        pace=SyncPace(issues=process.pace.of("issues"), poll=process.pace.of("tracker")),
    )
    accounts = OwnerAccounts(
        parts,
        address_of=base.address_of,
        found=lambda stream: scheduler.schedule_model(stream, "handovers", "issues"),
    )
    return sync, accounts


def _compose_services(base: _Base, settings_work: SettingsWork, sync: WorkspaceSync) -> ModelReader:
    """Return the services of handlers and projectors."""
    process, unit, worker, scheduler = base.process, base.unit, base.worker, base.scheduler

    def tracker_ready(tracker: TrackerId) -> None:
        sync.tracker_ready(tracker)
        scheduler.schedule_notices(tracker)

    file_orders = FileOrders(unit.deliveries, process.command_handler, touch=scheduler.schedule_slot)
    return ModelReader(
        installation=base.installation,
        operator_settings=process.settings,
        command_handler=process.command_handler,
        unit=unit,
        directory=base.directory,
        now=base.now,
        order_diagram=file_orders.order_diagram,
        order_export=file_orders.order_export,
        form_snapshots=FormSnapshots(unit.open_forms, run_later=process.deferred_work.now),
        people=base.people,
        registers=process.registers,
        settings_changed=settings_work.changed,
        portfolio=PortfolioReader(process.command_handler, unit, zones=zones_of(base.directory)),
        compute_portfolio=partial(scheduler.schedule_workspace, "portfolio"),
        tracker_requests=TrackerRequests(
            unit,
            process.command_handler.settings,
            cipher=process.cipher,
            hosts=process.settings.tracker_hosts,
            open_tracker=process.open_tracker,
            now=base.now,
            touch=lambda id: worker.touch(check_touch(base.tenant, id), durable=True),
            changed=settings_work.changed,
            connected=tracker_ready,
            account_changed=sync.account_changed,
            address_of=base.address_of,
            naming=base.directory.name_of,
            fence=partial(worker.check, CHECK),
        ),
    )


def _compose_deliveries(
    base: _Base, services: ModelReader, lookup: DirectoryLookup, channel_reads: ChannelReads
) -> tuple[WorkspaceDeliveries, ReminderWork]:
    """Return what the bot shows in the workspace, and the reminders that it sends."""
    process, unit = base.process, base.unit
    command_handler, pace = process.command_handler, process.pace

    def is_suspended_model(model: ThreatModel) -> bool:
        return suspension_reason(base.directory.channel(model.channel), model) != ""

    context = SlotContext(
        unit=unit,
        reader=services,
        api=base.fenced,
        scheduler=base.scheduler,
        pace=pace,
        writes=base.worker.pause,
        watched=base.watched,
    )
    planner = ReminderPlanner(
        command_handler,
        unit.reminders,
        tenant=base.tenant,
        people=base.people,
        is_suspended=is_suspended_model,
    )
    batches = ReminderBatches(command_handler, unit, planner, now=base.now)
    deliveries = WorkspaceDeliveries(
        context,
        batches=batches,
        learn=lookup.learn_refusal,
        notify=SuspensionNotices(context, base.api, later=process.deferred_work.now).notify,
        suspended=channel_reads.suspended,
        metrics=process.metrics,
        wake=base.worker.wake,
    )
    lookup.on_channel_read(lambda channel: deliveries.suspensions.review(channel.id))

    def people_changed(channel: ChannelId) -> None:
        # A card and a Home tab name another person for what a person who left was to do.
        streams = [card.stream for card in base.unit.cards.all() if card.channel == channel]
        for stream in streams:
            services.model_overviews.forget(stream)
        base.scheduler.schedule_gradually(MODEL, *streams)
        base.scheduler.schedule_workspace("homes")

    lookup.on_people_changed(people_changed)
    reminders = ReminderWork(
        planner,
        ReminderSender(batches, reconcile=deliveries.send_reminders, now=base.now),
        process.store.work,
        tenant=base.tenant,
        now=base.now,
        waits=pace.of("reminders"),
        touch=base.touch,
    )
    return deliveries, reminders


def _compose_rounds(base: _Base, lookup: DirectoryLookup) -> OpenRounds:
    """Return the work on open rounds of votes."""
    command_handler = base.process.command_handler
    open_rounds = OpenRounds(
        DepartedVoters(command_handler, base.directory, now=base.now),
        RoundDeadlines(command_handler, now=base.now),
        base.unit.events,
        base.process.store.work,
        tenant=base.tenant,
        waits=base.process.pace.of("rounds"),
        touch=lambda stream: base.scheduler.schedule_model(stream, "rounds", waits=False),
    )
    lookup.on_members_changed(open_rounds.members_changed)
    return open_rounds


def _compose_requests(
    base: _Base, services: Services, lookup: DirectoryLookup, deliveries: WorkspaceDeliveries
) -> tuple[WorkspaceRequests, Callable[[], None]]:
    """Return what answers requests and what follows, and the check of requests that wait for a look-up."""
    process, unit, installation = base.process, base.unit, base.installation
    request_reader = RequestReader(app=installation.app, api_url=process.settings.api_url)
    dispatcher = Dispatcher(
        services=services,
        request_reader=request_reader,
        orphan=deliveries.is_orphan,
        pressed=deliveries.note_press,
        refused=lookup.recently_refused,
        metrics=process.metrics,
    )
    pending_checks = PendingRequestChecks(unit.pending, lookup, dispatcher, services)
    follow_ups = FollowUps(
        services=services,
        api=base.api,
        lookup=lookup,
        pending_checks=pending_checks,
        open_home=deliveries.open_home,
        files=FileReader(services, base.api),
        drafts=DraftReader(services, base.api),
        metrics=process.metrics,
    )

    def stop_sending(why: str) -> None:
        base.permission.revoke(why)
        unit.access_tokens.revoke_all(base.now())  # Slack no longer reports who leaves

    def carry_out(follow_up: FollowUp) -> None:
        with workspace_context(base.tenant):
            follow_ups.carry_out(follow_up)

    def later(answer: HandlerResponse) -> None:
        for follow_up in answer.after:
            process.deferred_work.later(partial(carry_out, follow_up))

    moves = ChannelMoves(
        process.command_handler,
        unit.events,
        base.directory,
        unit.deliveries,
        tenant=base.tenant,
        now=base.now,
    )
    event_context = EventContext(
        bot_user=installation.bot_user,
        lookup=lookup,
        suspensions=deliveries.suspensions,
        answer=dispatcher.answer,
        change_channel_id=moves.change_channel_id,
        stop_sending=stop_sending,
        preview_links=LinkPreviews(services, process.settings.public_url).of,
    )
    requests = WorkspaceRequests(
        installation=installation,
        request_reader=request_reader,
        dispatcher=dispatcher,
        watch=event_context,
        later=later,
    )
    return requests, partial(pending_checks.check_all, carry_out)


def compose_workspace(
    process: ProcessParts, installation: Installation, *, token: Callable[[], str], org_wide: bool = False
) -> WorkspaceApp:
    """Return the parts of the bot that serve one workspace; each is made from those above it.

    `token` returns the current token of the bot there, which is that of the organization if it is `org_wide`.
    """
    base = _connect(process, installation, token, org_wide=org_wide)
    events, tenant, now = base.unit.events, base.tenant, base.now
    lookup, channel_reads = _compose_lookup(base)
    settings_work = SettingsWork(process.command_handler, events, base.scheduler, tenant=tenant, now=now)
    sync, owner_accounts = _compose_sync(base)
    services = _compose_services(base, settings_work, sync)
    deliveries, reminders = _compose_deliveries(base, services, lookup, channel_reads)
    open_rounds = _compose_rounds(base, lookup)
    requests, check_pending = _compose_requests(base, services, lookup, deliveries)
    tracker_checks = TrackerChecks(
        services,
        base.unit.tracker_connections,
        base.fenced,
        account_chosen=lambda person: deliveries.open_home(person, None),
    )
    waits = process.pace.of("portfolio")
    return WorkspaceApp(
        services=services,
        lookup=lookup,
        reminders=reminders,
        permission=base.permission,
        worker=base.worker,
        deliveries=deliveries,
        sync=sync,
        channel_reads=channel_reads,
        kinds=[
            *settings_work.kinds(),
            *open_rounds.kinds(),
            *reminders.kinds(),
            *channel_reads.kinds(),
            *deliveries.kinds,
            *tracker_checks.kinds(),
            *sync.kinds(),
            owner_accounts.kind(),
            portfolio_kind(services.portfolio, events, tenant=tenant, now=now, waits=waits),
        ],
        requests=requests,
        check_pending=check_pending,
    )
