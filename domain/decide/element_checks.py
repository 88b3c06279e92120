"""Validation of the element that a command adds or revises."""

from msgspec.structs import replace

from domain.catalog.technology_names import guess_technology
from domain.commands import (
    AddAsset,
    AddCommand,
    AddComponent,
    AddDataFlow,
    AddEntryPoint,
    AddExternalDependency,
    AddTrustBoundary,
    AddTrustLevel,
    ReviseAsset,
    ReviseCommand,
    ReviseComponent,
    ReviseDataFlow,
    ReviseEntryPoint,
    ReviseExternalDependency,
    ReviseTrustBoundary,
    ReviseTrustLevel,
)
from domain.decide.combined_rejections import combine_rejections
from domain.decide.input_checks import (
    check_name_is_free,
    clean_name,
    clean_text,
    clean_word,
    require_element,
    require_element_if_given,
    require_elements,
)
from domain.element_kinds import KIND_OF_COMMAND
from domain.kernel.elements import (
    Asset,
    Component,
    DataFlow,
    Element,
    ElementId,
    EntryPoint,
    ExternalDependency,
    Kind,
    PersonId,
    TrustBoundary,
    TrustLevel,
)
from domain.model import ThreatModel
from domain.model.element_labels import flow_label, label
from domain.rejections import BoundaryInItself, FlowAlreadyDrawn, SameEnds, UnknownTechnology


def checked_element(command: AddCommand | ReviseCommand, model: ThreatModel, id: ElementId) -> Element:
    """Return the element that the command describes; raises Rejected if it is invalid."""
    flow = isinstance(command, AddDataFlow | ReviseDataFlow)
    combine_rejections(
        lambda: clean_text(command.description, what="The description", field="description"),
        lambda: (
            flow
            or check_name_is_free(model, KIND_OF_COMMAND[type(command)], clean_name(command.name), but=id)
        ),
        lambda: _described(command, model, id, "", ""),
    )
    description = clean_text(command.description, what="The description", field="description")
    name = "" if flow else clean_name(command.name)
    return _described(command, model, id, name, description)


def _described(
    command: AddCommand | ReviseCommand, model: ThreatModel, id: ElementId, name: str, description: str
) -> Element:
    """Build the element from a checked name and description."""
    match command:
        case AddDataFlow() | ReviseDataFlow():
            return _flow(command, model, id, description)
        case AddExternalDependency() | ReviseExternalDependency():
            dependency = ExternalDependency(
                id=id,
                name=name,
                description=description,
                owner=clean_word(command.owner, what="The owner", field="owner"),
                sort=clean_word(command.sort, what="The type", field="sort"),
                outage=command.outage,
            )
            return replace(dependency, technology=_technology(command.technology, model, dependency))
        case AddEntryPoint() | ReviseEntryPoint():
            return _entry_point(command, model, id, name, description)
        case AddAsset() | ReviseAsset():
            return Asset(
                id=id,
                name=name,
                description=description,
                sort=clean_word(command.sort, what="The type", field="sort"),
                data=command.data,
                confidentiality=command.confidentiality,
                integrity=command.integrity,
                availability=command.availability,
                stored_in=require_elements(model, command.stored_in, Kind.COMPONENT, field="stored_in"),
                readers=require_elements(model, command.readers, Kind.TRUST_LEVEL, field="readers"),
                writers=require_elements(model, command.writers, Kind.TRUST_LEVEL, field="writers"),
            )
        case AddTrustLevel() | ReviseTrustLevel():
            old = model.elements.get(id)
            rank = old.rank if isinstance(old, TrustLevel) else _next_rank(model)
            return TrustLevel(id=id, name=name, description=description, rank=rank)
        case AddComponent() | ReviseComponent():
            component = Component(
                id=id,
                name=name,
                description=description,
                sort=command.sort,
                trust_level=require_element_if_given(
                    model, command.trust_level, Kind.TRUST_LEVEL, field="trust_level"
                ),
                boundary=require_element_if_given(
                    model, command.boundary, Kind.TRUST_BOUNDARY, field="boundary"
                ),
            )
            return replace(
                component,
                technology=_technology(command.technology, model, component),
                owner=_component_owner(command.owner, model, id),
            )
        case AddTrustBoundary() | ReviseTrustBoundary():
            parent = require_element_if_given(model, command.parent, Kind.TRUST_BOUNDARY, field="parent")
            _outside_itself(model, id, parent)
            return TrustBoundary(id=id, name=name, description=description, parent=parent)


def stated_technology(model: ThreatModel, stated: str | None, old: Component | ExternalDependency) -> str:
    """Return the stated technology of an element, or the one before if none is stated; raises Rejected."""
    if stated is None:
        return old.technology
    if stated and stated != old.technology and model.catalog.technology_of(stated) is None:
        raise UnknownTechnology(stated)
    return stated


def _component_owner(stated: PersonId | None, model: ThreatModel, id: ElementId) -> PersonId | None:
    """Return the stated owner of a component, or the one before if none is stated; an empty one is none."""
    old = model.elements.get(id)
    if stated is None:
        return old.owner if isinstance(old, Component) else None
    return stated or None


def _technology(stated: str | None, model: ThreatModel, element: Component | ExternalDependency) -> str:
    """Return the technology of an element; guessed from the name of a new one if none is stated.

    A new component may have one that the catalog lacks: people are asked what it means.
    """
    old = model.elements.get(element.id)
    if isinstance(old, Component | ExternalDependency):
        return stated_technology(model, stated, old)
    if stated is None:
        return guess_technology(model.catalog, element.name)
    if isinstance(element, Component):
        return clean_word(stated, what="The technology", field="technology")
    return stated_technology(model, stated, element)


def _entry_point(
    command: AddEntryPoint | ReviseEntryPoint, model: ThreatModel, id: ElementId, name: str, description: str
) -> EntryPoint:
    if isinstance(command, AddEntryPoint):
        parent = require_element_if_given(model, command.parent, Kind.ENTRY_POINT, field="parent")
    else:
        old = model.elements.get(id)
        parent = old.parent if isinstance(old, EntryPoint) else None
    return EntryPoint(
        id=id,
        name=name,
        description=description,
        parent=parent,
        exposure=command.exposure,
        protocol=clean_word(command.protocol, what="The protocol", field="protocol"),
        component=require_element_if_given(model, command.component, Kind.COMPONENT, field="component"),
        lowest_trust_level=require_element_if_given(
            model, command.lowest_trust_level, Kind.TRUST_LEVEL, field="lowest_trust_level"
        ),
    )


def _flow(
    command: AddDataFlow | ReviseDataFlow, model: ThreatModel, id: ElementId, description: str
) -> DataFlow:
    source = require_element(model, command.source, Kind.COMPONENT, field="source").id
    target = require_element(model, command.target, Kind.COMPONENT, field="target").id
    if source == target:
        raise SameEnds
    assets_back = require_elements(model, command.assets_back, Kind.ASSET, field="assets_back")
    flow = DataFlow(
        id=id,
        name=clean_name(command.name) if command.name.strip() else "",
        description=description,
        source=source,
        target=target,
        assets=require_elements(model, command.assets, Kind.ASSET, field="assets"),
        entry_point=require_element_if_given(
            model, command.entry_point, Kind.ENTRY_POINT, field="entry_point"
        ),
        protocol=clean_word(command.protocol, what="The protocol", field="protocol"),
        two_way=command.two_way or bool(assets_back),
        assets_back=assets_back,
    )
    if flow.name:
        check_name_is_free(model, Kind.DATA_FLOW, flow.name, but=id)
    else:
        _not_drawn_already(model, flow)
    return flow


def _not_drawn_already(model: ThreatModel, flow: DataFlow) -> None:
    """Raise Rejected for an unnamed flow with the ends, assets and entry point of another one."""
    other = drawn_already(model, flow)
    if other is not None:
        raise FlowAlreadyDrawn(flow_label(model, flow), other.id)


def drawn_already(model: ThreatModel, flow: DataFlow) -> DataFlow | None:
    """Return another flow with the ends, assets and entry point of an unnamed one, if there is one."""
    if flow.name:
        return None
    own = flow_label(model, flow)
    others = (one for one in model.of_type(DataFlow) if one.id != flow.id)
    return next(
        (one for one in others if label(model, one) == own and one.entry_point == flow.entry_point), None
    )


def _outside_itself(model: ThreatModel, id: ElementId, parent: ElementId | None) -> None:
    here = parent
    while here is not None:
        if here == id:
            raise BoundaryInItself(id)
        boundary = model.elements.get(here)
        here = boundary.parent if isinstance(boundary, TrustBoundary) else None


def _next_rank(model: ThreatModel) -> int:
    return max((level.rank for level in model.of_type(TrustLevel)), default=0) + 1
