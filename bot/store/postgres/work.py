"""Work queue in a PostgreSQL database, from which several replicas claim."""

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import uuid4

from msgspec.structs import replace

from bot.store.postgres.array_literals import text_array
from bot.store.postgres.connections import PostgresConnections
from bot.store.postgres.work_statements import (
    BACKLOG,
    BRING_ALL_FORWARD,
    BRING_FORWARD,
    BUSY,
    CLAIM,
    CLAIMS,
    DUE,
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
    TOUCH_WHILE_HELD,
    TOUCHED,
    WAITS,
)
from bot.store.sql.database import SqlConnection, SqlCursor
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


class PostgresWork:
    """Work queue in a database; waiting is measured by the server's clock, or in tests by `machine`.

    Its changes do not wait for the server's disk: a claim lost in a crash of the server is made again.
    """

    def __init__(self, database: PostgresConnections, *, machine: Callable[[], float] | None = None) -> None:
        self._database = database
        self._machine = machine

    @property
    def is_shared(self) -> bool:
        """Return whether several processes may do the work of this queue at the same time."""
        return True

    def touch(self, *touches: Touch, durable: bool = False) -> None:
        """Make rows due."""
        if not touches:
            return
        parameters = self._touches(touches)
        claim = self._database.guarding_claim()
        if claim is None:
            self._change(TOUCH, parameters, durable=durable)
            return
        held = {f"held_{name}": value for name, value in _of(claim).items()}
        guarded = {**parameters, **held, "durable": durable}
        if self._database.change(TOUCH_WHILE_HELD, guarded).fetchone() is None:
            raise Overtaken

    def status(self, tenant: str, now: datetime) -> QueueStatus:
        """Return the status of a workspace's queue, by one statement."""
        claimable, claimed = self._read(STATUS, {"tenant": tenant, "now": format_timestamp(now)}).fetchone()
        return QueueStatus(claimable=claimable, claimed=claimed)

    def busy_tenants(
        self, now: datetime, *, after: str = "", limit: int = 1000, overdue: float = 0.0
    ) -> dict[str, QueueStatus]:
        """Return the status of each workspace in which there is something to do, by one statement."""
        parameters = {
            "after": after,
            "now": format_timestamp(now),
            "clock": self._clock(),
            "overdue": float(overdue),
            "limit": limit,
        }
        return {
            tenant: QueueStatus(claimable=claimable, claimed=claimed)
            for tenant, claimable, claimed in self._read(BUSY, parameters)
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
        claims = self.claim_each([tenant], now, exclude=exclude, only=only)
        return claims[0] if claims else None

    def claim_each(
        self,
        tenants: Sequence[str],
        now: datetime,
        *,
        exclude: Collection[str] = (),
        only: Collection[str] = (),
    ) -> list[Claim]:
        """Claim a row in each of several workspaces."""
        tokens = [uuid4().hex for _ in tenants]
        parameters = {
            "tenants": text_array(tenants),
            "tokens": text_array(tokens),
            "now": format_timestamp(now),
            "clock": self._clock(),
            "but": text_array(exclude),
            "only": text_array(only),
        }
        rows = self._change(CLAIM, parameters, idempotent=False).fetchall()
        return [
            Claim(
                item=Item(tenant, kind, subject),
                lane=lane,
                token=token,
                touched=touched,
                tries=tries,
                timed=timed,
                more=more,
            )
            for tenant, token, kind, subject, lane, touched, tries, timed, more in rows
        ]

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
        parameters = {
            **_of(claim),
            "again": due,
            "wait": float(again_after or 0.0),
            "lane": claim.lane,
            "pause": float(pause),
            "clock": self._clock(),
        }
        (settled,) = self._change(SETTLE, parameters).fetchone()
        return Settled(settled)

    def retry_later(self, claim: Claim, seconds: float, *, counted: bool = True, pause: float = 0.0) -> bool:
        """End a claim whose work failed."""
        tries = claim.tries if counted else min(claim.tries, PARKED_AFTER - 1)
        if tries >= PARKED_AFTER:
            seconds = max(seconds, MAX_PLAUSIBLE_SECONDS)
        with self._database.writing(durable=False) as connection:
            parameters = {**_of(claim), "wait": seconds, "tries": tries}
            settled = self._run(connection, RETRY_LATER, parameters).rowcount > 0
            self._pause(connection, claim, pause)
        return settled

    def renew(self, claim: Claim, *, renewed: Callable[[Claim], None] = lambda _: None) -> Claim | None:
        """Give a claim a new token."""
        renewal = replace(claim, token=uuid4().hex)
        with self._database.writing(durable=False) as connection:
            row = connection.execute(RENEW, {**_of(claim), "new": renewal.token}).fetchone()
            if row is None:
                return None
            # The process that continues sees every change up to now.
            renewal = replace(renewal, touched=row[0])
            renewed(renewal)
        return renewal

    @contextmanager
    def guarding(self, held: Callable[[], Claim | None]) -> Generator[None]:
        """Return a block in which this thread changes nothing after its claim was taken over."""
        guard, before = self._database.guard, self._database.guard.held
        guard.held = held
        try:
            yield
        finally:
            guard.held = before

    def reserve(self, tenant: str, lane: str, *, interval: float, burst: int) -> float:
        """Reserve the next moment in a lane."""
        with self._database.writing(durable=False) as connection:
            parameters = {"tenant": tenant, "lane": lane, "apart": float(interval)}
            (seconds,) = self._run(connection, RESERVE, parameters).fetchone()
        return max(0.0, seconds - interval * burst)

    def postpone(self, tenant: str, lane: str, seconds: float) -> None:
        """Reserve no moment in a lane before so many seconds from now."""
        with self._database.writing(durable=False) as connection:
            self._run(connection, POSTPONE, {"tenant": tenant, "lane": lane, "seconds": float(seconds)})

    def is_held(self, claim: Claim) -> bool:
        """Return whether a claim is still held."""
        return self._read(TOUCHED, _of(claim)).fetchone() is not None

    def claims(self, tenant: str) -> list[Claim]:
        """Return every current claim of a workspace."""
        rows = self._read(CLAIMS, (tenant,)).fetchall()
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
        return self._read(WAITS, (tenant, list(kinds))).fetchone() is not None

    def due(self, tenant: str, kind: str, now: datetime, *, lane: str = "") -> list[str]:
        """Return the subjects of a kind that are due or claimed."""
        parameters = {"tenant": tenant, "kind": kind, "now": format_timestamp(now), "lane": lane}
        return [subject for (subject,) in self._read(DUE, parameters)]

    def subjects(self, tenant: str, kind: str) -> list[str]:
        """Return the subjects of a kind that have a row."""
        return [subject for (subject,) in self._read(SUBJECTS, (tenant, kind))]

    def bring_forward(self, tenant: str, kind: str, after: datetime) -> int:
        """Make the rows of a kind due that wait for a moment after `after`."""
        parameters = {"tenant": tenant, "kind": kind, "after": format_timestamp(after)}
        with self._database.writing(durable=False) as connection:
            return self._run(connection, BRING_FORWARD, parameters).rowcount

    def bring_all_forward(self, kind: str, after: datetime) -> int:
        """Make the rows of a kind due in every workspace that wait for a moment after `after`."""
        parameters = {"kind": kind, "after": format_timestamp(after)}
        with self._database.writing(durable=False) as connection:
            return self._run(connection, BRING_ALL_FORWARD, parameters).rowcount

    def backlog(self, tenant: str, now: datetime) -> Backlog:
        """Return how much of a workspace's work is waiting."""
        return self._backlog(BACKLOG, now, {"tenant": tenant})

    def total_backlog(self, now: datetime) -> Backlog:
        """Return how much work is waiting in all workspaces together."""
        return self._backlog(TOTAL_BACKLOG, now, {})

    def _backlog(self, statement: str, now: datetime, only: Mapping[str, str]) -> Backlog:
        parameters = {**only, "now": format_timestamp(now), "parked": PARKED_AFTER}
        due, oldest, parked = self._read(statement, parameters).fetchone()
        return Backlog(due=int(due), oldest_seconds=max(0.0, float(oldest or 0.0)), parked=int(parked))

    def parked(self, tenant: str) -> list[Item]:
        """Return the rows of a workspace that failed repeatedly."""
        rows = self._read(PARKED, (tenant, PARKED_AFTER)).fetchall()
        return [Item(tenant, kind, subject) for kind, subject in rows]

    def _touches(self, touches: Collection[Touch]) -> dict[str, Any]:
        # In one order, so that two replicas that touch the same rows do not wait for each other.
        ordered = sorted(touches, key=lambda touch: touch.item)
        return {
            "tenants": text_array(one.item.tenant for one in ordered),
            "kinds": text_array(one.item.kind for one in ordered),
            "subjects": text_array(one.item.subject for one in ordered),
            "lanes": text_array(one.lane for one in ordered),
            "quiet": text_array(str(one.quiet) for one in ordered),
            "longest": text_array(str(one.longest) for one in ordered),
            "restart": text_array(str(one.restart) for one in ordered),
            "clock": self._clock(),
        }

    def _change(
        self, sql: str, parameters: dict[str, Any], *, durable: bool = False, idempotent: bool = True
    ) -> SqlCursor:
        """Make a change by one statement, which is told whether it has to wait for the server's disk."""
        if self._database.runs_alone():
            return self._database.change(sql, {**parameters, "durable": durable}, idempotent=idempotent)
        # What surrounds it, if anything, decides whether to wait.
        with self._database.writing(durable=durable) as connection:
            return connection.execute(sql, {**parameters, "durable": True})

    def _clock(self) -> float | None:
        return self._machine() if self._machine is not None else None

    def _pause(self, connection: SqlConnection, claim: Claim, seconds: float) -> None:
        if seconds > 0:
            lane = {"tenant": claim.item.tenant, "lane": claim.lane, "seconds": float(seconds)}
            self._run(connection, PAUSE, lane)

    def _read(self, sql: str, parameters: Any) -> SqlCursor:
        with self._database.translated_faults():
            return self._run(self._database.current(), sql, parameters)

    def _run(self, connection: SqlConnection, sql: str, parameters: Any) -> SqlCursor:
        """Run a statement with the machine's time."""
        if self._machine is None:
            return connection.execute(_by_the_server(sql), parameters)
        if ":machine" in sql:
            parameters = {**parameters, "machine": self._machine()}
        return connection.execute(sql, parameters)


@lru_cache(maxsize=64)
def _by_the_server(sql: str) -> str:
    """Return a statement with the server's time, asked for once in it."""
    return sql.replace(":machine", "(SELECT machine_time())")


def _of(claim: Claim) -> dict[str, Any]:
    return {
        "tenant": claim.item.tenant,
        "kind": claim.item.kind,
        "subject": claim.item.subject,
        "token": claim.token,
        "touched": claim.touched,
    }
