"""Composition of the bot in one workspace, from its worker below to the answers above."""

from collections.abc import Callable
from functools import partial

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
from bot.slack.directory.directory_changes import DirectoryChanges
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
from bot.slack.process_parts import ProcessParts
from bot.slack.protocol.app_ids import READ_EMAIL
from bot.slack.protocol.installation import Installation, make_slack_api
from bot.slack.protocol.model_links import ModelLink, link_url
from bot.slack.protocol.payload_parsing import RequestReader
from bot.slack.queries.form_snapshots import FormSnapshots
from bot.slack.queries.link_previews import LinkPreviews
from bot.slack.queries.model_reader import ModelReader
from bot.slack.queries.services import Services
from bot.slack.sinks.failure_classification import classify_failure
from bot.slack.slots.channel_moves import ChannelMoves
from bot.slack.slots.channel_suspensions import is_suspended, suspension_reason
from bot.slack.slots.file_orders import FileOrders
from bot.slack.slots.portfolio_work import portfolio_kind
from bot.slack.slots.settings_work import SettingsWork
from bot.slack.slots.suspension_notices import SuspensionNotices
from bot.slack.slots.work_scheduler import WorkScheduler
from bot.slack.slots.workspace_deliveries import WorkspaceDeliveries
from bot.slack.transport.bolt_app import WorkspaceRequests
from bot.slack.workspace_app import SlackPermission, WorkspaceApp
from bot.store import StreamId
from bot.store.work_queue import MODEL
from bot.tracker_sync.connected_trackers import ConnectedTrackers, client_maker
from bot.tracker_sync.issue_work import tracker_failure
from bot.tracker_sync.owner_accounts import OwnerAccounts
from bot.tracker_sync.sync_parts import SyncParts
from bot.tracker_sync.workspace_sync import SyncPace, WorkspaceSync
from bot.trackers.tracker_requests import TrackerRequests
from domain.kernel.elements import ChannelId, ModelKey, PersonId
from domain.kernel.tracked_issue import TrackerId
from domain.model import ThreatModel
from domain.reminders.reachability import next_at_work


def compose_workspace(
    process: ProcessParts, installation: Installation, *, token: Callable[[], str], org_wide: bool = False
) -> WorkspaceApp:
    """Return the parts of the bot that serve one workspace; each is made from those above it.

    `token` returns the current token of the bot there, which is that of the organization if it is `org_wide`.
    """
    settings, store, clock = process.settings, process.store, process.clock
    command_handler, metrics, pace = process.command_handler, process.metrics, process.pace
    deferred_work = process.deferred_work
    tenant = installation.team
    unit = store.unit(tenant)

    # Work of the queue, and the two clients of Slack: immediate, or for claimed work only.
    permission = SlackPermission()
    worker = Worker(
        process.dispatcher,
        tenant,
        failed=lambda fault: tracker_failure(fault) or classify_failure(fault),
        ended=permission.revoke,
        count=metrics.surface,
    )
    permission.on_revoked(worker.end)
    scheduler = WorkScheduler(worker, tenant, pace)
    budget = CallBudget(store.work, tenant, pace.rates)

    def before(method: str) -> None:
        worker.check(method)
        budget.take(method, worker.subject)

    team = tenant if org_wide else ""
    api = make_slack_api(settings, token=token, team=team)
    fenced = make_slack_api(
        settings, token=token, team=team, patient=False, before=before, limited=budget.postpone
    )

    # People and channels.
    directory = Directory(unit, enterprise=installation.enterprise)
    directory_changes = DirectoryChanges()
    lookup = DirectoryLookup(
        directory,
        api,
        tenant=tenant,
        now=clock,
        renamed=lambda: scheduler.schedule_gradually(MODEL, *(card.stream for card in unit.cards.all())),
        channel_read=directory_changes.channel_read,
        members_changed=directory_changes.members_changed,
        enterprise=installation.enterprise,
    )
    channel_reads = ChannelReads(
        lookup,
        unit.events,
        tenant=tenant,
        is_suspended=lambda channel: is_suspended(unit.cards, channel),
        wrote=worker.pause,
        touch=lambda touches: worker.touch(*touches),
        now=clock,
        every=pace.channel_read_seconds,
        idle_every=pace.idle_channel_read_seconds,
    )
    availability = PeopleAvailability(
        directory,
        hours=lambda person: command_handler.working_hours(tenant, person),
        holidays=lambda: settings.holidays | {*command_handler.settings.current(tenant).holidays},
    )

    settings_work = SettingsWork(command_handler, unit.events, scheduler, tenant=tenant, now=clock)

    # Services for handlers and projectors.
    zone = zones_of(directory)
    portfolio = PortfolioReader(command_handler, unit, zones=zone)

    # Trackers.
    def link(key: ModelKey) -> str:
        team = tenant if settings.many_workspaces else ""
        return link_url(settings.public_url, ModelLink(key=key, team=team)) if settings.public_url else ""

    def is_member(stream: StreamId, person: PersonId) -> bool:
        try:
            channel = command_handler.model(stream).channel
        except NoSuchModel:
            return False
        return directory.status(channel, person) is Membership.MEMBER

    trackers = ConnectedTrackers(
        unit.tracker_connections,
        settings=lambda: command_handler.settings.current(tenant).trackers,
        make_client=client_maker(tenant, process.cipher, process.open_tracker),
        now=clock,
        stopped=scheduler.schedule_notices,
    )
    address_of = partial(email_address, fenced) if READ_EMAIL in installation.scopes else None
    parts = SyncParts(
        unit=unit,
        queue=store.work,
        trackers=trackers,
        command_handler=command_handler,
        now=clock,
        check=lambda: worker.check("tracker"),
        touch=lambda touches: worker.touch(*touches),
        is_member=is_member,
    )
    owner_accounts = OwnerAccounts(
        parts,
        address_of=address_of,
        found=lambda stream: scheduler.schedule_model(stream, "handovers", "issues"),
    )
    sync = WorkspaceSync(
        parts,
        register=lambda model: process.registers.register(model, clock(), zone, tenant=tenant),
        link=link,
        count=metrics.surface,
        pace=SyncPace(issues=pace.of("issues"), poll=pace.of("tracker")),
    )

    def tracker_ready(tracker: TrackerId) -> None:
        sync.tracker_ready(tracker)
        scheduler.schedule_notices(tracker)

    requests_to_trackers = TrackerRequests(
        unit,
        command_handler.settings,
        cipher=process.cipher,
        hosts=settings.tracker_hosts,
        open_tracker=process.open_tracker,
        now=clock,
        touch=lambda id: worker.touch(check_touch(tenant, id), durable=True),
        changed=settings_work.changed,
        connected=tracker_ready,
        account_changed=sync.account_changed,
        address_of=address_of,
        naming=directory.name_of,
        fence=lambda: worker.check(CHECK),
    )
    file_orders = FileOrders(unit.deliveries, command_handler, touch=scheduler.schedule_slot)
    services = Services(
        installation=installation,
        operator_settings=settings,
        command_handler=command_handler,
        unit=unit,
        directory=directory,
        now=clock,
        order_diagram=file_orders.order_diagram,
        order_export=file_orders.order_export,
        form_snapshots=FormSnapshots(unit.open_forms, run_later=deferred_work.now),
        people=availability,
        registers=process.registers,
        settings_changed=settings_work.changed,
        portfolio=portfolio,
        compute_portfolio=lambda: scheduler.schedule_workspace("portfolio"),
        tracker_requests=requests_to_trackers,
    )

    # Deliveries.
    def may_notify(channel: ChannelId, person: PersonId) -> bool:
        now = clock()
        return not pace.quiet_hours or next_at_work(services.people(channel)(person), now) <= now

    notices = SuspensionNotices(
        installation,
        directory,
        api,
        starter=ModelReader(services).starter,
        may_tell=may_notify,
        later=deferred_work.now,
    )

    def learn(channel: ChannelId, why: str) -> None:
        if why == "is_archived":
            lookup.learn_channel(channel, archived=True)
        elif why == "not_in_channel":
            lookup.learn_channel(channel, bot_inside=False)

    def is_suspended_model(model: ThreatModel) -> bool:
        return suspension_reason(directory.channel(model.channel), model) != ""

    planner = ReminderPlanner(
        command_handler, unit.reminders, tenant=tenant, people=availability, is_suspended=is_suspended_model
    )
    batches = ReminderBatches(command_handler, unit, planner, now=clock)
    deliveries = WorkspaceDeliveries(
        services,
        unit,
        fenced,
        worker,
        scheduler,
        batches=batches,
        learn=learn,
        notify=notices.notify,
        suspended=channel_reads.suspended,
        metrics=metrics,
        pace=pace,
    )
    directory_changes.on_channel_read(
        lambda channel: channel_reads.was_read(channel.id),
        lambda channel: deliveries.suspensions.review(channel.id),
    )

    # What time makes due: reminders, and deadlines of open rounds.
    sender = ReminderSender(batches, reconcile=deliveries.send_reminders, now=clock)
    reminders = ReminderWork(
        planner,
        sender,
        store.work,
        tenant=tenant,
        now=clock,
        waits=pace.of("reminders"),
        touch=lambda touches: worker.touch(*touches),
    )

    def check_rounds(stream: StreamId) -> None:
        scheduler.schedule_model(stream, "rounds", waits=False)

    open_rounds = OpenRounds(
        DepartedVoters(command_handler, directory, now=clock),
        RoundDeadlines(command_handler, now=clock),
        unit.events,
        store.work,
        tenant=tenant,
        waits=pace.of("rounds"),
        touch=check_rounds,
    )
    directory_changes.on_members_changed(open_rounds.members_changed)

    # Answers to requests, and what follows them.
    request_reader = RequestReader(app=installation.app, api_url=settings.api_url)
    dispatcher = Dispatcher(
        services=services,
        request_reader=request_reader,
        orphan=deliveries.is_orphan,
        refused=lookup.recently_refused,
        metrics=metrics,
    )
    pending_checks = PendingRequestChecks(unit.pending, lookup, dispatcher, services)

    follow_ups = FollowUps(
        services=services,
        api=api,
        lookup=lookup,
        pending_checks=pending_checks,
        open_home=deliveries.open_home,
        files=FileReader(services, api),
        drafts=DraftReader(services, api),
        metrics=metrics,
    )
    tracker_checks = TrackerChecks(
        services,
        unit.tracker_connections,
        fenced,
        account_chosen=lambda person: deliveries.open_home(person, None),
    )
    moves = ChannelMoves(command_handler, unit.events, directory, unit.deliveries, tenant=tenant, now=clock)

    def stop_sending(why: str) -> None:
        permission.revoke(why)
        unit.access_tokens.revoke_all(clock())  # Slack no longer reports who leaves

    event_context = EventContext(
        bot_user=installation.bot_user,
        lookup=lookup,
        suspensions=deliveries.suspensions,
        answer=dispatcher.answer,
        change_channel_id=moves.change_channel_id,
        stop_sending=stop_sending,
        preview_links=LinkPreviews(services, settings.public_url).of,
    )

    def carry_out(follow_up: FollowUp) -> None:
        with workspace_context(tenant):
            follow_ups.carry_out(follow_up)

    def later(answer: HandlerResponse) -> None:
        for one in answer.after:
            deferred_work.later(lambda one=one: carry_out(one))

    return WorkspaceApp(
        services=services,
        lookup=lookup,
        reminders=reminders,
        permission=permission,
        worker=worker,
        deliveries=deliveries,
        sync=sync,
        channel_reads=channel_reads,
        kinds=[
            *settings_work.kinds(),
            *open_rounds.kinds(),
            *reminders.kinds(),
            *channel_reads.kinds(),
            *deliveries.kinds(),
            *tracker_checks.kinds(),
            *sync.kinds(),
            owner_accounts.kind(),
            portfolio_kind(portfolio, unit.events, tenant=tenant, now=clock, waits=pace.of("portfolio")),
        ],
        requests=WorkspaceRequests(
            installation=installation,
            request_reader=request_reader,
            dispatcher=dispatcher,
            watch=event_context,
            later=later,
        ),
        check_pending=lambda: pending_checks.check_all(carry_out),
    )
