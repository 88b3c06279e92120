"""Work queue in a PostgreSQL database, from which several replicas claim."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

import psycopg

from bot.store.postgres.connections import PostgresConnections
from bot.store.postgres.presence import OWNERS, Presence
from bot.store.sql.database import SqlCursor
from bot.store.timestamps import DUE_NOW, format_timestamp
from bot.store.work_queue import Claim, Item, Overtaken, Touch
from bot.store.work_rows import (
    MACHINE,
    RESERVE,
    RIPE_TENANTS,
    WorkRows,
    claimable,
    held_row,
    kinds_condition,
    lane_moment,
    touched_row,
    touching,
)

# A change that is one statement ends without waiting for the server's disk, unless it is durable.
_FAST: Final = """
    (
        SELECT CASE WHEN CAST(:durable AS boolean) THEN ''
            ELSE set_config('synchronous_commit', 'off', TRUE) END
    )
"""
_FAST_JOIN: Final = f"CROSS JOIN {_FAST} AS fast"
_TOUCHED: Final = """
    FROM unnest(
        CAST(:tenants AS text[]), CAST(:kinds AS text[]), CAST(:subjects AS text[]), CAST(:lanes AS text[]),
        CAST(:patiences AS double precision[]), CAST(:quiets AS double precision[]),
        CAST(:longests AS double precision[])
    ) AS one (tenant, kind, subject, lane, patience, quiet, longest)
"""
_TOUCH: Final = touching(_TOUCHED, _FAST_JOIN)
# The lock on the claim is shared with other readers, but not with a replica that takes the claim over.
_TOUCH_WHILE_HELD: Final = touching(
    _TOUCHED,
    f"""{_FAST_JOIN} CROSS JOIN (
        SELECT 1 FROM work WHERE tenant = :held_tenant AND kind = :held_kind AND subject = :held_subject
        AND token = :held_token FOR SHARE
    ) AS held""",  # noqa: S608  (our own statement)
)
# A lock of its session says that the owner of a claim lives. Of many rows whose moment has come, some wait
# for the next look.
_LOOK = f"""
    WITH RECURSIVE
    freed(tenant) AS (
        UPDATE work SET token = NULL, not_before = 0
        WHERE token IS NOT NULL AND owner <> :owner AND owner NOT IN (
            SELECT CAST(objid AS text) FROM pg_locks
            WHERE locktype = 'advisory' AND classid = {OWNERS} AND objsubid = 2 AND granted
        ) RETURNING tenant
    ),
    come(tenant) AS (
        UPDATE work SET due = '{DUE_NOW}', latest = NULL, not_before = {MACHINE}
        WHERE (tenant, kind, subject) IN (
            SELECT tenant, kind, subject FROM work WHERE due > '{DUE_NOW}' AND due <= :now AND token IS NULL
            ORDER BY due LIMIT 1000 FOR UPDATE SKIP LOCKED
        ) RETURNING tenant
    ),
    {RIPE_TENANTS}
    SELECT tenant FROM freed UNION SELECT tenant FROM come UNION SELECT tenant FROM ripe ORDER BY tenant
"""  # noqa: S608  (our own constants)


def _claiming(kinds: str) -> str:
    found = claimable("wanted.tenant", kinds)
    return f"""
        WITH found AS MATERIALIZED (
            SELECT one.*, wanted.token
            FROM unnest(CAST(:tenants AS text[]), CAST(:tokens AS text[])) AS wanted (tenant, token)
            CROSS JOIN LATERAL (
                SELECT tenant, kind, subject, latest IS NULL AS timed {found} FOR UPDATE SKIP LOCKED
            ) AS one
        )
        UPDATE work SET token = found.token, owner = :owner, tries = tries + 1, latest = NULL
        FROM found {_FAST_JOIN}
        WHERE work.tenant = found.tenant AND work.kind = found.kind AND work.subject = found.subject
        RETURNING work.tenant, work.kind, work.subject, lane, work.token, touched, tries, timed
    """  # noqa: S608  (our own constants)


class PostgresWork(WorkRows):
    """Work queue in a database; the session of `presence` owns the claims of this process."""

    def __init__(
        self,
        database: PostgresConnections,
        presence: Presence,
        *,
        machine: Callable[[], float] | None = None,
    ) -> None:
        super().__init__(database, database.guard, machine)
        self._connections = database
        self._presence = presence

    def touch(self, *touches: Touch, durable: bool = False) -> None:
        if not touches:
            return
        # In one order, so that two replicas that touch the same rows do not wait for each other.
        rows = [touched_row(one) for _, one in sorted({one.item: one for one in touches}.items())]
        parameters: dict[str, Any] = {
            f"{name}s": [row[name] for row in rows]
            for name in ("tenant", "kind", "subject", "lane", "patience", "quiet", "longest")
        }
        claim = self._connections.guarding_claim()
        if claim is None:
            self._change(_TOUCH, parameters, durable=durable)
            return
        held = {f"held_{name}": value for name, value in held_row(claim).items()}
        guarded = self._timed({**parameters, **held, "durable": durable})
        if not self._connections.change(_TOUCH_WHILE_HELD, guarded).rowcount:
            raise Overtaken

    def look(self, now: datetime, *, overdue: float = 0.0) -> list[str]:
        parameters = {"now": format_timestamp(now), "overdue": float(overdue), "owner": self._presence.owner}
        with self._database.translated_faults():
            found = self._connections.change(_LOOK, self._timed(parameters))
        return [tenant for (tenant,) in found]

    def claim(
        self,
        tenants: Sequence[str],
        now: datetime,
        *,
        exclude: Collection[str] = (),
        only: Collection[str] = (),
    ) -> list[Claim]:
        del now  # each look makes those rows due whose moment has come
        self._presence.hold()
        sql = _claiming(kinds_condition(exclude, only))
        try:
            claims = self._claim(sql, tenants)
        except psycopg.errors.UniqueViolation:
            # Another replica claims another row of a lane at this moment.
            claims = [claim for tenant in tenants for claim in self._claim_alone(sql, tenant)]
        return sorted(claims, key=lambda one: tenants.index(one.item.tenant))

    def _claim_alone(self, sql: str, tenant: str) -> list[Claim]:
        try:
            return self._claim(sql, [tenant])
        except psycopg.errors.UniqueViolation:
            return []

    def _claim(self, sql: str, tenants: Sequence[str]) -> list[Claim]:
        # In one order, so that two replicas that claim in the same lanes do not wait for each other.
        parameters = {
            "tenants": sorted(tenants),
            "tokens": [uuid4().hex for _ in tenants],
            "owner": self._presence.owner,
        }
        return [
            Claim(
                item=Item(tenant, kind, subject),
                lane=lane,
                token=token,
                touched=touched,
                tries=tries,
                timed=timed,
            )
            for tenant, kind, subject, lane, token, touched, tries, timed in self._change(
                sql, parameters, idempotent=False
            )
        ]

    def _end(self, sql: str, parameters: Mapping[str, Any], claim: Claim, pause: float) -> bool:
        if pause > 0:
            lane = lane_moment(claim.item.tenant, claim.lane, pause=pause)
            sql, parameters = f"WITH paused AS ({RESERVE}) {sql}", {**lane, **parameters}
        return self._change(f"{sql} AND {_FAST} IS NOT NULL", parameters).rowcount > 0

    def _change(
        self, sql: str, parameters: Mapping[str, Any], *, durable: bool = False, idempotent: bool = True
    ) -> SqlCursor:
        """Make a change by one statement."""
        values = self._timed(parameters)
        if self._connections.runs_alone():
            return self._connections.change(sql, {**values, "durable": durable}, idempotent=idempotent)
        # What surrounds it, if anything, decides whether to wait for the disk.
        with self._database.writing(durable=durable) as connection:
            return connection.execute(sql, {**values, "durable": True})
