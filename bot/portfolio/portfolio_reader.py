"""Reader of the portfolio: entries from memory, from the store, or computed from the events."""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, tzinfo
from functools import cache

import msgspec

from bot.commands.command_handler import CommandHandler, NoSuchModel
from bot.store import StoreUnavailable, StreamId, StreamSummary, UnitOfWork, snapshots
from bot.store.repositories.portfolio_entries import PortfolioRecord
from domain.kernel.due_dates import Zones
from domain.kernel.elements import PersonId
from domain.portfolio.portfolio_entry import PortfolioEntry, portfolio_entry
from domain.register import register

_BATCH = 50
"""Computed entries that are saved together."""


class Portfolio(msgspec.Struct, frozen=True, kw_only=True):
    """The entries of some models, and those models for whose entries there was no time."""

    entries: tuple[PortfolioEntry, ...]
    missing: tuple[StreamSummary, ...] = ()


class _HeldEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Entry with the moment of its computation, and the names of the time zones that it depends on."""

    entry: PortfolioEntry
    at: datetime
    zones: dict[PersonId, str]

    def holds(self, now: datetime, zones: Zones) -> bool:
        """Return whether computing it again would give the same entry, if the model is unchanged."""
        until = self.entry.changes_at
        return (
            self.at <= now
            and (until is None or now < until)
            and all(str(zones(person)) == zone for person, zone in self.zones.items())
        )


class PortfolioReader:
    """Reader of the portfolio of one workspace; thread-safe. `zones` returns the time zone of a person."""

    def __init__(self, command_handler: CommandHandler, unit: UnitOfWork, *, zones: Zones) -> None:
        self._command_handler = command_handler
        self._unit = unit
        self._zones = zones
        self._lock = threading.Lock()
        self._known: dict[StreamId, tuple[int, int, _HeldEntry]] | None = None

    def read(
        self, models: Sequence[StreamSummary], now: datetime, *, seconds: float | None = None
    ) -> Portfolio:
        """Return the entries of some models at a moment.

        With `seconds`, no further entry is computed after so many seconds; raises StoreUnavailable.
        """
        ends = None if seconds is None else time.monotonic() + seconds
        zones = cache(self._zones)  # the people of many models are the same
        known = self._load()
        found: list[PortfolioEntry] = []
        missing: list[StreamSummary] = []
        computed: list[PortfolioRecord] = []
        for one in models:
            held = known.get(one.stream)
            if held and held[:2] == (one.version, one.erasures) and held[2].holds(now, zones):
                found.append(held[2].entry)
            elif ends is not None and time.monotonic() >= ends:
                missing.append(one)
            elif (record := self._compute(one, now, zones, found)) is not None:
                computed.append(record)
                if len(computed) == _BATCH:
                    self._save(computed)
                    computed.clear()
        self._save(computed)
        return Portfolio(entries=tuple(found), missing=tuple(missing))

    def _save(self, computed: Sequence[PortfolioRecord]) -> None:
        if not computed:
            return
        with suppress(StoreUnavailable):  # it only saves time; the entries are read in any case
            self._unit.portfolio_entries.save(*computed)

    def _load(self) -> dict[StreamId, tuple[int, int, _HeldEntry]]:
        """Return the known entries: at first, those in the store."""
        with self._lock:
            if self._known is None:
                fold = snapshots.fold()
                self._known = {
                    one.stream: (one.version, one.erasures, held)
                    for one in self._unit.portfolio_entries.all()
                    if one.fold == fold and (held := _decoded(one.data)) is not None
                }
            return self._known

    def _compute(
        self, summary: StreamSummary, now: datetime, zones: Zones, found: list[PortfolioEntry]
    ) -> PortfolioRecord | None:
        """Compute the entry of a model, and return its record; None if the model was erased meanwhile."""
        stream = summary.stream
        asked: dict[PersonId, tzinfo] = {}

        def zone(person: PersonId) -> tzinfo:
            return asked.setdefault(person, zones(person))

        try:
            model = self._command_handler.model(stream)
        except NoSuchModel:
            return None
        events = list(self._unit.events.events(stream, until=model.version))
        entry = portfolio_entry(model, register(model, now, zone), events, now, zone)
        found.append(entry)
        held = _HeldEntry(entry=entry, at=now, zones={person: str(one) for person, one in asked.items()})
        with self._lock:
            known = self._known if self._known is not None else {}
            known[stream] = model.version, summary.erasures, held
        return PortfolioRecord(
            stream=stream,
            version=model.version,
            erasures=summary.erasures,
            fold=snapshots.fold(),
            data=msgspec.json.encode(held),
        )


def _decoded(data: bytes) -> _HeldEntry | None:
    try:
        return _DECODER.decode(data)
    except msgspec.MsgspecError:
        return None  # damaged: it is computed again


_DECODER = msgspec.json.Decoder(_HeldEntry)
