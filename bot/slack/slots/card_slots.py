"""The card of a model as a slot: posted once, edited in place, and posted again when someone deleted it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from bot.commands.command_handler import NoSuchModel
from bot.delivery.kinds import Waits
from bot.delivery.slot_kinds import Deleted, Desired, Gone, SlotKind, Uncertain, Unchanged, content_digest
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.web_api_client import ApiRefused
from bot.slack.queries.model_reader import ModelReader
from bot.slack.sinks.channel_messages import ChannelMessages
from bot.slack.sinks.outcomes import GONE, NOT_DELETED, OF_THE_THREAD, TOO_MUCH
from bot.slack.slots.channel_suspensions import ChannelSuspensions
from bot.store import StreamId
from bot.store.repositories.cards import CARD, Cards, card_of
from bot.store.repositories.deliveries import DeliveryRecord

__all__ = ["GONE", "TOO_MUCH", "CardSlots", "digest_of", "gone_already"]


class CardSlots:
    """Declares the slots of cards. The card of an erased model goes when nothing else of it is left."""

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

    def kind(self, waits: Waits) -> SlotKind[Message]:
        """Return the declaration."""
        return SlotKind(
            name=CARD,
            group="channels",
            waits=waits,
            sink=self._sink,
            look=self.look,
            uncertain=Uncertain.POST_AGAIN,
            deleted=Deleted.POST_AGAIN,
            rested=self._rested,
            refused=self._refused,
            settled=self._settled,
        )

    def look(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        """Return what a card should show now; nothing changes while it suspensions."""
        try:
            seen = self._reader.card(record.stream)
        except NoSuchModel:
            # Without the card its thread would keep its place.
            return Gone() if self._is_last(record.stream) else Unchanged()
        again = seen.register.changes_at
        if self._suspensions.active_card(card_of(record), seen.register) is None:
            return Unchanged(again=again)
        return Desired(content=seen.message, shorter=seen.shorter, again=again)

    def _rested(self, record: DeliveryRecord, fault: Exception) -> None:
        card = self._cards.find(record.stream)
        if card is None or card.channel != record.place or not isinstance(fault, ApiRefused):
            raise fault  # the channel has another id by now, where it is to be tried again
        self._suspensions.refused(card, self._reader.register(record.stream), fault.code)

    def _refused(self, record: DeliveryRecord, fault: Exception) -> bool:
        self._rested(record, fault)
        return False

    def _settled(self, record: DeliveryRecord) -> None:
        """The card shows what it should: it no longer suspensions, and its next rest is told of again."""
        card = self._cards.find(record.stream)
        if card is not None:
            self._cards.rest(record.stream, None)
            if card.told not in OF_THE_THREAD:
                self._cards.tell(record.stream, None)


@contextmanager
def gone_already() -> Generator[None]:
    """A block that deletes a message: one that is not there, or not ours, is as good as deleted."""
    try:
        yield
    except ApiRefused as refused:
        if refused.code not in NOT_DELETED:
            raise


def digest_of(message: Message) -> str:
    """Return a digest of what a message shows."""
    return content_digest(message)
