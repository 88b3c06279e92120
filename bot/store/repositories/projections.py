"""Checkpoints of projectors: the version of each model that they have processed."""

from typing import Protocol

from bot.store.records import StreamId, StreamState


class Projections(Protocol):
    """The checkpoints of one workspace's projectors; raises StoreUnavailable like every store."""

    def find(self, kind: str, stream: StreamId) -> StreamState | None:
        """Return the version and erasures up to which a projector has processed a model."""
        ...

    def save(self, kind: str, stream: StreamId, state: StreamState, *, durable: bool = True) -> None:
        """Record the progress of a projector.

        A record that need not be `durable` does not wait for the disk; after a power failure the projector
        may process the same events again.
        """
        ...

    def drop(self, stream: StreamId) -> None:
        """Delete every checkpoint of a model."""
        ...

    def behind(self, kind: str) -> set[StreamId]:
        """Return the models with events that a projector has not processed."""
        ...
