"""How far each model was looked through for what people are told of."""

from typing import Protocol

from bot.store.records import StreamId


class Followed(Protocol):
    """The versions of one workspace's models; raises StoreUnavailable like every store."""

    def until(self, stream: StreamId) -> int | None:
        """Return the version up to which everybody was told; None of a model that is new."""
        ...

    def follow(self, stream: StreamId, version: int) -> None:
        """Note that everybody was told of what was said up to a version."""
        ...

    def behind(self) -> set[StreamId]:
        """Return the models in which something was said since."""
        ...
