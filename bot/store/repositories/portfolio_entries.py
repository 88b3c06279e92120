"""Entries of models in the portfolio, kept so that a process need not compute them again."""

from typing import Protocol

import msgspec

from bot.store.records import StreamId


class PortfolioRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Encoded entry of a model; `version` and `erasures` are those of its stream when it was computed.

    Valid only for the computation whose version is in `fold`.
    """

    stream: StreamId
    version: int
    erasures: int
    fold: str
    data: bytes


class PortfolioEntries(Protocol):
    """The kept entries of one workspace, which only save time; raises StoreUnavailable like every store."""

    def all(self) -> list[PortfolioRecord]:
        """Return every entry, by the name of its stream."""
        ...

    def save(self, *records: PortfolioRecord) -> None:
        """Replace the entries of some models, without waiting for the disk.

        An entry from before the last erasure in its model is not kept.
        """
        ...
