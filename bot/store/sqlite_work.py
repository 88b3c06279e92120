"""Work queue in a SQLite file."""

import sqlite3
import time
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager
from datetime import datetime
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from bot.store.connections import Connections
from bot.store.timestamps import DUE_NOW, format_timestamp
from bot.store.work_queue import (
    ABSURD_SECONDS,
    MODEL,
    PARKED_AFTER,
    Backlog,
    Claim,
    Item,
    Overtaken,
    QueueStatus,
    Spread,
    Touch,
)


class SqliteWork:
    """WorkQueue in a file; `machine` returns the machine's time in seconds.

    Its changes do not wait for the disk: a claim that is lost with the power is made again.
    """

    def __init__(self, database: Connections, *, machine: Callable[[], float] = time.time) -> None:
        self._database = database
        self._machine = machine

    def touch(self, *touches: Touch, durable: bool = False) -> None:
        """Make rows due."""
        if touches:
            with self._database.writing(durable=durable) as connection:
                self._touch(connection, touches)

    def glance(self, tenant: str, now: datetime) -> QueueStatus:
        """Return the status of a workspace's queue, by one statement."""
        machine = self._machine()
        parameters = {
            "tenant": tenant,
            "now": format_timestamp(now),
            "machine": machine,
            "absurd": machine + ABSURD_SECONDS,
            "model": MODEL,
        }
        with self._database.translated_faults():
            changed, ripe, claimed = self._database.here().execute(_GLANCE, parameters).fetchone()
        return QueueStatus(changed=bool(changed), ripe=bool(ripe), claimed=bool(claimed))

    def spread(self, tenant: str, kind: str, spread: Spread) -> list[Touch]:
        """Replace each due row of a kind by what it makes due."""
        with self._database.translated_faults():
            if self._database.here().execute(_ANY_OF_KIND, (tenant, kind)).fetchone() is None:
                return []
        with self._database.writing(durable=False) as connection:
            rows = connection.execute(_OF_KIND, (tenant, kind)).fetchall()
            touches = [
                touch
                for subject, channel in rows
                for touch in spread(Item(tenant, kind, subject), channel or "")
            ]
            self._touch(connection, touches)
            connection.execute(_SPREAD, (tenant, kind))
        return touches

    def claim(
        self, tenant: str, now: datetime, *, but: Collection[str] = (), only: Collection[str] = ()
    ) -> Claim | None:
        """Claim the row that has been due longest."""
        machine = self._machine()
        parameters = {
            "tenant": tenant,
            "now": format_timestamp(now),
            "machine": machine,
            "absurd": machine + ABSURD_SECONDS,
            "but": _json((MODEL, *but)),
            "only": _json(only),
            "impatient": bool(only),
        }
        with self._database.translated_faults():
            there = self._database.here().execute(_IS_THERE, parameters).fetchone()
        if there is None:
            return None
        with self._database.writing(durable=False) as connection:
            connection.execute(_RIPEN, parameters)
            row = connection.execute(_NEXT, parameters).fetchone()
            if row is None:
                return None
            kind, subject, lane, touched, tries, timed = row
            item, token = Item(tenant, kind, subject), uuid4().hex
            connection.execute(_CLAIM, (token, *item))
            return Claim(
                item=item, lane=lane, token=token, touched=touched, tries=tries + 1, timed=bool(timed)
            )

    def settle(
        self, claim: Claim, *, again: datetime | None = None, soon: float | None = None, pause: float = 0.0
    ) -> bool:
        """End a claim whose work is done."""
        due = DUE_NOW if soon is not None else again and format_timestamp(again)
        with self._database.writing(durable=False) as connection:
            parameters = {**_of(claim), "again": due, "not_before": self._machine() + (soon or 0.0)}
            settled = connection.execute(_SETTLE, parameters).rowcount > 0
            if settled and due is None:
                connection.execute(_DROP, parameters)
            self._pause(connection, claim, pause)
        return settled

    def put_off(self, claim: Claim, seconds: float, *, counted: bool = True, pause: float = 0.0) -> bool:
        """End a claim whose work failed."""
        tries = claim.tries if counted else min(claim.tries, PARKED_AFTER - 1)
        if tries >= PARKED_AFTER:
            seconds = max(seconds, ABSURD_SECONDS)
        with self._database.writing(durable=False) as connection:
            parameters = {**_of(claim), "until": self._machine() + seconds, "tries": tries}
            settled = connection.execute(_PUT_OFF, parameters).rowcount > 0
            self._pause(connection, claim, pause)
        return settled

    def renew(self, claim: Claim, *, renewed: Callable[[Claim], None] = lambda _: None) -> Claim | None:
        """Give a claim a new token."""
        anew = replace(claim, token=uuid4().hex)
        with self._database.writing(durable=False) as connection:
            if not connection.execute(_RENEW, {**_of(claim), "new": anew.token}).rowcount:
                return None
            (touched,) = connection.execute(_TOUCHED, _of(anew)).fetchone()
            # What changed until now is seen by whoever goes on with it.
            anew = replace(anew, touched=touched)
            renewed(anew)
        return anew

    @contextmanager
    def guarding(self, held: Callable[[], Claim | None]) -> Generator[None]:
        """Return a block in which this thread changes nothing once its claim was taken over."""

        def check(connection: sqlite3.Connection) -> None:
            claim = held()
            if claim is not None and connection.execute(_TOUCHED, _of(claim)).fetchone() is None:
                raise Overtaken

        guard, before = self._database.guard, self._database.guard.check
        guard.check = check
        try:
            yield
        finally:
            guard.check = before

    def reserve(self, tenant: str, lane: str, *, apart: float, at_once: int) -> float:
        """Reserve the next moment in a lane."""
        machine = self._machine()
        parameters = {
            "tenant": tenant,
            "lane": lane,
            "machine": machine,
            "apart": apart,
            "absurd": machine + ABSURD_SECONDS,
        }
        with self._database.writing(durable=False) as connection:
            (moment,) = connection.execute(_RESERVE, parameters).fetchone()
        return max(0.0, moment - machine - apart * at_once)

    def postpone(self, tenant: str, lane: str, seconds: float) -> None:
        """Reserve no moment in a lane before so many seconds from now."""
        with self._database.writing(durable=False) as connection:
            connection.execute(_POSTPONE, (tenant, lane, self._machine() + seconds))

    def is_held(self, claim: Claim) -> bool:
        """Return whether a claim is still held."""
        with self._database.translated_faults():
            return self._database.here().execute(_TOUCHED, _of(claim)).fetchone() is not None

    def claims(self, tenant: str) -> list[Claim]:
        """Return every current claim of a workspace."""
        with self._database.translated_faults():
            rows = self._database.here().execute(_CLAIMS, (tenant,)).fetchall()
        return [
            Claim(item=Item(tenant, kind, subject), lane=lane, token=token, touched=touched, tries=tries)
            for kind, subject, lane, token, touched, tries in rows
        ]

    def release_all(self, tenant: str) -> int:
        """End every claim of a workspace."""
        with self._database.writing(durable=False) as connection:
            return connection.execute(_RELEASE, (tenant,)).rowcount

    def waits(self, tenant: str, kinds: Collection[str]) -> bool:
        """Return whether a row of these kinds is due or will be after its quiet time."""
        with self._database.translated_faults():
            return self._database.here().execute(_WAITS, (tenant, _json(kinds))).fetchone() is not None

    def due(self, tenant: str, kind: str, now: datetime, *, lane: str = "") -> list[str]:
        """Return the subjects of a kind that are due or claimed."""
        parameters = {"tenant": tenant, "kind": kind, "now": format_timestamp(now), "lane": lane}
        with self._database.translated_faults():
            return [subject for (subject,) in self._database.here().execute(_DUE, parameters)]

    def hasten(self, tenant: str, kind: str, after: datetime) -> int:
        """Make the rows of a kind due that wait for a moment after `after`."""
        parameters = {
            "tenant": tenant,
            "kind": kind,
            "after": format_timestamp(after),
            "machine": self._machine(),
        }
        with self._database.translated_faults():
            if self._database.here().execute(_ANY_LATER, parameters).fetchone() is None:
                return 0
        with self._database.writing(durable=False) as connection:
            return connection.execute(_HASTEN, parameters).rowcount

    def backlog(self, tenant: str, now: datetime) -> Backlog:
        """Return how much of a workspace's work is waiting."""
        machine = self._machine()
        parameters = {
            "tenant": tenant,
            "now": format_timestamp(now),
            "machine": machine,
            "absurd": machine + ABSURD_SECONDS,
            "parked": PARKED_AFTER,
        }
        with self._database.translated_faults():
            due, oldest, parked = self._database.here().execute(_BACKLOG, parameters).fetchone()
        return Backlog(due=due, oldest_seconds=max(0.0, oldest or 0.0), parked=parked)

    def parked(self, tenant: str) -> list[Item]:
        """Return the rows of a workspace that failed repeatedly."""
        with self._database.translated_faults():
            rows = self._database.here().execute(_PARKED, (tenant, PARKED_AFTER)).fetchall()
        return [Item(tenant, kind, subject) for kind, subject in rows]

    def _touch(self, connection: sqlite3.Connection, touches: Collection[Touch]) -> None:
        machine = self._machine()
        connection.executemany(
            _TOUCH,
            [
                {
                    "tenant": one.item.tenant,
                    "kind": one.item.kind,
                    "subject": one.item.subject,
                    "lane": one.lane,
                    "machine": machine,
                    "quiet": machine + one.quiet,
                    "longest": one.longest,
                    "absurd": machine + ABSURD_SECONDS,
                    "restart": one.restart,
                }
                for one in touches
            ],
        )

    def _pause(self, connection: sqlite3.Connection, claim: Claim, seconds: float) -> None:
        if seconds > 0:
            row = (claim.item.tenant, claim.lane, self._machine() + seconds)
            connection.execute(_PAUSE, row)


def _of(claim: Claim) -> dict[str, str | int]:
    return {
        "tenant": claim.item.tenant,
        "kind": claim.item.kind,
        "subject": claim.item.subject,
        "token": claim.token,
        "touched": claim.touched,
    }


def _json(kinds: Collection[str]) -> str:
    return msgspec.json.encode(list(kinds)).decode()


# `first` is when the row was touched first since it was last claimed: with it the longest wait begins. A row
# that was put off after a failure is not due earlier because something changed.
_TOUCH = f"""
    INSERT INTO work (tenant, kind, subject, lane, due, first, not_before, touched)
    VALUES (
        :tenant, :kind, :subject,
        coalesce(
            nullif(:lane, ''),
            (SELECT channel FROM streams WHERE tenant = :tenant AND stream = :tenant || '/' || :subject),
            :subject
        ),
        '{DUE_NOW}', :machine, :quiet, 1
    )
    ON CONFLICT (tenant, kind, subject) DO UPDATE SET
        lane = excluded.lane,
        due = '{DUE_NOW}',
        touched = touched + 1,
        first = CASE WHEN due = '{DUE_NOW}' THEN ifnull(first, excluded.first) ELSE excluded.first END,
        not_before = CASE
            WHEN tries BETWEEN 1 AND {PARKED_AFTER - 1} AND token IS NULL
                AND not_before BETWEEN excluded.not_before AND :absurd
                THEN not_before
            WHEN due = '{DUE_NOW}' AND first IS NOT NULL AND first <= :machine THEN
                CASE WHEN :restart THEN min(excluded.not_before, max(first + :longest, :machine))
                ELSE min(not_before, max(first + :longest, excluded.not_before)) END
            ELSE excluded.not_before
        END
"""  # noqa: S608  (our own constant)

_ANY_OF_KIND = f"SELECT 1 FROM work WHERE tenant = ? AND kind = ? AND due = '{DUE_NOW}' LIMIT 1"  # noqa: S608  (our own constant)
_OF_KIND = f"""
    SELECT work.subject, streams.channel FROM work
    LEFT JOIN streams ON streams.tenant = work.tenant AND streams.stream = work.tenant || '/' || work.subject
    WHERE work.tenant = ? AND work.kind = ? AND work.due = '{DUE_NOW}' ORDER BY work.first
"""  # noqa: S608  (our own constant)
_SPREAD = f"DELETE FROM work WHERE tenant = ? AND kind = ? AND due = '{DUE_NOW}'"  # noqa: S608  (our own constant)

# The clock that wrote `not_before` may have been set back since: what is put off too far is not put off.
_RIPE = f"""
    work.tenant = :tenant AND work.due = '{DUE_NOW}' AND work.token IS NULL
    AND (:impatient OR work.not_before <= :machine OR work.not_before > :absurd)
    AND work.kind NOT IN (SELECT value FROM json_each(:but))
    AND (:only = '[]' OR work.kind IN (SELECT value FROM json_each(:only)))
    AND NOT EXISTS (
        SELECT 1 FROM work AS other
        WHERE other.tenant = work.tenant AND other.lane = work.lane AND other.token IS NOT NULL
    )
    AND NOT EXISTS (
        SELECT 1 FROM lanes
        WHERE lanes.tenant = work.tenant AND lanes.lane = work.lane
        AND lanes.not_before > :machine AND lanes.not_before <= :absurd
    )
"""  # noqa: S608  (our own constant)
_TIMED = "work.tenant = :tenant AND work.due > '0' AND work.due <= :now AND work.token IS NULL"
# Rows that wait for a moment are many, and what is due is little: its own indexes are named.
_GLANCE = f"""
    SELECT
        EXISTS (SELECT 1 FROM work WHERE tenant = :tenant AND kind = :model AND due = '{DUE_NOW}'),
        EXISTS (SELECT 1 FROM work INDEXED BY work_timed WHERE {_TIMED}) OR EXISTS (
            SELECT 1 FROM work INDEXED BY work_ripe WHERE tenant = :tenant AND kind <> :model
            AND due = '{DUE_NOW}' AND token IS NULL AND (not_before <= :machine OR not_before > :absurd)
        ),
        EXISTS (
            SELECT 1 FROM work INDEXED BY work_claimed WHERE tenant = :tenant AND token IS NOT NULL
        )
"""  # noqa: S608  (our own constants)
_IS_THERE = f"""
    SELECT 1 FROM work INDEXED BY work_timed WHERE {_TIMED}
    UNION ALL SELECT 1 FROM work INDEXED BY work_ripe WHERE {_RIPE} LIMIT 1
"""  # noqa: S608  (our own constants)
# From the moment it is due it waits in one line with what has changed.
_RIPEN = f"""
    UPDATE work INDEXED BY work_timed
    SET due = '{DUE_NOW}', first = NULL, not_before = :machine WHERE {_TIMED}
"""  # noqa: S608  (our own constants)
_NEXT = f"""
    SELECT kind, subject, lane, touched, tries, first IS NULL FROM work INDEXED BY work_ripe
    WHERE {_RIPE} ORDER BY not_before LIMIT 1
"""  # noqa: S608  (our own constants)
_CLAIM = """
    UPDATE work SET token = ?, tries = tries + 1, first = NULL WHERE tenant = ? AND kind = ? AND subject = ?
"""

_HELD = "tenant = :tenant AND kind = :kind AND subject = :subject AND token = :token"
_SETTLE = f"""
    UPDATE work SET token = NULL, tries = 0,
        due = CASE WHEN touched = :touched THEN :again ELSE due END,
        first = CASE WHEN touched = :touched THEN NULL ELSE first END,
        not_before = CASE WHEN touched = :touched THEN :not_before ELSE not_before END
    WHERE {_HELD}
"""  # noqa: S608  (our own constants)
# Nothing is kept of what nobody waits for: there is a row for each message that ever was sent otherwise.
_DROP = """
    DELETE FROM work
    WHERE tenant = :tenant AND kind = :kind AND subject = :subject AND due IS NULL AND token IS NULL
"""
_PUT_OFF = f"""
    UPDATE work SET token = NULL, tries = :tries, due = '{DUE_NOW}', not_before = max(not_before, :until)
    WHERE {_HELD}
"""  # noqa: S608  (our own constants)
_RENEW = f"UPDATE work SET token = :new WHERE {_HELD}"  # noqa: S608  (our own constants)
_TOUCHED = f"SELECT touched FROM work WHERE {_HELD}"  # noqa: S608  (our own constants)
_CLAIMS = """
    SELECT kind, subject, lane, token, touched, tries FROM work INDEXED BY work_claimed
    WHERE tenant = ? AND token IS NOT NULL
"""
_RELEASE = "UPDATE work SET token = NULL WHERE tenant = ? AND token IS NOT NULL"
_PAUSE = """
    INSERT INTO lanes (tenant, lane, not_before) VALUES (?, ?, ?)
    ON CONFLICT (tenant, lane) DO UPDATE SET not_before = excluded.not_before
"""
_RESERVE = """
    INSERT INTO lanes (tenant, lane, not_before) VALUES (:tenant, :lane, :machine + :apart)
    ON CONFLICT (tenant, lane) DO UPDATE SET not_before = :apart + CASE
        WHEN not_before BETWEEN :machine AND :absurd THEN not_before ELSE :machine
    END
    RETURNING not_before
"""
_POSTPONE = """
    INSERT INTO lanes (tenant, lane, not_before) VALUES (?, ?, ?)
    ON CONFLICT (tenant, lane) DO UPDATE SET not_before = max(not_before, excluded.not_before)
"""
_WAITS = f"""
    SELECT 1 FROM work WHERE tenant = ? AND due = '{DUE_NOW}' AND tries = 0 AND token IS NULL
    AND kind IN (SELECT value FROM json_each(?)) LIMIT 1
"""  # noqa: S608  (our own constant)
_DUE = f"""
    SELECT subject FROM work WHERE tenant = :tenant AND kind = :kind AND (:lane = '' OR lane = :lane)
    AND (token IS NOT NULL OR due = '{DUE_NOW}' OR due <= :now) ORDER BY subject
"""  # noqa: S608  (our own constant)
_LATER = "tenant = :tenant AND kind = :kind AND due > :after AND token IS NULL"
_ANY_LATER = f"SELECT 1 FROM work WHERE {_LATER} LIMIT 1"  # noqa: S608  (our own constant)
_HASTEN = f"""
    UPDATE work SET due = '{DUE_NOW}', first = NULL, not_before = :machine WHERE {_LATER}
"""  # noqa: S608  (our own constants)
# A row of an earlier version waits since nobody knows when.
_BACKLOG = f"""
    SELECT count(*) FILTER (WHERE ready), max(waits) FILTER (WHERE ready),
        count(*) FILTER (WHERE tries >= :parked)
    FROM (
        SELECT tries,
            CASE
                WHEN due = '{DUE_NOW}' THEN :machine - nullif(not_before, 0)
                ELSE (julianday(:now) - julianday(due)) * 86400
            END AS waits,
            due = '{DUE_NOW}' AND not_before <= :machine OR due > '0' AND due <= :now AS ready
        FROM work WHERE tenant = :tenant AND due IS NOT NULL
    )
"""  # noqa: S608  (our own constant)
_PARKED = "SELECT kind, subject FROM work WHERE tenant = ? AND tries >= ? ORDER BY kind, subject"
