"""The cards in memory."""

from msgspec.structs import replace

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.ownership import owned
from bot.store.records import StreamId
from bot.store.repositories.cards import Card
from domain.elements import ChannelId


class MemoryCards:
    """Cards in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._database = database
        self._cards = Table(database, tenant, "cards", Card)

    def find(self, stream: StreamId) -> Card | None:
        """Return the card of a model, if one was ever posted or tried."""
        return self._cards.get(stream)

    def all(self) -> list[Card]:
        """Return every card."""
        return self._cards.all()

    def keep(self, card: Card) -> None:
        """Remember a card as it is now; where it is, only `follow` changes: that comes on another thread."""
        with self._database.writing():
            known = self._cards.get(owned(card.stream, self._cards.tenant))
            self._cards.put(replace(card, channel=known.channel) if known else card, card.stream)

    def forget(self) -> None:
        """Forget every card."""
        self._cards.delete_all()

    def follow(self, old: ChannelId, new: ChannelId) -> None:
        """Note that a channel has another id."""
        with self._database.writing():
            for one in self._cards.all():
                if one.channel == old:
                    self._cards.put(replace(one, channel=new), one.stream)

    def doubt(self, stream: StreamId) -> None:
        """Note that it is not known what a card shows."""
        with self._database.writing():
            if known := self._cards.get(stream):
                self._cards.put(replace(known, digest=None), stream)

    def drop(self, stream: StreamId) -> None:
        """Forget the card of a model."""
        self._cards.delete(stream)
