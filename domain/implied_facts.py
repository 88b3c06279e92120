"""Facts implied by technologies and protocols: what may be assumed of an element until someone answers."""

from collections.abc import Iterable, Mapping

from domain.catalog.protocol_names import protocols_in
from domain.kernel.elements import (
    AssumedFact,
    Component,
    DataFlow,
    Element,
    ElementAssumptions,
    ElementId,
    EntryPoint,
    ExternalDependency,
    kind_of,
)
from domain.kernel.persistent_maps import items_of
from domain.model import ThreatModel
from domain.technologies.technology import AppliesTo, SourcedAssumption

AssumedFacts = dict[tuple[ElementId, str], AssumedFact]
"""Assumed facts by element and fact."""

FirstTargets = Mapping[ElementId, ElementId]
"""The target of the first flow through each entry point."""


def implied_facts(
    model: ThreatModel, id: ElementId, first_targets: FirstTargets | None = None
) -> tuple[AssumedFact, ...]:
    """Return what follows for an element from the current catalog, in the catalog's order.

    `first_targets` saves looking them up for each of many elements.
    """
    match model.elements.get(id):
        case Component(technology=key) | ExternalDependency(technology=key):
            kind = kind_of(model.elements[id])
            found = (one for one in model.catalog.assumptions_of(key) if one.applies_to is AppliesTo.ITSELF)
            return tuple(_assumed(key, one) for one in found if kind in model.catalog.facts[one.fact].kinds)
        case EntryPoint() as entry_point:
            targets = first_targets_of(model) if first_targets is None else first_targets
            behind = _component_behind(model, entry_point, targets)
            key = behind.technology if behind else ""
            return tuple(
                _assumed(key, assumption)
                for assumption in model.catalog.assumptions_of(key)
                if assumption.applies_to is AppliesTo.ENTRY_POINTS
            )
        case DataFlow() as flow:
            return _of_flow(model, flow)
        case _:  # nothing follows for other elements, or for a removed one
            return ()


def assumptions_in_force(model: ThreatModel) -> AssumedFacts:
    """Return the recorded assumptions about existing elements without any answer."""
    return {
        (id, fact.fact): fact
        for id, recorded in items_of(model.assumed)
        if id in model.elements
        for fact in recorded.facts
        if (id, fact.fact) not in model.facts
    }


def technology_named(element: Element | None) -> str:
    """Return the technology of an element; empty for elements without one, and for other kinds."""
    return element.technology if isinstance(element, Component | ExternalDependency) else ""


def outdated_elements(model: ThreatModel) -> tuple[ElementId, ...]:
    """Return the elements for which the current catalog implies other facts than were recorded."""
    targets = first_targets_of(model)
    return tuple(
        id
        for id, _ in items_of(model.elements)
        if _answers(implied_facts(model, id, targets)) != _answers(_recorded(model, id))
    )


def first_targets_of(model: ThreatModel) -> FirstTargets:
    """Return the target of the first flow through each entry point."""
    found: dict[ElementId, ElementId] = {}
    for flow in model.of_type(DataFlow):
        if flow.entry_point:
            found.setdefault(flow.entry_point, flow.target)
    return found


def affected_elements(model: ThreatModel, changed: Iterable[ElementId]) -> tuple[ElementId, ...]:
    """Return elements with those that depend on them: the flows and entry points of a component."""
    ids = set(changed)
    touched = dict.fromkeys(changed)
    for flow in model.of_type(DataFlow):
        if flow.id in ids or not ids.isdisjoint((flow.source, flow.target)):
            touched |= dict.fromkeys((flow.id, *((flow.entry_point,) if flow.entry_point else ())))
    for entry_point in model.of_type(EntryPoint):
        if entry_point.component in ids:
            touched[entry_point.id] = None
    return tuple(touched)


def _of_flow(model: ThreatModel, flow: DataFlow) -> tuple[AssumedFact, ...]:
    source = model.elements.get(flow.source)
    from_browser = isinstance(source, Component) and model.catalog.is_browser(source.technology)
    found: dict[str, AssumedFact] = {}
    for protocol in protocols_in(model.catalog, flow.protocol):
        for assumption in protocol.assumptions:
            if assumption.applies_to is AppliesTo.ITSELF or from_browser:
                found.setdefault(assumption.fact, _assumed(protocol.name, assumption))
    return tuple(found.values())


def _component_behind(
    model: ThreatModel, entry_point: EntryPoint, first_targets: FirstTargets
) -> Component | None:
    """Return the component behind an entry point: as stated, otherwise the target of its first flow."""
    id = entry_point.component or first_targets.get(entry_point.id)
    behind: Element | None = model.elements.get(id) if id else None
    return behind if isinstance(behind, Component) else None


def _assumed(follows_from: str, one: SourcedAssumption) -> AssumedFact:
    return AssumedFact(
        fact=one.fact, answer=one.answer, follows_from=follows_from, reason=one.reason, url=one.source
    )


def _recorded(model: ThreatModel, id: ElementId) -> tuple[AssumedFact, ...]:
    recorded: ElementAssumptions | None = model.assumed.get(id)
    return recorded.facts if recorded else ()


def _answers(facts: tuple[AssumedFact, ...]) -> set[tuple[str, str]]:
    return {(fact.fact, fact.answer.value) for fact in facts}
