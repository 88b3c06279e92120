"""Work queue in memory."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.memory.installations import MemoryInstallations
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

_WORK, _LANES = "work", "lanes"


class _Row(msgspec.Struct, kw_only=True):
    lane: str
    now: bool = False
    """Whether it is due as soon as `not_before` allows."""
    at: datetime | None = None
    first: float | None = None
    not_before: float = 0.0
    touched: int = 0
    token: str | None = None
    tries: int = 0


class _Lane(msgspec.Struct, frozen=True, kw_only=True):
    lane: str
    not_before: float


class _StoredRow(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    subject: str
    row: _Row


class MemoryWork:
    """WorkQueue in memory; `channel_of` returns a model's channel by workspace and key, `machine` the time.

    Its rows are stored in the database, so that they are committed or rolled back with the data that they
    concern.
    """

    def __init__(
        self,
        database: MemoryDatabase | None = None,
        *,
        channel_of: Callable[[str, str], str] = lambda _tenant, _model: "",
        machine: Callable[[], float] = time.time,
    ) -> None:
        self._channel_of = channel_of
        self._machine = machine
        self._database = database or MemoryDatabase()
        self._local = threading.local()

    @property
    def is_shared(self) -> bool:
        """Return whether several processes may do the work of this queue at the same time."""
        return False

    def touch(self, *touches: Touch, durable: bool = False) -> None:
        """Make rows due."""
        del durable
        with self._changing():
            for one in touches:
                self._touch(one)

    def status(self, tenant: str, now: datetime) -> QueueStatus:
        """Return the status of a workspace's queue."""
        rows = {item: row for item, row in self._rows.items() if item.tenant == tenant}
        timed = any(row.token is None and _has_come(row, now) for row in rows.values())
        return replace(self._status(rows, now), claimable=timed or bool(self._ripe(tenant)))

    def busy_tenants(
        self, now: datetime, *, after: str = "", limit: int = 1000, overdue: float = 0.0
    ) -> dict[str, QueueStatus]:
        """Return the status of each workspace in which there is something to do."""
        by_tenant: dict[str, dict[Item, _Row]] = {}
        for item, row in self._rows.items():
            by_tenant.setdefault(item.tenant, {})[item] = row
        statuses = {
            tenant: self._status(by_tenant[tenant], now, overdue)
            for tenant in sorted(by_tenant)
            if tenant > after
        }
        busy = [tenant for tenant, status in statuses.items() if status != QueueStatus()]
        return {tenant: statuses[tenant] for tenant in busy[:limit]}

    def claim(
        self,
        tenant: str,
        now: datetime,
        *,
        exclude: Collection[str] = (),
        only: Collection[str] = (),
    ) -> Claim | None:
        """Claim the row that has been due longest."""
        with self._changing():
            rows = [(item, row) for item, row in self._rows.items() if item.tenant == tenant]
            for _, row in rows:
                if row.token is None and _has_come(row, now):
                    row.now, row.at, row.first, row.not_before = True, None, None, self._machine()
            ripe = self._ripe(tenant, exclude, only)
            if not ripe:
                return None
            item, row = min(ripe, key=lambda one: one[1].not_before)
            claim = _claimed(item, row, uuid4().hex)
            return replace(claim, more=bool(self._ripe(tenant, exclude, only)))

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
        with self._changing():
            row = self._held(claim)
            if row is not None:
                row.token, row.tries = None, 0
                if row.touched == claim.touched:
                    row.now, row.at, row.first = again_after is not None, None, None
                    row.not_before = self._machine() + (again_after or 0.0)
                    if again_after is None:
                        row.at = again_at
                    if not row.now and row.at is None:
                        del self._rows[claim.item]
            self._pause(claim, pause)
            if row is None:
                return Settled.LOST
            return Settled.MORE if self._ripe(claim.item.tenant) else Settled.DONE

    def retry_later(self, claim: Claim, seconds: float, *, counted: bool = True, pause: float = 0.0) -> bool:
        """End a claim whose work failed."""
        tries = claim.tries if counted else min(claim.tries, PARKED_AFTER - 1)
        if tries >= PARKED_AFTER:
            seconds = max(seconds, MAX_PLAUSIBLE_SECONDS)
        with self._changing():
            row = self._held(claim)
            if row is not None:
                row.token, row.tries, row.now, row.at = None, tries, True, None
                row.not_before = self._machine() + seconds
            self._pause(claim, pause)
            return row is not None

    def renew(self, claim: Claim, *, renewed: Callable[[Claim], None] = lambda _: None) -> Claim | None:
        """Give a claim a new token."""
        with self._changing():
            row = self._held(claim)
            if row is None:
                return None
            row.token = uuid4().hex
            renewal = replace(claim, token=row.token, touched=row.touched)
            renewed(renewal)
            return renewal

    @contextmanager
    def guarding(self, held: Callable[[], Claim | None]) -> Generator[None]:
        """Return a block in which this thread changes nothing once its claim was taken over."""

        def check() -> None:
            claim = held()
            if claim is not None and self._held(claim) is None:
                raise Overtaken

        before, self._database.guard = self._database.guard, check
        try:
            yield
        finally:
            self._database.guard = before

    def reserve(self, tenant: str, lane: str, *, interval: float, burst: int) -> float:
        """Reserve the next moment in a lane."""
        with self._database.writing():
            known, machine = self._pauses(tenant).get(lane), self._machine()
            taken = known is not None and machine <= known.not_before <= machine + MAX_PLAUSIBLE_SECONDS
            moment = interval + (known.not_before if known is not None and taken else machine)
            self._pauses(tenant).put(_Lane(lane=lane, not_before=moment), lane)
        return max(0.0, moment - machine - interval * burst)

    def postpone(self, tenant: str, lane: str, seconds: float) -> None:
        """Reserve no moment in a lane before so many seconds from now."""
        with self._database.writing():
            known, moment = self._pauses(tenant).get(lane), self._machine() + seconds
            moment = max(moment, known.not_before) if known is not None else moment
            self._pauses(tenant).put(_Lane(lane=lane, not_before=moment), lane)

    def is_held(self, claim: Claim) -> bool:
        """Return whether a claim is still held."""
        return self._held(claim) is not None

    def claims(self, tenant: str) -> list[Claim]:
        """Return every current claim of a workspace."""
        return [
            _claim_of(item, row, row.token)
            for item, row in self._rows.items()
            if item.tenant == tenant and row.token is not None
        ]

    def release_all(self, tenant: str) -> int:
        """End every claim of a workspace."""
        with self._changing():
            claimed = [row for item, row in self._rows.items() if item.tenant == tenant and row.token]
            for row in claimed:
                row.token, row.not_before = None, 0.0
            return len(claimed)

    def waits(self, tenant: str, kinds: Collection[str]) -> bool:
        """Return whether a row of these kinds is due or will be after its quiet time."""
        return any(
            row.now and not row.tries and row.token is None
            for item, row in self._rows.items()
            if item.tenant == tenant and item.kind in kinds
        )

    def due(self, tenant: str, kind: str, now: datetime, *, lane: str = "") -> list[str]:
        """Return the subjects of a kind that are due or claimed."""
        return sorted(
            item.subject
            for item, row in self._rows.items()
            if item[:2] == (tenant, kind)
            and lane in ("", row.lane)
            and (row.token is not None or row.now or _has_come(row, now))
        )

    def subjects(self, tenant: str, kind: str) -> list[str]:
        """Return the subjects of a kind that have a row."""
        return sorted(item.subject for item in self._rows if item[:2] == (tenant, kind))

    def bring_forward(self, tenant: str, kind: str, after: datetime) -> int:
        """Make the rows of a kind due that wait for a moment after `after`."""
        return self._bring_forward(lambda item: item[:2] == (tenant, kind), after)

    def bring_all_forward(self, kind: str, after: datetime) -> int:
        """Make the rows of a kind due in every workspace that wait for a moment after `after`."""
        return self._bring_forward(lambda item: item.kind == kind, after)

    def _bring_forward(self, of: Callable[[Item], bool], after: datetime) -> int:
        with self._changing():
            later = [
                row
                for item, row in self._rows.items()
                if of(item) and row.token is None and row.at is not None and row.at > after
            ]
            for row in later:
                row.now, row.at, row.first, row.not_before = True, None, None, self._machine()
            return len(later)

    def backlog(self, tenant: str, now: datetime) -> Backlog:
        """Return how much of a workspace's work is waiting."""
        return self._backlog([row for item, row in self._rows.items() if item.tenant == tenant], now)

    def total_backlog(self, now: datetime) -> Backlog:
        """Return how much work is waiting in all workspaces together."""
        ended = MemoryInstallations(self._database).ended()
        return self._backlog([row for item, row in self._rows.items() if item.tenant not in ended], now)

    def _backlog(self, rows: Sequence[_Row], now: datetime) -> Backlog:
        machine = self._machine()
        due = [row for row in rows if (row.now and row.not_before <= machine) or _has_come(row, now)]
        return Backlog(
            due=len(due),
            oldest_seconds=max((_waits(row, machine, now) for row in due), default=0.0),
            parked=sum(row.tries >= PARKED_AFTER for row in rows if row.now or row.at),
        )

    def count_overdue(self, kinds: Collection[str], now: datetime, *, seconds: float) -> Counter[str]:
        """Count the rows of some kinds that have been due for so many seconds, by workspace."""
        machine, moment = self._machine() - seconds, now - timedelta(seconds=seconds)
        return Counter(
            item.tenant
            for item, row in self._rows.items()
            if item.kind in kinds and row.token is None
            if _has_come(row, moment)
            or (row.now and (0 < row.not_before <= machine or row.tries >= PARKED_AFTER))
        )

    def parked(self, tenant: str) -> list[Item]:
        """Return the rows of a workspace that failed repeatedly."""
        return sorted(
            item for item, row in self._rows.items() if item.tenant == tenant and row.tries >= PARKED_AFTER
        )

    def _status(self, rows: Mapping[Item, _Row], now: datetime, overdue: float = 0.0) -> QueueStatus:
        free = {item: row for item, row in rows.items() if row.token is None}
        return QueueStatus(
            claimable=any(
                (row.now and self._is_over(row.not_before + overdue)) or _has_come(row, now)
                for row in free.values()
            ),
            claimed=len(free) < len(rows),
        )

    def _ripe(
        self, tenant: str, exclude: Collection[str] = (), only: Collection[str] = ()
    ) -> list[tuple[Item, _Row]]:
        """Return the rows of a workspace that may be claimed."""
        rows = [(item, row) for item, row in self._rows.items() if item.tenant == tenant]
        taken = {row.lane for _, row in rows if row.token is not None}
        pauses = {one.lane: one.not_before for one in self._pauses(tenant).all()}
        return [
            (item, row)
            for item, row in rows
            if row.now
            and row.token is None
            and item.kind not in exclude
            and (not only or item.kind in only)
            and (only or self._is_over(row.not_before))
            and row.lane not in taken
            and self._is_over(pauses.get(row.lane, 0.0))
        ]

    def _touch(self, one: Touch) -> None:
        machine = self._machine()
        lane = one.lane or self._channel_of(one.item.tenant, one.item.subject) or one.item.subject
        row = self._rows.setdefault(one.item, _Row(lane=lane))
        was_due, first = row.now, row.first
        put_off = 1 <= row.tries < PARKED_AFTER and row.token is None
        quiet = machine + one.quiet
        if put_off and row.not_before <= machine + MAX_PLAUSIBLE_SECONDS:
            pass
        elif was_due and first is not None and first <= machine:
            last = max(first + one.longest, machine if one.restart else quiet)
            row.not_before = min(quiet if one.restart else row.not_before, last)
        elif was_due and row.token is None and not one.restart:
            row.not_before = min(row.not_before, quiet)
        else:
            row.not_before = quiet
        row.first = first if was_due and first is not None else machine
        row.lane, row.now, row.at = lane, True, None
        row.touched += 1

    def _held(self, claim: Claim) -> _Row | None:
        row = self._rows.get(claim.item)
        return row if row is not None and row.token == claim.token else None

    def _pause(self, claim: Claim, seconds: float) -> None:
        if seconds > 0:
            pause = _Lane(lane=claim.lane, not_before=self._machine() + seconds)
            self._pauses(claim.item.tenant).put(pause, claim.lane)

    def _is_over(self, not_before: float) -> bool:
        """Return whether a machine time has been reached, or is an error of the clock."""
        machine = self._machine()
        return not_before <= machine or not_before > machine + MAX_PLAUSIBLE_SECONDS

    @property
    def _rows(self) -> dict[Item, _Row]:
        """Return the rows of the current transaction, or the committed ones."""
        working: dict[Item, _Row] | None = getattr(self._local, "rows", None)
        return self._kept() if working is None else working

    def _kept(self) -> dict[Item, _Row]:
        return {
            Item(tenant, one.kind, one.subject): one.row
            for tenant, table in self._database.tables()
            if table == _WORK
            for one in self._table(tenant).all()
        }

    def _table(self, tenant: str) -> Table[_StoredRow]:
        return Table(self._database, tenant, _WORK, _StoredRow)

    def _pauses(self, tenant: str) -> Table[_Lane]:
        return Table(self._database, tenant, _LANES, _Lane)

    @contextmanager
    def _changing(self) -> Generator[None]:
        with self._database.writing():
            before, self._local.rows = self._kept(), self._kept()
            try:
                yield
                for item, row in self._local.rows.items():
                    if before.get(item) != row:
                        stored_row = _StoredRow(kind=item.kind, subject=item.subject, row=row)
                        self._table(item.tenant).put(stored_row, item.kind, item.subject)
                for item in before.keys() - self._local.rows.keys():
                    self._table(item.tenant).delete(item.kind, item.subject)
            finally:
                self._local.rows = None


def _has_come(row: _Row, now: datetime) -> bool:
    return row.at is not None and row.at <= now


def _waits(row: _Row, machine: float, now: datetime) -> float:
    if row.at is not None:
        return (now - row.at).total_seconds()
    return machine - row.not_before


def _claimed(item: Item, row: _Row, token: str) -> Claim:
    """Claim a row."""
    timed, row.first, row.token, row.tries = row.first is None, None, token, row.tries + 1
    return _claim_of(item, row, token, timed=timed)


def _claim_of(item: Item, row: _Row, token: str, *, timed: bool = False) -> Claim:
    return Claim(item=item, lane=row.lane, token=token, touched=row.touched, tries=row.tries, timed=timed)
