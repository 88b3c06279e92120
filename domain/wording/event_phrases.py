"""Phrases shared by the descriptions of events."""

from domain.kernel.elements import SINGULAR, ElementId, kind_of_id
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ThreatId
from domain.model import ThreatModel
from domain.model.element_labels import name_of


def element_phrase(before: ThreatModel, id: ElementId) -> str:
    """Return kind, name and id, such as `entry point “Front door” (EP-1)`, also of a removed element."""
    return f"{SINGULAR[kind_of_id(id)]} “{name_of(before, id)}” ({id})"


def threat_phrase(before: ThreatModel, id: ThreatId) -> str:
    """Return `the threat “Burglars” (TH-1)`, also for a withdrawn or merged threat."""
    found = before.threats.get(id) or before.withdrawn.get(id)
    if found is None and id in before.merged:
        found = before.merged[id].threat
    return f"the threat “{found.title}” ({id})" if found else f"the threat {id}"


def mitigation_phrase(before: ThreatModel, id: MitigationId) -> str:
    """Return `the mitigation “Parameterized queries” (MI-1)`, or its ID if it was removed."""
    found = before.mitigations.get(id)
    return f"the mitigation “{found.title}” ({id})" if found else f"the mitigation {id}"


def reason_suffix(reason: str) -> str:
    """Return the reason as the end of a sentence; empty without one."""
    return f", because: {reason}" if reason else ""


def question_phrase(before: ThreatModel, name: str) -> str:
    """Return the question of a fact, or its name if this release does not know it."""
    fact = before.catalog.find_fact(name)
    return fact.question if fact else name
