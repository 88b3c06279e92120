"""Entries of models in the portfolio, in SQL."""

from bot.store.records import StreamId
from bot.store.repositories.portfolio_entries import PortfolioRecord
from bot.store.sql.rows import WorkspaceRows

_ALL = """
    SELECT stream, version, erasures, fold, data FROM portfolio_entries WHERE tenant = ?1 ORDER BY stream
"""
_KEEP = """
    INSERT INTO portfolio_entries (tenant, stream, version, erasures, fold, data)
    SELECT tenant, stream, ?3, erasures, ?5, ?6 FROM streams
    WHERE tenant = ?1 AND stream = ?2 AND erasures = ?4 AND name IS NOT NULL
    ON CONFLICT (tenant, stream) DO UPDATE SET version = excluded.version, erasures = excluded.erasures,
        fold = excluded.fold, data = excluded.data
"""


class SqlPortfolioEntries:
    """Kept entries in a database."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def all(self) -> list[PortfolioRecord]:
        """Return every entry, by the name of its stream."""
        return [
            PortfolioRecord(
                stream=StreamId(stream), version=version, erasures=erasures, fold=fold, data=bytes(data)
            )
            for stream, version, erasures, fold, data in self._rows.all(_ALL)
        ]

    def save(self, *records: PortfolioRecord) -> None:
        """Replace the entries of some models, without waiting for the disk."""
        self._rows.write_each(
            _KEEP,
            [(self._rows.own(one.stream), one.version, one.erasures, one.fold, one.data) for one in records],
            durable=False,
        )
