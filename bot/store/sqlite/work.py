"""Work queue in a SQLite file."""

import sqlite3
import time
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from bot.store.sql.database import SqlConnection
from bot.store.sqlite.connections import Connections
from bot.store.sqlite.work_statements import (
    ANY_LATER,
    BACKLOG,
    BRING_ALL_FORWARD,
    BRING_FORWARD,
    BUSY,
    CLAIM,
    CLAIMS,
    DROP,
    DUE,
    IS_RIPE,
    IS_THERE,
    MAKE_TIMED_ROWS_DUE,
    NEXT,
    PARKED,
    PAUSE,
    POSTPONE,
    RELEASE,
    RENEW,
    RESERVE,
    RETRY_LATER,
    SETTLE,
    STATUS,
    SUBJECTS,
    TOTAL_BACKLOG,
    TOUCH,
    TOUCHED,
    WAITS,
)
from bot.store.timestamps import DUE_NOW, format_timestamp
from bot.store.work_queue import (
    MAX_PLAUSIBLE_SECONDS,
    PARKED_AFTER,
    Backlog,
    Claim,
    Item,
    Overtaken,
    QueueStatus,
    Settled,
    Touch,
)


class SqliteWork:
    """Work queue in a file; `machine` returns the machine's time in seconds.

    Its changes do not wait for the disk: a claim lost in a power failure is made again.
    """

    def __init__(self, database: Connections, *, machine: Callable[[], float] = time.time) -> None:
        self._database = database
        self._machine = machine

    @property
    def is_shared(self) -> bool:
        """Return whether several processes may do the work of this queue at the same time."""
        return False

    def touch(self, *touches: Touch, durable: bool = False) -> None:
        """Make rows due."""
        if touches:
            with self._database.writing(durable=durable) as connection:
                self._touch(connection, touches)

    def status(self, tenant: str, now: datetime) -> QueueStatus:
        """Return the status of a workspace's queue, by one statement."""
        machine = self._machine()
        parameters = {**_any_ripe(tenant, machine), "now": format_timestamp(now)}
        with self._database.translated_faults():
            ripe, claimed = self._database.current().execute(STATUS, parameters).fetchone()
        return QueueStatus(claimable=bool(ripe), claimed=bool(claimed))

    def busy_tenants(
        self, now: datetime, *, after: str = "", limit: int = 1000, overdue: float = 0.0
    ) -> dict[str, QueueStatus]:
        """Return the status of each workspace in which there is something to do, by one statement."""
        machine = self._machine()
        parameters = {
            "after": after,
            "now": format_timestamp(now),
            "machine": machine,
            "ripe": machine - overdue,
            "absurd": machine + MAX_PLAUSIBLE_SECONDS,
            "limit": limit,
        }
        with self._database.translated_faults():
            rows = self._database.current().execute(BUSY, parameters).fetchall()
        return {
            tenant: QueueStatus(claimable=bool(ripe), claimed=bool(claimed)) for tenant, ripe, claimed in rows
        }

    def claim(
        self,
        tenant: str,
        now: datetime,
        *,
        exclude: Collection[str] = (),
        only: Collection[str] = (),
    ) -> Claim | None:
        """Claim the row that has been due longest."""
        machine = self._machine()
        parameters = {
            "tenant": tenant,
            "now": format_timestamp(now),
            "machine": machine,
            "absurd": machine + MAX_PLAUSIBLE_SECONDS,
            "but": _json(exclude),
            "only": _json(only),
            "impatient": bool(only),
        }
        with self._database.translated_faults():
            there = self._database.current().execute(IS_THERE, parameters).fetchone()
        if there is None:
            return None
        with self._database.writing(durable=False) as connection:
            connection.execute(MAKE_TIMED_ROWS_DUE, parameters)
            row = connection.execute(NEXT, parameters).fetchone()
            if row is None:
                return None
            kind, subject, *found = row
            claim = _claim(connection, Item(tenant, kind, subject), found, uuid4().hex)
            return replace(claim, more=connection.execute(IS_RIPE, parameters).fetchone() is not None)

    def claim_each(
        self,
        tenants: Sequence[str],
        now: datetime,
        *,
        exclude: Collection[str] = (),
        only: Collection[str] = (),
    ) -> list[Claim]:
        """Claim a row in each of several workspaces."""
        claims = (self.claim(one, now, exclude=exclude, only=only) for one in tenants)
        return [one for one in claims if one is not None]

    def settle(
        self,
        claim: Claim,
        *,
        again_at: datetime | None = None,
        again_after: float | None = None,
        pause: float = 0.0,
    ) -> Settled:
        """End a claim whose work is done."""
        due = DUE_NOW if again_after is not None else again_at and format_timestamp(again_at)
        machine = self._machine()
        with self._database.writing(durable=False) as connection:
            parameters = {**_of(claim), "again": due, "not_before": machine + (again_after or 0.0)}
            settled = connection.execute(SETTLE, parameters).rowcount > 0
            if settled and due is None:
                connection.execute(DROP, parameters)
            self._pause(connection, claim, pause)
            if not settled:
                return Settled.LOST
            more = connection.execute(IS_RIPE, _any_ripe(claim.item.tenant, machine)).fetchone()
        return Settled.DONE if more is None else Settled.MORE

    def retry_later(self, claim: Claim, seconds: float, *, counted: bool = True, pause: float = 0.0) -> bool:
        """End a claim whose work failed."""
        tries = claim.tries if counted else min(claim.tries, PARKED_AFTER - 1)
        if tries >= PARKED_AFTER:
            seconds = max(seconds, MAX_PLAUSIBLE_SECONDS)
        with self._database.writing(durable=False) as connection:
            parameters = {**_of(claim), "until": self._machine() + seconds, "tries": tries}
            settled = connection.execute(RETRY_LATER, parameters).rowcount > 0
            self._pause(connection, claim, pause)
        return settled

    def renew(self, claim: Claim, *, renewed: Callable[[Claim], None] = lambda _: None) -> Claim | None:
        """Give a claim a new token."""
        renewal = replace(claim, token=uuid4().hex)
        with self._database.writing(durable=False) as connection:
            if not connection.execute(RENEW, {**_of(claim), "new": renewal.token}).rowcount:
                return None
            (touched,) = connection.execute(TOUCHED, _of(renewal)).fetchone()
            # The process that continues sees every change up to now.
            renewal = replace(renewal, touched=touched)
            renewed(renewal)
        return renewal

    @contextmanager
    def guarding(self, held: Callable[[], Claim | None]) -> Generator[None]:
        """Return a block in which this thread changes nothing after its claim was taken over."""

        def check(connection: SqlConnection) -> None:
            claim = held()
            if claim is not None and connection.execute(TOUCHED, _of(claim)).fetchone() is None:
                raise Overtaken

        guard, before = self._database.guard, self._database.guard.check
        guard.check = check
        try:
            yield
        finally:
            guard.check = before

    def reserve(self, tenant: str, lane: str, *, interval: float, burst: int) -> float:
        """Reserve the next moment in a lane."""
        machine = self._machine()
        parameters = {
            "tenant": tenant,
            "lane": lane,
            "machine": machine,
            "apart": interval,
            "absurd": machine + MAX_PLAUSIBLE_SECONDS,
        }
        with self._database.writing(durable=False) as connection:
            (moment,) = connection.execute(RESERVE, parameters).fetchone()
        return max(0.0, moment - machine - interval * burst)

    def postpone(self, tenant: str, lane: str, seconds: float) -> None:
        """Reserve no moment in a lane before so many seconds from now."""
        with self._database.writing(durable=False) as connection:
            connection.execute(POSTPONE, (tenant, lane, self._machine() + seconds))

    def is_held(self, claim: Claim) -> bool:
        """Return whether a claim is still held."""
        with self._database.translated_faults():
            return self._database.current().execute(TOUCHED, _of(claim)).fetchone() is not None

    def claims(self, tenant: str) -> list[Claim]:
        """Return every current claim of a workspace."""
        with self._database.translated_faults():
            rows = self._database.current().execute(CLAIMS, (tenant,)).fetchall()
        return [
            Claim(item=Item(tenant, kind, subject), lane=lane, token=token, touched=touched, tries=tries)
            for kind, subject, lane, token, touched, tries in rows
        ]

    def release_all(self, tenant: str) -> int:
        """End every claim of a workspace."""
        with self._database.writing(durable=False) as connection:
            return connection.execute(RELEASE, (tenant,)).rowcount

    def waits(self, tenant: str, kinds: Collection[str]) -> bool:
        """Return whether a row of these kinds is due or will be after its quiet time."""
        with self._database.translated_faults():
            return self._database.current().execute(WAITS, (tenant, _json(kinds))).fetchone() is not None

    def due(self, tenant: str, kind: str, now: datetime, *, lane: str = "") -> list[str]:
        """Return the subjects of a kind that are due or claimed."""
        parameters = {"tenant": tenant, "kind": kind, "now": format_timestamp(now), "lane": lane}
        with self._database.translated_faults():
            return [subject for (subject,) in self._database.current().execute(DUE, parameters)]

    def subjects(self, tenant: str, kind: str) -> list[str]:
        """Return the subjects of a kind that have a row."""
        with self._database.translated_faults():
            return [subject for (subject,) in self._database.current().execute(SUBJECTS, (tenant, kind))]

    def bring_forward(self, tenant: str, kind: str, after: datetime) -> int:
        """Make the rows of a kind due that wait for a moment after `after`."""
        parameters = {
            "tenant": tenant,
            "kind": kind,
            "after": format_timestamp(after),
            "machine": self._machine(),
        }
        with self._database.translated_faults():
            if self._database.current().execute(ANY_LATER, parameters).fetchone() is None:
                return 0
        with self._database.writing(durable=False) as connection:
            return connection.execute(BRING_FORWARD, parameters).rowcount

    def bring_all_forward(self, kind: str, after: datetime) -> int:
        """Make the rows of a kind due in every workspace that wait for a moment after `after`."""
        parameters = {"kind": kind, "after": format_timestamp(after), "machine": self._machine()}
        with self._database.writing(durable=False) as connection:
            return connection.execute(BRING_ALL_FORWARD, parameters).rowcount

    def backlog(self, tenant: str, now: datetime) -> Backlog:
        """Return how much of a workspace's work is waiting."""
        return self._backlog(BACKLOG, now, {"tenant": tenant})

    def total_backlog(self, now: datetime) -> Backlog:
        """Return how much work is waiting in all workspaces together."""
        return self._backlog(TOTAL_BACKLOG, now, {})

    def _backlog(self, statement: str, now: datetime, only: Mapping[str, str]) -> Backlog:
        parameters = {
            **only,
            "now": format_timestamp(now),
            "machine": self._machine(),
            "parked": PARKED_AFTER,
        }
        with self._database.translated_faults():
            due, oldest, parked = self._database.current().execute(statement, parameters).fetchone()
        return Backlog(due=due, oldest_seconds=max(0.0, oldest or 0.0), parked=parked or 0)

    def parked(self, tenant: str) -> list[Item]:
        """Return the rows of a workspace that failed repeatedly."""
        with self._database.translated_faults():
            rows = self._database.current().execute(PARKED, (tenant, PARKED_AFTER)).fetchall()
        return [Item(tenant, kind, subject) for kind, subject in rows]

    def _touch(self, connection: sqlite3.Connection, touches: Collection[Touch]) -> None:
        machine = self._machine()
        connection.executemany(
            TOUCH,
            [
                {
                    "tenant": one.item.tenant,
                    "kind": one.item.kind,
                    "subject": one.item.subject,
                    "lane": one.lane,
                    "machine": machine,
                    "quiet": machine + one.quiet,
                    "longest": one.longest,
                    "absurd": machine + MAX_PLAUSIBLE_SECONDS,
                    "restart": one.restart,
                }
                for one in touches
            ],
        )

    def _pause(self, connection: sqlite3.Connection, claim: Claim, seconds: float) -> None:
        if seconds > 0:
            row = (claim.item.tenant, claim.lane, self._machine() + seconds)
            connection.execute(PAUSE, row)


def _claim(connection: sqlite3.Connection, item: Item, row: Sequence[Any], token: str) -> Claim:
    """Claim a row, given its lane, its counts of touches and of tries, and whether it was timed."""
    lane, touched, tries, timed = row
    connection.execute(CLAIM, (token, *item))
    return Claim(item=item, lane=lane, token=token, touched=touched, tries=tries + 1, timed=bool(timed))


def _any_ripe(tenant: str, machine: float) -> dict[str, str | float]:
    """Return the parameters of a look for rows of any kind that may be claimed."""
    return {
        "tenant": tenant,
        "machine": machine,
        "absurd": machine + MAX_PLAUSIBLE_SECONDS,
        "but": _json(()),
        "only": _json(()),
        "impatient": False,
    }


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
