"""All surfaces of a workspace together: told of what was said, started and stopped as one."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from bot.delivery.kinds import Kind
from bot.delivery.reconciler import Reconciler
from bot.delivery.worker import Worker
from bot.metrics import Metrics
from bot.slack.directory.directory_lookup import DirectoryLookup
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.queries.home_overview import load_home
from bot.slack.queries.model_reader import ModelReader
from bot.slack.queries.services import Services
from bot.slack.slots.channel_deliveries import ChannelDeliveries
from bot.slack.slots.channel_suspensions import SuspendedCard
from bot.slack.slots.delivery_pace import Pace
from bot.slack.slots.direct_slots import DirectSlots
from bot.slack.slots.handover_messages import HandoverMessages
from bot.slack.slots.home_slots import HomeSlots
from bot.slack.slots.model_changes import CHANGES, ModelChanges
from bot.slack.slots.reminder_slots import NudgeMessages
from bot.slack.slots.suspension_notices import SuspensionNotices
from bot.slack.slots.voting_invitations import VotingInvitations
from bot.slack.slots.work_scheduler import WorkScheduler
from bot.store import CommandKey, StreamId, UnitOfWork, utc_now
from bot.store.records import StreamState
from bot.store.repositories.cards import Card
from bot.store.repositories.file_slots import Order
from bot.store.work_queue import Item, Touch
from domain.kernel.elements import ChannelId, PersonId
from domain.reminders.reachability import next_at_work


class WorkspaceDeliveries:
    """What people see of the models without asking, kept true by the work of `worker`.

    `fenced` is the way to Slack for that work; `later` takes work that calls Slack by `api`;
    `rested` is told of a channel in which cards cannot be shown.
    """

    def __init__(
        self,
        services: Services,
        unit: UnitOfWork,
        api: SlackApi,
        fenced: SlackApi,
        worker: Worker,
        *,
        lookup: DirectoryLookup,
        rested: Callable[[ChannelId], None],
        later: Callable[[Callable[[], None]], None],
        metrics: Metrics,
        pace: Pace,
    ) -> None:
        self._worker = worker
        tenant = services.installation.team
        self._touching = touching = WorkScheduler(worker, tenant, pace)
        self._lookup = lookup
        self._deliveries = unit.deliveries
        self._cards = unit.cards
        self._messages = unit.thread_messages
        looks = ModelReader(services)
        quiet_hours = pace.quiet_hours

        def may_tell(channel: ChannelId, person: PersonId) -> bool:
            now = services.now()
            return not quiet_hours or next_at_work(services.people(channel)(person), now) <= now

        telling = SuspensionNotices(
            services.installation,
            services.directory,
            api,
            starter=looks.starter,
            may_tell=may_tell,
            later=later,
        )

        def tell_of_rest(cards: Sequence[SuspendedCard], why: str) -> Sequence[SuspendedCard]:
            for channel in {one.card.channel for one in cards}:
                rested(channel)
            return telling.rested(cards, why)

        self.keeper = ChannelDeliveries(
            unit.deliveries,
            unit.projections,
            fenced,
            looks,
            touching,
            writes=worker.pause,
            learn=self._learn,
            rested=tell_of_rest,
            metrics=metrics,
            pace=pace,
        )
        self._changes = ModelChanges(unit.projections, looks, touching)
        self._homes = HomeSlots(
            unit.deliveries,
            fenced,
            home=lambda person: load_home(services, person),
            touch=touching.message_slot,
            now=utc_now,
            pace=pace,
        )
        self._inviting = DirectSlots(
            VotingInvitations(unit.deliveries, services, quiet_hours=quiet_hours),
            unit.deliveries,
            fenced,
            touch=touching.message,
            pace=pace,
        )
        self._handing = DirectSlots(
            HandoverMessages(unit.deliveries, unit.projections, services, quiet_hours=quiet_hours),
            unit.deliveries,
            fenced,
            touch=touching.message,
            pace=pace,
        )
        self._directs = Reconciler(
            unit.deliveries,
            [self._inviting.slots(), self._handing.slots(), self._homes.slots()],
            touch=touching.message_slot,
            count=lambda kind, what: metrics.surface(_COUNTED_AS[kind], what),
            transaction=unit.transaction,
        )
        self.nudges = NudgeMessages(unit.shown_nudges, services, fenced, metrics=metrics, pace=pace)

    def start(self, others: Iterable[Kind]) -> None:
        """Begin to keep everything true, and to do `others` of the work that changes of a model cause."""
        parts = (self._changes, self.keeper, self.nudges)
        plannings = (self._inviting.planning(), self._handing.planning(), self._homes.planning())
        directs = (*plannings, *self._directs.work())
        kinds = [*others, *directs, *(kind for one in parts for kind in one.kinds())]
        self._worker.start(kinds, self._spread)
        self.keeper.start()
        self._touching.of_models(*self._inviting.owed(), surfaces=("invitations",))
        self._touching.of_models(*self._handing.owed(), surfaces=("handovers",))

    def stop(self, seconds: float) -> None:
        """Bring the cards that are due up to date within so many seconds, then stop."""
        self._worker.finish((CHANGES, "card"), seconds)

    def pause(self) -> None:
        """Show nothing any more: Slack would refuse everything."""
        self._worker.end()

    def open_home(self, person: PersonId, version: str | None) -> None:
        """Show a person's Home tab as it is now; raises ApiRefused and ApiUnreachable, and tries again later.

        A press waits for it, so it does not wait for its turn in the queue.
        """
        slot = self._homes.opened(person, version)
        try:
            self._directs.reconcile(slot)
        except (ApiRefused, ApiUnreachable):
            self._touching.message_slot(slot)
            raise

    def reminded(self, stream: StreamId) -> None:
        """Somebody was reminded of something in a model."""
        self._touching.of_model(stream, "nudges")

    def check_rounds(self, stream: StreamId) -> None:
        """Check the open rounds of a model now."""
        self._touching.of_model(stream, "rounds", waits=False)

    def take_back_late(self) -> None:
        """Delete messages that another process has posted as well; raises Refused and Unreachable."""
        self.keeper.take_back_late()
        self._directs.take_back_late()

    def card(self, stream: StreamId) -> Card | None:
        """The card of a model, if one was ever posted or tried."""
        return self._cards.find(stream)

    def card_ts(self, stream: StreamId) -> str | None:
        """Return the timestamp of a model's card; None where it was not posted yet."""
        card = self.card(stream)
        return card.ts if card else None

    def draw(self, stream: StreamId, key: CommandKey) -> bool:
        """Have a model's diagram drawn into its thread; False where one was due already."""
        return self.keeper.draw(stream, key)

    def export(self, order: Order) -> bool:
        """Have a file of a model posted into its thread; False where the person waits for one already."""
        return self.keeper.export(order)

    def mark_as_announced(self, stream: StreamId, version: int) -> None:
        """Have nothing told in a model's thread of what was said up to a version."""
        self._messages.tell(stream, StreamState(version=version, erasures=0))

    def follow(self, old: ChannelId, new: ChannelId) -> None:
        """A channel has another id: its cards are in it as before."""
        self._deliveries.follow(old, new)

    def _spread(self, item: Item, channel: str) -> Sequence[Touch]:
        """A model has changed: find out what its new events cause."""
        del channel
        return (self._touching.touch(CHANGES, item.subject),)

    def _learn(self, channel: ChannelId, why: str) -> None:
        """Slack said in a refusal how it is with a channel."""
        if why == "is_archived":
            self._lookup.learn_channel(channel, archived=True)
        elif why == "not_in_channel":
            self._lookup.learn_channel(channel, bot_inside=False)


_COUNTED_AS: Final = {"invitation": "invitations", "handover": "handovers", "home": "home"}
"""The names of the kinds of slots in the metrics."""
