"""The messages in the threads of cards in memory."""

from msgspec.structs import replace

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.ownership import owned
from bot.store.records import StreamId, StreamState
from bot.store.repositories.summaries import Summary


class MemorySummaries:
    """Summaries in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._tenant = tenant
        self._told = Table(database, tenant, "threads", StreamState)
        self._messages = Table(database, tenant, "summaries", Summary)

    def told(self, stream: StreamId) -> StreamState:
        """Return how far a model is told, and how often it had been erased in then."""
        return self._told.get(stream) or StreamState(version=0, erasures=0)

    def tell(self, stream: StreamId, state: StreamState) -> None:
        """Note that everything is told as it is now."""
        self._told.put(state, owned(stream, self._tenant))

    def current(self, stream: StreamId) -> Summary | None:
        """Return the message of the last sitting."""
        sittings = [one for one, closing in self.all(stream) if not closing]
        return sittings[-1] if sittings else None

    def about(self, stream: StreamId, version: int) -> Summary | None:
        """Return the message of the sitting in which something was said."""
        sittings = (one for one, closing in self.all(stream) if not closing)
        return next((one for one in sittings if one.first <= version <= one.last), None)

    def closing(self, stream: StreamId, version: int) -> Summary | None:
        """Return the message that tells of a closing, if it was tried."""
        return self._messages.get(stream, version, 1)

    def all(self, stream: StreamId) -> list[tuple[Summary, bool]]:
        """Return every message of a thread, and whether it tells of a closing."""
        found = [(one, False) for one in self._of(stream, closing=False)]
        found += [(one, True) for one in self._of(stream, closing=True)]
        return sorted(found, key=lambda told: (told[0].first, told[1]))

    def keep(self, summary: Summary, *, closing: bool = False) -> None:
        """Remember a message as it is now."""
        self._messages.put(summary, owned(summary.stream, self._tenant), summary.first, int(closing))

    def claim(self, announcement: Summary) -> bool:
        """Note that a message is about to be posted that tells of one event; whether it is ours to do."""
        return self._messages.add(
            announcement, owned(announcement.stream, self._tenant), announcement.first, 1
        )

    def doubt(self, stream: StreamId) -> None:
        """Note that it is not known what the messages of a thread show."""
        for one, closing in self.all(stream):
            self.keep(replace(one, digest=""), closing=closing)

    def forget(self, summary: Summary, *, closing: bool = False) -> None:
        """Forget a message that Slack did not take."""
        self._messages.delete(summary.stream, summary.first, int(closing))

    def announced(self) -> list[Summary]:
        """Return the messages of closings that were posted."""
        streams = sorted({one.stream for one in self._messages.all()})
        return [one for stream in streams for one in self._of(stream, closing=True) if one.ts]

    def _of(self, stream: StreamId, *, closing: bool) -> list[Summary]:
        firsts = {one.first for one in self._messages.all(stream)}
        found = (self._messages.get(stream, first, int(closing)) for first in sorted(firsts))
        return [one for one in found if one is not None]
