"""Cache of models, brought up to date from the events."""

import threading
from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager

import msgspec

from bot.store.event_store import EventStore
from bot.store.records import StreamId, StreamState
from domain.model import ThreatModel
from domain.replay import EMPTY, replay

REMEMBERED = 256
"""Maximum models that a process caches."""


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    model: ThreatModel
    erasures: int


class _Reading(threading.local):
    states: dict[StreamId, StreamState | None] | None = None


class Models:
    """Cache of models; a cached model is only the starting point of a replay."""

    def __init__(self, store: EventStore, *, remembered: int = REMEMBERED) -> None:
        self._store = store
        self._remembered = remembered
        self._entries: OrderedDict[StreamId, _Entry] = OrderedDict()
        self._lock = threading.Lock()
        self._reading = _Reading()

    @contextmanager
    def reading_once(self) -> Generator[None]:
        """Return a block in which this thread asks once which version a model has; blocks may nest."""
        before = self._reading.states
        self._reading.states = {} if before is None else before
        try:
            yield
        finally:
            self._reading.states = before

    def state(self, stream: StreamId) -> StreamState | None:
        """Return the version of a model and its count of erasures; None if there is none."""
        states = self._reading.states
        if states is None:
            return self._store.state(stream)
        if stream not in states:
            states[stream] = self._store.state(stream)
        return states[stream]

    def forget_state(self, stream: StreamId) -> None:
        """Ask the store again which version a model has: it has changed."""
        if self._reading.states is not None:
            self._reading.states.pop(stream, None)

    def load(self, stream: StreamId) -> ThreatModel:
        """Return the current model; one of version 0 if there is none."""
        state = self.state(stream)
        if self._is_behind(stream, state):
            self.forget_state(stream)
            state = self.state(stream)
        if state is None:
            return EMPTY
        entry = self._current(stream, state)
        if entry and entry.model.version == state.version:
            return entry.model
        entry = entry or _Entry(model=EMPTY, erasures=state.erasures)
        if entry.model.version < state.version:
            # Not beyond the examined state, so that the entry's count of erasures is exact.
            tail = self._store.events(stream, entry.model.version, state.version)
            entry = msgspec.structs.replace(entry, model=replay(tail, entry.model))
        self._put(stream, entry)
        return entry.model

    def save(self, stream: StreamId, model: ThreatModel) -> None:
        """Cache a model that was just made durable."""
        self.forget_state(stream)
        with self._lock:
            entry = self._entries.get(stream)
        entry = entry or _Entry(model=model, erasures=0)
        self._put(stream, msgspec.structs.replace(entry, model=model))

    def _is_behind(self, stream: StreamId, state: StreamState | None) -> bool:
        """Return whether another thread has recorded more since the store was asked."""
        if self._reading.states is None or state is None:
            return False
        with self._lock:
            entry = self._entries.get(stream)
        return entry is not None and entry.model.version > state.version

    def _current(self, stream: StreamId, state: StreamState) -> _Entry | None:
        with self._lock:
            entry = self._entries.get(stream)
            if entry is None or entry.erasures != state.erasures or entry.model.version > state.version:
                return None
            self._entries.move_to_end(stream)
            return entry

    def _put(self, stream: StreamId, entry: _Entry) -> None:
        with self._lock:
            held = self._entries.get(stream)
            if held is None or held.erasures != entry.erasures or held.model.version <= entry.model.version:
                self._entries[stream] = entry
            self._entries.move_to_end(stream)
            while len(self._entries) > self._remembered:
                self._entries.popitem(last=False)
