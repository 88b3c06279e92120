"""Connections to trackers: their secrets and the state of polling; and requests that they answer first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from bot.store.sql.rows import WorkspaceRows
from bot.store.timestamps import format_timestamp, parse_timestamp
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


CONNECTION_FIELDS = """
    tracker, secrets, key_id, saved_at, polled_until, polled_at, failures, failed_at, error, stopped,
    rejections, rejected_at
"""
"""The columns of a connection but its workspace."""
_SAVE = f"""
    INSERT INTO tracker_connections (tenant, {CONNECTION_FIELDS})
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
    ON CONFLICT (tenant, tracker) DO UPDATE SET
        secrets = excluded.secrets, key_id = excluded.key_id, saved_at = excluded.saved_at,
        polled_until = excluded.polled_until, polled_at = excluded.polled_at, failures = excluded.failures,
        failed_at = excluded.failed_at, error = excluded.error, stopped = excluded.stopped,
        rejections = excluded.rejections, rejected_at = excluded.rejected_at
"""  # noqa: S608  (our own names)
_SELECT = f"SELECT {CONNECTION_FIELDS} FROM tracker_connections WHERE tenant = ?1"  # noqa: S608  (our own names)
_FIND = f"{_SELECT} AND tracker = ?2"
_HELD = "tenant = ?1 AND tracker = ?2 AND saved_at = ?3"
_ENCRYPT = f"""
    UPDATE tracker_connections SET secrets = ?5, key_id = ?6 WHERE {_HELD} AND secrets = ?4
"""  # noqa: S608  (our own conditions)
_POLLED = f"""
    UPDATE tracker_connections
    SET polled_until = ?4, polled_at = ?5, failures = 0, failed_at = '', error = ''
    WHERE {_HELD}
"""  # noqa: S608  (our own conditions)
_FAILED = f"""
    UPDATE tracker_connections
    SET failures = failures + 1, failed_at = ?4, error = ?5,
        stopped = CASE WHEN ?6 = 1 THEN 1 ELSE stopped END
    WHERE {_HELD}
"""  # noqa: S608  (our own conditions)
_REJECTED = f"""
    UPDATE tracker_connections
    SET failures = failures + 1, failed_at = ?6, error = ?7, rejections = ?8, rejected_at = ?6,
        stopped = CASE WHEN ?9 = 1 THEN 1 ELSE stopped END
    WHERE {_HELD} AND rejections = ?4 AND rejected_at = ?5
"""  # noqa: S608  (our own conditions)
_DELETE = "DELETE FROM tracker_connections WHERE tenant = ?1 AND tracker = ?2"

_CHECK_FIELDS = """
    id, person, at, kind, url, project, labels, tracker, account, secrets, key_id, shown_in, outcome
"""
_SAVE_CHECK = f"""
    INSERT INTO tracker_checks (tenant, {_CHECK_FIELDS})
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
    ON CONFLICT (tenant, id) DO NOTHING
"""  # noqa: S608  (our own names)
_CHECKS = f"SELECT {_CHECK_FIELDS} FROM tracker_checks WHERE tenant = ?1"  # noqa: S608  (our own names)
_FIND_CHECK = f"{_CHECKS} AND id = ?2"
_ALL_CHECKS = f"{_CHECKS} ORDER BY at, id"
_SETTLE = """
    UPDATE tracker_checks SET outcome = ?3, secrets = ?4, key_id = ''
    WHERE tenant = ?1 AND id = ?2 AND outcome = ''
"""
_DELETE_CHECK = "DELETE FROM tracker_checks WHERE tenant = ?1 AND id = ?2"
_FORGET_PERSON = "DELETE FROM tracker_checks WHERE tenant = ?1 AND person = ?2"


class TrackerConnections:
    """Connections of one workspace; raises StoreUnavailable like every store.

    Each change of an existing record returns False, without changes, if the tracker was disconnected or has
    other secrets than those that were read.
    """

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def save(self, connection: TrackerConnection) -> None:
        """Store a connection in place of an earlier one of the same tracker."""
        one = connection
        self._rows.write(
            _SAVE,
            *(one.tracker, one.secrets, one.key_id, format_timestamp(one.saved_at)),
            *(_moment(one.polled_until), _moment(one.polled_at)),
            *(one.failures, _moment(one.failed_at), one.error, int(one.stopped)),
            *(one.rejections, _moment(one.rejected_at)),
        )

    def find(self, tracker: TrackerId) -> TrackerConnection | None:
        """Return the connection of a tracker."""
        row = self._rows.one(_FIND, tracker)
        return connection_of(row) if row else None

    def all(self) -> list[TrackerConnection]:
        """Return every connection, by the number of its tracker."""
        found = [connection_of(row) for row in self._rows.all(_SELECT)]
        return sorted(found, key=lambda one: tracker_number(one.tracker))

    def encrypt_again(self, held: TrackerConnection, *, secrets: bytes, key_id: str) -> bool:
        """Replace the encryption of secrets, after the keys or the secret of webhooks have changed."""
        return self._rows.write(_ENCRYPT, *_held(held), held.secrets, secrets, key_id) == 1

    def record_poll(self, held: TrackerConnection, *, until: datetime, at: datetime) -> bool:
        """Record that the changes up to a moment were read; earlier failures are over."""
        return self._rows.write(_POLLED, *_held(held), format_timestamp(until), format_timestamp(at)) == 1

    def record_failure(
        self, held: TrackerConnection, error: str, *, at: datetime, stopped: bool = False
    ) -> bool:
        """Record a failed call, and whether pushing and polling stop because of it."""
        return self._rows.write(_FAILED, *_held(held), format_timestamp(at), error, int(stopped)) == 1

    def record_rejection(
        self, held: TrackerConnection, error: str, *, at: datetime, rejections: int, stopped: bool
    ) -> bool:
        """Record a failed call that rejected the token, and how many rejections that makes.

        Also returns False, without changes, if a rejection was counted since the connection was read.
        """
        known = (held.rejections, _moment(held.rejected_at))
        new = (format_timestamp(at), error, rejections, int(stopped))
        return self._rows.write(_REJECTED, *_held(held), *known, *new) == 1

    def delete(self, tracker: TrackerId) -> bool:
        """Delete a connection with its secrets; return whether there was one."""
        return self._rows.write(_DELETE, tracker) == 1

    def save_check(self, check: TrackerCheck) -> bool:
        """Store a request durably; False if there is one with its ID."""
        one, labels = check, msgspec.json.encode(check.labels).decode()
        place = (one.kind.value, one.url, one.project, labels, one.tracker)
        who = (one.id, one.person, format_timestamp(one.at))
        secrets = (one.account, one.secrets, one.key_id)
        return self._rows.write(_SAVE_CHECK, *who, *place, *secrets, one.shown_in, one.outcome) == 1

    def find_check(self, id: str) -> TrackerCheck | None:
        """Return the request with an ID, until it is settled."""
        row = self._rows.one(_FIND_CHECK, id)
        return _check(row) if row else None

    def checks(self) -> Sequence[TrackerCheck]:
        """Return every request, oldest first."""
        return [_check(row) for row in self._rows.all(_ALL_CHECKS)]

    def settle_check(self, id: str, outcome: str) -> bool:
        """Record the outcome of a request and delete its secrets; False if it is gone or settled already."""
        return self._rows.write(_SETTLE, id, outcome, b"") == 1

    def delete_check(self, id: str) -> bool:
        """Delete a request with its secrets; return whether there was one."""
        return self._rows.write(_DELETE_CHECK, id) == 1

    def forget_person(self, person: PersonId) -> int:
        """Delete the requests of a person; return how many."""
        return self._rows.write(_FORGET_PERSON, person)


def connection_of(row: Sequence[Any]) -> TrackerConnection:
    """Return the connection in a row of `CONNECTION_FIELDS`."""
    tracker, secrets, key, saved, until, polled, failures, failed, error, stopped, rejections, rejected = row
    return TrackerConnection(
        tracker=TrackerId(tracker),
        secrets=bytes(secrets),
        key_id=key,
        saved_at=parse_timestamp(saved),
        polled_until=_time(until),
        polled_at=_time(polled),
        failures=failures,
        failed_at=_time(failed),
        error=error,
        stopped=bool(stopped),
        rejections=rejections,
        rejected_at=_time(rejected),
    )


def _held(one: TrackerConnection) -> tuple[str, str]:
    return one.tracker, format_timestamp(one.saved_at)


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else format_timestamp(moment)


def _time(text: str) -> datetime | None:
    return parse_timestamp(text) if text else None


def _check(row: Sequence[Any]) -> TrackerCheck:
    id, person, at, kind, url, project, labels, tracker, account, secrets, key, shown_in, outcome = row
    return TrackerCheck(
        account=account,
        shown_in=shown_in,
        outcome=outcome,
        id=id,
        person=PersonId(person),
        at=parse_timestamp(at),
        kind=TrackerKind(kind),
        url=url,
        project=project,
        labels=msgspec.json.decode(labels, type=tuple[str, ...]),
        tracker=TrackerId(tracker),
        secrets=bytes(secrets),
        key_id=key,
    )


def tracker_number(tracker: TrackerId) -> tuple[int, str]:
    """Return the order of a tracker among those of its workspace: `TR-2` precedes `TR-10`."""
    number = tracker.rpartition("-")[2]
    return (int(number) if number.isdecimal() else 0, tracker)
