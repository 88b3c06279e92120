"""Remembers who has looked at their Home tab lately, and what it shows."""

from datetime import datetime

import msgspec

from bot.store.connections import Connections
from bot.store.times import moment_of, stamp
from domain.elements import PersonId


class OpenedHome(msgspec.Struct, frozen=True, kw_only=True):
    """A Home tab that someone opened at a moment; `shown` is a digest of what it shows."""

    person: PersonId
    opened_at: datetime
    shown: str = ""


class OpenedHomes:
    """The remembered Home tabs of one workspace; raises StoreUnavailable like every store."""

    def __init__(self, database: Connections, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

    def find(self, person: PersonId) -> OpenedHome | None:
        """A person's Home tab, if they have opened it lately."""
        return next((one for one in self._all(" AND person = ?", person)), None)

    def since(self, moment: datetime, *, most: int) -> list[OpenedHome]:
        """Those that were opened since a moment, the last one first."""
        return self._all(" AND opened_at >= ? ORDER BY opened_at DESC LIMIT ?", stamp(moment), most)

    def keep(self, one: OpenedHome) -> None:
        """Remember a Home tab as it is now."""
        row = (self._tenant, one.person, stamp(one.opened_at), one.shown)
        with self._database.writing(durable=False) as connection:
            connection.execute(_KEEP, row)

    def forget(self, person: PersonId) -> None:
        """This person's Home tab is not kept true."""
        with self._database.writing(durable=False) as connection:
            connection.execute(_FORGET, (self._tenant, person))

    def forget_before(self, moment: datetime) -> None:
        """Forget those that were opened before a moment."""
        with self._database.writing(durable=False) as connection:
            connection.execute(_FORGET_BEFORE, (self._tenant, stamp(moment)))

    def _all(self, where: str, *values: str | int) -> list[OpenedHome]:
        with self._database.explained():
            rows = self._database.here().execute(f"{_SELECT}{where}", (self._tenant, *values)).fetchall()
        return [
            OpenedHome(person=PersonId(person), opened_at=moment_of(opened_at), shown=shown)
            for person, opened_at, shown in rows
        ]


_SELECT = "SELECT person, opened_at, shown FROM homes WHERE tenant = ?"
_KEEP = "INSERT OR REPLACE INTO homes (tenant, person, opened_at, shown) VALUES (?, ?, ?, ?)"
_FORGET = "DELETE FROM homes WHERE tenant = ? AND person = ?"
_FORGET_BEFORE = "DELETE FROM homes WHERE tenant = ? AND opened_at < ?"
