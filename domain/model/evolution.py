"""Replay: apply events to a model one by one."""

from collections.abc import Iterable

from msgspec.structs import replace

from domain.events import Erased, RecordedEvent
from domain.kernel.elements import SYSTEM
from domain.model.analysis import ANALYSIS_EVOLVERS, VOTING_EVOLVERS
from domain.model.collection import COLLECTION_EVOLVERS, DRAFT_EVOLVERS
from domain.model.remediation import REMEDIATION_EVOLVERS, TRACKER_EVOLVERS
from domain.model.steering import STEERING_EVOLVERS
from domain.model.threat_model import Evolve, ThreatModel, handlers_by_event


def evolve(model: ThreatModel, event: RecordedEvent) -> ThreatModel:
    """Return the model after one more event; every event is applied, even if it would be rejected today."""
    return _touched(EVOLVE[type(event)](model, event, model.version + 1), event)


def replay_from(start: ThreatModel, events: Iterable[RecordedEvent]) -> ThreatModel:
    """Return the model after a sequence of further events."""
    model, last = start, None
    evolve_by_type = EVOLVE
    for event in events:
        model = evolve_by_type[type(event)](model, event, model.version + 1)
        if not isinstance(event, Erased) and event.by != SYSTEM:
            last = event
    return model if last is None else _touched(model, last)  # once, because every change copies the model


def _touched(model: ThreatModel, event: RecordedEvent) -> ThreatModel:
    if isinstance(event, Erased) or event.by == SYSTEM:
        return model
    return replace(model, touched_at=event.at)


def _erased(model: ThreatModel, _event: Erased, version: int) -> ThreatModel:
    return replace(model, version=version)


EVOLVE: dict[type[RecordedEvent], Evolve] = {
    **STEERING_EVOLVERS,
    **COLLECTION_EVOLVERS,
    **DRAFT_EVOLVERS,
    **ANALYSIS_EVOLVERS,
    **VOTING_EVOLVERS,
    **REMEDIATION_EVOLVERS,
    **TRACKER_EVOLVERS,
    **handlers_by_event(_erased),
}
"""The handler of each event type; a test compares the keys with the union of events."""
