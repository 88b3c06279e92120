"""Connections to trackers in memory."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.repositories.tracker_connections import TrackerCheck, TrackerConnection, tracker_number
from domain.kernel.elements import PersonId
from domain.kernel.tracked_issue import TrackerId


class MemoryTrackerConnections:
    """Connections in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._database = database
        self._connections = Table(database, tenant, "tracker connections", TrackerConnection)
        self._checks = Table(database, tenant, "tracker checks", TrackerCheck)

    def save(self, connection: TrackerConnection) -> None:
        """Store a connection in place of an earlier one of the same tracker."""
        self._connections.put(connection, connection.tracker)

    def find(self, tracker: TrackerId) -> TrackerConnection | None:
        """Return the connection of a tracker."""
        return self._connections.get(tracker)

    def all(self) -> list[TrackerConnection]:
        """Return every connection, by the number of its tracker."""
        return sorted(self._connections.all(), key=lambda one: tracker_number(one.tracker))

    def encrypt_again(self, held: TrackerConnection, *, secrets: bytes, key_id: str) -> bool:
        """Replace the encryption of secrets, after the keys or the secret of webhooks have changed."""
        with self._database.writing():
            there = self._held(held)
            if there is None or there.secrets != held.secrets:
                return False
            self.save(replace(there, secrets=secrets, key_id=key_id))
            return True

    def record_poll(self, held: TrackerConnection, *, until: datetime, at: datetime) -> bool:
        """Record that the changes up to a moment were read; earlier failures are over."""
        with self._database.writing():
            if (there := self._held(held)) is None:
                return False
            well = replace(there, polled_until=until, polled_at=at, failures=0, failed_at=None, error="")
            self.save(well)
            return True

    def record_failure(
        self, held: TrackerConnection, error: str, *, at: datetime, stopped: bool = False
    ) -> bool:
        """Record a failed call, and whether pushing and polling stop because of it."""
        with self._database.writing():
            if (there := self._held(held)) is None:
                return False
            counted = replace(there, failures=there.failures + 1, failed_at=at, error=error)
            self.save(replace(counted, stopped=stopped or there.stopped))
            return True

    def record_rejection(
        self, held: TrackerConnection, error: str, *, at: datetime, rejections: int, stopped: bool
    ) -> bool:
        """Record a failed call that rejected the token, and how many rejections that makes."""
        with self._database.writing():
            there = self._held(held)
            if there is None or (there.rejections, there.rejected_at) != (held.rejections, held.rejected_at):
                return False
            counted = replace(there, rejections=rejections, rejected_at=at)
            self.save(counted)
            return self.record_failure(counted, error, at=at, stopped=stopped)

    def delete(self, tracker: TrackerId) -> bool:
        """Delete a connection with its secrets; return whether there was one."""
        return self._connections.delete(tracker)

    def save_check(self, check: TrackerCheck) -> bool:
        """Store a request durably; False if there is one with its ID."""
        return self._checks.add(check, check.id)

    def find_check(self, id: str) -> TrackerCheck | None:
        """Return the request with an ID, until it is settled."""
        return self._checks.get(id)

    def checks(self) -> Sequence[TrackerCheck]:
        """Return every request, oldest first."""
        return sorted(self._checks.all(), key=lambda one: (one.at, one.id))

    def settle_check(self, id: str, outcome: str) -> bool:
        """Record the outcome of a request and delete its secrets; False if it is gone or settled already."""
        with self._database.writing():
            there = self.find_check(id)
            if there is None or there.outcome:
                return False
            self._checks.put(replace(there, outcome=outcome, secrets=b"", key_id=""), id)
            return True

    def delete_check(self, id: str) -> bool:
        """Delete a request with its secrets; return whether there was one."""
        return self._checks.delete(id)

    def forget_person(self, person: PersonId) -> int:
        """Delete the requests of a person; return how many."""
        with self._database.writing():
            return sum(self._checks.delete(one.id) for one in self._checks.all() if one.person == person)

    def _held(self, held: TrackerConnection) -> TrackerConnection | None:
        there = self.find(held.tracker)
        return there if there is not None and there.saved_at == held.saved_at else None
