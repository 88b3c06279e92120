"""Slots of cards: posted once, edited in place, and posted again if someone deleted them."""

from collections.abc import Callable

from bot.commands.command_handler import NoSuchModel
from bot.delivery.slot_kinds import Deleted, Desired, Gone, SlotKind, Uncertain, Unchanged
from bot.slack.projectors.channel_contents import project_card
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.web_api_client import ApiRefused
from bot.slack.queries.model_reader import ModelReader
from bot.slack.sinks.outcomes import OF_THE_THREAD
from bot.slack.sinks.posted_messages import ChannelMessages
from bot.slack.slots.channel_suspensions import ChannelSuspensions
from bot.store import StreamId
from bot.store.repositories.cards import CARD, Cards, card_of
from bot.store.repositories.deliveries import DeliveryRecord


class CardSlots:
    """Slot declarations for cards; the card of an erased model is deleted last."""

    def __init__(
        self,
        cards: Cards,
        sink: ChannelMessages,
        suspensions: ChannelSuspensions,
        reader: ModelReader,
        *,
        is_last: Callable[[StreamId], bool],
    ) -> None:
        self._cards = cards
        self._sink = sink
        self._suspensions = suspensions
        self._reader = reader
        self._is_last = is_last

    def kind(self) -> SlotKind[Message]:
        """Return the slot kind of cards."""
        return SlotKind(
            name=CARD,
            sink=self._sink,
            desired=self.desired,
            uncertain=Uncertain.POST_AGAIN,
            deleted=Deleted.POST_AGAIN,
            suspended=self._suspend,
            refused=self._refused,
            settled=self._settled,
        )

    def desired(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        """Return the current content of a card; unchanged while the card is suspended."""
        try:
            register = self._reader.register(record.stream)
        except NoSuchModel:
            # Without the card, its thread would remain in the channel.
            return Gone() if self._is_last(record.stream) else Unchanged()
        if self._suspensions.active_card(card_of(record), register) is None:
            return Unchanged(again_at=register.changes_at)
        return project_card(record.stream, register, self._reader.naming)

    def _suspend(self, record: DeliveryRecord, fault: Exception) -> None:
        card = self._cards.find(record.stream)
        if card is None or card.channel != record.place or not isinstance(fault, ApiRefused):
            raise fault  # the channel's ID has changed: the next try uses the new one
        self._suspensions.refused(card, self._reader.register(record.stream), fault.code)

    def _refused(self, record: DeliveryRecord, fault: Exception) -> bool:
        self._suspend(record, fault)
        return False

    def _settled(self, record: DeliveryRecord) -> None:
        """Record that a card is no longer suspended, so that the next suspension is announced again."""
        card = card_of(record)
        if card.suspension_reason is not None:
            self._cards.record_suspension(record.stream, None)
        if card.notified_reason is not None and card.notified_reason not in OF_THE_THREAD:
            self._cards.record_notice(record.stream, None)
