"""The files that Slack took and has not shown yet in memory."""

from msgspec.structs import replace

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.ownership import owned
from bot.store.records import StreamId
from bot.store.repositories.uploads import Upload


class MemoryUploads:
    """Uploads of one surface in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str, surface: str) -> None:
        self._database = database
        self._surface = surface
        self._uploads = Table(database, tenant, "uploads", Upload)

    def find(self, stream: StreamId, about: str) -> Upload | None:
        """Return what is remembered of the files about something."""
        return self._uploads.get(self._surface, stream, about)

    def of(self, stream: StreamId) -> list[Upload]:
        """Return what is remembered of a model."""
        return self._uploads.all(self._surface, stream)

    def streams(self) -> set[StreamId]:
        """Return the models with files that are not known to be shown."""
        return {one.stream for one in self._uploads.all(self._surface) if one.files}

    def keep(self, one: Upload) -> None:
        """Remember files as they are now."""
        stream = owned(one.stream, self._uploads.tenant)
        self._uploads.put(replace(one, surface=self._surface), self._surface, stream, one.about)

    def forget(self, stream: StreamId, about: str) -> None:
        """Forget files that are shown, or that are no longer wanted."""
        self._uploads.delete(self._surface, stream, about)

    def forget_all(self, stream: StreamId) -> None:
        """Forget the files of every surface of a model."""
        with self._database.writing():
            for one in self._uploads.all():
                if one.stream == stream:
                    self._uploads.delete(one.surface, one.stream, one.about)
