"""The pictures of closed rounds: which were shown, and what of people's words is in them."""

from typing import Protocol

import msgspec

from bot.store.records import StreamId


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """A message of its own, in a thread, of which it is not known yet whether a picture belongs to it."""

    version: int
    thread: str


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """The pictures of one round; `version` is that of the event that ended it, `files` are Slack's ids.

    No files: there are none to show, or Slack did not take them. `words` is a digest of what people wrote
    in them, `erasures` how often something of the model had been erased when that was last looked at.
    """

    stream: StreamId
    version: int
    files: tuple[str, ...] = ()
    words: str = ""
    erasures: int = 0


class Pictures(Protocol):
    """The pictures of one workspace; raises StoreUnavailable like every store."""

    def owed(self, stream: StreamId) -> list[Owed]:
        """Return the messages of a model that may still lack their pictures, the first one first."""
        ...

    def owing(self) -> set[StreamId]:
        """Return the models with such messages."""
        ...

    def of(self, stream: StreamId) -> list[Shown]:
        """Return what was shown of a model."""
        ...

    def keep(self, shown: Shown) -> None:
        """Remember pictures as they are now."""
        ...

    def forget(self, shown: Shown) -> None:
        """Forget pictures that Slack did not take, or that were taken away."""
        ...
