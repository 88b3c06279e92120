"""Requests of people who are not in the directory yet: stored before the ack, applied after the check."""

from datetime import datetime
from typing import Any

import msgspec

from bot.store.sql.rows import WorkspaceRows
from domain.kernel.elements import ChannelId, PersonId


class PendingRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One pending request; `body` is the payload, `kind` determines how it is parsed."""

    key: str
    channel: ChannelId
    person: PersonId
    kind: str
    body: dict[str, Any]
    at: datetime


_KEEP = """
    INSERT INTO pending_requests (tenant, key, channel, person, kind, body, at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (tenant, key) DO NOTHING
"""
_ALL = "SELECT key, channel, person, kind, body, at FROM pending_requests WHERE tenant = ?1"
_FIND = f"{_ALL} AND key = ?2"
_CLAIM = "UPDATE pending_requests SET at = ?4 WHERE tenant = ?1 AND key = ?2 AND at = ?3"
_SETTLE = "DELETE FROM pending_requests WHERE tenant = ?1 AND key = ?2"
_FORGET_PERSON = "DELETE FROM pending_requests WHERE tenant = ?1 AND person = ?2"
_FOLLOW = "UPDATE pending_requests SET channel = ?3 WHERE tenant = ?1 AND channel = ?2"


class PendingRequests:
    """Pending requests of one workspace; raises StoreUnavailable like every store."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def save(self, pending: PendingRequest) -> bool:
        """Store a request durably; False, without changes, if there is one with its key."""
        body = msgspec.json.encode(pending.body).decode()
        of = (pending.key, pending.channel, pending.person, pending.kind)
        return self._rows.write(_KEEP, *of, body, pending.at.isoformat()) == 1

    def claim(self, pending: PendingRequest, *, at: datetime) -> bool:
        """Give a request another time, by which one of several processes takes it.

        Returns False, without changes, if it has another time than it had when it was read, or is settled.
        """
        return self._rows.write(_CLAIM, pending.key, pending.at.isoformat(), at.isoformat()) == 1

    def find(self, key: str) -> PendingRequest | None:
        """Return the request with that key, if it is pending."""
        row = self._rows.one(_FIND, key)
        return _pending(row) if row else None

    def all(self) -> list[PendingRequest]:
        """Return every pending request, oldest first."""
        return [_pending(row) for row in self._rows.all(f"{_ALL} ORDER BY at, key")]

    def settle(self, pending: PendingRequest) -> None:
        """Record that a request has been applied or refused."""
        self._rows.write(_SETTLE, pending.key)

    def forget_person(self, person: PersonId) -> int:
        """Delete the requests of a person; returns how many."""
        return self._rows.write(_FORGET_PERSON, person)

    def change_channel_id(self, old: ChannelId, new: ChannelId) -> None:
        """Record that a channel has a new ID: its requests keep waiting."""
        self._rows.write(_FOLLOW, old, new)


def _pending(row: tuple[str, str, str, str, str, str]) -> PendingRequest:
    key, channel, person, kind, body, at = row
    return PendingRequest(
        key=key,
        channel=ChannelId(channel),
        person=PersonId(person),
        kind=kind,
        body=msgspec.json.decode(body),
        at=datetime.fromisoformat(at),
    )
