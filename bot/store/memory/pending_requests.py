"""Requests that wait for a check in memory."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.repositories.pending_requests import PendingRequest
from domain.kernel.elements import ChannelId, ModelKey, PersonId


class MemoryPendingRequests:
    """Pending requests in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._database = database
        self._pending = Table(database, tenant, "pending requests", PendingRequest)

    def save(self, pending: PendingRequest) -> bool:
        """Store a request durably; False, without changes, if there is one with its key."""
        return self._pending.add(pending, pending.key)

    def claim(self, pending: PendingRequest, *, at: datetime) -> bool:
        """Give a request another time, by which one of several processes takes it."""
        with self._database.writing():
            there = self.find(pending.key)
            if there is None or there.at != pending.at:
                return False
            self._pending.put(replace(there, at=at), there.key)
            return True

    def find(self, key: str) -> PendingRequest | None:
        """Return the request of that key, if it still waits."""
        return self._pending.get(key)

    def all(self) -> list[PendingRequest]:
        """Return every request that waits, oldest first."""
        return sorted(self._pending.all(), key=lambda one: (one.at, one.key))

    def settle(self, pending: PendingRequest) -> None:
        """Record that a request has been applied or refused."""
        self._pending.delete(pending.key)

    def forget_person(self, person: PersonId) -> int:
        """Delete the requests of a person; returns how many."""
        with self._database.writing():
            theirs = [one for one in self._pending.all() if one.person == person]
            for one in theirs:
                self._pending.delete(one.key)
        return len(theirs)

    def change_channel_id(self, old: ChannelId, new: ChannelId) -> None:
        """Record that a channel has a new ID: its requests keep waiting."""
        with self._database.writing():
            for one in self._pending.all():
                if one.channel == old:
                    self._pending.put(replace(one, channel=new), one.key)

    def forget_model(self, model: ModelKey, channel: ChannelId | None) -> None:
        """Delete the requests that name a model, and those of its channel if it has no other model."""
        for one in self._pending.all():
            if one.channel == channel or _names(one, model):
                self._pending.delete(one.key)


def _names(pending: PendingRequest, model: ModelKey) -> bool:
    """Return whether a request names a model, not one whose longer key begins with this key."""
    _, *after = msgspec.json.encode(pending.body).decode().split(model)
    return any(text and not text[0].isdigit() for text in after)
