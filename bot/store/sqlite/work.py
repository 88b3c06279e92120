"""Work queue in a SQLite file, which one process serves."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from bot.store.sqlite.connections import Connections
from bot.store.timestamps import DUE_NOW, format_timestamp
from bot.store.work_queue import Claim, Item, Touch
from bot.store.work_rows import (
    RESERVE,
    RIPE_TENANTS,
    WorkRows,
    claimable,
    kinds_condition,
    lane_moment,
    touched_row,
    touching,
)

_TOUCH: Final = touching(
    "FROM (SELECT :tenant AS tenant, :kind AS kind, :subject AS subject, :lane AS lane, "
    ":patience AS patience, :quiet AS quiet, :longest AS longest) AS one"
)
# The owners of claims, and the workspaces with something to do.
_LOOK = f"""
    WITH RECURSIVE {RIPE_TENANTS}
    SELECT '' AS tenant, owner FROM work INDEXED BY work_claimed WHERE token IS NOT NULL
    UNION
    SELECT tenant, '' FROM work INDEXED BY work_due WHERE due > '{DUE_NOW}' AND due <= :now AND token IS NULL
    UNION
    SELECT tenant, '' FROM ripe
    ORDER BY tenant
"""  # noqa: S608  (our own constants)
_FREE = """
    UPDATE work INDEXED BY work_claimed SET token = NULL, not_before = 0 WHERE token IS NOT NULL AND owner = ?
"""
_TIMED: Final = f"tenant = :tenant AND due > '{DUE_NOW}' AND due <= :now AND token IS NULL"
# From the moment it is due, it is in the same order as changed rows.
_MAKE_TIMED_ROWS_DUE: Final = f"""
    UPDATE work INDEXED BY work_timed SET due = '{DUE_NOW}', latest = NULL, not_before = :at WHERE {_TIMED}
"""  # noqa: S608  (our own constants)
_IS_TIMED: Final = f"SELECT 1 FROM work INDEXED BY work_timed WHERE {_TIMED} LIMIT 1"  # noqa: S608  (our own)
_CLAIM: Final = """
    UPDATE work SET token = :token, owner = :owner, tries = tries + 1, latest = NULL
    WHERE tenant = :tenant AND kind = :kind AND subject = :subject
"""


def _every_other(owner: str) -> bool:
    """Return that a process has ended: one process serves a file, by the lock beside it."""
    del owner
    return True


class SqliteWork(WorkRows):
    """Work queue in a file; `is_gone` returns whether another owner of claims has ended."""

    def __init__(
        self,
        database: Connections,
        *,
        machine: Callable[[], float] | None = None,
        owner: str = "",
        is_gone: Callable[[str], bool] = _every_other,
    ) -> None:
        super().__init__(database, database.guard, machine)
        self._owner = owner or uuid4().hex
        self._is_gone = is_gone

    def touch(self, *touches: Touch, durable: bool = False) -> None:
        if touches:
            with self._database.writing(durable=durable) as connection:
                connection.executemany(_TOUCH, [self._timed(touched_row(one)) for one in touches])

    def look(self, now: datetime, *, overdue: float = 0.0) -> list[str]:
        del overdue  # all rows count: no other process leaves any to this one
        parameters = {"now": format_timestamp(now), "overdue": 0.0}
        found = self._read(_LOOK, parameters).fetchall()
        others = [owner for _, owner in found if owner and owner != self._owner]
        gone = [other for other in others if self._is_gone(other)]
        if gone:
            with self._database.writing(durable=False) as connection:
                connection.executemany(_FREE, [(one,) for one in gone])
            found = self._read(_LOOK, parameters).fetchall()
        return [tenant for tenant, _ in found if tenant]

    def claim(
        self,
        tenants: Sequence[str],
        now: datetime,
        *,
        exclude: Collection[str] = (),
        only: Collection[str] = (),
    ) -> list[Claim]:
        find = claimable(":tenant", kinds_condition(exclude, only))
        claims = (self._claim(tenant, now, find) for tenant in tenants)
        return [one for one in claims if one is not None]

    def _claim(self, tenant: str, now: datetime, find: str) -> Claim | None:
        parameters = {"tenant": tenant, "now": format_timestamp(now)}
        is_there = f"SELECT 1 WHERE EXISTS ({_IS_TIMED}) OR EXISTS (SELECT 1 {find})"
        if self._read(is_there, parameters).fetchone() is None:
            return None
        with self._database.writing(durable=False) as connection:
            timed = self._timed(parameters)
            (at,) = connection.execute("SELECT coalesce(:machine, machine_time())", timed).fetchone()
            connection.execute(_MAKE_TIMED_ROWS_DUE, {**timed, "at": at})
            columns = "SELECT kind, subject, lane, touched, tries, latest IS NULL"
            row = connection.execute(f"{columns} {find}", timed).fetchone()
            if row is None:
                return None
            kind, subject, lane, touched, tries, is_timed = row
            token = uuid4().hex
            held = {"tenant": tenant, "kind": kind, "subject": subject, "token": token, "owner": self._owner}
            connection.execute(_CLAIM, held)
        return Claim(
            item=Item(tenant, kind, subject),
            lane=lane,
            token=token,
            touched=touched,
            tries=tries + 1,
            timed=bool(is_timed),
        )

    def _end(self, sql: str, parameters: Mapping[str, Any], claim: Claim, pause: float) -> bool:
        with self._database.writing(durable=False) as connection:
            if pause > 0:
                lane = lane_moment(claim.item.tenant, claim.lane, pause=pause)
                connection.execute(RESERVE, self._timed(lane))
            return connection.execute(sql, self._timed(parameters)).rowcount > 0
