"""Decisions on adding, revising, ordering and removing single elements."""

from domain.commands import (
    AddCommand,
    AddEntryPoint,
    AddTrustLevel,
    OrderTrustLevels,
    RemoveElement,
    ReviseCommand,
)
from domain.decide.decision import Decision
from domain.decide.element_checks import checked_element
from domain.decide.input_checks import find_by_name, require_element, require_element_if_given
from domain.decide.link_answers import check_sort
from domain.decide.name_comparison import chosen_name
from domain.element_kinds import KIND_OF_COMMAND
from domain.events import ElementRemoved, TrustLevelsOrdered
from domain.kernel.elements import Component, ElementId, Kind, references
from domain.kernel.persistent_maps import values_of
from domain.model import ThreatModel, id_order
from domain.model.element_labels import quoted_label
from domain.rejections import OrderIncomplete, StillUsed


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
    """Remove an element that no other element refers to."""
    element = require_element(decision.model, command.element)
    check_unused(decision.model, element.id)
    return decision.record(ElementRemoved(**decision.header, element=element.id))


def check_unused(model: ThreatModel, id: ElementId) -> None:
    """Raise Rejected, naming them, if other elements refer to this one."""
    users = [element.id for element in values_of(model.elements) if id in references(element)]
    if users:
        in_order = sorted(users, key=lambda one: (one.partition("-")[0], id_order(one)))
        raise StillUsed(quoted_label(model, id), tuple(quoted_label(model, one) for one in in_order))


def _put_in_order(command: AddTrustLevel, id: ElementId, decision: Decision) -> Decision:
    """Order the levels: a new one is the most trusted unless the command places it lower."""
    if command.above is None and not command.lowest:
        return decision
    order = [level.id for level in decision.model.trust_levels() if level.id != id]
    order.insert(0 if command.lowest or command.above is None else order.index(command.above) + 1, id)
    if order[-1] != id:
        return decision.record(TrustLevelsOrdered(**decision.header, order=tuple(order)))
    return decision
