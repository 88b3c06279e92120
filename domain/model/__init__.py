"""The threat model at one moment: the fold of its events, with computed labels and trust crossings."""

from domain.model.evolution import evolve, replay_from
from domain.model.phase_steps import every_threat_has_a_response
from domain.model.threat_model import (
    ModelHeader,
    ThreatModel,
    counter,
    header_of,
    id_order,
    issue_key,
    question_key,
    review_key,
)

__all__ = [
    "ModelHeader",
    "ThreatModel",
    "counter",
    "every_threat_has_a_response",
    "evolve",
    "header_of",
    "id_order",
    "issue_key",
    "question_key",
    "replay_from",
    "review_key",
]
