"""How far each model was looked through for what people are told of in memory."""

import msgspec

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.memory.streams import Streams
from bot.store.ownership import owned
from bot.store.records import StreamId


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    version: int


class MemoryFollowed:
    """Followed versions in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._followed = Table(database, tenant, "followed", _Row)
        self._kept = Streams(database, tenant)

    def until(self, stream: StreamId) -> int | None:
        """Return the version up to which everybody was told; None of a model that is new."""
        row = self._followed.get(stream)
        return row.version if row else None

    def follow(self, stream: StreamId, version: int) -> None:
        """Note that everybody was told of what was said up to a version."""
        self._followed.put(_Row(version=version), owned(stream, self._followed.tenant))

    def behind(self) -> set[StreamId]:
        """Return the models in which something was said since."""
        models = [row for row in self._kept.streams.all() if row.summary is not None]
        return {row.stream for row in models if row.version > (self.until(row.stream) or 0)}
