"""Decisions on adding, revising, ordering and removing single elements, and on their links."""

from collections.abc import Sequence

from msgspec.structs import replace

from domain.commands import (
    AddCommand,
    AddEntryPoint,
    AddTrustLevel,
    AnswerLinks,
    LinkReply,
    OrderTrustLevels,
    RemoveElement,
    ReviseCommand,
)
from domain.decide.decision import Decision
from domain.decide.element_checks import checked_element, drawn_already
from domain.decide.input_checks import check_count, find_by_name, require_element, require_element_if_given
from domain.decide.name_spelling import chosen_name
from domain.element_kinds import KIND_OF_COMMAND
from domain.element_links import linked_dependency
from domain.events import ElementRemoved, ElementsLinked, ElementsSeparated, TrustLevelsOrdered
from domain.kernel.elements import (
    Component,
    ComponentKind,
    DataFlow,
    Element,
    ElementId,
    Kind,
    kind_of,
    redirected,
    references,
)
from domain.kernel.persistent_maps import values_of
from domain.model import ThreatModel, id_order
from domain.model.element_labels import quoted_label
from domain.rejections import (
    ContentMissing,
    LinkedAlready,
    LinkedIsExternal,
    OrderIncomplete,
    OthersReferToIt,
    ReplacedByItself,
    StillUsed,
)


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
