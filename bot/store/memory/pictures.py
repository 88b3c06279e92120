"""The pictures of closed rounds in memory."""

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.memory.summaries import MemorySummaries
from bot.store.ownership import owned
from bot.store.records import StreamId
from bot.store.repositories.pictures import Owed, Shown
from bot.store.repositories.summaries import Summary


class MemoryPictures:
    """Pictures in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._tenant = tenant
        self._pictures = Table(database, tenant, "pictures", Shown)
        self._summaries = MemorySummaries(database, tenant)

    def owed(self, stream: StreamId) -> list[Owed]:
        """Return the messages of a model that may still lack their pictures, the first one first."""
        return [Owed(version=one.first, thread=one.thread) for one in self._owed() if one.stream == stream]

    def owing(self) -> set[StreamId]:
        """Return the models with such messages."""
        return {one.stream for one in self._owed()}

    def of(self, stream: StreamId) -> list[Shown]:
        """Return what was shown of a model."""
        return self._pictures.all(stream)

    def keep(self, shown: Shown) -> None:
        """Remember pictures as they are now."""
        self._pictures.put(shown, owned(shown.stream, self._tenant), shown.version)

    def forget(self, shown: Shown) -> None:
        """Forget pictures that Slack did not take, or that were taken away."""
        self._pictures.delete(shown.stream, shown.version)

    def _owed(self) -> list[Summary]:
        return [
            one for one in self._summaries.announced() if self._pictures.get(one.stream, one.first) is None
        ]
