"""Entries of models in the portfolio, kept so that a process need not compute them again."""

import msgspec

from bot.store.records import StreamId
from bot.store.sql.rows import Repository, Table


class PortfolioRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Encoded entry of a model; `version` and `erasures` are those of its stream when it was computed.

    Valid only for the computation whose version is in `fold`.
    """

    stream: StreamId
    version: int
    erasures: int
    fold: str
    data: bytes


ENTRIES = Table("portfolio_entries", PortfolioRecord, "stream")
_KEEP = """
    INSERT INTO portfolio_entries (tenant, stream, version, erasures, fold, data)
    SELECT tenant, stream, :version, erasures, :fold, :data FROM streams
    WHERE tenant = :tenant AND stream = :stream AND erasures = :erasures AND name IS NOT NULL
    ON CONFLICT (tenant, stream) DO UPDATE SET version = excluded.version, erasures = excluded.erasures,
        fold = excluded.fold, data = excluded.data
"""


class PortfolioEntries(Repository):
    """The kept entries of one workspace, which only save time."""

    def all(self) -> list[PortfolioRecord]:
        """Return every entry, by the name of its stream."""
        return self._rows.select(ENTRIES, "stream")

    def save(self, *records: PortfolioRecord) -> None:
        """Replace the entries of some models, without waiting for the disk.

        An entry from before the last erasure in its model is not kept.
        """
        for record in records:
            self._rows.own(record.stream)
        self._rows.write_each(_KEEP, [ENTRIES.row(record) for record in records], durable=False)
