"""Reader of the portfolio: entries from memory, from the store, or computed from the events."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache

import msgspec

from bot.commands.command_handler import CommandHandler, NoSuchModel
from bot.store import StoreUnavailable, StreamId, StreamSummary, UnitOfWork
from bot.store.portfolio_rows import HeldEntry, decode_entry, held_entry
from bot.store.repositories.portfolio_entries import PortfolioRecord
from bot.version import fold
from domain.kernel.due_dates import Zones
from domain.portfolio.portfolio_entry import PortfolioEntry

_BATCH = 50
"""Computed entries that are saved together."""

Progress = Callable[[int, int], None]
"""Called with the number of models whose entries were read, and the number of all."""


class Portfolio(msgspec.Struct, frozen=True, kw_only=True):
    """The entries of some models, and those models for whose entries there was no time."""

    entries: tuple[PortfolioEntry, ...]
    missing: tuple[StreamSummary, ...] = ()


class PortfolioReader(msgspec.Struct, eq=False):
    """Reader of the portfolio of one workspace; thread-safe. `zones` returns the time zone of a person."""

    command_handler: CommandHandler
    unit: UnitOfWork
    zones: Zones
    _lock: threading.Lock = msgspec.field(default_factory=threading.Lock)
    _known: dict[StreamId, tuple[int, int, HeldEntry]] | None = None

    def read(
        self,
        models: Sequence[StreamSummary],
        now: datetime,
        *,
        seconds: float | None = None,
        count_questions: bool = False,
        progress: Progress = lambda _done, _all: None,
    ) -> Portfolio:
        """Return the entries of some models at a moment.

        With `seconds`, no further entry is computed after so many seconds. With `count_questions`, entries
        have the progress of the questions, which takes longer. Raises StoreUnavailable.
        """
        ends = None if seconds is None else time.monotonic() + seconds
        zones = cache(self.zones)  # the people of many models are the same
        known = self._load()
        found: list[PortfolioEntry] = []
        missing: list[StreamSummary] = []
        computed: list[PortfolioRecord] = []
        for number, one in enumerate(models):
            progress(number, len(models))
            held = known.get(one.stream)
            if (
                held
                and held[:2] == (one.version, one.erasures)
                and held[2].holds(now, zones, count_questions=count_questions)
            ):
                found.append(held[2].entry)
            elif ends is not None and time.monotonic() >= ends:
                missing.append(one)
            elif (record := self._compute(one, now, zones, count_questions=count_questions)) is not None:
                found.append(record[0])
                computed.append(record[1])
                if len(computed) == _BATCH:
                    self._save(computed)
                    computed.clear()
        self._save(computed)
        return Portfolio(entries=tuple(found), missing=tuple(missing))

    def _save(self, computed: Sequence[PortfolioRecord]) -> None:
        if not computed:
            return
        with suppress(StoreUnavailable):  # it only saves time; the entries are read in any case
            self.unit.portfolio_entries.save(*computed)

    def _load(self) -> dict[StreamId, tuple[int, int, HeldEntry]]:
        """Return the known entries: at first, those in the store."""
        with self._lock:
            if self._known is None:
                here = fold()
                self._known = {
                    one.stream: (one.version, one.erasures, held)
                    for one in self.unit.portfolio_entries.all()
                    if one.fold == here and (held := decode_entry(one.data)) is not None
                }
            return self._known

    def _compute(
        self, summary: StreamSummary, now: datetime, zones: Zones, *, count_questions: bool
    ) -> tuple[PortfolioEntry, PortfolioRecord] | None:
        """Compute the entry of a model and its record; None if the model was erased meanwhile."""
        stream = summary.stream
        try:
            model = self.command_handler.model(stream)
        except NoSuchModel:
            return None
        events = list(self.unit.events.events(stream, until=model.version))
        held = held_entry(model, events, now, zones, count_questions=count_questions)
        with self._lock:
            known = self._known if self._known is not None else {}
            known[stream] = model.version, summary.erasures, held
        record = PortfolioRecord(
            stream=stream,
            version=model.version,
            erasures=summary.erasures,
            fold=fold(),
            data=msgspec.json.encode(held),
        )
        return held.entry, record
