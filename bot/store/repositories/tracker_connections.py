"""Connections to trackers: their secrets and the state of polling; and requests that they answer first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

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


class TrackerConnections(Protocol):
    """Connections of one workspace; raises StoreUnavailable like every store.

    Each change of an existing record returns False, without changes, if the tracker was disconnected or has
    other secrets than those that were read.
    """

    def save(self, connection: TrackerConnection) -> None:
        """Store a connection in place of an earlier one of the same tracker."""
        ...

    def find(self, tracker: TrackerId) -> TrackerConnection | None:
        """Return the connection of a tracker."""
        ...

    def all(self) -> list[TrackerConnection]:
        """Return every connection, by the number of its tracker."""
        ...

    def encrypt_again(self, held: TrackerConnection, *, secrets: bytes, key_id: str) -> bool:
        """Replace the encryption of secrets, after the keys or the secret of webhooks have changed."""
        ...

    def record_poll(self, held: TrackerConnection, *, until: datetime, at: datetime) -> bool:
        """Record that the changes up to a moment were read; earlier failures are over."""
        ...

    def record_failure(
        self, held: TrackerConnection, error: str, *, at: datetime, stopped: bool = False
    ) -> bool:
        """Record a failed call, and whether pushing and polling stop because of it."""
        ...

    def record_rejection(
        self, held: TrackerConnection, error: str, *, at: datetime, rejections: int, stopped: bool
    ) -> bool:
        """Record a failed call that rejected the token, and how many rejections that makes.

        Also returns False, without changes, if a rejection was counted since the connection was read.
        """
        ...

    def delete(self, tracker: TrackerId) -> bool:
        """Delete a connection with its secrets; return whether there was one."""
        ...

    def save_check(self, check: TrackerCheck) -> bool:
        """Store a request durably; False if there is one with its ID."""
        ...

    def find_check(self, id: str) -> TrackerCheck | None:
        """Return the request with an ID, until it is settled."""
        ...

    def checks(self) -> Sequence[TrackerCheck]:
        """Return every request, oldest first."""
        ...

    def settle_check(self, id: str, outcome: str) -> bool:
        """Record the outcome of a request and delete its secrets; False if it is gone or settled already."""
        ...

    def delete_check(self, id: str) -> bool:
        """Delete a request with its secrets; return whether there was one."""
        ...

    def forget_person(self, person: PersonId) -> int:
        """Delete the requests of a person; return how many."""
        ...


def tracker_number(tracker: TrackerId) -> tuple[int, str]:
    """Return the order of a tracker among those of its workspace: `TR-2` precedes `TR-10`."""
    number = tracker.rpartition("-")[2]
    return (int(number) if number.isdecimal() else 0, tracker)
