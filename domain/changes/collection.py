"""Changes of elements, their order, their facts, and assumptions."""

from collections.abc import Iterator

from domain.changes.authorship import ChangeAuthors
from domain.changes.change import Change, ChangeDetail, ChangeGroup, ChangeType
from domain.changes.comparison import change_type, changed_detail, mention
from domain.kernel import event_subjects
from domain.kernel.answer import Answer
from domain.kernel.elements import (
    Assumption,
    AssumptionId,
    Component,
    ElementId,
    Kind,
    PersonId,
    kind_of_id,
)
from domain.model import id_order
from domain.register import RegisterItem, ThreatRegister


def collection_changes(
    before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors
) -> Iterator[Change]:
    """Yield the changes of elements and registers, the order of trust levels, facts and assumptions."""
    was, now = _items(before), _items(after)
    for kind in Kind:
        yield from _completed(kind, before, after, authors)
        ids = {one for one in (*was, *now) if kind_of_id(one) is kind}
        for id in sorted(ids, key=id_order):
            yield from _element(id, before, after, was, now, authors)
    yield from _ordered(before, after, authors)
    for id in sorted({*was, *now}, key=lambda one: (tuple(Kind).index(kind_of_id(one)), id_order(one))):
        yield from _answered(id, before, after, authors)
        yield from _implied(id, before, after, authors)
    yield from _assumed(before, after, authors)


def _items(register: ThreatRegister) -> dict[ElementId, RegisterItem]:
    return {item.id: item for kind in Kind for item in register.items(kind)}


def _completed(
    kind: Kind, before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors
) -> Iterator[Change]:
    if before.lists[kind].complete is not after.lists[kind].complete:
        is_now = after.lists[kind].complete
        yield Change(
            group=ChangeGroup(kind.value),
            type=ChangeType.CHANGED,
            name="Register",
            how="marked complete" if is_now else "reopened",
            **authors.of(event_subjects.complete(kind)),
        )


def _element(
    id: ElementId,
    before: ThreatRegister,
    after: ThreatRegister,
    was: dict[ElementId, RegisterItem],
    now: dict[ElementId, RegisterItem],
    authors: ChangeAuthors,
) -> Iterator[Change]:
    turn = change_type(id, was, now)
    details = _attributes(was[id], now[id], before, after) if turn is ChangeType.CHANGED else ()
    if turn is ChangeType.CHANGED and not details:
        return
    yield Change(
        group=ChangeGroup(kind_of_id(id).value),
        type=turn,
        id=id,
        name=(now.get(id) or was[id]).name,
        how={ChangeType.ADDED: "added", ChangeType.CHANGED: "revised", ChangeType.REMOVED: "removed"}[turn],
        details=details,
        **authors.of(event_subjects.element(id)),
        people=_owners(was.get(id), now.get(id)) if turn is ChangeType.CHANGED else (),
    )


def _owners(*items: RegisterItem | None) -> tuple[PersonId, ...]:
    """Return the owners of a component at both moments."""
    owners = (one.element.owner for one in items if one and isinstance(one.element, Component))
    return tuple(dict.fromkeys(one for one in owners if one))


def _attributes(
    was: RegisterItem, now: RegisterItem, before: ThreatRegister, after: ThreatRegister
) -> tuple[ChangeDetail, ...]:
    found: list[ChangeDetail] = []
    for attribute in was.element.__struct_fields__:
        raw, new = getattr(was.element, attribute), getattr(now.element, attribute)
        if attribute == "rank" or raw == new:
            continue  # the order of trust levels is reported once for all of them
        name = _NAMES.get(attribute, attribute.replace("_", " "))
        if attribute == "technology":
            found += changed_detail(
                name, before.catalog.technology_name(raw), after.catalog.technology_name(new)
            )
        elif attribute == "owner" and kind_of_id(was.id) is Kind.COMPONENT:
            found += changed_detail(name, mention(raw), mention(new))
        elif attribute in _OTHERS:
            found.append(
                ChangeDetail(name=name, before=_others(raw, before, after), now=_others(new, after, before))
            )
        else:
            found += changed_detail(name, raw, new)
    return tuple(found)


def _others(
    said: ElementId | tuple[ElementId, ...] | None, then: ThreatRegister, other: ThreatRegister
) -> str:
    """Return other elements by name, with their id if the name means another element at the other moment."""
    ids = said if isinstance(said, tuple) else (said,) if said else ()
    return ", ".join(_called(id, then, other) for id in ids)


def _called(id: ElementId, then: ThreatRegister, other: ThreatRegister) -> str:
    item = then.item(id)
    if item is None:
        return id
    namesakes = (one for kind in Kind for one in other.items(kind) if one.name == item.name and one.id != id)
    return f"{item.name} ({id})" if item.removed or any(namesakes) else item.name


def _ordered(before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors) -> Iterator[Change]:
    """Yield the change of order of the trust levels that exist at both moments."""
    was, now = ([item.id for item in register.items(Kind.TRUST_LEVEL)] for register in (before, after))
    if [one for one in was if one in now] == [one for one in now if one in was]:
        return
    yield Change(
        group=ChangeGroup.TRUST_LEVEL,
        type=ChangeType.CHANGED,
        name="Order, least trusted first:",
        how="changed",
        details=changed_detail("", _levels(before), _levels(after)),
        **authors.of(event_subjects.ORDER),
    )


def _levels(register: ThreatRegister) -> str:
    return " < ".join(item.name for item in register.items(Kind.TRUST_LEVEL))


def _answered(
    id: ElementId, before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors
) -> Iterator[Change]:
    """Yield the changed answers about one element, in the order of the questions."""
    was, now = before.item(id), after.item(id)
    then, by_now = (item.facts if item else {} for item in (was, now))
    positions = after.catalog.fact_positions
    details = [
        detail
        for fact in sorted({*then, *by_now}, key=lambda one: (positions.get(one, len(positions)), one))
        for detail in changed_detail(_question(after, fact), _reply(then.get(fact)), _reply(by_now.get(fact)))
    ]
    item = now or was
    if item is not None and details:
        yield Change(
            group=ChangeGroup.FACTS,
            type=ChangeType.CHANGED,
            id=id,
            name=item.name,
            how="answered",
            details=tuple(details),
            **authors.of(event_subjects.facts(id)),
        )


def _implied(
    id: ElementId, before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors
) -> Iterator[Change]:
    """Yield the change of what is assumed of one element because of its technology or protocol."""
    was, now = before.item(id), after.item(id)
    then, by_now = (_assumed_answers(item) for item in (was, now))
    positions = after.catalog.fact_positions
    details = [
        detail
        for fact in sorted({*then, *by_now}, key=lambda one: (positions.get(one, len(positions)), one))
        for detail in changed_detail(_question(after, fact), _reply(then.get(fact)), _reply(by_now.get(fact)))
    ]
    item = now or was
    if item is not None and details:
        yield Change(
            group=ChangeGroup.FACTS,
            type=ChangeType.CHANGED,
            id=id,
            name=item.name,
            how="assumed by technology or protocol",
            details=tuple(details),
            **authors.of(event_subjects.assumed(id)),
        )


def _assumed_answers(item: RegisterItem | None) -> dict[str, Answer]:
    facts = item.assumptions.facts if item and item.assumptions else ()
    return {one.fact: one.answer for one in facts}


def _question(register: ThreatRegister, fact: str) -> str:
    known = register.catalog.find_fact(fact)
    return known.question if known else fact


def _reply(answer: Answer | None) -> str:
    return answer.label if answer else ""


def _assumed(before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors) -> Iterator[Change]:
    was, now = ({one.id: one for one in register.assumptions} for register in (before, after))
    for id in sorted({*was, *now}, key=id_order):
        details = _reworded(id, was, now)
        turn = change_type(id, was, now)
        if turn is ChangeType.CHANGED and not details:
            continue
        known = now.get(id) or was[id]
        yield Change(
            group=ChangeGroup.ASSUMPTIONS,
            type=turn,
            id=id,
            name=known.text,
            how={
                ChangeType.ADDED: "recorded",
                ChangeType.CHANGED: "reworded",
                ChangeType.REMOVED: "withdrawn",
            }[turn],
            details=details,
            **authors.of(event_subjects.assumption(id)),
            people=tuple(dict.fromkeys(one[id].held_by for one in (was, now) if id in one)),
        )


def _reworded(
    id: AssumptionId, was: dict[AssumptionId, Assumption], now: dict[AssumptionId, Assumption]
) -> tuple[ChangeDetail, ...]:
    old, new = was.get(id), now.get(id)
    if old is None or new is None:
        return ()
    return (
        *changed_detail("text", old.text, new.text),
        *changed_detail("owner", mention(old.held_by), mention(new.held_by)),
    )


_OTHERS = {
    "parent",
    "component",
    "lowest_trust_level",
    "stored_in",
    "readers",
    "writers",
    "source",
    "target",
    "assets",
    "assets_back",
    "entry_point",
    "trust_level",
    "boundary",
}
"""The attributes that refer to other elements."""

_NAMES = {
    "owner": "owner",
    "sort": "type",
    "data": "type of data",
    "outage": "on outage",
    "parent": "boundary",
    "component": "component",
    "lowest_trust_level": "minimum trust level",
    "readers": "readers",
    "writers": "writers",
    "source": "source",
    "target": "target",
    "assets": "assets",
    "assets_back": "return assets",
    "two_way": "two-way",
    "entry_point": "entry point",
}
"""Display names of attributes that differ from the code."""
