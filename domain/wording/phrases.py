"""Parts of sentences that are said of many events."""

from domain.facts import FACTS
from domain.kernel.elements import SINGULAR, ElementId, kind_of_id
from domain.kernel.threat import ThreatId
from domain.model import ThreatModel
from domain.model.labels import name_of


def element_words(before: ThreatModel, id: ElementId) -> str:
    """`entry point “Front door” (EP-1)`, also of one that was removed."""
    return f"{SINGULAR[kind_of_id(id)]} “{name_of(before, id)}” ({id})"


def threat_words(before: ThreatModel, id: ThreatId) -> str:
    """`the threat “Burglars” (TH-1)`, also of one that was withdrawn or merged."""
    found = before.threats.get(id) or before.withdrawn.get(id)
    if found is None and id in before.merged:
        found = before.merged[id].threat
    return f"the threat “{found.title}” ({id})" if found else f"the threat {id}"


def reason_suffix(reason: str) -> str:
    """The reason as the end of a sentence, nothing where none was given."""
    return f", because: {reason}" if reason else ""


def question_words(name: str) -> str:
    """What a fact asks, or its bare name where this release does not know it."""
    fact = FACTS.get(name)
    return fact.question if fact else name
