"""Index of a model for fast evaluation of rules."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from domain.catalog.protocol_names import is_digital, protocols_in
from domain.catalog.technology_names import guess_technology
from domain.element_links import represented_dependencies
from domain.kernel.answer import Answer
from domain.kernel.elements import (
    Asset,
    Component,
    ComponentKind,
    DataFlow,
    Element,
    ElementId,
    EntryPoint,
    ExternalDependency,
    Kind,
    TrustLevel,
    kind_of,
)
from domain.kernel.persistent_maps import items_of
from domain.kernel.threat import AcceptedRatings
from domain.model import ThreatModel, id_order
from domain.model.crossings import Crossing, crossings
from domain.technologies.technology import Technology


class ModelIndex:
    """Lookups that many rules need, each computed once for a model.

    Removed elements are left out. `accepted` holds the acceptances in force.
    """

    def __init__(
        self,
        model: ThreatModel,
        crossing: dict[ElementId, Crossing] | None = None,
        accepted: Iterable[AcceptedRatings] = (),
    ) -> None:
        self.model = model
        self.catalog = model.catalog
        self.crossings = crossings(model) if crossing is None else crossing
        self.accepted = tuple(accepted)
        self.facts: dict[ElementId, dict[str, Answer]] = {}
        for (element, fact), answer in items_of(model.facts):
            self.facts.setdefault(element, {})[fact] = answer
        self.flows: dict[ElementId, DataFlow] = {}
        self.entry_points: dict[ElementId, EntryPoint] = {}
        self.components: dict[ElementId, Component] = {}
        self.assets: dict[ElementId, Asset] = {}
        self.levels: dict[ElementId, TrustLevel] = {}
        self.dependencies: dict[ElementId, ExternalDependency] = {}
        self.of_kind: dict[Kind, list[Element]] = {kind: [] for kind in Kind}
        for id, element in sorted(items_of(model.elements), key=lambda item: id_order(item[0])):
            self.of_kind[kind_of(element)].append(element)
            match element:
                case DataFlow():
                    self.flows[id] = element
                case EntryPoint():
                    self.entry_points[id] = element
                case Component():
                    self.components[id] = element
                case Asset():
                    self.assets[id] = element
                case TrustLevel():
                    self.levels[id] = element
                case ExternalDependency():
                    self.dependencies[id] = element
                case _:  # boundaries are looked up by rules in the model
                    pass
        self._abouts: dict[ElementId, RuleTarget] = {}

    def about(self, element: Element) -> "RuleTarget":
        """Return the rule target of an element: always the same object, which caches results."""
        known = self._abouts.get(element.id)
        if known is None:
            known = self._abouts[element.id] = RuleTarget(index=self, element=element)
        return known

    def kind(self, component: ElementId) -> ComponentKind | None:
        """Return the kind of a component; None if it has none or was removed."""
        found = self.components.get(component)
        return found.sort if found else None

    def rank(self, component: ElementId | None) -> int | None:
        """Return the trust rank of a component; None if it has none."""
        found = self.components.get(component) if component else None
        return self.level_rank(found.trust_level) if found else None

    def level_rank(self, level: ElementId | None) -> int | None:
        """Return the rank of an existing trust level."""
        found = self.levels.get(level) if level else None
        return found.rank if found else None

    @cached_property
    def flows_through(self) -> dict[ElementId, list[DataFlow]]:
        """Return the flows that pass each entry point."""
        return _grouped((flow.entry_point, flow) for flow in self.flows.values() if flow.entry_point)

    @cached_property
    def flows_into(self) -> dict[ElementId, list[DataFlow]]:
        """Return the flows that lead into each component; a two-way flow leads into both ends."""
        return _grouped((one.target, flow) for flow in self.flows.values() for one in flow.directions)

    @cached_property
    def neighbors(self) -> dict[ElementId, tuple[ElementId, ...]]:
        """Return the components with which each component exchanges data."""
        found: dict[ElementId, dict[ElementId, None]] = defaultdict(dict)
        for flow in self.flows.values():
            found[flow.source][flow.target] = None
            found[flow.target][flow.source] = None
        return {one: tuple(others) for one, others in found.items()}

    @cached_property
    def component_behind(self) -> dict[ElementId, ElementId]:
        """Return the component behind each entry point: as stated, otherwise the target of its flows."""
        found: dict[ElementId, ElementId] = {}
        for id, door in self.entry_points.items():
            ends = [flow.target for flow in self.flows_through.get(id, ())]
            ours = [end for end in ends if self.kind(end) is not ComponentKind.EXTERNAL_ENTITY]
            for suggested_threat in (door.component, *ours, *ends):
                if suggested_threat and suggested_threat in self.components:
                    found[id] = suggested_threat
                    break
        return found

    @cached_property
    def entry_points_to(self) -> dict[ElementId, list[EntryPoint]]:
        """Return the entry points that lead to each component."""
        return _grouped(
            (component, self.entry_points[door]) for door, component in self.component_behind.items()
        )

    @cached_property
    def digital(self) -> frozenset[ElementId]:
        """Return the components that use a protocol of software, or are of a technology of the catalog."""
        ends = {
            end
            for flow in self.flows.values()
            if is_digital(self.catalog, flow.protocol)
            for end in (flow.source, flow.target)
        }
        doors = {
            self.component_behind[id]
            for id, door in self.entry_points.items()
            if id in self.component_behind and is_digital(self.catalog, door.protocol)
        }
        known = {id for id, one in self.components.items() if self.catalog.technology_of(one.technology)}
        return frozenset(ends | doors | known)

    @cached_property
    def categories(self) -> dict[ElementId, str]:
        """Return the category of each component's technology, stated or else revealed by its name.

        What is made with a technology of several purposes is what its name says: a worker in Python, a queue
        in Redis. What a browser extension starts by native messaging is a local helper. A category can save a
        question, and raise one; it never makes a finding, which needs a stated *no*.
        """
        found: dict[ElementId, str] = {}
        for id, one in self.components.items():
            key, named = one.technology, self.catalog.technology_of(guess_technology(self.catalog, one.name))
            if named and (not key or (self._serves_several_purposes(one) and named.kind is one.sort)):
                key = named.key
            if category := self.catalog.category_of(key):
                found[id] = category.key
        for flow in self.flows.values():
            door = self.entry_points.get(flow.entry_point) if flow.entry_point else None
            spoken = protocols_in(self.catalog, flow.protocol or (door.protocol if door else ""))
            for end in (flow.source, flow.target) if any(one.name == _STARTS for one in spoken) else ():
                one = self.components.get(end)
                if one and one.sort is ComponentKind.PROCESS and self._serves_several_purposes(one):
                    found[end] = "local_helper"
        return found

    def _serves_several_purposes(self, one: Component) -> bool:
        stated = self.catalog.technology_of(one.technology)
        return isinstance(stated, Technology) and stated.general

    @cached_property
    def stored_in(self) -> dict[ElementId, tuple[ElementId, ...]]:
        """Return the assets that each component stores: as stated, or carried into it."""
        return self._held(outward=False)

    @cached_property
    def handled_by(self) -> dict[ElementId, tuple[ElementId, ...]]:
        """Return the assets that each component stores, receives or sends."""
        return self._held(outward=True)

    @cached_property
    def holders(self) -> dict[ElementId, tuple[ElementId, ...]]:
        """Return the components of the system that store, receive or send each asset, in this order."""
        return {id: tuple(filter(self._is_ours, named)) for id, named in self._named_for.items()}

    @cached_property
    def shown_at(self) -> dict[ElementId, tuple[ElementId, ...]]:
        """Return the components at which a threat to each asset is shown.

        These are the components of the system that store it, otherwise the first that receives or sends it.
        External entities, and components without a kind, count only where there is no other.
        """
        found: dict[ElementId, tuple[ElementId, ...]] = {}
        for id, asset in self.assets.items():
            stored = tuple(one for one in dict.fromkeys(asset.stored_in) if one in self.components)
            ours = tuple(filter(self._is_ours, stored)) or self.holders[id][:1]
            found[id] = ours or stored or self._named_for[id][:1]
        return found

    @cached_property
    def _named_for(self) -> dict[ElementId, tuple[ElementId, ...]]:
        """Return all components that store, receive or send each asset, in this order."""
        passing: dict[ElementId, list[ElementId]] = defaultdict(list)
        for flow in self.flows.values():
            for direction in flow.directions:
                for asset in direction.assets:
                    passing[asset] += [direction.target, direction.source]
        return {
            id: tuple(
                one for one in dict.fromkeys((*asset.stored_in, *passing[id])) if one in self.components
            )
            for id, asset in self.assets.items()
        }

    def _is_ours(self, component: ElementId) -> bool:
        return self.kind(component) in _OURS

    @cached_property
    def dependency_of(self) -> dict[ElementId, ExternalDependency]:
        """Return the external dependency that each component is: the linked one, else the one it is like."""
        return represented_dependencies(self.model)

    def touched_by(self, element: ElementId) -> tuple[ElementId, ...]:
        """Return the assets that a threat to an element may affect."""
        if element in self.assets:
            return (element,)
        if flow := self.flows.get(element):
            return flow.carried
        stand_for_it = [id for id, one in self.dependency_of.items() if one.id == element]
        components = stand_for_it or [self.component_behind.get(element, element)]
        held = (asset for component in components for asset in self.handled_by.get(component, ()))
        return tuple(dict.fromkeys(held))

    def _held(self, *, outward: bool) -> dict[ElementId, tuple[ElementId, ...]]:
        held: dict[ElementId, dict[ElementId, None]] = {id: {} for id in self.components}
        for id, asset in self.assets.items():
            for component in asset.stored_in:
                if component in held:
                    held[component][id] = None
        for flow in self.flows.values():
            for way in flow.directions:
                for end in (way.target, way.source) if outward else (way.target,):
                    if end in held:
                        held[end].update(dict.fromkeys(one for one in way.assets if one in self.assets))
        return {component: tuple(assets) for component, assets in held.items()}


class RuleTarget(msgspec.Struct, frozen=True, kw_only=True):
    """An element to which rules are applied, with its peer if the rule compares two.

    `memo` caches the results of conditions, because many rules share them.
    """

    index: ModelIndex
    element: Element
    peer: str | None = None
    cache: dict[int, Any] = {}

    @property
    def model(self) -> ThreatModel:
        """Return the model of the element."""
        return self.index.model

    @property
    def crossing(self) -> bool:
        """Return whether it is a crossing flow."""
        return self.element.id in self.index.crossings


_STARTS = "Native messaging"
_OURS = frozenset({ComponentKind.PROCESS, ComponentKind.DATA_STORE})


_Value = TypeVar("_Value")


def _grouped(pairs: Iterable[tuple[ElementId, _Value]]) -> dict[ElementId, list[_Value]]:
    groups: dict[ElementId, list[_Value]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups
