"""Work queue in the dialect that both databases understand.

Times of the machine that are more than `MAX_PLAUSIBLE_SECONDS` away were written by a clock that was set back
since. `latest` is the moment beyond which no touch delays a row; it is null where no touch made the row due.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from bot.store.repositories.installations import WITH_APP
from bot.store.sql.database import SqlCursor, SqlDatabase, WriteGuard
from bot.store.timestamps import DUE_NOW, format_timestamp, parse_timestamp
from bot.store.work_queue import (
    MAX_PLAUSIBLE_SECONDS,
    PARKED_AFTER,
    PATIENCE_SECONDS,
    Backlog,
    Claim,
    Item,
    Row,
    Touch,
)

MACHINE: Final = "(SELECT coalesce(CAST(:machine AS double precision), machine_time()))"
"""The time of a test's clock, or of the database server or this machine."""

ABSURD: Final = f"({MACHINE} + {MAX_PLAUSIBLE_SECONDS})"


def touching(source: str, held: str = "") -> str:
    """Return the statement that touches the rows `one` of a source; `held` is joined to it."""
    # A row that was put off after a failure becomes due neither earlier nor later because something changed.
    # The lane of a claimed row stays: another row of the new lane may be claimed.
    return f"""
        INSERT INTO work (tenant, kind, subject, lane, patience, due, latest, not_before, touched)
        SELECT one.tenant, one.kind, one.subject,
            coalesce(
                nullif(one.lane, ''),
                (
                    SELECT channel FROM streams
                    WHERE streams.tenant = one.tenant AND stream = one.tenant || '/' || one.subject
                ),
                one.subject
            ),
            one.patience, '{DUE_NOW}', machine.at + one.longest, machine.at + one.quiet, 1
        {source} CROSS JOIN (SELECT {MACHINE} AS at) AS machine {held}
        WHERE TRUE
        ON CONFLICT (tenant, kind, subject) DO UPDATE SET
            lane = CASE WHEN work.token IS NULL THEN excluded.lane ELSE work.lane END,
            patience = CASE WHEN work.due = '{DUE_NOW}' AND work.patience < excluded.patience
                THEN work.patience ELSE excluded.patience END,
            due = '{DUE_NOW}',
            touched = work.touched + 1,
            latest = CASE
                WHEN work.due = '{DUE_NOW}' AND work.latest IS NOT NULL THEN work.latest
                WHEN work.due = '{DUE_NOW}' AND work.token IS NULL AND work.not_before < excluded.latest
                    THEN work.not_before
                ELSE excluded.latest
            END,
            not_before = CASE
                WHEN work.tries BETWEEN 1 AND {PARKED_AFTER - 1} AND work.token IS NULL THEN work.not_before
                WHEN work.due = '{DUE_NOW}' AND work.latest < excluded.not_before THEN work.latest
                WHEN work.due = '{DUE_NOW}' AND work.latest IS NULL AND work.token IS NULL
                    AND work.not_before < excluded.not_before THEN work.not_before
                ELSE excluded.not_before
            END
    """  # noqa: S608  (our own constants)


def claimable(tenant: str, kinds: str) -> str:
    """Return the beginning of the SELECT of the row to claim next, to which its columns are prefixed."""
    return f"""
        FROM work INDEXED BY work_ripe
        WHERE work.tenant = {tenant} AND work.due = '{DUE_NOW}' AND work.token IS NULL AND {kinds}
        AND NOT EXISTS (
            SELECT 1 FROM work AS other INDEXED BY work_claimed
            WHERE other.tenant = work.tenant AND other.lane = work.lane AND other.token IS NOT NULL
        )
        AND NOT EXISTS (
            SELECT 1 FROM lanes WHERE lanes.tenant = work.tenant AND lanes.lane = work.lane
            AND lanes.not_before > {MACHINE} AND lanes.not_before <= {ABSURD}
        )
        ORDER BY work.not_before + work.patience LIMIT 1
    """  # noqa: S608  (our own constants)


def kinds_condition(exclude: Collection[str], only: Collection[str]) -> str:
    """Return the condition on the kind of a row, and on its quiet time unless it is one of `only`."""
    if only:
        return f"work.kind IN ({_literals(only)})"
    ripe = f"(work.not_before <= {MACHINE} OR work.not_before > {ABSURD})"
    return f"{ripe} AND work.kind NOT IN ({_literals(exclude)})" if exclude else ripe


def _literals(kinds: Collection[str]) -> str:
    # Kinds are our own constants.
    return ", ".join("'" + kind.replace("'", "''") + "'" for kind in sorted(kinds))


# From one workspace to the next by the index: neither rows that wait for a moment nor the many of a busy
# workspace are looked at.
RIPE_TENANTS: Final = f"""
    waiting(tenant) AS (
        SELECT min(tenant) FROM work INDEXED BY work_ripe WHERE due = '{DUE_NOW}' AND token IS NULL
        UNION ALL
        SELECT (
            SELECT work.tenant FROM work INDEXED BY work_ripe
            WHERE work.tenant > waiting.tenant AND due = '{DUE_NOW}' AND token IS NULL
            ORDER BY work.tenant LIMIT 1
        )
        FROM waiting WHERE waiting.tenant IS NOT NULL
    ),
    ripe(tenant) AS (
        SELECT tenant FROM waiting WHERE EXISTS (
            SELECT 1 FROM work INDEXED BY work_ripe
            WHERE work.tenant = waiting.tenant AND due = '{DUE_NOW}' AND token IS NULL
            AND (not_before <= {MACHINE} - :overdue OR not_before > {ABSURD})
        )
    )
"""  # noqa: S608  (our own constant)
_HELD: Final = "tenant = :tenant AND kind = :kind AND subject = :subject AND token = :token"
# Rows that wait for nothing are deleted: otherwise there would be one for each message ever sent.
_DONE: Final = f"DELETE FROM work WHERE {_HELD} AND touched = :touched"  # noqa: S608  (our own constant)
_SETTLE: Final = f"""
    UPDATE work SET token = NULL, tries = 0,
        due = CASE WHEN touched = :touched THEN :again ELSE due END,
        latest = CASE WHEN touched = :touched THEN NULL ELSE latest END,
        not_before = CASE WHEN touched = :touched THEN {MACHINE} + :wait ELSE not_before END
    WHERE {_HELD}
"""  # noqa: S608  (our own constants)
_RETRY_LATER: Final = f"""
    UPDATE work SET token = NULL, tries = :tries, due = '{DUE_NOW}', not_before = {MACHINE} + :wait
    WHERE {_HELD}
"""  # noqa: S608  (our own constants)
_IS_HELD: Final = f"SELECT 1 FROM work WHERE {_HELD}"  # noqa: S608  (our own constant)
RESERVE: Final = f"""
    INSERT INTO lanes (tenant, lane, not_before)
    SELECT :tenant, :lane, {MACHINE} + :apart WHERE TRUE
    ON CONFLICT (tenant, lane) DO UPDATE SET not_before = CASE
        WHEN lanes.not_before BETWEEN {MACHINE} AND {ABSURD}
            AND lanes.not_before + :interval > excluded.not_before THEN lanes.not_before + :interval
        ELSE excluded.not_before
    END
    RETURNING not_before - {MACHINE}
"""
_ROWS: Final = "SELECT kind, subject, lane, due, tries, token FROM work WHERE tenant = :tenant"
_IS_PUT_OFF: Final = f"""
    tenant = :tenant AND due = '{DUE_NOW}' AND token IS NULL AND not_before > {MACHINE}
    AND kind = :kind AND tries BETWEEN 1 AND {PARKED_AFTER - 1}
"""
_PUT_OFF: Final = f"SELECT subject FROM work INDEXED BY work_ripe WHERE {_IS_PUT_OFF}"  # noqa: S608  (our own)
_HURRY: Final = f"UPDATE work SET not_before = {MACHINE} WHERE {_IS_PUT_OFF} AND subject = :subject"  # noqa: S608
_BRING_FORWARD = f"""
    UPDATE work INDEXED BY work_due SET due = '{DUE_NOW}', latest = NULL, not_before = {MACHINE}
    WHERE kind = :kind AND due > :after AND due > '{DUE_NOW}' AND token IS NULL
    AND (:tenant = '' OR tenant = :tenant)
"""  # noqa: S608  (our own constants)
# Rows that wait for a moment to come are not looked at: they are the many. What is due in a workspace without
# the app waits until the app is installed again, and nothing can be done about it before.
_BACKLOG = f"""
    SELECT {MACHINE}, coalesce(sum(ready), 0), min(since), min(moment), coalesce(sum(parked), 0) FROM (
        SELECT tenant, count(*) FILTER (WHERE ready) AS ready,
            min(nullif(not_before, 0)) FILTER (WHERE ready AND due = '{DUE_NOW}') AS since,
            min(due) FILTER (WHERE ready AND due > '{DUE_NOW}') AS moment,
            count(*) FILTER (WHERE tries >= {PARKED_AFTER}) AS parked
        FROM (
            SELECT tenant, tries, due, not_before, not_before <= {MACHINE} AS ready
            FROM work INDEXED BY work_ripe WHERE due = '{DUE_NOW}' AND token IS NULL
            UNION ALL
            SELECT tenant, tries, due, not_before,
                due = '{DUE_NOW}' AND not_before <= {MACHINE} OR due > '{DUE_NOW}' AND due <= :now
            FROM work INDEXED BY work_claimed WHERE token IS NOT NULL AND due IS NOT NULL
            UNION ALL
            SELECT tenant, tries, due, not_before, TRUE
            FROM work INDEXED BY work_due WHERE due > '{DUE_NOW}' AND due <= :now AND token IS NULL
        ) AS waiting GROUP BY tenant
    ) AS there WHERE CASE WHEN :tenant = '' THEN {WITH_APP} ELSE tenant = :tenant END
"""  # noqa: S608  (our own constants)


class WorkRows(ABC):
    """Rows of the queue in a database; waiting is measured by the database's clock, or in tests by `machine`.

    The changes do not wait for the disk, unless they are durable: a claim that is lost is made again.
    """

    def __init__(
        self, database: SqlDatabase, guard: WriteGuard, machine: Callable[[], float] | None = None
    ) -> None:
        self._database = database
        self._guard = guard
        self._machine = machine

    def settle(
        self,
        claim: Claim,
        *,
        again_at: datetime | None = None,
        again_after: float | None = None,
        pause: float = 0.0,
    ) -> bool:
        due = DUE_NOW if again_after is not None else again_at and format_timestamp(again_at)
        parameters = {**held_row(claim), "touched": claim.touched}
        if due is None and self._end(_DONE, parameters, claim, pause):
            return True
        return self._end(_SETTLE, {**parameters, "again": due, "wait": again_after or 0.0}, claim, pause)

    def retry_later(self, claim: Claim, seconds: float, *, counted: bool = True, pause: float = 0.0) -> bool:
        tries = claim.tries if counted else min(claim.tries, PARKED_AFTER - 1)
        if tries >= PARKED_AFTER:
            seconds = max(seconds, MAX_PLAUSIBLE_SECONDS)
        return self._end(
            _RETRY_LATER, {**held_row(claim), "wait": float(seconds), "tries": tries}, claim, pause
        )

    def is_held(self, claim: Claim) -> bool:
        return self._read(_IS_HELD, held_row(claim)).fetchone() is not None

    @contextmanager
    def guarding(self, claim: Claim) -> Generator[None]:
        before, self._guard.claim = self._guard.claim, claim
        try:
            yield
        finally:
            self._guard.claim = before

    def reserve(self, tenant: str, lane: str, *, interval: float = 0.0, pause: float = 0.0) -> float:
        with self._database.writing(durable=False) as connection:
            parameters = lane_moment(tenant, lane, interval=interval, pause=pause)
            (seconds,) = connection.execute(RESERVE, self._timed(parameters)).fetchone()
        return float(seconds)

    def rows(self, tenant: str, *kinds: str) -> list[Row]:
        of = f"AND kind IN ({_literals(kinds)})" if kinds else ""
        found = self._read(f"{_ROWS} {of} ORDER BY kind, subject", {"tenant": tenant})
        return [
            Row(item=Item(tenant, kind, subject), lane=lane, due=due, tries=tries, token=token)
            for kind, subject, lane, due, tries, token in found
        ]

    def bring_forward(self, kind: str, after: datetime, *, tenant: str = "") -> int:
        parameters = {"tenant": tenant, "kind": kind, "after": format_timestamp(after)}
        with self._database.writing(durable=False) as connection:
            return connection.execute(_BRING_FORWARD, self._timed(parameters)).rowcount

    def hurry(self, tenant: str, kind: str, subjects: Collection[str]) -> bool:
        row = {"tenant": tenant, "kind": kind}
        late = [subject for (subject,) in self._read(_PUT_OFF, row) if subject in subjects]
        if late:
            with self._database.writing(durable=False) as connection:
                for subject in late:
                    connection.execute(_HURRY, self._timed({**row, "subject": subject}))
        return bool(late)

    def backlog(self, now: datetime, *, tenant: str = "") -> Backlog:
        row = self._read(_BACKLOG, {"tenant": tenant, "now": format_timestamp(now)}).fetchone()
        machine, due, since, moment, parked = row
        waits = [machine - since] if since is not None else []
        if moment is not None:
            waits.append((now - parse_timestamp(moment)).total_seconds())
        return Backlog(due=int(due), oldest_seconds=max(0.0, *waits, 0.0), parked=int(parked))

    @abstractmethod
    def _end(self, sql: str, parameters: Mapping[str, Any], claim: Claim, pause: float) -> bool:
        """End a claim by a statement, and pause its lane; return whether it was held."""

    def _read(self, sql: str, parameters: Mapping[str, Any]) -> SqlCursor:
        with self._database.translated_faults():
            return self._database.current().execute(sql, self._timed(parameters))

    def _timed(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        return {**parameters, "machine": self._machine() if self._machine is not None else None}


def touched_row(touch: Touch) -> dict[str, str | float]:
    """Return the values of a touch, by the columns of the table of `touching`."""
    return {
        "tenant": touch.item.tenant,
        "kind": touch.item.kind,
        "subject": touch.item.subject,
        "lane": touch.lane,
        "patience": PATIENCE_SECONDS if touch.patient else 0.0,
        "quiet": float(touch.quiet),
        "longest": float(max(touch.longest, touch.quiet)),
    }


def lane_moment(tenant: str, lane: str, *, interval: float = 0.0, pause: float = 0.0) -> dict[str, Any]:
    """Return the parameters of the next moment in a lane."""
    return {"tenant": tenant, "lane": lane, "interval": float(interval), "apart": float(max(interval, pause))}


def held_row(claim: Claim) -> dict[str, str]:
    """Return the parameters that identify a claimed row."""
    item = claim.item
    return {"tenant": item.tenant, "kind": item.kind, "subject": item.subject, "token": claim.token}
