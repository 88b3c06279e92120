"""Interface of an event store."""

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
from bot.store.replacements import Replacements
from domain.events import Event, RecordedEvent
from domain.kernel.elements import ChannelId, ModelKey
from domain.working_hours import WorkingHoursChosen

StreamBuilder = Callable[[ModelKey], tuple[Sequence[Event], Summary]]
"""Creates the first events of a new model from its key; may refuse by raising."""

Progress = Callable[[int, int], None]
"""Called with the number of completed steps, and of all steps."""


class EventStore(Protocol):
    """Append-only store of events, by stream within workspace (the tenant).

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
        """Record a command's events durably, or return the earlier result of the same command.

        Raises VersionConflict if the stream is not at `expected` (0: it does not exist yet),
        KeyUsedForAnother if the key was used with another request.
        """
        ...

    def begin(self, tenant: str, make: StreamBuilder, *, key: CommandKey, request: bytes) -> Appended:
        """Start a stream under the workspace's next free model key.

        Errors of `make` are passed on; then no number is used up. Raises KeyUsedForAnother as `append`.
        """
        ...

    def exclusively(self, tenant: str) -> AbstractContextManager[None]:
        """Exclude every other writer of the workspace, so that reads inside stay current until the end.

        Appends inside become durable together at the end, or not at all if the block raises.
        """
        ...

    def durable_at_end(self) -> AbstractContextManager[None]:
        """Return a block in which this thread's changes do not wait for the disk; its end waits for them all.

        They are visible at once. The end raises StoreUnavailable if they may not be on disk.
        """
        ...

    def answered(self, tenant: str, key: CommandKey, request: bytes) -> Appended | None:
        """Return the result of an earlier command with this key, if any; raises KeyUsedForAnother."""
        ...

    def keyed(self, request: bytes) -> bytes:
        """Return the digest of a request under the store's key."""
        ...

    def export_seal(self, tenant: str, content: bytes) -> str:
        """Return the seal by which a workspace's exported history is recognized; empty without a key."""
        ...

    def read(self, stream: StreamId, after: int = 0, until: int | None = None) -> Iterator[Recorded]:
        """Yield a stream's events after version `after` and up to `until`, in order, page by page."""
        ...

    def events(self, stream: StreamId, after: int = 0, until: int | None = None) -> Iterator[RecordedEvent]:
        """Yield a stream's events alone, without time and place of recording: fast to replay."""
        ...

    def hours(self, person: StreamId) -> list[WorkingHoursChosen]:
        """Return a person's choices of working hours, in order, without erased ones."""
        ...

    def replacements(self, stream: StreamId) -> Replacements:
        """Return the events recorded in place of erased ones, which `read` and `events` return for them."""
        ...

    def tail(self, tenant: str, after_sequence: int, limit: int) -> list[Recorded]:
        """Return a workspace's next events after a sequence; no earlier event ever appears later."""
        ...

    def state(self, stream: StreamId) -> StreamState | None:
        """Return a stream's version and number of erasures; None if it does not exist."""
        ...

    def streams(
        self,
        tenant: str | None = None,
        *,
        channel: ChannelId | None = None,
    ) -> list[StreamSummary]:
        """Return models, oldest first: all, or those of a workspace or of a channel."""
        ...

    def snapshot(self, stream: StreamId, *, fold: str) -> Snapshot | None:
        """Return the stream's last snapshot, unless a different version of the model produced it."""
        ...

    def save_snapshot(self, stream: StreamId, snapshot: Snapshot) -> None:
        """Replace the stream's snapshot if it is older or of a different version of the model."""
        ...

    def verify(
        self,
        tenant: str | None = None,
        *,
        witnessed: Sequence[Head] = (),
        progress: Progress | None = None,
    ) -> Verified | Fault:
        """Check every event against the hash chain, and the chain against heads recorded elsewhere.

        Tables derived from the events are compared as well. `progress` reports the number of completed steps.
        """
        ...

    def heads(self) -> list[Head]:
        """Return the end of each workspace's chain, for an outside witness."""
        ...

    def erase(self, stream: StreamId, versions: Sequence[int]) -> int:
        """Erase the text of some events and their command keys; returns how many were erased."""
        ...

    def erase_stream(self, stream: StreamId) -> int:
        """Erase the text of every event of a stream, and its list entry; returns how many were erased."""
        ...
