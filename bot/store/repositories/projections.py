"""Checkpoints of projectors: the version of each model that they have processed."""

from bot.store.records import StreamId, StreamState
from bot.store.sql.rows import Repository, Table

PROJECTIONS = Table("projections", StreamState, "kind, stream", more=("kind", "stream"))
_BEHIND = """
    SELECT streams.stream FROM streams LEFT JOIN projections AS seen
    ON seen.tenant = :tenant AND seen.kind = :kind AND seen.stream = streams.stream
    WHERE streams.tenant = :tenant AND streams.name IS NOT NULL
    AND streams.version > coalesce(seen.version, 0)
"""


class Projections(Repository):
    """The checkpoints of one workspace's projectors."""

    def find(self, kind: str, stream: StreamId) -> StreamState | None:
        """Return the version and erasures up to which a projector has processed a model."""
        return self._rows.find(PROJECTIONS, kind=kind, stream=stream)

    def save(self, kind: str, stream: StreamId, state: StreamState, *, durable: bool = True) -> None:
        """Record the progress of a projector.

        A record that need not be `durable` does not wait for the disk; after a power failure the projector
        may process the same events again.
        """
        self._rows.put(PROJECTIONS, state, kind=kind, stream=self._rows.own(stream), durable=durable)

    def drop(self, stream: StreamId) -> None:
        """Delete every checkpoint of a model."""
        self._rows.delete(PROJECTIONS, stream=stream)

    def behind(self, kind: str) -> set[StreamId]:
        """Return the models with events that a projector has not processed."""
        return {StreamId(stream) for (stream,) in self._rows.all(_BEHIND, kind=kind)}
