"""Cache of registers: several components read the same one after each change of a model."""

import threading
from collections import OrderedDict
from datetime import datetime, tzinfo
from typing import Final

import msgspec

from domain.kernel.due_dates import Zones
from domain.kernel.elements import ModelKey, PersonId
from domain.model import ThreatModel
from domain.register import ThreatRegister, register

MAX_REGISTERS: Final = 128
"""Registers that a process keeps, of the models that were read last; a large one takes about a megabyte."""


class _CachedRegister(msgspec.Struct, frozen=True, kw_only=True):
    """Register with what it was computed from: the model, the time, and the time zones read."""

    model: ThreatModel
    at: datetime
    zones: dict[PersonId, tzinfo]
    register: ThreatRegister

    def holds(self, model: ThreatModel, now: datetime, zones: Zones) -> bool:
        """Return whether a new computation would give the same register."""
        until = self.register.changes_at
        return (
            self.model is model
            and self.at <= now
            and (until is None or now < until)
            and all(zones(person) == zone for person, zone in self.zones.items())
        )


class RegisterCache:
    """Cache of registers by workspace and model, with one bound for the process; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cached: OrderedDict[tuple[str, ModelKey], _CachedRegister] = OrderedDict()

    def register(
        self, model: ThreatModel, now: datetime, zones: Zones, *, tenant: str = ""
    ) -> ThreatRegister:
        """Return the register of a workspace's model at a time, computed unless the cached one holds."""
        key = tenant, model.key
        with self._lock:
            cached = self._cached.get(key)
        if cached is None or not cached.holds(model, now, zones):
            cached = _compute(model, now, zones)
        with self._lock:
            self._cached[key] = cached
            self._cached.move_to_end(key)
            while len(self._cached) > MAX_REGISTERS:
                self._cached.popitem(last=False)
        return cached.register


def _compute(model: ThreatModel, now: datetime, zones: Zones) -> _CachedRegister:
    asked: dict[PersonId, tzinfo] = {}

    def zone(person: PersonId) -> tzinfo:
        # Many mitigations may have one owner.
        return asked[person] if person in asked else asked.setdefault(person, zones(person))

    return _CachedRegister(model=model, at=now, register=register(model, now, zone), zones=asked)
