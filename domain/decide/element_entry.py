"""Decisions on single elements: their validation, adding, revising, ordering, removing, and their links."""

from collections.abc import Sequence

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
    AnswerLinks,
    LinkReply,
    OrderTrustLevels,
    RemoveElement,
    ReviseAsset,
    ReviseCommand,
    ReviseComponent,
    ReviseDataFlow,
    ReviseEntryPoint,
    ReviseExternalDependency,
    ReviseTrustBoundary,
    ReviseTrustLevel,
)
from domain.decide.decision import Decision
from domain.decide.input_checks import (
    check_count,
    check_name_is_free,
    clean_name,
    clean_text,
    clean_word,
    combine_rejections,
    find_by_name,
    require_element,
    require_element_if_given,
    require_elements,
)
from domain.decide.name_spelling import chosen_name
from domain.element_kinds import KIND_OF_COMMAND
from domain.element_links import linked_dependency
from domain.events import ElementRemoved, ElementsLinked, ElementsSeparated, TrustLevelsOrdered
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
    PersonId,
    TrustBoundary,
    TrustLevel,
    kind_of,
    redirected,
    references,
)
from domain.kernel.persistent_maps import values_of
from domain.model import ThreatModel, id_order
from domain.model.element_labels import flow_label, label, quoted_label
from domain.rejections import (
    BoundaryInItself,
    ContentMissing,
    FlowAlreadyDrawn,
    LinkedAlready,
    LinkedIsExternal,
    OrderIncomplete,
    OthersReferToIt,
    ReplacedByItself,
    SameEnds,
    StillUsed,
    UnknownTechnology,
)


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


def answer_links(command: AnswerLinks, decision: Decision) -> Decision:
    """Record each answer that differs from the previous one.

    Both elements stay, with their answers and what was decided about them. A component that is an external
    dependency becomes an external entity, and what it was before when the two are separated.
    """
    if not command.replies:
        raise ContentMissing("Answer at least one question.")
    check_count("answers", len(command.replies))
    for reply in command.replies:
        require_element(decision.model, reply.dependency, Kind.EXTERNAL_DEPENDENCY)
        component = require_element(decision.model, reply.component, Kind.COMPONENT)
        known = decision.model.links.get((reply.dependency, reply.component))
        if isinstance(component, Component) and (known is None or known.same is not reply.same):
            decision = _answer(reply, component, decision)
    return decision


def check_sort(model: ThreatModel, component: ElementId, sort: ComponentKind | None) -> None:
    """Raise Rejected for a kind that a component cannot have because it is an external dependency."""
    dependency = linked_dependency(model, component)
    if dependency is not None and sort is not ComponentKind.EXTERNAL_ENTITY:
        raise LinkedIsExternal(quoted_label(model, component), quoted_label(model, dependency))


def _answer(reply: LinkReply, component: Component, decision: Decision) -> Decision:
    pair = {"dependency": reply.dependency, "component": reply.component}
    if reply.same:
        other = linked_dependency(decision.model, component.id)
        if other is not None:
            raise LinkedAlready(
                quoted_label(decision.model, component.id), quoted_label(decision.model, other)
            )
        decision = decision.record(ElementsLinked(**decision.header, **pair, former_sort=component.sort))
        return _with_sort(component, ComponentKind.EXTERNAL_ENTITY, decision)
    known = decision.model.links.get((reply.dependency, reply.component))
    decision = decision.record(ElementsSeparated(**decision.header, **pair))
    return _with_sort(component, known.former_sort, decision) if known else decision


def _with_sort(component: Component, sort: ComponentKind | None, decision: Decision) -> Decision:
    return decision if component.sort is sort else decision.revise(replace(component, sort=sort))


def add(command: AddCommand, decision: Decision) -> Decision:
    """Add an element with the next id of its kind; no event if its name was said to mean an existing one."""
    kind = KIND_OF_COMMAND[type(command)]
    if (same := chosen_name(command.choices, kind, command.name)) and find_by_name(
        decision.model, kind, same
    ):
        return decision
    parent = command.parent if isinstance(command, AddEntryPoint) else None
    require_element_if_given(decision.model, parent, Kind.ENTRY_POINT, field="parent")
    above = command.above if isinstance(command, AddTrustLevel) else None
    require_element_if_given(decision.model, above, Kind.TRUST_LEVEL, field="above")
    element = checked_element(command, decision.model, decision.next_id(kind, parent))
    decision = decision.add(element)
    if isinstance(command, AddTrustLevel):
        return _put_in_order(command, element.id, decision)
    return decision


def revise(command: ReviseCommand, decision: Decision) -> Decision:
    """Revise an element; no event if nothing changes."""
    old = require_element(decision.model, command.element, KIND_OF_COMMAND[type(command)])
    new = checked_element(command, decision.model, old.id)
    if isinstance(new, Component):
        check_sort(decision.model, new.id, new.sort)
    if new != old:
        return decision.revise(new)
    return decision


def order_trust_levels(command: OrderTrustLevels, decision: Decision) -> Decision:
    """Put the trust levels in order."""
    before = tuple(level.id for level in decision.model.trust_levels())
    if sorted(command.order) != sorted(before):
        raise OrderIncomplete
    if command.order != before:
        return decision.record(TrustLevelsOrdered(**decision.header, order=command.order))
    return decision


def remove(command: RemoveElement, decision: Decision) -> Decision:
    """Remove an element, after what refers to it was redirected or removed as the command says."""
    element = require_element(decision.model, command.element)
    dependents = _dependents(decision.model, element.id)
    if command.dependents is not None and command.dependents != len(dependents):
        raise OthersReferToIt(quoted_label(decision.model, element.id))
    if command.replacement is not None or command.together:
        decision = _redirect(element, command.replacement, dependents, decision)
    check_unused(decision.model, element.id)
    return decision.record(ElementRemoved(**decision.header, element=element.id))


def check_unused(model: ThreatModel, id: ElementId) -> None:
    """Raise Rejected, naming them, if other elements refer to this one."""
    users = _dependents(model, id)
    if users:
        raise StillUsed(quoted_label(model, id), tuple(quoted_label(model, one) for one in users))


def _dependents(model: ThreatModel, id: ElementId) -> list[ElementId]:
    users = [element.id for element in values_of(model.elements) if id in references(element)]
    return sorted(users, key=lambda one: (one.partition("-")[0], id_order(one)))


def _redirect(
    element: Element, replacement: ElementId | None, dependents: Sequence[ElementId], decision: Decision
) -> Decision:
    """Refer to the replacement of an element, if there is one, and remove flows that make no sense then."""
    if replacement is not None:
        require_element(decision.model, replacement, kind_of(element), field="replacement")
        if replacement == element.id:
            raise ReplacedByItself(quoted_label(decision.model, element.id))
    outer = getattr(element, "parent", None)
    for id in dependents:
        known = decision.model.elements[id]
        # What lies in the removed element moves outwards where it would lie in itself otherwise.
        inside = replacement is not None and id in _enclosing(decision.model, replacement)
        is_nested = getattr(known, "parent", None) == element.id
        new = outer if is_nested and (inside or replacement is None) else replacement
        changed = redirected(known, element.id, new)
        if changed is None or (isinstance(changed, DataFlow) and drawn_already(decision.model, changed)):
            decision = decision.record(ElementRemoved(**decision.header, element=id))
        else:
            decision = decision.revise(changed)
    return decision


def _enclosing(model: ThreatModel, id: ElementId) -> list[ElementId]:
    """Return an element and those in which it lies, the innermost first."""
    found: list[ElementId] = []
    here: ElementId | None = id
    while here is not None:
        found.append(here)
        here = getattr(model.elements[here], "parent", None)
    return found


def _put_in_order(command: AddTrustLevel, id: ElementId, decision: Decision) -> Decision:
    """Order the levels: a new one is the most trusted unless the command places it lower."""
    if command.above is None and not command.lowest:
        return decision
    order = [level.id for level in decision.model.trust_levels() if level.id != id]
    order.insert(0 if command.lowest or command.above is None else order.index(command.above) + 1, id)
    if order[-1] != id:
        return decision.record(TrustLevelsOrdered(**decision.header, order=tuple(order)))
    return decision
