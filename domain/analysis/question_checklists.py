"""Checklists: open questions grouped so that similar elements can be answered together."""

from collections import Counter

from msgspec.structs import replace

from domain.analysis.rule_findings import Question, SimilarElements
from domain.kernel.elements import PLURAL, Component, ComponentKind, DataFlow, ElementId, EntryPoint, kind_of
from domain.model import ThreatModel
from domain.model.crossings import Crossing


def checklists(
    model: ThreatModel, crossing: dict[ElementId, Crossing], questions: tuple[Question, ...]
) -> tuple[Question, ...]:
    """Return the questions in order, each with the number of similar elements asked the same."""
    groups = {
        one.element: group_name(model, one.element, crosses=one.element in crossing) for one in questions
    }
    counts = Counter((groups[one.element], one.fact) for one in questions)
    return tuple(
        replace(one, similar=SimilarElements(name=groups[one.element], count=count)) if count > 1 else one
        for one in questions
        for count in (counts[groups[one.element], one.fact],)
    )


def group_name(model: ThreatModel, id: ElementId, *, crosses: bool) -> str:
    """Return the name of an element's group: `internet entry points`, `processes`."""
    match model.elements.get(id):
        case EntryPoint(exposure=exposure):
            return f"{exposure} entry points" if exposure else "entry points without an exposure"
        case DataFlow():
            return "data flows across trust boundaries" if crosses else "data flows within a trust boundary"
        case Component(sort=sort):
            return _COMPONENTS[sort] if sort else "unplaced components"
        case None:
            return ""
        case element:
            return PLURAL[kind_of(element)]


_COMPONENTS = {
    ComponentKind.EXTERNAL_ENTITY: "external entities",
    ComponentKind.PROCESS: "processes",
    ComponentKind.DATA_STORE: "data stores",
}
