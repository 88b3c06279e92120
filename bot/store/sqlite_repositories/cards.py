"""Remembers the card of each model: where it is and what it showed last."""

import msgspec

from bot.store import Connections, StreamId
from domain.elements import ChannelId


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A model's card; `resting` is Slack's word for why it cannot be shown just now.

    `told` is the last such word that somebody was told, until the card is shown again.
    """

    stream: StreamId
    channel: ChannelId
    ts: str | None = None
    digest: str | None = None
    version: int = 0
    resting: str | None = None
    told: str | None = None


class Cards:
    """The remembered cards; raises StoreUnavailable like every store."""

    def __init__(self, database: Connections) -> None:
        self._database = database

    def find(self, stream: StreamId) -> Card | None:
        """The card of a model, if one was ever posted or tried."""
        with self._database.explained():
            row = self._database.here().execute(_FIND, (stream,)).fetchone()
        return _card(row) if row else None

    def all(self) -> list[Card]:
        """Every card."""
        with self._database.explained():
            return [_card(row) for row in self._database.here().execute(_ALL).fetchall()]

    def keep(self, card: Card) -> None:
        """Remember a card as it is now; where it is, only `follow` changes: that comes on another thread."""
        fields = (card.stream, card.channel, card.ts, card.digest, card.version, card.resting, card.told)
        with self._database.writing() as connection:
            connection.execute(_KEEP, fields)

    def forget(self) -> None:
        """Remember none any more: they are in a workspace that is gone."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM slack_cards")

    def follow(self, old: ChannelId, new: ChannelId) -> None:
        """A channel has another id: its cards are in it as before."""
        with self._database.writing() as connection:
            connection.execute("UPDATE slack_cards SET channel = ? WHERE channel = ?", (new, old))

    def drop(self, stream: StreamId) -> None:
        """The card of a model is no more."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM slack_cards WHERE stream = ?", (stream,))


def _card(row: tuple[str, ChannelId, str | None, str | None, int, str | None, str | None]) -> Card:
    stream, channel, ts, digest, version, resting, told = row
    return Card(
        stream=StreamId(stream),
        channel=channel,
        ts=ts,
        digest=digest,
        version=version,
        resting=resting,
        told=told,
    )


_FIND = "SELECT stream, channel, ts, digest, version, resting, told FROM slack_cards WHERE stream = ?"
_ALL = "SELECT stream, channel, ts, digest, version, resting, told FROM slack_cards ORDER BY stream"
_KEEP = """
    INSERT INTO slack_cards (stream, channel, ts, digest, version, resting, told)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (stream) DO UPDATE SET
        ts = excluded.ts,
        digest = excluded.digest,
        version = excluded.version,
        resting = excluded.resting,
        told = excluded.told
"""
