"""Keeps what a channel sees of its models true: each model's card, and what is told in its thread."""

from collections.abc import Callable, Sequence

from bot.commands.command_handler import NoSuchModel
from bot.delivery.kinds import Done, Kind
from bot.delivery.reconciler import Reconciler
from bot.delivery.slot_kinds import PostPlace
from bot.metrics import Metrics
from bot.slack.protocol.interactions import Target
from bot.slack.protocol.web_api_client import SlackApi
from bot.slack.queries.model_reader import ModelReader
from bot.slack.queries.work_session_reader import WorkSessionReader
from bot.slack.sinks.channel_messages import ChannelMessages
from bot.slack.slots.card_slots import CardSlots
from bot.slack.slots.channel_suspensions import ChannelSuspensions, SuspendedCard
from bot.slack.slots.delivery_pace import OF_A_MODEL, Pace, WorkKind
from bot.slack.slots.erased_model_cleanup import ErasedModelCleanup
from bot.slack.slots.file_context import FileContext
from bot.slack.slots.model_files import ModelFiles
from bot.slack.slots.thread_planner import ThreadPlanner
from bot.slack.slots.thread_slots import ThreadSlots
from bot.slack.slots.work_scheduler import WorkScheduler
from bot.store import CommandKey, StreamId
from bot.store.records import of_model
from bot.store.repositories.cards import CARD, Cards, card_slot
from bot.store.repositories.deliveries import Deliveries
from bot.store.repositories.file_slots import Order
from bot.store.repositories.projections import Projections
from bot.store.repositories.thread_messages import RESULT, SITTING, ThreadMessages
from bot.store.work_queue import Claim
from domain.kernel.elements import ChannelId, ModelKey


class ChannelDeliveries:
    """The work that posts and updates in channels; any thread may tell that a model or a channel changed.

    `writes` is called before something is written in a channel; `learn` lets the directory know what Slack
    said of a channel in a refusal; `rested` is told once when cards cannot be shown.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        projections: Projections,
        api: SlackApi,
        looks: ModelReader,
        touching: WorkScheduler,
        *,
        writes: Callable[[], None],
        learn: Callable[[ChannelId, str], None],
        rested: Callable[[Sequence[SuspendedCard], str], Sequence[SuspendedCard]],
        metrics: Metrics,
        pace: Pace,
    ) -> None:
        self._deliveries = deliveries
        self._cards = cards = Cards(deliveries)
        self._looks = looks
        self._touching = touching
        self._pace = pace

        self._rests = ChannelSuspensions(
            cards,
            look=looks.register,
            channel=looks.channel,
            learn=learn,
            tell=rested,
            waiting=lambda: touching.of_workspace("resting"),
            metrics=metrics,
        )
        self._messages = messages = ThreadMessages(deliveries, projections)
        sittings = WorkSessionReader(looks)
        self._card = CardSlots(
            cards,
            ChannelMessages(api, writes=writes),
            self._rests,
            looks,
            is_last=lambda stream: self._away.is_last(stream),
        )
        self._thread = ThreadPlanner(cards, messages, sittings, self._rests, looks, touch=touching.slot)
        thread_slots = ThreadSlots(
            cards,
            messages,
            sittings,
            api,
            self._rests,
            looks,
            touch=touching.slot,
            writes=writes,
            unthreaded=self._show_anew,
            written=lambda record: self._files.project(record.stream),
        )
        self._files = ModelFiles(
            FileContext(deliveries, cards, self._rests, looks, touch=touching.slot),
            projections,
            api,
            results=messages.results,
            now=looks.now,
            writes=writes,
            waits=pace.of("export"),
            look_seconds=pace.look,
        )
        self._reconciler = Reconciler(
            deliveries,
            [self._card.kind(pace.of("card")), *thread_slots.kinds(), *self._files.kinds()],
            touch=self._touch_slot,
            count=lambda kind, what: metrics.surface(_COUNTED_AS.get(kind, kind), what),
        )

        self._away = ErasedModelCleanup(deliveries, touch=touching.slot)

    def kinds(self) -> list[Kind]:
        """What there is to do in channels."""
        names: tuple[WorkKind, ...] = (*OF_A_MODEL, "erased")
        of_models = [
            Kind(
                name=one,
                group="channels",
                waits=self._pace.of(one),
                do=self._does(one),
                lost=self._lost,
            )
            for one in names
        ]
        slots = [one for one in self._reconciler.work() if one.name != CARD]
        resting = Kind(
            name="resting", group="people", waits=self._pace.of("resting"), do=lambda _: self._tell_of_rest()
        )
        return [*of_models, *slots, resting]

    def start(self) -> None:
        """Look at every card: another release may have shown it differently."""
        self._touching.gradually("card", *self._looks.versions())
        self._touching.of_workspace("resting")

    def touch(self, stream: StreamId) -> None:
        """A model may have changed; its card is looked at soon, its thread when people pause."""
        self._touching.of_model(stream, "card", "reveal", "summary")

    def draw(self, stream: StreamId, key: CommandKey) -> bool:
        """Have a model's diagram drawn into its thread; False where one was due already."""
        return self._files.draw(stream, key)

    def export(self, order: Order) -> bool:
        """Have a file of a model posted into its thread; False where the person waits for one already."""
        return self._files.order(order)

    def take_back_late(self) -> None:
        """Delete messages that another process has posted as well; raises Refused and Unreachable."""
        self._reconciler.take_back_late()

    def touch_all(self) -> None:
        """Something that any card may show has changed, such as what somebody is called."""
        self._touching.gradually("card", *(card.stream for card in self._cards.all()))

    def wake(self, channel: ChannelId) -> None:
        """The bot may write in a channel (again): show its cards."""
        self._wake(self._rests.wake(channel))

    def rest(self, channel: ChannelId, why: str) -> None:
        """The bot may not write in a channel any more: its cards stay as they are."""
        self._rests.rest(channel, why)

    def look_again(self, channel: ChannelId) -> None:
        """The directory has read a channel anew: what nobody told of shows there."""
        self._wake(self._rests.look_again(channel))

    def rests(self, channel: ChannelId) -> bool:
        """Whether a card cannot be shown in a channel now."""
        return any(card.resting for card in self._cards.all() if card.channel == channel)

    def is_orphan(self, target: Target, channel: ChannelId, ts: str) -> bool:
        """Return whether a message whose button was pressed was left behind by a crash: no slot holds it.

        The message of an attempt without a result is recorded: whoever presses its button has found it. The
        buttons of cards of earlier releases do not say which post they stand in.
        """
        if target.attempt:
            return not self._reconciler.recognize(target.attempt, PostPlace(external_id=ts, place=channel))
        card = self._cards.find(StreamId(target.stream))
        return card is not None and card.ts is not None and card.ts != ts

    def _does(self, surface: WorkKind) -> Callable[[Claim], Done]:
        return lambda claim: self._keep(surface, claim)

    def _keep(self, surface: WorkKind, claim: Claim) -> Done:
        stream = of_model(claim.item.tenant, ModelKey(claim.item.subject))
        try:
            match surface:
                case "card":
                    return self._keep_card(stream, timed=claim.timed)
                case "reveal":
                    self._thread.reveal(stream)
                case "summary":
                    self._thread.sum_up(stream)
                    self._files.project(stream)
                case "erased":
                    if not self._away.keep(stream):
                        return Done(soon=self._pace.look)
                case (
                    "changes"
                    | "sitting"
                    | "result"
                    | "picture"
                    | "diagram"
                    | "diagram-message"
                    | "export"
                    | "export-message"
                    | "canvas"
                    | "file-notice"
                    | "home"
                    | "homes"
                    | "invitations"
                    | "invitation"
                    | "handovers"
                    | "handover"
                    | "nudges"
                    | "resting"
                    | "rounds"
                    | "reminders"
                    | "reminder"
                ):
                    pass  # those are kept elsewhere
        except NoSuchModel:
            self._touch("erased", stream)
        return Done()

    def _keep_card(self, stream: StreamId, *, timed: bool) -> Done:
        if timed:
            # What time has changed in a model, it has changed on Home tabs, too.
            self._touching.of_workspace("homes")
        try:
            self._cards.want(stream, self._looks.register(stream).channel)
        except NoSuchModel:
            done = self._reconciler.reconcile(card_slot(stream))
            if self._cards.find(stream):
                self._touch("erased", stream)
            return done
        done = self._reconciler.reconcile(card_slot(stream))
        if self._thread.is_behind(stream):
            self._touch("reveal", stream)
            self._touch("summary", stream)
        self._files.project(stream)
        return done

    def _lost(self, claim: Claim) -> None:
        stream = of_model(claim.item.tenant, ModelKey(claim.item.subject))
        self._cards.doubt(stream)
        self._touching.of_model(stream, "card")

    def _tell_of_rest(self) -> Done:
        return Done(soon=_TELL_AGAIN * self._pace.look) if self._rests.tell_waiting() else Done()

    def _show_anew(self, stream: StreamId) -> None:
        """Slack does not find the card of a thread: whether it is there shows when it is edited."""
        card = self._cards.find(stream)
        if card is not None:
            self._cards.doubt(stream)
            self._touch("card", stream)

    def _touch(self, surface: WorkKind, stream: StreamId, *, at_once: bool = False) -> None:
        self._touching.of_model(stream, surface, waits=not at_once)

    def _touch_slot(self, slot: str) -> None:
        record = self._deliveries.find(slot)
        if record is not None:
            self._touching.slot(record)

    def _wake(self, streams: Sequence[StreamId]) -> None:
        """What may be shown again may have waited, whichever surface it is."""
        self._touching.of_models(*streams, surfaces=OF_A_MODEL)


_TELL_AGAIN = 6
"""After so many looks it is tried again to tell someone why a card rests."""

_COUNTED_AS = {SITTING: "summary", RESULT: "summary"}
"""What the metrics call a kind of slot, if not by its name."""
