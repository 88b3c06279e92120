"""Replay of a whole history, by the built-in catalog."""

from collections.abc import Iterable

from domain.built_in_catalog import BUILT_IN
from domain.events import RecordedEvent
from domain.model import ThreatModel, replay_from

EMPTY = ThreatModel(catalog=BUILT_IN)
"""A model that has not been started."""


def replay(events: Iterable[RecordedEvent], start: ThreatModel = EMPTY) -> ThreatModel:
    """Return the model after a sequence of events, starting from an empty model or from `start`."""
    return replay_from(start, events)
