"""Decisions on single elements: their validation, adding, revising, ordering, removing, and their links."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from domain.catalog.technology_names import guess_technology
from domain.commands import (
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
    ReviseCommand,
    ReviseComponent,
    ReviseDataFlow,
    ReviseExternalDependency,
    ReviseTrustBoundary,
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
    REFERENCES,
    TYPE_OF,
    Component,
    ComponentKind,
    DataFlow,
    Element,
    ElementId,
    ExternalDependency,
    Kind,
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
    description, name, _ = combine_rejections(
        lambda: clean_text(command.description, what="The description", field="description"),
        lambda: "" if flow else _free_name(command, model, id),
        lambda: _described(command, model, id, "", ""),
    )
    return _described(command, model, id, name, description)


def _free_name(command: AddCommand | ReviseCommand, model: ThreatModel, id: ElementId) -> str:
    name = clean_name(command.name)
    check_name_is_free(model, KIND_OF_COMMAND[type(command)], name, but=id)
    return name


def _described(
    command: AddCommand | ReviseCommand, model: ThreatModel, id: ElementId, name: str, description: str
) -> Element:
    """Build the element from a checked name and description; what the command cannot state stays."""
    kind, old = KIND_OF_COMMAND[type(command)], model.elements.get(id)
    values: dict[str, Any] = {}
    for attribute in TYPE_OF[kind].__struct_fields__:
        if hasattr(command, attribute):
            values[attribute] = checked_attribute(model, kind, attribute, getattr(command, attribute))
        elif old is not None:
            values[attribute] = getattr(old, attribute)
    values |= {"id": id, "name": name, "description": description}
    match command:
        case AddDataFlow() | ReviseDataFlow():
            return _flow(command, model, values)
        case AddTrustLevel() if old is None:
            values["rank"] = _next_rank(model)
        case AddTrustBoundary() | ReviseTrustBoundary():
            _outside_itself(model, id, values["parent"])
        case AddComponent() | ReviseComponent():
            values["technology"] = _technology(command.technology, model, kind, id, name)
            known = old.owner if isinstance(old, Component) else None
            values["owner"] = known if command.owner is None else command.owner or None
        case AddExternalDependency() | ReviseExternalDependency():
            values["technology"] = _technology(command.technology, model, kind, id, name)
        case _:  # the attributes of the others do not depend on each other
            pass
    return TYPE_OF[kind](**values)


def checked_attribute(model: ThreatModel, kind: Kind, attribute: str, value: Any) -> Any:
    """Return the value of an attribute; raises Rejected for a word that is too long, or a wrong reference."""
    referred = REFERENCES[TYPE_OF[kind]].get(attribute)
    if referred is None:
        is_word = attribute in _WORDS and kind is not Kind.COMPONENT
        return clean_word(value, what=_WORDS[attribute], field=attribute) if is_word else value
    if isinstance(value, tuple):
        return require_elements(model, value, referred, field=attribute)
    return require_element_if_given(model, value, referred, field=attribute)


_WORDS = {"owner": "The owner", "sort": "The type", "protocol": "The protocol"}
"""Attributes that are words, and what they are called; components have roles and people instead."""


def stated_technology(model: ThreatModel, stated: str | None, before: str) -> str:
    """Return the stated technology of an element, or the one before if none is stated; raises Rejected."""
    if stated is None:
        return before
    if stated and stated != before and model.catalog.technology_of(stated) is None:
        raise UnknownTechnology(stated)
    return stated


def _technology(stated: str | None, model: ThreatModel, kind: Kind, id: ElementId, name: str) -> str:
    """Return the technology of an element; guessed from the name of a new one if none is stated.

    A new component may have one that the catalog lacks: people are asked what it means.
    """
    old = model.elements.get(id)
    if isinstance(old, Component | ExternalDependency):
        return stated_technology(model, stated, old.technology)
    if stated is None:
        return guess_technology(model.catalog, name)
    if kind is Kind.COMPONENT:
        return clean_word(stated, what="The technology", field="technology")
    return stated_technology(model, stated, "")


def _flow(command: AddDataFlow | ReviseDataFlow, model: ThreatModel, values: Mapping[str, Any]) -> DataFlow:
    if values["source"] == values["target"]:
        raise SameEnds
    name = clean_name(command.name) if command.name.strip() else ""
    two_way = command.two_way or bool(command.assets_back)
    fields: dict[str, Any] = {**values, "name": name, "two_way": two_way}
    flow = DataFlow(**fields)
    if flow.name:
        check_name_is_free(model, Kind.DATA_FLOW, flow.name, but=flow.id)
    elif other := drawn_already(model, flow):
        raise FlowAlreadyDrawn(flow_label(model, flow), other.id)
    return flow


def drawn_already(model: ThreatModel, flow: DataFlow) -> DataFlow | None:
    """Return another flow with the ends, assets and entry point of an unnamed one, if there is one."""
    if flow.name:
        return None
    own = flow_label(model, flow)
    others = (data_flow for data_flow in model.of_type(DataFlow) if data_flow.id != flow.id)
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
    return decision.revise_if(new != old, new)


def order_trust_levels(command: OrderTrustLevels, decision: Decision) -> Decision:
    """Put the trust levels in order."""
    before = tuple(level.id for level in decision.model.trust_levels())
    if sorted(command.order) != sorted(before):
        raise OrderIncomplete
    return decision.record_if(
        command.order != before, TrustLevelsOrdered(**decision.header, order=command.order)
    )


def remove(command: RemoveElement, decision: Decision) -> Decision:
    """Remove an element, after what refers to it was redirected or removed as the command says."""
    element = require_element(decision.model, command.element)
    dependents = dependents_of(decision.model, element.id)
    if command.dependents is not None and command.dependents != len(dependents):
        raise OthersReferToIt(quoted_label(decision.model, element.id))
    if command.replacement is not None or command.together:
        decision = _redirect(element, command.replacement, dependents, decision)
    check_unused(decision.model, element.id)
    return decision.record(ElementRemoved(**decision.header, element=element.id))


def check_unused(model: ThreatModel, id: ElementId) -> None:
    """Raise Rejected, naming them, if other elements refer to this one."""
    users = dependents_of(model, id)
    if users:
        raise StillUsed(quoted_label(model, id), tuple(quoted_label(model, user) for user in users))


def dependents_of(model: ThreatModel, id: ElementId) -> list[ElementId]:
    """Return the elements that refer to another one, ordered by kind and number."""
    users = [element.id for element in values_of(model.elements) if id in references(element)]
    return sorted(users, key=lambda user: (user.partition("-")[0], id_order(user)))


def _redirect(
    element: Element, replacement: ElementId | None, dependents: Sequence[ElementId], decision: Decision
) -> Decision:
    """Refer to the replacement of an element, if there is one, and remove flows that make no sense then."""
    if replacement is not None:
        require_element(decision.model, replacement, kind_of(element), field="replacement")
        if replacement == element.id:
            raise ReplacedByItself(quoted_label(decision.model, element.id))

    def removed(flow: ElementId, _same: ElementId, decision: Decision) -> Decision:
        return decision.record(ElementRemoved(**decision.header, element=flow))

    return redirect(element, replacement, dependents, decision, drawn_twice=removed)


def redirect(
    element: Element,
    replacement: ElementId | None,
    dependents: Sequence[ElementId],
    decision: Decision,
    *,
    drawn_twice: Callable[[ElementId, ElementId, Decision], Decision],
) -> Decision:
    """Refer to the replacement of an element in place of it, and remove flows without two ends.

    `drawn_twice` decides on a flow that would be the same as another one.
    """
    outer = getattr(element, "parent", None)
    for id in dependents:
        known = decision.model.elements[id]
        # What lies in the removed element moves outwards where it would lie in itself otherwise.
        inside = replacement is not None and id in _enclosing(decision.model, replacement)
        is_nested = getattr(known, "parent", None) == element.id
        new = outer if is_nested and (inside or replacement is None) else replacement
        changed = redirected(known, element.id, new)
        same = drawn_already(decision.model, changed) if isinstance(changed, DataFlow) else None
        if changed is None:
            decision = decision.record(ElementRemoved(**decision.header, element=id))
        elif same is not None:
            decision = drawn_twice(id, same.id, decision)
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
    return decision.record_if(order[-1] != id, TrustLevelsOrdered(**decision.header, order=tuple(order)))
