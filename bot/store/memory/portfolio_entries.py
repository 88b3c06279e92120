"""Entries of models in the portfolio, in memory."""

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.memory.streams import Streams
from bot.store.ownership import check_ownership
from bot.store.records import StreamId
from bot.store.repositories.portfolio_entries import PortfolioRecord


class MemoryPortfolioEntries:
    """Kept entries in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._database = database
        self._entries = Table(database, tenant, "portfolio entries", PortfolioRecord)
        self._kept = Streams(database, tenant)

    def all(self) -> list[PortfolioRecord]:
        """Return every entry, by the name of its stream."""
        return self._entries.all()

    def save(self, *records: PortfolioRecord) -> None:
        """Replace the entries of some models."""
        with self._database.writing():
            for one in records:
                state = self._kept.streams.get(check_ownership(one.stream, self._entries.tenant))
                if state is not None and state.summary is not None and state.erasures == one.erasures:
                    self._entries.put(one, one.stream)

    def forget(self, stream: StreamId) -> None:
        """Delete the entry of a model."""
        self._entries.delete(stream)
