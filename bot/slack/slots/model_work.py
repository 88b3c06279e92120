"""Work on a model: what its new events cause, its card, and the messages below the card."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from bot.commands.command_handler import NoSuchModel
from bot.delivery.reconciler import Reconciler
from bot.delivery.slot_kinds import AnyKind, Deleted, Desired, Gone, SlotKind, Uncertain, Unchanged
from bot.delivery.work_kinds import Done, Kind
from bot.slack.projectors.channel_contents import project_card
from bot.slack.projectors.event_table import Projector, caused_by
from bot.slack.protocol.app_ids import READ_EMAIL
from bot.slack.protocol.block_builders import Message
from bot.slack.sinks.outcomes import OF_THE_THREAD
from bot.slack.sinks.watched_cards import CardMessages
from bot.slack.slots.channel_suspensions import ChannelSuspensions
from bot.slack.slots.model_files import ModelFiles
from bot.slack.slots.slot_context import SlotContext, SlotDeclaration
from bot.slack.slots.thread_slots import ThreadSlots
from bot.slack.slots.work_scheduler import WorkKind
from bot.store import StreamId
from bot.store.records import model_stream
from bot.store.repositories.cards import CARD, card_of, card_slot
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.work_queue import MODEL, Claim
from domain.events import Erased
from domain.kernel.elements import ModelKey

CHANGES: Final = "changes"
"""Name of the checkpoint."""


def schedule_caused(context: SlotContext, stream: StreamId) -> datetime | None:
    """Schedule the work that the new events of a model cause; everything after an erasure.

    The new events are those since the last checkpoint. Returns when the first of them happened, if known.
    """
    since: datetime | None = None
    reader, projections = context.reader, context.unit.projections
    now, seen = reader.state(stream), projections.find(CHANGES, stream)
    if seen == now:
        return since
    if seen is None or seen.erasures != now.erasures:
        caused = tuple(Projector)
    else:
        changeable = context.unit.deliveries.changeable_kinds(stream)
        events = reader.events(stream, seen.version)
        since = next((one.at for one in events if not isinstance(one, Erased)), None)
        caused = caused_by(events, changeable)
    if Projector.ISSUES in caused and not reader.settings.trackers.trackers:
        caused = tuple(one for one in caused if one is not Projector.ISSUES)
    kinds = [msgspec.convert(one.value, WorkKind) for one in caused]
    if Projector.ISSUES in caused and READ_EMAIL in reader.installation.scopes:
        kinds.append("accounts")
    # In this order: after a crash in between, the same events cause the same work once more.
    context.scheduler.schedule_caused(stream, *kinds)
    projections.save(CHANGES, stream, now, durable=False)
    return since


class _Unshown(NamedTuple):
    """What a card showed, by its digest, when a change came that it does not show, and when that was."""

    shown: str
    since: datetime


class CardSlots(SlotDeclaration):
    """Slots of cards: posted once, edited in place, and posted again if someone deleted them."""

    def __init__(
        self, context: SlotContext, suspensions: ChannelSuspensions, *, shown: Callable[[float], None]
    ) -> None:
        super().__init__(context)
        self._shown = shown
        self._unshown: dict[StreamId, _Unshown] = {}
        self._cards = context.unit.cards
        self._suspensions = suspensions

    def slots(self) -> list[AnyKind]:
        """Return the slot kind of cards."""
        kind = SlotKind(
            name=CARD,
            sink=CardMessages(self.context.api, self.context.watched, writes=self.context.writes),
            desired=self.desired,
            uncertain=Uncertain.POST_AGAIN,
            deleted=Deleted.POST_AGAIN,
            suspended=self._suspensions.post_refused,
            refused=self._refused,
            written=self._written,
            settled=self._settled,
        )
        return [kind]

    def desired(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        """Return the current content of a card; unchanged while the card is suspended."""
        register = self.context.register(record.stream)
        if register is None:
            # Without the card, its thread would remain in the channel.
            return Gone() if self._is_last(record.stream) else Unchanged()
        if self._suspensions.active_card(card_of(record), register) is None:
            return Unchanged(again_at=register.changes_at)
        return project_card(record.stream, register, self.context.reader.naming)

    def note_unshown(self, stream: StreamId, since: datetime) -> None:
        """Note when a model changed in a way that its card may not show yet."""
        record = self.deliveries.find(card_slot(stream))
        shown = record.shown if record else ""
        known = self._unshown.get(stream)
        # Shown otherwise than before: another process has shown the earlier changes.
        if known is None or known.shown != shown:
            self._unshown[stream] = _Unshown(shown, since)

    def _written(self, record: DeliveryRecord) -> None:
        if (unshown := self._unshown.pop(record.stream, None)) is not None:
            self._shown(max(0.0, (self.context.reader.now() - unshown.since).total_seconds()))

    def clean_up(self, stream: StreamId) -> bool:
        """Have every post about an erased model deleted, the card last; return whether none is left."""
        if self._cards.find(stream) is None:
            return True
        self.context.touch(*self.deliveries.of_model(stream))
        return False

    def _is_last(self, stream: StreamId) -> bool:
        """Return whether only the card of a model is left in its channel."""
        card = self._cards.find(stream)
        if card is None:
            return True
        left = [one for one in self.deliveries.of_model(stream) if one.place == card.channel]
        return [one.kind for one in left] == [CARD]

    def _refused(self, record: DeliveryRecord, fault: Exception) -> bool:
        self._suspensions.post_refused(record, fault)
        return False

    def _settled(self, record: DeliveryRecord) -> None:
        """Record that a card is no longer suspended, so that the next suspension is announced again."""
        self._unshown.pop(record.stream, None)
        card = card_of(record)
        if card.suspension_reason is not None:
            self._cards.record_suspension(record.stream, None)
        if card.notified_reason is not None and card.notified_reason not in OF_THE_THREAD:
            self._cards.record_notice(record.stream, None)


class ModelWork:
    """Work on models: a changed one causes other work by its new events, and its card is reconciled."""

    def __init__(
        self,
        context: SlotContext,
        cards: CardSlots,
        thread: ThreadSlots,
        files: ModelFiles,
        reconciler: Reconciler,
    ) -> None:
        self._context = context
        self._scheduler = context.scheduler
        self._deliveries = context.unit.deliveries
        self._cards = context.unit.cards
        self._card_slots = cards
        self._thread = thread
        self._files = files
        self._reconciler = reconciler

    def work(self) -> list[Kind]:
        """Return the kinds of work."""
        of_models: Mapping[WorkKind, Callable[[StreamId, Claim], Done]] = {
            MODEL: self._follow,
            "results": self._want_results,
            "summaries": self._want_summaries,
            "erased": self._clean_up,
        }
        return [self._kind(name, do) for name, do in of_models.items()]

    def _kind(self, name: WorkKind, do: Callable[[StreamId, Claim], Done]) -> Kind:
        """Return a kind of work on models; an erased model is cleaned up instead."""

        def work(claim: Claim) -> Done:
            stream = _stream_of(claim)
            try:
                # A later change makes the work due again, so one reading of the model is enough for it.
                with self._context.reader.reading_once():
                    return do(stream, claim)
            except NoSuchModel:
                self._scheduler.schedule_model(stream, "erased")
                return Done()

        return Kind(
            name=name,
            waits=self._context.pace.of(name),
            run=work,
            lost=self._lost,
        )

    def _follow(self, stream: StreamId, claim: Claim) -> Done:
        """Schedule what the new events of a model cause, and show its card as it is now."""
        self._context.writes()  # the channel rests afterwards, as after a write into it
        if claim.timed:
            # Changes over time also affect Home tabs.
            self._scheduler.schedule_workspace("homes")
        since = schedule_caused(self._context, stream)
        if since is not None:
            self._card_slots.note_unshown(stream, since)
        register = self._context.register(stream)
        if register is None:
            done = self._reconciler.reconcile(card_slot(stream))
            if self._cards.find(stream):
                self._scheduler.schedule_model(stream, "erased")
            return done
        done = self._reconciler.reconcile_record(self._cards.request(stream, register.channel))
        slots = self._deliveries.of_model(stream)
        self._thread.catch_up(stream, slots)
        self._files.project(stream, slots)
        return done

    def _want_results(self, stream: StreamId, _: Claim) -> Done:
        self._thread.request_results(stream, self._deliveries.of_model(stream))
        return Done()

    def _want_summaries(self, stream: StreamId, _: Claim) -> Done:
        self._thread.request_summaries(stream)
        self._files.project(stream, self._deliveries.of_model(stream))
        return Done()

    def _clean_up(self, stream: StreamId, _: Claim) -> Done:
        seconds = self._context.pace.file_poll_seconds
        return Done() if self._card_slots.clean_up(stream) else Done(again_after=seconds)

    def _lost(self, claim: Claim) -> None:
        stream = _stream_of(claim)
        self._cards.mark_unknown(stream)
        self._scheduler.schedule_model(stream, MODEL)


def _stream_of(claim: Claim) -> StreamId:
    return model_stream(claim.item.tenant, ModelKey(claim.item.subject))
