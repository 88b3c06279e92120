"""Everything that the bot shows in a workspace: the slot kinds, their reconciler, and their work."""

from collections.abc import Callable, Sequence
from typing import Final

from bot.delivery.reconciler import Reconciler
from bot.delivery.slot_kinds import PostPlace
from bot.delivery.work_kinds import Done, Kind
from bot.delivery.worker import Worker
from bot.metrics import Metrics
from bot.scheduled_jobs.reminder_batches import REMINDER, ReminderBatches
from bot.slack.protocol.app_ids import READ_EMAIL
from bot.slack.protocol.targets import Target
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.queries.home_overview import load_home
from bot.slack.queries.model_reader import ModelReader
from bot.slack.sinks.posted_messages import ChannelMessages, DirectMessages
from bot.slack.slots.card_slots import CardSlots
from bot.slack.slots.channel_suspensions import ChannelSuspensions, SuspendedCard
from bot.slack.slots.claim_messages import ClaimMessages
from bot.slack.slots.delivery_pace import OF_A_MODEL, Pace
from bot.slack.slots.digest_slots import DigestSlots
from bot.slack.slots.direct_slots import DirectSlots
from bot.slack.slots.erased_model_cleanup import ErasedModelCleanup
from bot.slack.slots.file_context import FileContext
from bot.slack.slots.handover_messages import HandoverMessages
from bot.slack.slots.home_slots import HomeSlots
from bot.slack.slots.model_files import ModelFiles
from bot.slack.slots.model_work import ModelChanges, ModelWork
from bot.slack.slots.proposal_messages import ProposalMessages
from bot.slack.slots.reminder_slots import ReminderMessages, ReminderSlots, compose_reminders
from bot.slack.slots.thread_planner import ThreadPlanner
from bot.slack.slots.thread_slots import ThreadSlots, WorkSessionReader
from bot.slack.slots.tracker_notices import TrackerNotices
from bot.slack.slots.voting_invitations import VotingInvitations
from bot.slack.slots.work_scheduler import WorkScheduler
from bot.store import UnitOfWork, utc_now
from bot.store.records import model_stream
from bot.store.repositories.cards import CARD
from bot.store.repositories.thread_messages import RESULT, SESSION
from bot.store.work_queue import MODEL
from domain.kernel.elements import ChannelId, PersonId


class WorkspaceDeliveries:
    """Composes the components that keep a workspace's messages, files and Home tabs up to date.

    `fenced` is the Slack API for queued work; `batches` are the reminders that are sent. `learn` reports the
    reason for Slack's refusal to the directory; `notify` sends notices about suspended cards, and
    `suspended` receives their channels, as ChannelSuspensions describes.
    """

    def __init__(
        self,
        services: ModelReader,
        unit: UnitOfWork,
        fenced: SlackApi,
        worker: Worker,
        scheduler: WorkScheduler,
        *,
        batches: ReminderBatches,
        learn: Callable[[ChannelId, str], None],
        notify: Callable[[Sequence[SuspendedCard], str], Sequence[SuspendedCard]],
        suspended: Callable[[ChannelId], None],
        metrics: Metrics,
        pace: Pace,
    ) -> None:
        deliveries, cards, messages = unit.deliveries, unit.cards, unit.thread_messages
        reader = services
        sessions = WorkSessionReader(reader)
        self.suspensions = suspensions = ChannelSuspensions(
            cards,
            register_of=reader.register,
            channel_of=services.directory.channel,
            learn=learn,
            notify=notify,
            suspended=suspended,
            postponed=lambda: scheduler.schedule_workspace("resting"),
            resumed=lambda streams: scheduler.schedule_models(*streams, kinds=OF_A_MODEL),
            metrics=metrics,
        )
        cleanup = ErasedModelCleanup(deliveries, touch=scheduler.schedule_slot)

        files = ModelFiles(
            FileContext(deliveries, cards, suspensions, reader, touch=scheduler.schedule_slot),
            unit.projections,
            fenced,
            now=services.now,
            writes=worker.pause,
            waits=pace.of("export"),
            look_seconds=pace.file_poll_seconds,
        )
        card = CardSlots(
            cards,
            ChannelMessages(fenced, writes=worker.pause),
            suspensions,
            reader,
            is_last=cleanup.is_last,
        )
        thread = ThreadSlots(
            cards,
            messages,
            sessions,
            fenced,
            suspensions,
            reader,
            touch=scheduler.schedule_slot,
            writes=worker.pause,
            unthreaded=lambda stream: scheduler.schedule_model(stream, MODEL),
            written=lambda record: files.project(record.stream, deliveries.of_model(record.stream)),
        )
        invitations = DirectSlots(
            VotingInvitations(deliveries, services, quiet_hours=pace.quiet_hours),
            deliveries,
            unit.projections,
            fenced,
            touch=scheduler.schedule_slot,
            pace=pace,
            epoch=unit.epoch,
        )
        handovers = DirectSlots(
            HandoverMessages(deliveries, unit.projections, services, quiet_hours=pace.quiet_hours),
            deliveries,
            unit.projections,
            fenced,
            touch=scheduler.schedule_slot,
            pace=pace,
            epoch=unit.epoch,
        )
        proposals = DirectSlots(
            ProposalMessages(deliveries, services),
            deliveries,
            unit.projections,
            fenced,
            touch=scheduler.schedule_slot,
            pace=pace,
            epoch=unit.epoch,
        )
        claims = DirectSlots(
            ClaimMessages(deliveries, services, quiet_hours=pace.quiet_hours),
            deliveries,
            unit.projections,
            fenced,
            touch=scheduler.schedule_slot,
            pace=pace,
            epoch=unit.epoch,
        )
        homes = HomeSlots(
            deliveries,
            fenced,
            home=lambda person: load_home(services, person),
            touch=scheduler.schedule_message,
            transaction=unit.transaction,
            now=utc_now,
            pace=pace,
        )
        self._reminder_messages = reminder_messages = ReminderMessages(
            fenced,
            card=lambda key: cards.find(model_stream(unit.tenant, key)),
            keys=batches.keys_of,
            writes=worker.pause,
            epoch=unit.epoch,
        )
        reminders = ReminderSlots(
            deliveries,
            unit.reminders,
            batches,
            reminder_messages,
            compose=lambda reminded: compose_reminders(services, reminded),
            touch=scheduler.schedule_slot,
            sent=lambda stream: scheduler.schedule_model(stream, "sent-reminders"),
            now=services.now,
            waits=pace.of("sent-reminders"),
            tenant=unit.tenant,
        )

        notices = TrackerNotices(
            deliveries,
            unit.tracker_connections,
            DirectMessages(fenced, epoch=unit.epoch),
            services,
            touch=scheduler.schedule_slot,
            quiet_hours=pace.quiet_hours,
        )

        digests = DigestSlots(
            deliveries,
            ChannelMessages(fenced, writes=worker.pause),
            services,
            touch=scheduler.schedule_slot,
            learn=learn,
        )

        def touch_slot(slot: str) -> None:
            record = deliveries.find(slot)
            if record is not None:
                scheduler.schedule_slot(record)

        self._reconciler = reconciler = Reconciler(
            deliveries,
            [
                card.kind(),
                *thread.kinds(),
                *files.kinds(),
                invitations.slots(),
                handovers.slots(),
                proposals.slots(),
                claims.slots(),
                homes.slots(),
                reminders.slots(),
                digests.slots(),
                notices.slots(),
            ],
            touch=touch_slot,
            count=lambda kind, what: metrics.surface(_COUNTED_AS.get(kind, kind), what),
            transaction=unit.transaction,
        )
        models = ModelWork(
            unit,
            ModelChanges(
                unit,
                reader,
                scheduler,
                has_trackers=lambda: bool(services.settings.trackers.trackers),
                finds_accounts=READ_EMAIL in services.installation.scopes,
            ),
            reader,
            ThreadPlanner(
                cards,
                messages,
                sessions,
                suspensions,
                reader,
                touch=scheduler.schedule_slot,
                summarize=lambda stream: scheduler.schedule_model(stream, "summaries"),
            ),
            files,
            suspensions,
            cleanup,
            reconciler,
            scheduler,
            pace=pace,
            throttle=worker.pause,
        )
        self._kinds = [
            *models.kinds(),
            *(one for one in reconciler.work() if one.name != CARD),  # the work on a model does
            invitations.planning(),
            handovers.planning(),
            proposals.planning(),
            claims.planning(),
            homes.planning(),
            reminders.planning(),
            digests.planning(),
            notices.planning(),
        ]
        self._cards = cards
        self._reader = reader
        self._scheduler = scheduler
        self._invitations = invitations
        self._handovers = handovers
        self._proposals = proposals
        self._claims = claims
        self._homes = homes

    def kinds(self) -> list[Kind]:
        """Return the kinds of work that change what people see."""
        return self._kinds

    def start(self) -> None:
        """Schedule the work that an earlier release or process may have left unfinished."""
        self._scheduler.schedule_gradually(MODEL, *self._reader.versions())
        self._scheduler.schedule_workspace("resting")
        self._scheduler.schedule_workspace("digests")
        self._scheduler.schedule_models(*self._invitations.models_with_unposted(), kinds=("invitations",))
        self._scheduler.schedule_models(*self._handovers.models_with_unposted(), kinds=("handovers",))
        self._scheduler.schedule_models(*self._proposals.models_with_unposted(), kinds=("proposals",))
        self._scheduler.schedule_models(*self._claims.models_with_unposted(), kinds=("claims",))

    def open_home(self, person: PersonId, version: str | None) -> None:
        """Publish a person's current Home tab; raises ApiRefused and ApiUnreachable, and retries later.

        It bypasses the queue, because a person is waiting for it.
        """
        slot = self._homes.opened(person, version)
        try:
            self._reconciler.reconcile(slot)
        except (ApiRefused, ApiUnreachable):
            self._scheduler.schedule_message(slot)
            raise

    def send_reminders(self, slot: str) -> Done:
        """Update the message of a batch; raises failures that are to be retried."""
        self._reminder_messages.open_conversation(slot)
        return self._reconciler.reconcile(slot)

    def is_orphan(self, target: Target, channel: ChannelId, ts: str) -> bool:
        """Return whether the message of a pressed button is an orphan of a crash: no slot holds it.

        If an attempt has no recorded result, the pressed message is recorded as its result.
        """
        return not self._reconciler.recognize(target.attempt, PostPlace(external_id=ts, place=channel))

    @property
    def has_late_posts(self) -> bool:
        """Whether posts of this process are not recorded yet."""
        return self._reconciler.has_late_posts

    def delete_late_posts(self) -> None:
        """Delete duplicate messages posted by another process; raises ApiRefused and ApiUnreachable."""
        self._reconciler.delete_late_posts()


_COUNTED_AS: Final = {
    SESSION: "summary",
    RESULT: "summary",
    "invitation": "invitations",
    "handover": "handovers",
    "proposal": "proposals",
    "claim": "claims",
    REMINDER: "reminder",
}
"""Names of slot kinds in the metrics, if they differ."""
