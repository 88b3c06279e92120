"""Requests of people who are not in the directory yet: stored before the ack, applied after the check."""

from datetime import datetime
from typing import Any, Protocol

import msgspec

from domain.kernel.elements import ChannelId, PersonId


class PendingRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One pending request; `body` is the payload, `kind` determines how it is parsed."""

    key: str
    channel: ChannelId
    person: PersonId
    kind: str
    body: dict[str, Any]
    at: datetime


class PendingRequests(Protocol):
    """Pending requests of one workspace; raises StoreUnavailable like every store."""

    def save(self, pending: PendingRequest) -> bool:
        """Store a request durably; False, without changes, if there is one with its key."""
        ...

    def claim(self, pending: PendingRequest, *, at: datetime) -> bool:
        """Give a request another time, by which one of several processes takes it.

        Returns False, without changes, if it has another time than it had when it was read, or is settled.
        """
        ...

    def find(self, key: str) -> PendingRequest | None:
        """Return the request with that key, if it is pending."""
        ...

    def all(self) -> list[PendingRequest]:
        """Return every pending request, oldest first."""
        ...

    def settle(self, pending: PendingRequest) -> None:
        """Record that a request has been applied or refused."""
        ...

    def forget_person(self, person: PersonId) -> int:
        """Delete the requests of a person; returns how many."""
        ...

    def change_channel_id(self, old: ChannelId, new: ChannelId) -> None:
        """Record that a channel has a new ID: its requests keep waiting."""
        ...
