"""Decisions on adding, revising, ordering and removing single elements."""

from domain.commands import (
    AddCommand,
    AddEntryPoint,
    AddTrustLevel,
    OrderTrustLevels,
    RemoveElement,
    ReviseCommand,
)
from domain.decide.decision import Draft
from domain.decide.element_checks import checked_element
from domain.decide.input_checks import require_element, require_element_if_given
from domain.element_kinds import KIND_OF_COMMAND
from domain.events import ElementRemoved, TrustLevelsOrdered
from domain.kernel.elements import ElementId, Kind, references
from domain.kernel.persistent_maps import values_of
from domain.model import ThreatModel, id_order
from domain.model.element_labels import quoted_label
from domain.rejections import OrderIncomplete, StillUsed


def add(command: AddCommand, draft: Draft) -> ElementId:
    """Add an element with the next id of its kind."""
    parent = command.parent if isinstance(command, AddEntryPoint) else None
    require_element_if_given(draft.model, parent, Kind.ENTRY_POINT, field="parent")
    above = command.above if isinstance(command, AddTrustLevel) else None
    require_element_if_given(draft.model, above, Kind.TRUST_LEVEL, field="above")
    element = checked_element(command, draft.model, draft.next_id(KIND_OF_COMMAND[type(command)], parent))
    draft.add(element)
    if isinstance(command, AddTrustLevel):
        _put_in_order(command, element.id, draft)
    return element.id


def revise(command: ReviseCommand, draft: Draft) -> None:
    """Revise an element; no event if nothing changes."""
    old = require_element(draft.model, command.element, KIND_OF_COMMAND[type(command)])
    new = checked_element(command, draft.model, old.id)
    if new != old:
        draft.revise(new)


def order_trust_levels(command: OrderTrustLevels, draft: Draft) -> None:
    """Put the trust levels in order."""
    before = tuple(level.id for level in draft.model.trust_levels())
    if sorted(command.order) != sorted(before):
        raise OrderIncomplete
    if command.order != before:
        draft.record(TrustLevelsOrdered(**draft.header, order=command.order))


def remove(command: RemoveElement, draft: Draft) -> None:
    """Remove an element that no other element refers to."""
    element = require_element(draft.model, command.element)
    check_unused(draft.model, element.id)
    draft.record(ElementRemoved(**draft.header, element=element.id))


def check_unused(model: ThreatModel, id: ElementId) -> None:
    """Raise Rejected, naming them, if other elements refer to this one."""
    users = [element.id for element in values_of(model.elements) if id in references(element)]
    if users:
        in_order = sorted(users, key=lambda one: (one.partition("-")[0], id_order(one)))
        raise StillUsed(quoted_label(model, id), tuple(quoted_label(model, one) for one in in_order))


def _put_in_order(command: AddTrustLevel, id: ElementId, draft: Draft) -> None:
    """Order the levels: a new one is the most trusted unless the command places it lower."""
    if command.above is None and not command.lowest:
        return
    order = [level.id for level in draft.model.trust_levels() if level.id != id]
    order.insert(0 if command.lowest or command.above is None else order.index(command.above) + 1, id)
    if order[-1] != id:
        draft.record(TrustLevelsOrdered(**draft.header, order=tuple(order)))
