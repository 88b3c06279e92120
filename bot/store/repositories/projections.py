"""Checkpoints of projectors: the version of each model that they have processed."""

from bot.store.records import StreamId, StreamState
from bot.store.sql.rows import WorkspaceRows

_FIND = "SELECT version, erasures FROM projections WHERE tenant = ?1 AND kind = ?2 AND stream = ?3"
_SAVE = """
    INSERT INTO projections (tenant, kind, stream, version, erasures) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (tenant, kind, stream) DO UPDATE SET version = excluded.version, erasures = excluded.erasures
"""
_DROP = "DELETE FROM projections WHERE tenant = ?1 AND stream = ?2"
_BEHIND = """
    SELECT streams.stream FROM streams LEFT JOIN projections AS seen
    ON seen.tenant = ?1 AND seen.kind = ?2 AND seen.stream = streams.stream
    WHERE streams.tenant = ?1 AND streams.name IS NOT NULL AND streams.version > coalesce(seen.version, 0)
"""


class Projections:
    """The checkpoints of one workspace's projectors; raises StoreUnavailable like every store."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def find(self, kind: str, stream: StreamId) -> StreamState | None:
        """Return the version and erasures up to which a projector has processed a model."""
        row = self._rows.one(_FIND, kind, stream)
        return StreamState(version=row[0], erasures=row[1]) if row else None

    def save(self, kind: str, stream: StreamId, state: StreamState, *, durable: bool = True) -> None:
        """Record the progress of a projector.

        A record that need not be `durable` does not wait for the disk; after a power failure the projector
        may process the same events again.
        """
        values = (kind, self._rows.own(stream), state.version, state.erasures)
        self._rows.write(_SAVE, *values, durable=durable)

    def drop(self, stream: StreamId) -> None:
        """Delete every checkpoint of a model."""
        self._rows.write(_DROP, stream)

    def behind(self, kind: str) -> set[StreamId]:
        """Return the models with events that a projector has not processed."""
        return {StreamId(stream) for (stream,) in self._rows.all(_BEHIND, kind)}
