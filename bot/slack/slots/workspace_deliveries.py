"""Everything that the bot shows in a workspace: declarations of slots, their reconciler, and their work."""

from collections.abc import Callable, Sequence

from bot.delivery.reconciler import Reconciler
from bot.delivery.slot_kinds import PostPlace
from bot.delivery.work_kinds import Done, Kind
from bot.metrics import Metrics
from bot.scheduled_jobs.reminder_batches import ReminderBatches
from bot.slack.protocol.targets import Target
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable
from bot.slack.queries.home_overview import load_home
from bot.slack.slots.channel_suspensions import ChannelSuspensions, SuspendedCard
from bot.slack.slots.direct_slots import ClaimMessages, ProposalMessages, VotingInvitations
from bot.slack.slots.handover_slots import HandoverMessages
from bot.slack.slots.home_slots import HomeSlots
from bot.slack.slots.model_files import ModelFiles
from bot.slack.slots.model_work import CardSlots, ModelWork
from bot.slack.slots.portfolio_slots import DigestSlots
from bot.slack.slots.reminder_slots import ReminderMessages, ReminderSlots
from bot.slack.slots.slot_context import SlotContext
from bot.slack.slots.thread_slots import ThreadSlots
from bot.slack.slots.tracker_notices import TrackerNotices
from bot.store import StreamId
from bot.store.records import key_of, model_stream
from bot.store.repositories.cards import CARD
from bot.store.repositories.thread_messages import RESULT, SESSION
from bot.store.work_queue import MODEL
from domain.kernel.elements import ChannelId, PersonId


class WorkspaceDeliveries:
    """Keeps a workspace's messages, files and Home tabs up to date.

    `batches` are the reminders that are sent. `learn` reports the reason for Slack's refusal to the
    directory; `notify` sends notices about suspended cards, and `suspended` receives their channels, as
    ChannelSuspensions describes. `wake` has the work queue polled now.
    """

    def __init__(
        self,
        context: SlotContext,
        *,
        batches: ReminderBatches,
        learn: Callable[[ChannelId, str], None],
        notify: Callable[[Sequence[SuspendedCard], str], Sequence[SuspendedCard]],
        suspended: Callable[[ChannelId], None],
        metrics: Metrics,
        wake: Callable[[], None],
    ) -> None:
        self._context = context
        self._wake = wake
        unit, deliveries = context.unit, context.unit.deliveries
        self.suspensions = suspensions = ChannelSuspensions(
            context, learn=learn, notify=notify, suspended=suspended, metrics=metrics
        )
        cards = CardSlots(context, suspensions, shown=metrics.card_shown)
        files = ModelFiles(context, suspensions)
        thread = ThreadSlots(
            context,
            suspensions,
            written=lambda record: files.project(record.stream, deliveries.of_model(record.stream)),
        )
        self._direct = (
            VotingInvitations(context),
            HandoverMessages(context),
            ProposalMessages(context),
            ClaimMessages(context),
        )
        self._homes = HomeSlots(context, home=lambda person: load_home(context.reader, person))
        self._reminder_messages = ReminderMessages(
            context.api,
            card=lambda key: unit.cards.find(model_stream(unit.tenant, key)),
            keys=batches.keys_of,
            writes=context.writes,
            epoch=unit.epoch,
        )
        planned = (
            *self._direct,
            self._homes,
            ReminderSlots(context, batches, self._reminder_messages),
            DigestSlots(context, learn=learn),
            TrackerNotices(context),
        )
        counted_as = {
            SESSION: "summary",
            RESULT: "summary",
            **{messages.message: messages.planning for messages in self._direct},
        }
        self._reconciler = Reconciler(
            deliveries,
            [kind for shown in (cards, thread, files, *planned) for kind in shown.slots()],
            touch=self._touch_slot,
            count=lambda kind, what: metrics.delivery(counted_as.get(kind, kind), what),
            transaction=unit.transaction,
        )
        models = ModelWork(context, cards, thread, files, self._reconciler)
        self.kinds: Sequence[Kind] = (
            *(kind for one in (models, suspensions, *planned) for kind in one.work()),
            *(kind for kind in self._reconciler.work() if kind.name != CARD),  # the work on a model does
        )
        """The kinds of work that change what people see."""

    def start(self) -> None:
        """Schedule the work that an earlier release or process may have left unfinished."""
        scheduler = self._context.scheduler
        scheduler.schedule_gradually(MODEL, *self._context.reader.versions())
        scheduler.schedule_workspace("resting")
        scheduler.schedule_workspace("digests")
        for messages in self._direct:
            scheduler.schedule_models(*messages.models_with_unposted(), kinds=(messages.planning,))

    def open_home(self, person: PersonId, version: str | None) -> None:
        """Publish a person's current Home tab; raises ApiRefused and ApiUnreachable, and retries later.

        It bypasses the queue, because a person is waiting for it.
        """
        slot = self._homes.opened(person, version)
        try:
            self._reconciler.reconcile(slot)
        except (ApiRefused, ApiUnreachable):
            self._context.scheduler.schedule_message(slot)
            raise

    def send_reminders(self, slot: str) -> Done:
        """Update the message of a batch; raises failures that are to be retried."""
        self._reminder_messages.open_conversation(slot)
        return self._reconciler.reconcile(slot)

    def note_press(self, target: Target, ts: str, response_url: str) -> None:
        """Note a press on a model's card, which pays for updates of it; other messages pay for nothing."""
        if not target.stream or not response_url:
            return
        card = self._context.unit.cards.find(StreamId(target.stream))
        if card is not None and card.ts == ts:
            self._context.watched.press(key_of(card.stream), ts, response_url)
            self._wake()

    def update_watched(self) -> None:
        """Make the cards due that wait for their turn, but can be updated at once after a press."""
        if paid := self._context.watched.paid():
            self._context.scheduler.hurry(MODEL, paid)

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

    def _touch_slot(self, slot: str) -> None:
        record = self._context.unit.deliveries.find(slot)
        if record is not None:
            self._context.touch(record)
