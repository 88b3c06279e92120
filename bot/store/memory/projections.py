"""Checkpoints of projectors in memory."""

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.memory.streams import Streams
from bot.store.ownership import check_ownership
from bot.store.records import StreamId, StreamState


class MemoryProjections:
    """Checkpoints in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._database = database
        self._checkpoints = Table(database, tenant, "projections", StreamState)
        self._kept = Streams(database, tenant)

    def find(self, kind: str, stream: StreamId) -> StreamState | None:
        """Return how far a projector has processed a model."""
        return self._checkpoints.get(stream, kind)

    def save(self, kind: str, stream: StreamId, state: StreamState, *, durable: bool = True) -> None:
        """Record how far a projector has come."""
        del durable
        self._checkpoints.put(state, check_ownership(stream, self._checkpoints.tenant), kind)

    def drop(self, stream: StreamId) -> None:
        """Delete every checkpoint of a model."""
        self._checkpoints.delete_all(stream)

    def behind(self, kind: str) -> set[StreamId]:
        """Return the models with events that a projector has not processed."""
        models = [row for row in self._kept.streams.all() if row.summary is not None]
        return {row.stream for row in models if row.version > self._version(kind, row.stream)}

    def _version(self, kind: str, stream: StreamId) -> int:
        state = self.find(kind, stream)
        return state.version if state else 0
