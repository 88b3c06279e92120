"""Context of file slots: the model's thread, its register, and scheduling."""

from collections.abc import Callable

from bot.commands.command_handler import NoSuchModel
from bot.slack.queries.model_reader import ModelReader
from bot.slack.slots.channel_suspensions import ChannelSuspensions
from bot.store import StreamId
from bot.store.repositories.cards import Cards
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord
from bot.store.repositories.file_slots import FileSlots, file_parameters
from domain.register import ThreatRegister


class FileContext:
    """Shared dependencies of the file slot declarations; `touch` makes a slot due, in its channel's lane."""

    def __init__(
        self,
        deliveries: Deliveries,
        cards: Cards,
        suspensions: ChannelSuspensions,
        reader: ModelReader,
        *,
        touch: Callable[[DeliveryRecord], None],
    ) -> None:
        self.deliveries = deliveries
        self.slots = FileSlots(deliveries)
        self.reader = reader
        self.touch = touch
        self.suspensions = suspensions
        self._cards = cards

    def register(self, stream: StreamId) -> ThreatRegister | None:
        """Return the register of a model; None if the whole model was erased."""
        try:
            return self.reader.register(stream)
        except NoSuchModel:
            return None

    def thread(self, stream: StreamId, register: ThreatRegister) -> str:
        """Return the timestamp of a model's card; empty while nothing can be posted in its thread."""
        card = self._cards.find(stream)
        active = self.suspensions.active_card(card, register) if card is not None else None
        return (active.ts if active is not None else None) or ""

    def card_thread(self, stream: StreamId) -> str:
        """Return the timestamp of a model's card; empty if it was not posted."""
        card = self._cards.find(stream)
        return (card.ts if card is not None else None) or ""

    def erasures(self, stream: StreamId) -> int:
        """Return the number of erasures in a model."""
        return self.reader.state(stream).erasures

    def shows_erased(self, record: DeliveryRecord) -> bool:
        """Return whether a file may have been created before the last erasure in its model."""
        known = file_parameters(record)
        is_there = bool(record.external_id) or (record.is_uncertain and bool(known.files))
        return is_there and known.erasures != self.erasures(record.stream)
