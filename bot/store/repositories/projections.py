"""Checkpoints of projectors: the version of each model that they have processed."""

from bot.store.records import StreamId, StreamState
from bot.store.sql.rows import WorkspaceRows

_FIND = """
    SELECT version, erasures FROM projections WHERE tenant = :tenant AND kind = :kind AND stream = :stream
"""
_SAVE = """
    INSERT INTO projections (tenant, kind, stream, version, erasures)
    VALUES (:tenant, :kind, :stream, :version, :erasures)
    ON CONFLICT (tenant, kind, stream) DO UPDATE SET version = excluded.version, erasures = excluded.erasures
"""
_DROP = "DELETE FROM projections WHERE tenant = :tenant AND stream = :stream"
_BEHIND = """
    SELECT streams.stream FROM streams LEFT JOIN projections AS seen
    ON seen.tenant = :tenant AND seen.kind = :kind AND seen.stream = streams.stream
    WHERE streams.tenant = :tenant AND streams.name IS NOT NULL
    AND streams.version > coalesce(seen.version, 0)
"""


class Projections:
    """The checkpoints of one workspace's projectors; raises StoreUnavailable like every store."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def find(self, kind: str, stream: StreamId) -> StreamState | None:
        """Return the version and erasures up to which a projector has processed a model."""
        row = self._rows.one(_FIND, kind=kind, stream=stream)
        return StreamState(version=row[0], erasures=row[1]) if row else None

    def save(self, kind: str, stream: StreamId, state: StreamState, *, durable: bool = True) -> None:
        """Record the progress of a projector.

        A record that need not be `durable` does not wait for the disk; after a power failure the projector
        may process the same events again.
        """
        self._rows.write(
            _SAVE,
            kind=kind,
            stream=self._rows.own(stream),
            version=state.version,
            erasures=state.erasures,
            durable=durable,
        )

    def drop(self, stream: StreamId) -> None:
        """Delete every checkpoint of a model."""
        self._rows.write(_DROP, stream=stream)

    def behind(self, kind: str) -> set[StreamId]:
        """Return the models with events that a projector has not processed."""
        return {StreamId(stream) for (stream,) in self._rows.all(_BEHIND, kind=kind)}
