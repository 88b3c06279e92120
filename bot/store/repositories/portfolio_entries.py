"""Entries of models in the portfolio, kept so that a process need not compute them again."""

import msgspec

from bot.store.records import StreamId
from bot.store.sql.rows import WorkspaceRows


class PortfolioRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Encoded entry of a model; `version` and `erasures` are those of its stream when it was computed.

    Valid only for the computation whose version is in `fold`.
    """

    stream: StreamId
    version: int
    erasures: int
    fold: str
    data: bytes


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


class PortfolioEntries:
    """The kept entries of one workspace, which only save time; raises StoreUnavailable like every store."""

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
        """Replace the entries of some models, without waiting for the disk.

        An entry from before the last erasure in its model is not kept.
        """
        self._rows.write_each(
            _KEEP,
            [(self._rows.own(one.stream), one.version, one.erasures, one.fold, one.data) for one in records],
            durable=False,
        )
