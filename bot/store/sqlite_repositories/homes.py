"""The Home tabs that people have looked at lately in a SQLite file."""

from datetime import datetime

from bot.store.repositories.homes import OpenedHome
from bot.store.sqlite_repositories.rows import WorkspaceRows
from bot.store.times import moment_of, stamp
from domain.kernel.elements import PersonId

_FIND = "SELECT person, opened_at, shown FROM homes WHERE tenant = ?1 AND person = ?2"
_SINCE = """
    SELECT person, opened_at, shown FROM homes
    WHERE tenant = ?1 AND opened_at >= ?2 ORDER BY opened_at DESC LIMIT ?3
"""
_KEEP = "INSERT OR REPLACE INTO homes (tenant, person, opened_at, shown) VALUES (?1, ?2, ?3, ?4)"
_FORGET = "DELETE FROM homes WHERE tenant = ?1 AND person = ?2"
_FORGET_BEFORE = "DELETE FROM homes WHERE tenant = ?1 AND opened_at < ?2"


class SqliteHomes:
    """OpenedHomes in a file."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def find(self, person: PersonId) -> OpenedHome | None:
        """Return a person's Home tab, if they have opened it lately."""
        row = self._rows.one(_FIND, person)
        return _home(row) if row else None

    def since(self, moment: datetime, *, most: int) -> list[OpenedHome]:
        """Return those that were opened since a moment, the last one first."""
        return [_home(row) for row in self._rows.all(_SINCE, stamp(moment), most)]

    def keep(self, one: OpenedHome) -> None:
        """Remember a Home tab as it is now."""
        self._rows.write(_KEEP, one.person, stamp(one.opened_at), one.shown)

    def forget(self, person: PersonId) -> None:
        """Forget a person's Home tab."""
        self._rows.write(_FORGET, person)

    def forget_before(self, moment: datetime) -> None:
        """Forget those that were opened before a moment."""
        self._rows.write(_FORGET_BEFORE, stamp(moment))


def _home(row: tuple[str, str, str]) -> OpenedHome:
    person, opened_at, shown = row
    return OpenedHome(person=PersonId(person), opened_at=moment_of(opened_at), shown=shown)
