"""The direct messages that the bot has written in a SQLite file."""

import msgspec

from bot.store.records import StreamId
from bot.store.repositories.directs import Direct, DirectKind
from bot.store.sqlite_repositories.rows import WorkspaceRows
from domain.kernel.elements import PersonId

_TABLES = {DirectKind.INVITATION: "slack_invitations", DirectKind.HANDOVER: "slack_handovers"}

_OF = """
    SELECT stream, about, person, channel, ts, digest, over FROM {} WHERE tenant = ?1 AND stream = ?2
"""
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
_DOUBT = "UPDATE {} SET digest = '' WHERE tenant = ?1 AND stream = ?2 AND ts <> '' AND NOT over"
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

    def unclear(self) -> set[StreamId]:
        """Return the models with messages of which it is not known whether Slack took them."""
        return self._streams(_UNCLEAR)

    def waiting(self) -> set[StreamId]:
        """Return the models with messages that were not tried yet, or that Slack did not take."""
        return self._streams(_WAITING)

    def claim(self, direct: Direct) -> bool:
        """Note a message that is to be posted, unless it is noted already; whether it was not."""
        self._rows.own(direct.stream)
        return self._rows.write(self._sql(_CLAIM), *_row(direct)) > 0

    def settle(self, attempt: Direct, became: Direct) -> bool:
        """Remember what became of a message; False where that is known already: then nothing is changed."""
        told = (became.channel, became.ts, became.digest, became.over)
        place = (attempt.stream, attempt.about, attempt.person, attempt.digest)
        return self._rows.write(self._sql(_SETTLE), *place, *told) > 0

    def keep(self, direct: Direct) -> None:
        """Remember a message as it is now."""
        self._rows.own(direct.stream)
        self._rows.write(self._sql(_KEEP), *_row(direct))

    def release(self, attempt: Direct) -> None:
        """Note that Slack did not take a message: the person is still to be told."""
        self.settle(attempt, msgspec.structs.replace(attempt, digest=""))

    def doubt(self, stream: StreamId) -> None:
        """Note that it is not known what the messages about a model show."""
        self._rows.write(self._sql(_DOUBT), stream)

    def _streams(self, query: str) -> set[StreamId]:
        return {StreamId(stream) for (stream,) in self._rows.all(self._sql(query))}

    def _sql(self, statement: str) -> str:
        return statement.format(self._table)


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
