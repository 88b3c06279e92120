"""Requests of people whom the directory does not know yet: kept before the ack, applied after the check."""

from datetime import datetime
from typing import Any, Protocol

import msgspec

from domain.kernel.elements import ChannelId, PersonId


class PendingRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request that waits; `body` is the payload itself, `kind` says how it is read."""

    key: str
    channel: ChannelId
    person: PersonId
    kind: str
    body: dict[str, Any]
    at: datetime


class PendingRequests(Protocol):
    """Waiting requests of one workspace; raises StoreUnavailable like every store."""

    def keep(self, pending: PendingRequest) -> None:
        """Keep a request durably; the same one again changes nothing."""
        ...

    def find(self, key: str) -> PendingRequest | None:
        """Return the request of that key, if it still waits."""
        ...

    def all(self) -> list[PendingRequest]:
        """Return every request that waits, oldest first."""
        ...

    def settle(self, pending: PendingRequest) -> None:
        """Record that a request has been applied or refused."""
        ...

    def follow(self, old: ChannelId, new: ChannelId) -> None:
        """Record that a channel has a new ID: its requests keep waiting."""
        ...
