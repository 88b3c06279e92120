"""Connections to trackers: their secrets and the state of polling; and requests that they answer first."""

from datetime import datetime
from typing import Any

import msgspec

from bot.store.sql.rows import PersonalRecords, Table
from domain.kernel.elements import PersonId
from domain.kernel.tracked_issue import TrackerId, TrackerKind


class TrackerConnection(msgspec.Struct, frozen=True, kw_only=True):
    """Secrets of a connected tracker, and what is known of its polling.

    `secrets` are encrypted with the key `key_id`; which tracker and project they are for is in the events of
    the workspace. They were accepted by the tracker at `saved_at`, which also tells one set of secrets from
    the next. Changes of issues were read up to `polled_until`, last at `polled_at`. `failures` counts the
    failed calls since the last success, and `error` is the last one in words, without secrets. `rejections`
    counts the rejections of the token that followed one another closely, the last one at `rejected_at`. While
    it is `stopped`, nothing is pushed or polled until an administrator replaces the token.
    """

    tracker: TrackerId
    secrets: bytes
    key_id: str
    saved_at: datetime
    polled_until: datetime | None = None
    polled_at: datetime | None = None
    failures: int = 0
    failed_at: datetime | None = None
    error: str = ""
    stopped: bool = False
    rejections: int = 0
    rejected_at: datetime | None = None


class TrackerCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A request that a tracker has to answer first, until the person knows the outcome.

    It connects a new tracker, replaces the secrets of a connected one, or with `account` (an address, a login
    or a name) chooses the person's account there. `shown_in` is the ID of the modal that shows the progress.
    As soon as there is an `outcome`, the `secrets` are empty.
    """

    id: str
    person: PersonId
    at: datetime
    kind: TrackerKind
    url: str
    project: str
    labels: tuple[str, ...] = ()
    tracker: TrackerId = TrackerId("")
    account: str = ""
    secrets: bytes = b""
    key_id: str = ""
    shown_in: str = ""
    outcome: str = ""


CONNECTIONS = Table("tracker_connections", TrackerConnection, "tracker")
CHECKS = Table("tracker_checks", TrackerCheck, "id")

_HELD = "tenant = :tenant AND tracker = :tracker AND saved_at = :saved_at"
_FAILED = f"""
    UPDATE tracker_connections
    SET failures = failures + 1, failed_at = :at, error = :error,
        stopped = CASE WHEN :stopped = 1 THEN 1 ELSE stopped END
    WHERE {_HELD}
"""  # noqa: S608  (our own conditions)
_REJECTED = f"""
    UPDATE tracker_connections
    SET failures = failures + 1, failed_at = :at, error = :error, rejections = :rejections, rejected_at = :at,
        stopped = CASE WHEN :stopped = 1 THEN 1 ELSE stopped END
    WHERE {_HELD} AND rejections = :known AND rejected_at = :known_at
"""  # noqa: S608  (our own conditions)


class TrackerConnections(PersonalRecords):
    """Connections of one workspace.

    Each change of an existing record returns False, without changes, if the tracker was disconnected or has
    other secrets than those that were read.
    """

    personal = CHECKS

    def save(self, connection: TrackerConnection) -> None:
        """Store a connection in place of an earlier one of the same tracker."""
        self._rows.put(CONNECTIONS, connection)

    def find(self, tracker: TrackerId) -> TrackerConnection | None:
        """Return the connection of a tracker."""
        return self._rows.find(CONNECTIONS, tracker=tracker)

    def all(self) -> list[TrackerConnection]:
        """Return every connection, by the number of its tracker."""
        found = self._rows.select(CONNECTIONS)
        return sorted(found, key=lambda connection: tracker_number(connection.tracker))

    def encrypt_again(self, held: TrackerConnection, *, secrets: bytes, key_id: str) -> bool:
        """Replace the encryption of secrets, after the keys or the secret of webhooks have changed."""
        changes = {"secrets": secrets, "key_id": key_id}
        return self._rows.update(CONNECTIONS, changes, **_held(held), secrets=held.secrets) == 1

    def record_poll(self, held: TrackerConnection, *, until: datetime, at: datetime) -> bool:
        """Record that the changes up to a moment were read; earlier failures are over."""
        changes = {"polled_until": until, "polled_at": at, "failures": 0, "failed_at": None, "error": ""}
        return self._rows.update(CONNECTIONS, changes, **_held(held)) == 1

    def record_failure(
        self, held: TrackerConnection, error: str, *, at: datetime, stopped: bool = False
    ) -> bool:
        """Record a failed call, and whether pushing and polling stop because of it."""
        return self._rows.write(_FAILED, **_held(held), at=at, error=error, stopped=int(stopped)) == 1

    def record_rejection(
        self, held: TrackerConnection, error: str, *, at: datetime, rejections: int, stopped: bool
    ) -> bool:
        """Record a failed call that rejected the token, and how many rejections that makes.

        Also returns False, without changes, if a rejection was counted since the connection was read.
        """
        counted = self._rows.write(
            _REJECTED,
            **_held(held),
            known=held.rejections,
            known_at=held.rejected_at,
            at=at,
            error=error,
            rejections=rejections,
            stopped=int(stopped),
        )
        return counted == 1

    def delete(self, tracker: TrackerId) -> bool:
        """Delete a connection with its secrets; return whether there was one."""
        return self._rows.delete(CONNECTIONS, tracker=tracker) == 1

    def save_check(self, check: TrackerCheck) -> bool:
        """Store a request durably; False if there is one with its ID."""
        return self._rows.add_missing(CHECKS, check)

    def find_check(self, id: str) -> TrackerCheck | None:
        """Return the request with an ID, until it is settled."""
        return self._rows.find(CHECKS, id=id)

    def checks(self) -> list[TrackerCheck]:
        """Return every request, oldest first."""
        return self._rows.select(CHECKS, "at, id")

    def settle_check(self, id: str, outcome: str) -> bool:
        """Record the outcome of a request and delete its secrets; False if it is gone or settled already."""
        changes = {"outcome": outcome, "secrets": b"", "key_id": ""}
        return self._rows.update(CHECKS, changes, id=id, outcome="") == 1

    def delete_check(self, id: str) -> bool:
        """Delete a request with its secrets; return whether there was one."""
        return self._rows.delete(CHECKS, id=id) == 1


def _held(connection: TrackerConnection) -> dict[str, Any]:
    return {"tracker": connection.tracker, "saved_at": connection.saved_at}


def tracker_number(tracker: TrackerId) -> tuple[int, str]:
    """Return the order of a tracker among those of its workspace: `TR-2` precedes `TR-10`."""
    number = tracker.rpartition("-")[2]
    return (int(number) if number.isdecimal() else 0, tracker)
