"""Cleanup of the posts about an erased model."""

from collections.abc import Callable

from bot.store import StreamId
from bot.store.repositories.cards import CARD, Cards
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord


class ErasedModelCleanup:
    """Makes the slots of an erased model due, so that their posts are deleted; `touch` makes one due."""

    def __init__(self, deliveries: Deliveries, *, touch: Callable[[DeliveryRecord], None]) -> None:
        self._deliveries = deliveries
        self._cards = Cards(deliveries)
        self._touch = touch

    def clean_up(self, stream: StreamId) -> bool:
        """Have every post deleted, the card last; return whether nothing is left to delete."""
        if self._cards.find(stream) is None:
            return True
        for one in self._deliveries.of_model(stream):
            self._touch(one)
        return False

    def is_last(self, stream: StreamId) -> bool:
        """Return whether only the card of a model is left in its channel."""
        card = self._cards.find(stream)
        if card is None:
            return True
        left = [one for one in self._deliveries.of_model(stream) if one.place == card.channel]
        return [one.kind for one in left] == [CARD]
