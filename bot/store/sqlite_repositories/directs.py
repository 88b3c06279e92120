"""The direct messages that the bot has written in a SQLite file."""

import msgspec

from bot.store.records import StreamId
from bot.store.repositories.directs import Direct, DirectKind
from bot.store.sqlite_repositories.rows import WorkspaceRows
from domain.elements import PersonId

_TABLES = {DirectKind.INVITATION: "slack_invitations", DirectKind.HANDOVER: "slack_handovers"}

_OF = """
    SELECT stream, about, person, channel, ts, digest, over FROM {} WHERE tenant = ?1 AND stream = ?2
"""
_CHANGING = "SELECT DISTINCT stream FROM {} WHERE tenant = ?1 AND NOT over"
_UNCLEAR = "SELECT DISTINCT stream FROM {} WHERE tenant = ?1 AND ts = '' AND digest <> '' AND NOT over"
_WAITING = "SELECT DISTINCT stream FROM {} WHERE tenant = ?1 AND ts = '' AND digest = '' AND NOT over"
_CLAIM = """
    INSERT OR IGNORE INTO {} (tenant, stream, about, person, channel, ts, digest, over)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
"""
_KEEP = """
    INSERT OR REPLACE INTO {} (tenant, stream, about, person, channel, ts, digest, over)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
"""
# Whoever claimed has left a mark of their own in `digest`; nobody else may go on with it.
_HELD = """
    SELECT 1 FROM {} WHERE tenant = ?1 AND stream = ?2 AND about = ?3 AND person = ?4
    AND ts = '' AND NOT over AND digest = ?5
"""
_TAKE_OVER = """
    UPDATE {} SET digest = ?6 WHERE tenant = ?1 AND stream = ?2 AND about = ?3 AND person = ?4
    AND ts = '' AND NOT over AND digest = ?5
"""
_SETTLE = """
    UPDATE {} SET channel = ?6, ts = ?7, digest = ?8, over = ?9
    WHERE tenant = ?1 AND stream = ?2 AND about = ?3 AND person = ?4
    AND ts = '' AND NOT over AND digest = ?5
"""


class SqliteDirects:
    """Directs of one kind in a file."""

    def __init__(self, rows: WorkspaceRows, kind: DirectKind) -> None:
        self._rows = rows
        self._table = _TABLES[kind]

    def of(self, stream: StreamId) -> dict[tuple[str, PersonId], Direct]:
        """Return the messages about a model, by what they are about and to whom they are."""
        found = [_direct(row) for row in self._rows.all(self._sql(_OF), stream)]
        return {(one.about, one.person): one for one in found}

    def changing(self) -> set[StreamId]:
        """Return the models with messages that may still change."""
        return self._streams(_CHANGING)

    def unclear(self) -> set[StreamId]:
        """Return the models with messages of which it is not known whether Slack took them."""
        return self._streams(_UNCLEAR)

    def waiting(self) -> set[StreamId]:
        """Return the models with messages that were not tried yet, or that Slack did not take."""
        return self._streams(_WAITING)

    def claim(self, direct: Direct) -> bool:
        """Note that somebody is about to be told, unless they were already; whether it is ours to do."""
        self._rows.own(direct.stream)
        return self._rows.write(self._sql(_CLAIM), *_row(direct)) > 0

    def take_over(self, claimed: Direct, mark: str) -> bool:
        """Go on with what somebody claimed and did not end; whether it is ours to do."""
        return self._rows.write(self._sql(_TAKE_OVER), *_claim(claimed), mark) > 0

    def is_held(self, claimed: Direct) -> bool:
        """Whether a claim stands as it was written: nothing was posted, nobody took it over."""
        return self._rows.one(self._sql(_HELD), *_claim(claimed)) is not None

    def settle(self, claimed: Direct, became: Direct) -> bool:
        """Remember what became of a claim; False where it is not held: then nothing is remembered."""
        told = (became.channel, became.ts, became.digest, became.over)
        return self._rows.write(self._sql(_SETTLE), *_claim(claimed), *told) > 0

    def keep(self, direct: Direct) -> None:
        """Remember a message as it is now."""
        self._rows.own(direct.stream)
        self._rows.write(self._sql(_KEEP), *_row(direct))

    def release(self, claimed: Direct) -> None:
        """Give up a claim that Slack did not take: the next one who comes may claim it."""
        self.settle(claimed, msgspec.structs.replace(claimed, digest=""))

    def _streams(self, query: str) -> set[StreamId]:
        return {StreamId(stream) for (stream,) in self._rows.all(self._sql(query))}

    def _sql(self, statement: str) -> str:
        return statement.format(self._table)


def _claim(one: Direct) -> tuple[str, ...]:
    return (one.stream, one.about, one.person, one.digest)


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
