"""Remembers who was told by direct message that a round waits for their ballots, and where."""

import msgspec

from bot.store import Connections, StreamId
from domain.elements import PersonId
from domain.rounds import RoundId


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """One direct message; `ts` is empty where it is not known whether Slack took it, or it did not.

    `digest` is of what it shows, and before that the mark of whoever is about to post it; `over` says that
    it will never change any more.
    """

    stream: StreamId
    round: RoundId
    person: PersonId
    channel: str = ""
    ts: str = ""
    digest: str = ""
    over: bool = False


class Invitations:
    """The remembered messages; raises StoreUnavailable like every store."""

    def __init__(self, database: Connections) -> None:
        self._database = database

    def of(self, stream: StreamId) -> dict[tuple[RoundId, PersonId], Invitation]:
        """The invitations to the rounds of a model that may still change."""
        with self._database.explained():
            rows = self._database.here().execute(_OF, (stream,)).fetchall()
        found = [_invitation(row) for row in rows]
        return {(one.round, one.person): one for one in found}

    def changing(self) -> set[StreamId]:
        """The models with invitations that may still change."""
        with self._database.explained():
            return {StreamId(row[0]) for row in self._database.here().execute(_CHANGING).fetchall()}

    def claim(self, invitation: Invitation) -> bool:
        """Note that somebody is about to be told, unless they were already; whether it is ours to do."""
        with self._database.writing() as connection:
            return connection.execute(_CLAIM, _row(invitation)).rowcount > 0

    def take_over(self, claimed: Invitation, mark: str) -> bool:
        """Go on with what somebody claimed and did not end; whether it is ours to do."""
        place = (claimed.stream, claimed.round, claimed.person)
        with self._database.writing() as connection:
            return connection.execute(_TAKE_OVER, (mark, *place, claimed.digest)).rowcount > 0

    def keep(self, invitation: Invitation) -> None:
        """Remember an invitation as it is now."""
        with self._database.writing() as connection:
            connection.execute(_KEEP, _row(invitation))

    def forget(self, invitation: Invitation) -> None:
        """Slack did not take it: somebody is still to be told."""
        with self._database.writing() as connection:
            connection.execute(_FORGET, (invitation.stream, invitation.round, invitation.person))


def _row(one: Invitation) -> tuple[str | bool, ...]:
    return (one.stream, one.round, one.person, one.channel, one.ts, one.digest, one.over)


def _invitation(row: tuple[str, str, str, str, str, str, int]) -> Invitation:
    stream, round_, person, channel, ts, digest, over = row
    return Invitation(
        stream=StreamId(stream),
        round=RoundId(round_),
        person=PersonId(person),
        channel=channel,
        ts=ts,
        digest=digest,
        over=bool(over),
    )


_FIELDS = "stream, round, person, channel, ts, digest, over"
_OF = f"SELECT {_FIELDS} FROM slack_invitations WHERE stream = ?"  # noqa: S608  (our own column names)
_CHANGING = "SELECT DISTINCT stream FROM slack_invitations WHERE NOT over"
_CLAIM = f"INSERT OR IGNORE INTO slack_invitations ({_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608  (our own column names)
_TAKE_OVER = """
    UPDATE slack_invitations SET digest = ?
    WHERE stream = ? AND round = ? AND person = ? AND ts = '' AND NOT over AND digest = ?
"""
_KEEP = f"INSERT OR REPLACE INTO slack_invitations ({_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608  (our own column names)
_FORGET = "DELETE FROM slack_invitations WHERE stream = ? AND round = ? AND person = ?"
