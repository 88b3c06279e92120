"""The pictures of closed rounds in memory."""

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.memory.deliveries import MemoryDeliveries
from bot.store.ownership import owned
from bot.store.records import StreamId
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.pictures import Owed, Shown
from bot.store.repositories.thread_messages import RESULT, version_of


class MemoryPictures:
    """Pictures in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._tenant = tenant
        self._pictures = Table(database, tenant, "pictures", Shown)
        self._deliveries = MemoryDeliveries(database, tenant)

    def owed(self, stream: StreamId) -> list[Owed]:
        """Return the messages of a model that may still lack their pictures, the first one first."""
        owed = [one for one in self._owed() if one.stream == stream]
        return [Owed(version=version_of(one), thread=one.thread) for one in sorted(owed, key=version_of)]

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

    def _owed(self) -> list[DeliveryRecord]:
        results = [one for one in self._deliveries.of_kind(RESULT) if one.external_id]
        return [one for one in results if self._pictures.get(one.stream, version_of(one)) is None]
