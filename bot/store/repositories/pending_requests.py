"""Requests of people who are not in the directory yet: stored before the ack, applied after the check."""

from datetime import datetime
from typing import Any

import msgspec

from bot.store.sql.rows import PersonalRecords, Table
from domain.kernel.elements import ChannelId, PersonId


class PendingRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One pending request; `body` is the payload, `kind` determines how it is parsed."""

    key: str
    channel: ChannelId
    person: PersonId
    kind: str
    body: dict[str, Any]
    at: datetime


REQUESTS = Table("pending_requests", PendingRequest, "key")


class PendingRequests(PersonalRecords):
    """Pending requests of one workspace."""

    personal = REQUESTS

    def save(self, pending: PendingRequest) -> bool:
        """Store a request durably; False, without changes, if there is one with its key."""
        return self._rows.add_missing(REQUESTS, pending)

    def claim(self, pending: PendingRequest, *, at: datetime) -> bool:
        """Give a request another time, by which one of several processes takes it.

        Returns False, without changes, if it has another time than it had when it was read, or is settled.
        """
        return self._rows.update(REQUESTS, {"at": at}, key=pending.key, at=pending.at) == 1

    def find(self, key: str) -> PendingRequest | None:
        """Return the request with that key, if it is pending."""
        return self._rows.find(REQUESTS, key=key)

    def all(self) -> list[PendingRequest]:
        """Return every pending request, oldest first."""
        return self._rows.select(REQUESTS, "at, key")

    def settle(self, pending: PendingRequest) -> None:
        """Record that a request has been applied or refused."""
        self._rows.delete(REQUESTS, key=pending.key)

    def change_channel_id(self, old: ChannelId, new: ChannelId) -> None:
        """Record that a channel has a new ID: its requests keep waiting."""
        self._rows.update(REQUESTS, {"channel": new}, channel=old)
