"""What a threat model is at one moment: the fold of its events."""

from domain.model.replay import evolve, replay
from domain.model.steps import every_threat_has_a_response
from domain.model.threat_model import EMPTY, ThreatModel, asked_key, counter, id_order, waits_key

__all__ = [
    "EMPTY",
    "ThreatModel",
    "asked_key",
    "counter",
    "every_threat_has_a_response",
    "evolve",
    "id_order",
    "replay",
    "waits_key",
]
