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
    """The requests of one workspace that wait; raises StoreUnavailable like every store."""

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
        """Note that a request has been applied or refused."""
        ...

    def follow(self, old: ChannelId, new: ChannelId) -> None:
        """Note that a channel has another id: what waits there goes on waiting."""
        ...
