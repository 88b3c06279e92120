"""The cards in a SQLite file."""

from bot.store.records import StreamId
from bot.store.repositories.cards import Card
from bot.store.sqlite_repositories.rows import WorkspaceRows
from domain.elements import ChannelId

_FIELDS = "stream, channel, ts, digest, version, resting, told"
_FIND = f"SELECT {_FIELDS} FROM slack_cards WHERE tenant = ?1 AND stream = ?2"  # noqa: S608  (our own column names)
_ALL = f"SELECT {_FIELDS} FROM slack_cards WHERE tenant = ?1 ORDER BY stream"  # noqa: S608  (our own column names)
_KEEP = """
    INSERT INTO slack_cards (tenant, stream, channel, ts, digest, version, resting, told)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    ON CONFLICT (tenant, stream) DO UPDATE SET
        ts = excluded.ts,
        digest = excluded.digest,
        version = excluded.version,
        resting = excluded.resting,
        told = excluded.told
"""
_FORGET = "DELETE FROM slack_cards WHERE tenant = ?1"
_FOLLOW = "UPDATE slack_cards SET channel = ?3 WHERE tenant = ?1 AND channel = ?2"
_DOUBT = "UPDATE slack_cards SET digest = NULL WHERE tenant = ?1 AND stream = ?2"
_DROP = "DELETE FROM slack_cards WHERE tenant = ?1 AND stream = ?2"


class SqliteCards:
    """Cards in a file."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def find(self, stream: StreamId) -> Card | None:
        """Return the card of a model, if one was ever posted or tried."""
        row = self._rows.one(_FIND, stream)
        return _card(row) if row else None

    def all(self) -> list[Card]:
        """Return every card."""
        return [_card(row) for row in self._rows.all(_ALL)]

    def keep(self, card: Card) -> None:
        """Remember a card as it is now; where it is, only `follow` changes: that comes on another thread."""
        shown = (card.ts, card.digest, card.version, card.resting, card.told)
        self._rows.write(_KEEP, self._rows.own(card.stream), card.channel, *shown)

    def forget(self) -> None:
        """Forget every card."""
        self._rows.write(_FORGET)

    def follow(self, old: ChannelId, new: ChannelId) -> None:
        """Note that a channel has another id."""
        self._rows.write(_FOLLOW, old, new)

    def doubt(self, stream: StreamId) -> None:
        """Note that it is not known what a card shows."""
        self._rows.write(_DOUBT, stream)

    def drop(self, stream: StreamId) -> None:
        """Forget the card of a model."""
        self._rows.write(_DROP, stream)


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
