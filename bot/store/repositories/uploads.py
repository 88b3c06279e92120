"""The files that Slack took and has not shown yet: it sometimes accepts one that never appears."""

from datetime import datetime
from typing import Protocol

import msgspec

from bot.store.records import StreamId


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """The files of one message, by what they are of: `about` names that within the `surface`.

    `tries` counts how often they were shared, last at the moment `at`; without `files` the last try failed.
    """

    stream: StreamId
    surface: str
    about: str
    files: tuple[str, ...]
    at: datetime
    tries: int


class Uploads(Protocol):
    """The files of one surface in one workspace; raises StoreUnavailable like every store."""

    def find(self, stream: StreamId, about: str) -> Upload | None:
        """Return what is remembered of the files about something."""
        ...

    def of(self, stream: StreamId) -> list[Upload]:
        """Return what is remembered of a model."""
        ...

    def streams(self) -> set[StreamId]:
        """Return the models with files that are not known to be shown."""
        ...

    def keep(self, one: Upload) -> None:
        """Remember files as they are now."""
        ...

    def forget(self, stream: StreamId, about: str) -> None:
        """Forget files that are shown, or that are no longer wanted."""
        ...

    def forget_all(self, stream: StreamId) -> None:
        """Forget the files of every surface of a model."""
        ...
