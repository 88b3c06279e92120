"""What somebody said whom the directory does not know yet: kept before the ack, applied after the check."""

from datetime import datetime

import msgspec

from bot.slack.asking.requests import Json, RequestKind
from bot.store import Connections
from domain.elements import ChannelId, PersonId


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """One request in waiting; `body` is the payload itself."""

    key: str
    channel: ChannelId
    person: PersonId
    kind: RequestKind
    body: Json
    at: datetime


class Waiting:
    """The requests in waiting of one workspace; raises StoreUnavailable like every store."""

    def __init__(self, database: Connections, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

    def keep(self, pending: Pending) -> None:
        """Keep a request durably; the same one again changes nothing."""
        body = msgspec.json.encode(pending.body).decode()
        place = (self._tenant, pending.key, pending.channel, pending.person)
        with self._database.writing() as connection:
            connection.execute(_KEEP, (*place, pending.kind, body, pending.at.isoformat()))

    def find(self, key: str) -> Pending | None:
        """The request of that key, if it still waits."""
        with self._database.explained():
            row = self._database.here().execute(_FIND, (self._tenant, key)).fetchone()
        return _pending(row) if row else None

    def all(self) -> list[Pending]:
        """Every request that waits, oldest first."""
        with self._database.explained():
            rows = self._database.here().execute(_ALL, (self._tenant,)).fetchall()
        return [_pending(row) for row in rows]

    def settle(self, pending: Pending) -> None:
        """The request has been applied or refused."""
        with self._database.writing() as connection:
            connection.execute(_SETTLE, (self._tenant, pending.key))


def _pending(row: tuple[str, ...]) -> Pending:
    key, channel, person, kind, body, at = row
    return Pending(
        key=key,
        channel=ChannelId(channel),
        person=PersonId(person),
        kind=msgspec.convert(kind, RequestKind),
        body=msgspec.json.decode(body, type=Json),
        at=datetime.fromisoformat(at),
    )


_KEEP = """
    INSERT OR IGNORE INTO slack_pending (tenant, key, channel, person, kind, body, at)
    VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_FIND = "SELECT key, channel, person, kind, body, at FROM slack_pending WHERE tenant = ? AND key = ?"
_ALL = "SELECT key, channel, person, kind, body, at FROM slack_pending WHERE tenant = ? ORDER BY at"
_SETTLE = "DELETE FROM slack_pending WHERE tenant = ? AND key = ?"
