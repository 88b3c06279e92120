"""Remembers which direct messages the bot has written, to whom, about what, and where they are."""

from typing import Literal

import msgspec

from bot.store import Connections, StreamId
from domain.elements import PersonId

Table = Literal["slack_invitations", "slack_handovers"]


class Direct(msgspec.Struct, frozen=True, kw_only=True):
    """One direct message; `ts` is empty where it is not known whether Slack took it, or it did not.

    `about` is what in the model it is about: a round, or the version of an event. `digest` is of what it
    shows, and before that the mark of whoever is about to post it, empty where nobody is; `over` says that it
    will never change any more.
    """

    stream: StreamId
    about: str
    person: PersonId
    channel: str = ""
    ts: str = ""
    digest: str = ""
    over: bool = False


class Directs:
    """The remembered messages of one kind; raises StoreUnavailable like every store."""

    def __init__(self, database: Connections, table: Table) -> None:
        self._database = database
        self._table = table

    def of(self, stream: StreamId) -> dict[tuple[str, PersonId], Direct]:
        """The messages about a model, by what they are about and to whom they are."""
        with self._database.explained():
            rows = self._database.here().execute(_OF.format(self._table), (stream,)).fetchall()
        found = [_direct(row) for row in rows]
        return {(one.about, one.person): one for one in found}

    def changing(self) -> set[StreamId]:
        """The models with messages that may still change."""
        return self._streams(_CHANGING)

    def unclear(self) -> set[StreamId]:
        """The models with messages of which it is not known whether Slack took them."""
        return self._streams(_UNCLEAR)

    def waiting(self) -> set[StreamId]:
        """The models with messages that nobody has tried to post yet, or that Slack did not take."""
        return self._streams(_WAITING)

    def claim(self, direct: Direct) -> bool:
        """Note that somebody is about to be told, unless they were already; whether it is ours to do."""
        with self._database.writing() as connection:
            return connection.execute(_CLAIM.format(self._table), _row(direct)).rowcount > 0

    def take_over(self, claimed: Direct, mark: str) -> bool:
        """Go on with what somebody claimed and did not end; whether it is ours to do."""
        place = (claimed.stream, claimed.about, claimed.person)
        with self._database.writing() as connection:
            taken = connection.execute(_TAKE_OVER.format(self._table), (mark, *place, claimed.digest))
            return taken.rowcount > 0

    def is_held(self, claimed: Direct) -> bool:
        """Whether a claim stands as it was written: nothing was posted, nobody took it over."""
        place = (claimed.stream, claimed.about, claimed.person)
        with self._database.explained():
            found = self._database.here().execute(_HELD.format(self._table), (*place, claimed.digest))
            return found.fetchone() is not None

    def settle(self, claimed: Direct, became: Direct) -> bool:
        """Remember what became of a claim; False where it is not held: then nothing is remembered."""
        told = (became.channel, became.ts, became.digest, became.over)
        place = (claimed.stream, claimed.about, claimed.person)
        with self._database.writing() as connection:
            settled = connection.execute(_SETTLE.format(self._table), (*told, *place, claimed.digest))
            return settled.rowcount > 0

    def keep(self, direct: Direct) -> None:
        """Remember a message as it is now."""
        with self._database.writing() as connection:
            connection.execute(_KEEP.format(self._table), _row(direct))

    def release(self, claimed: Direct) -> None:
        """Slack did not take it: somebody is still to be told, by whoever comes first."""
        self.settle(claimed, msgspec.structs.replace(claimed, digest=""))

    def _streams(self, query: str) -> set[StreamId]:
        with self._database.explained():
            rows = self._database.here().execute(query.format(self._table)).fetchall()
        return {StreamId(row[0]) for row in rows}


def _row(one: Direct) -> tuple[str | bool, ...]:
    return (one.stream, one.about, one.person, one.channel, one.ts, one.digest, one.over)


def _direct(row: tuple[str, str, str, str, str, str, int]) -> Direct:
    stream, about, person, channel, ts, digest, over = row
    return Direct(
        stream=StreamId(stream),
        about=about,
        person=PersonId(person),
        channel=channel,
        ts=ts,
        digest=digest,
        over=bool(over),
    )


_OF = "SELECT stream, about, person, channel, ts, digest, over FROM {} WHERE stream = ?"
_CHANGING = "SELECT DISTINCT stream FROM {} WHERE NOT over"
_UNCLEAR = "SELECT DISTINCT stream FROM {} WHERE ts = '' AND digest <> '' AND NOT over"
_WAITING = "SELECT DISTINCT stream FROM {} WHERE ts = '' AND digest = '' AND NOT over"
_CLAIM = """
    INSERT OR IGNORE INTO {} (stream, about, person, channel, ts, digest, over) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_TAKE_OVER = """
    UPDATE {} SET digest = ?
    WHERE stream = ? AND about = ? AND person = ? AND ts = '' AND NOT over AND digest = ?
"""
_HELD = """
    SELECT 1 FROM {} WHERE stream = ? AND about = ? AND person = ? AND ts = '' AND NOT over AND digest = ?
"""
_SETTLE = """
    UPDATE {} SET channel = ?, ts = ?, digest = ?, over = ?
    WHERE stream = ? AND about = ? AND person = ? AND ts = '' AND NOT over AND digest = ?
"""
_KEEP = """
    INSERT OR REPLACE INTO {} (stream, about, person, channel, ts, digest, over) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
