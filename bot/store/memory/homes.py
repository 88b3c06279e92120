"""The Home tabs that people have looked at lately in memory."""

from datetime import datetime

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.repositories.homes import OpenedHome
from domain.kernel.elements import PersonId


class MemoryHomes:
    """OpenedHomes in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._database = database
        self._homes = Table(database, tenant, "homes", OpenedHome)

    def find(self, person: PersonId) -> OpenedHome | None:
        """Return a person's Home tab, if they have opened it lately."""
        return self._homes.get(person)

    def since(self, moment: datetime, *, most: int) -> list[OpenedHome]:
        """Return those that were opened since a moment, the last one first."""
        found = [one for one in self._homes.all() if one.opened_at >= moment]
        return sorted(found, key=lambda one: one.opened_at, reverse=True)[:most]

    def keep(self, one: OpenedHome) -> None:
        """Remember a Home tab as it is now."""
        self._homes.put(one, one.person)

    def forget(self, person: PersonId) -> None:
        """Forget a person's Home tab."""
        self._homes.delete(person)

    def forget_before(self, moment: datetime) -> None:
        """Forget those that were opened before a moment."""
        with self._database.writing():
            for one in self._homes.all():
                if one.opened_at < moment:
                    self._homes.delete(one.person)
