"""The card of each model: where it is and what it showed last."""

from typing import Protocol

import msgspec

from bot.store.records import StreamId
from domain.elements import ChannelId


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A model's card; `resting` is Slack's word for why it cannot be shown just now.

    `told` is the last such word that was told to a person, until the card is shown again.
    """

    stream: StreamId
    channel: ChannelId
    ts: str | None = None
    digest: str | None = None
    version: int = 0
    resting: str | None = None
    told: str | None = None


class Cards(Protocol):
    """The cards of one workspace; raises StoreUnavailable like every store."""

    def find(self, stream: StreamId) -> Card | None:
        """Return the card of a model, if one was ever posted or tried."""
        ...

    def all(self) -> list[Card]:
        """Return every card."""
        ...

    def keep(self, card: Card) -> None:
        """Remember a card as it is now; where it is, only `follow` changes: that comes on another thread."""
        ...

    def forget(self) -> None:
        """Forget every card: they were in a Slack workspace that no longer exists."""
        ...

    def follow(self, old: ChannelId, new: ChannelId) -> None:
        """Note that a channel has another id: its cards are in it as before."""
        ...

    def doubt(self, stream: StreamId) -> None:
        """Note that it is not known what a card shows."""
        ...

    def drop(self, stream: StreamId) -> None:
        """Forget the card of a model."""
        ...
