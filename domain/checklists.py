"""The open questions as checklists: one for each element, the most exposed first, and those alike."""

from collections import Counter

from msgspec.structs import replace

from domain.crossings import Crossing
from domain.elements import (
    PLURAL,
    Component,
    ComponentKind,
    DataFlow,
    ElementId,
    EntryPoint,
    Exposure,
    kind_of,
)
from domain.model import ThreatModel
from domain.threats import FIRST_ASKED, Alike, Question


def checklists(
    model: ThreatModel, crossing: dict[ElementId, Crossing], questions: tuple[Question, ...]
) -> tuple[Question, ...]:
    """The questions, all of one element together, each with how many others of its sort ask the same.

    What is software comes first of all, because much else hangs on it.
    """
    exposed = _exposures(model)
    groups = {one.element: alike(model, one.element, crosses=one.element in crossing) for one in questions}
    counts = Counter((groups[one.element], one.fact) for one in questions)
    ordered = sorted(questions, key=lambda one: (not one.crossing, exposed.get(one.element, _UNSAID)))
    first: dict[ElementId, int] = {}
    for place, one in enumerate(ordered):
        first.setdefault(one.element, place)
    ordered.sort(key=lambda one: (one.fact != FIRST_ASKED, first[one.element]))
    return tuple(
        replace(one, alike=Alike(words=groups[one.element], count=count)) if count > 1 else one
        for one in ordered
        for count in (counts[groups[one.element], one.fact],)
    )


def alike(model: ThreatModel, id: ElementId, *, crosses: bool) -> str:
    """What elements of its sort are called together: `internet entry points`, `processes`."""
    match model.elements.get(id):
        case EntryPoint(exposure=exposure):
            return f"{exposure} entry points" if exposure else "entry points of unsaid exposure"
        case DataFlow():
            return "data flows that cross" if crosses else "data flows that cross nothing"
        case Component(sort=sort):
            return _COMPONENTS[sort] if sort else "components that are not placed"
        case None:
            return ""
        case element:
            return PLURAL[kind_of(element)]


def _exposures(model: ThreatModel) -> dict[ElementId, int]:
    """How far each entry point, and whatever lies behind it, is from strangers: 0 faces the internet."""
    exposed: dict[ElementId, int] = {}
    for door in model.of_type(EntryPoint):
        exposed[door.id] = _NEARNESS.get(door.exposure, _UNSAID) if door.exposure else _UNSAID
    for flow in model.of_type(DataFlow):
        near = exposed.get(flow.entry_point, _UNSAID) if flow.entry_point else _UNSAID
        exposed[flow.id] = near
        exposed[flow.target] = min(near, exposed.get(flow.target, near))
    return exposed


_NEARNESS = {Exposure.INTERNET: 0, Exposure.PARTNER: 1, Exposure.INTERNAL: 3, Exposure.LOCAL: 4}
_UNSAID = 2
"""Nobody said how exposed something is: that may be anything, so it stands in the middle."""

_COMPONENTS = {
    ComponentKind.EXTERNAL_ENTITY: "external entities",
    ComponentKind.PROCESS: "processes",
    ComponentKind.DATA_STORE: "data stores",
}
