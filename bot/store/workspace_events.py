"""Event store of one workspace, which refuses every other workspace."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

from bot.store.errors import ForeignStream
from bot.store.event_store import EventStore, Progress, StreamBuilder
from bot.store.ownership import check_ownership
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
from domain.events import RecordedEvent
from domain.kernel.elements import ChannelId
from domain.working_hours import WorkingHoursChosen


class WorkspaceEvents:
    """Event store of one workspace; raises ForeignStream for streams of others."""

    def __init__(self, store: EventStore, tenant: str) -> None:
        self._store = store
        self._tenant = tenant

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
        """Record a command's events durably, or return the earlier result of the same command."""
        self._check_tenant(tenant)
        return self._store.append(
            tenant, self._own(stream), events, expected=expected, key=key, request=request, summary=summary
        )

    def begin(self, tenant: str, make: StreamBuilder, *, key: CommandKey, request: bytes) -> Appended:
        """Start a stream under the workspace's next free model key."""
        self._check_tenant(tenant)
        return self._store.begin(tenant, make, key=key, request=request)

    def exclusively(self, tenant: str) -> AbstractContextManager[None]:
        """Exclude every other writer of the workspace."""
        self._check_tenant(tenant)
        return self._store.exclusively(tenant)

    def durable_at_end(self) -> AbstractContextManager[None]:
        """Return a block whose end waits for this thread's changes to be on disk."""
        return self._store.durable_at_end()

    def answered(self, tenant: str, key: CommandKey, request: bytes) -> Appended | None:
        """Return the result of an earlier command with this key, if there is one."""
        self._check_tenant(tenant)
        return self._store.answered(tenant, key, request)

    def export_seal(self, tenant: str, content: bytes) -> str:
        """Return the seal of an exported history of this workspace."""
        self._check_tenant(tenant)
        return self._store.export_seal(tenant, content)

    def keyed(self, request: bytes) -> bytes:
        """Return the keyed digest of a request."""
        return self._store.keyed(request)

    def read(self, stream: StreamId, after: int = 0, until: int | None = None) -> Iterator[Recorded]:
        """Yield a stream's events in order, page by page."""
        return self._store.read(self._own(stream), after, until)

    def events(self, stream: StreamId, after: int = 0, until: int | None = None) -> Iterator[RecordedEvent]:
        """Yield a stream's events alone, without time and place of recording."""
        return self._store.events(self._own(stream), after, until)

    def hours(self, person: StreamId) -> list[WorkingHoursChosen]:
        """Return the working hours that a person chose, in order."""
        return self._store.hours(self._own(person))

    def replacements(self, stream: StreamId) -> Replacements:
        """Return the events recorded in place of erased ones."""
        return self._store.replacements(self._own(stream))

    def tail(self, tenant: str, after_sequence: int, limit: int) -> list[Recorded]:
        """Return the workspace's next events after a sequence."""
        self._check_tenant(tenant)
        return self._store.tail(tenant, after_sequence, limit)

    def state(self, stream: StreamId) -> StreamState | None:
        """Return a stream's version and number of erasures; None if it does not exist."""
        return self._store.state(self._own(stream))

    def streams(
        self,
        tenant: str | None = None,
        *,
        channel: ChannelId | None = None,
    ) -> list[StreamSummary]:
        """Return the workspace's models, oldest first."""
        self._check_tenant(tenant)
        return self._store.streams(self._tenant, channel=channel)

    def snapshot(self, stream: StreamId, *, fold: str) -> Snapshot | None:
        """Return the stream's last snapshot, unless a different version of the model produced it."""
        return self._store.snapshot(self._own(stream), fold=fold)

    def save_snapshot(self, stream: StreamId, snapshot: Snapshot) -> None:
        """Replace the stream's snapshot."""
        self._store.save_snapshot(self._own(stream), snapshot)

    def verify(
        self,
        tenant: str | None = None,
        *,
        witnessed: Sequence[Head] = (),
        progress: Progress | None = None,
    ) -> Verified | Fault:
        """Check the workspace's events."""
        self._check_tenant(tenant)
        return self._store.verify(self._tenant, witnessed=witnessed, progress=progress)

    def heads(self) -> list[Head]:
        """Return the end of the workspace's chain."""
        return [one for one in self._store.heads() if one.tenant == self._tenant]

    def erase(self, stream: StreamId, versions: Sequence[int]) -> int:
        """Erase the text of some events."""
        return self._store.erase(self._own(stream), versions)

    def erase_stream(self, stream: StreamId) -> int:
        """Erase the text of every event of a stream."""
        return self._store.erase_stream(self._own(stream))

    def _own(self, stream: StreamId) -> StreamId:
        return check_ownership(stream, self._tenant)

    def _check_tenant(self, tenant: str | None) -> None:
        if tenant not in (None, self._tenant):
            raise ForeignStream(StreamId(f"{tenant}/"), self._tenant)
