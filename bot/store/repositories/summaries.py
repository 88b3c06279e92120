"""What was told in the thread of each card: how far, and in which messages."""

from datetime import datetime
from typing import Protocol

import msgspec

from bot.store.records import StreamId, StreamState


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a thread: that of a sitting, or of a closing (`first` is its event then).

    `first` and `last` are versions, `until` is the moment of the last, `thread` the card's place. `ts` is
    empty where somebody deleted it, or where nobody knows whether Slack took it.
    """

    stream: StreamId
    first: int
    last: int
    until: datetime
    thread: str
    ts: str = ""
    digest: str = ""


class Summaries(Protocol):
    """The messages in the threads of one workspace; raises StoreUnavailable like every store."""

    def told(self, stream: StreamId) -> StreamState:
        """Return how far a model is told, and how often it had been erased in then."""
        ...

    def tell(self, stream: StreamId, state: StreamState) -> None:
        """Note that everything is told as it is now."""
        ...

    def current(self, stream: StreamId) -> Summary | None:
        """Return the message of the last sitting."""
        ...

    def about(self, stream: StreamId, version: int) -> Summary | None:
        """Return the message of the sitting in which something was said."""
        ...

    def closing(self, stream: StreamId, version: int) -> Summary | None:
        """Return the message that tells of a closing, if it was tried."""
        ...

    def all(self, stream: StreamId) -> list[tuple[Summary, bool]]:
        """Return every message of a thread, and whether it tells of a closing."""
        ...

    def keep(self, summary: Summary, *, closing: bool = False) -> None:
        """Remember a message as it is now."""
        ...

    def claim(self, announcement: Summary) -> bool:
        """Note that a message is about to be posted that tells of one event; whether it is ours to do."""
        ...

    def doubt(self, stream: StreamId) -> None:
        """Note that it is not known what the messages of a thread show."""
        ...

    def forget(self, summary: Summary, *, closing: bool = False) -> None:
        """Forget a message that Slack did not take."""
        ...
