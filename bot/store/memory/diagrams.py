"""The diagrams of models in memory."""

import msgspec
from msgspec.structs import replace

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.ownership import owned
from bot.store.records import CommandKey, StreamId
from bot.store.repositories.diagrams import Kept


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    key: CommandKey
    kept: Kept


class MemoryDiagrams:
    """Diagrams in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._database = database
        self._diagrams = Table(database, tenant, "diagrams", _Row)

    def ask(self, stream: StreamId, key: CommandKey) -> bool:
        """Have a model's diagram shown, the same request once; False where another request for it waits."""
        with self._database.writing():
            known = self._diagrams.get(owned(stream, self._diagrams.tenant))
            if known is None:
                self._diagrams.put(_Row(key=key, kept=Kept(stream=stream, asked=1)), stream)
                return True
            if known.key == key:
                return True
            asked = replace(known.kept, asked=known.kept.asked + 1)
            self._diagrams.put(_Row(key=key, kept=asked), stream)
            return known.kept.asked == known.kept.answered

    def find(self, stream: StreamId) -> Kept | None:
        """Return the diagram of a model, if it was ever asked for."""
        row = self._diagrams.get(stream)
        return row.kept if row else None

    def all(self) -> list[Kept]:
        """Return every diagram."""
        return [row.kept for row in self._diagrams.all()]

    def keep(self, one: Kept) -> None:
        """Remember what is shown now; who asked meanwhile is not forgotten."""
        with self._database.writing():
            known = self._diagrams.get(one.stream)
            if known is not None:
                kept = replace(one, asked=known.kept.asked)
                self._diagrams.put(_Row(key=known.key, kept=kept), one.stream)

    def forget(self, stream: StreamId) -> None:
        """Forget the diagram of a model, and that it was asked for."""
        self._diagrams.delete(stream)
