"""What a store of events can do, whichever database is below."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from bot.store.records import (
    Appended,
    CommandKey,
    Fault,
    Head,
    Recorded,
    Snapshot,
    StorableEvent,
    StreamId,
    StreamState,
    StreamSummary,
    Summary,
    Verified,
)
from domain.events import Event, RecordedEvent
from domain.kernel.elements import ChannelId, ModelKey
from domain.working_hours import WorkingHoursChosen

StreamBuilder = Callable[[ModelKey], tuple[Sequence[Event], Summary]]
"""What a new model begins with, once its key is known; may refuse by raising."""

Progress = Callable[[int, int], None]
"""Told how many steps of how many are done."""


class EventStore(Protocol):
    """An append-only record of events, by stream within workspace (the tenant).

    Every method raises StoreUnavailable when the database cannot be used.
    """

    def append(
        self,
        tenant: str,
        stream: StreamId,
        events: Sequence[StorableEvent],
        *,
        expected: int,
        key: CommandKey,
        request: bytes,
        summary: Summary | None,
    ) -> Appended:
        """Record a command's events durably, or return what the same command led to before.

        Raises VersionConflict when the stream does not stand at `expected` (0: it does not exist yet),
        KeyUsedForAnother when the key was used with another request.
        """
        ...

    def begin(self, tenant: str, make: StreamBuilder, *, key: CommandKey, request: bytes) -> Appended:
        """Start a stream under the workspace's next free model key.

        What `make` raises passes through; then no number is used up. Raises KeyUsedForAnother as `append`.
        """
        ...

    def exclusively(self, tenant: str) -> AbstractContextManager[None]:
        """Keep every other writer of the workspace out, so that what is read inside stays true until the end.

        Appends inside become durable together at the end, or not at all when the block raises.
        """
        ...

    def answered(self, tenant: str, key: CommandKey, request: bytes) -> Appended | None:
        """What a command with this key led to before, if there was one; raises KeyUsedForAnother."""
        ...

    def keyed(self, request: bytes) -> bytes:
        """Return what is kept of a request: a digest under the store's key."""
        ...

    def read(self, stream: StreamId, after: int = 0, until: int | None = None) -> Iterator[Recorded]:
        """A stream's events in order, those after version `after` and up to `until`; page by page."""
        ...

    def events(self, stream: StreamId, after: int = 0, until: int | None = None) -> Iterator[RecordedEvent]:
        """The same without when and where each was recorded: the fast way to fold them."""
        ...

    def hours(self, person: StreamId) -> list[WorkingHoursChosen]:
        """What somebody chose as their working hours, in order; what was erased left out."""
        ...

    def tail(self, tenant: str, after_sequence: int, limit: int) -> list[Recorded]:
        """A workspace's next events after a sequence; nothing earlier ever appears later."""
        ...

    def state(self, stream: StreamId) -> StreamState | None:
        """How far a stream goes; None when there is none."""
        ...

    def streams(
        self,
        tenant: str | None = None,
        *,
        channel: ChannelId | None = None,
    ) -> list[StreamSummary]:
        """The models, oldest first: all, or those of a workspace or of a channel."""
        ...

    def snapshot(self, stream: StreamId, *, fold: str) -> Snapshot | None:
        """The stream's last snapshot, unless another way of folding made it."""
        ...

    def save_snapshot(self, stream: StreamId, snapshot: Snapshot) -> None:
        """Keep a snapshot instead of the stream's earlier one, if that is older or folded otherwise."""
        ...

    def verify(
        self,
        tenant: str | None = None,
        *,
        witnessed: Sequence[Head] = (),
        progress: Progress | None = None,
    ) -> Verified | Fault:
        """Check every event against the hash chain, and the chain against heads noted down elsewhere.

        What is kept beside the events and follows from them is compared, too. `progress` is told how many
        steps of how many are done.
        """
        ...

    def heads(self) -> list[Head]:
        """The end of each workspace's chain, for an outside witness."""
        ...

    def erase(self, stream: StreamId, versions: Sequence[int]) -> int:
        """Forget what some events said, and the command keys that led to them; returns how many."""
        ...

    def erase_stream(self, stream: StreamId) -> int:
        """Forget what every event of a stream said, its place in the list too; returns how many."""
        ...
