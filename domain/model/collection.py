"""Event handlers of the model: elements, facts, registers and assumptions."""

from typing import Any

from msgspec.structs import replace

from domain.events import (
    AssetAdded,
    AssetRevised,
    AssumptionRecorded,
    AssumptionRevised,
    AssumptionWithdrawn,
    ComponentAdded,
    ComponentRevised,
    DataFlowAdded,
    DataFlowRevised,
    ElementRemoved,
    ElementRestored,
    EntryPointAdded,
    EntryPointRevised,
    Erased,
    Event,
    ExternalDependencyAdded,
    ExternalDependencyRevised,
    FactAnswered,
    RegisterCompleted,
    RegisterReopened,
    TrustBoundaryAdded,
    TrustBoundaryRevised,
    TrustLevelAdded,
    TrustLevelRevised,
    TrustLevelsOrdered,
)
from domain.kernel.elements import Element, TrustLevel
from domain.model.threat_model import Evolve, ThreatModel, counter


def _adding(attribute: str) -> Evolve:
    def added(model: ThreatModel, event: Any, version: int) -> ThreatModel:
        element: Element = getattr(event, attribute)
        stem, number = counter(element.id)
        return replace(
            model,
            version=version,
            elements=model.elements.insert(element.id, element),
            numbers=model.numbers.insert(stem, number),
        )

    return added


def _revising(attribute: str) -> Evolve:
    def revised(model: ThreatModel, event: Any, version: int) -> ThreatModel:
        element: Element = getattr(event, attribute)
        return replace(model, version=version, elements=model.elements.insert(element.id, element))

    return revised


def _levels_ordered(model: ThreatModel, event: TrustLevelsOrdered, version: int) -> ThreatModel:
    elements = model.elements
    for rank, id in enumerate(event.order, start=1):
        level = elements.get(id)
        if isinstance(level, TrustLevel):
            elements = elements.insert(id, replace(level, rank=rank))
    return replace(model, version=version, elements=elements)


def _removed(model: ThreatModel, event: ElementRemoved, version: int) -> ThreatModel:
    element = model.elements.get(event.element)
    if element is None:
        return replace(model, version=version)
    return replace(
        model,
        version=version,
        elements=model.elements.remove(event.element),
        removed=model.removed.insert(event.element, element),
    )


def _restored(model: ThreatModel, event: ElementRestored, version: int) -> ThreatModel:
    element = model.removed.get(event.element)
    if element is None:
        return replace(model, version=version)
    return replace(
        model,
        version=version,
        elements=model.elements.insert(event.element, element),
        removed=model.removed.remove(event.element),
    )


def _fact_answered(model: ThreatModel, event: FactAnswered, version: int) -> ThreatModel:
    about = (event.element, event.fact)
    facts = model.facts.discard(about) if event.reply is None else model.facts.insert(about, event.reply)
    return replace(model, version=version, facts=facts)


def _register_completed(model: ThreatModel, event: RegisterCompleted, version: int) -> ThreatModel:
    return replace(model, version=version, complete=model.complete | {event.register})


def _register_reopened(model: ThreatModel, event: RegisterReopened, version: int) -> ThreatModel:
    return replace(model, version=version, complete=model.complete - {event.register})


def _assumption_recorded(
    model: ThreatModel, event: AssumptionRecorded | AssumptionRevised, version: int
) -> ThreatModel:
    stem, number = counter(event.assumption.id)
    return replace(
        model,
        version=version,
        assumptions=model.assumptions.insert(event.assumption.id, event.assumption),
        numbers=model.numbers.insert(stem, max(number, model.numbers.get(stem, 0))),
    )


def _assumption_withdrawn(model: ThreatModel, event: AssumptionWithdrawn, version: int) -> ThreatModel:
    return replace(model, version=version, assumptions=model.assumptions.discard(event.assumption))


COLLECTING: dict[type[Event] | type[Erased], Evolve] = {
    ExternalDependencyAdded: _adding("dependency"),
    ExternalDependencyRevised: _revising("dependency"),
    EntryPointAdded: _adding("entry_point"),
    EntryPointRevised: _revising("entry_point"),
    AssetAdded: _adding("asset"),
    AssetRevised: _revising("asset"),
    TrustLevelAdded: _adding("level"),
    TrustLevelRevised: _revising("level"),
    TrustLevelsOrdered: _levels_ordered,
    DataFlowAdded: _adding("flow"),
    DataFlowRevised: _revising("flow"),
    ComponentAdded: _adding("component"),
    ComponentRevised: _revising("component"),
    TrustBoundaryAdded: _adding("boundary"),
    TrustBoundaryRevised: _revising("boundary"),
    ElementRemoved: _removed,
    ElementRestored: _restored,
    FactAnswered: _fact_answered,
    RegisterCompleted: _register_completed,
    RegisterReopened: _register_reopened,
    AssumptionRecorded: _assumption_recorded,
    AssumptionRevised: _assumption_recorded,
    AssumptionWithdrawn: _assumption_withdrawn,
}
"""The handler of each of these event types."""
