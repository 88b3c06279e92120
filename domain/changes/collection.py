"""Changes of elements, their order, their facts, and assumptions."""

from collections.abc import Callable, Iterator

from domain.changes.authorship import ChangeAuthors, compared
from domain.changes.change import (
    Change,
    ChangeDetail,
    ChangeGroup,
    ChangeType,
    changed_detail,
    mention,
)
from domain.kernel import event_subjects
from domain.kernel.answer import Answer
from domain.kernel.elements import (
    REFERENCES,
    Assumption,
    Component,
    ElementId,
    Kind,
    PersonId,
    kind_of_id,
)
from domain.kernel.event_subjects import Subject
from domain.model import id_order
from domain.register import RegisterItem, ThreatRegister


def collection_changes(
    before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors
) -> Iterator[Change]:
    """Yield the changes of elements and registers, the order of trust levels, facts and assumptions."""
    was, now = _items(before), _items(after)
    for kind in Kind:
        yield from _completed(kind, before, after, authors)
        yield from compared(
            ChangeGroup(kind.value),
            {id: item for id, item in was.items() if item.kind is kind},
            {id: item for id, item in now.items() if item.kind is kind},
            authors,
            subjects=lambda id: (event_subjects.element(id),),
            name=lambda item: item.name,
            details=lambda old, new: _attributes(old, new, before, after) if old and new else (),
            how=("added", "revised", "removed"),
            people=lambda item: _owners(item) if item.id in was and item.id in now else (),
            order=id_order,
        )
    yield from _ordered(before, after, authors)
    for id in sorted({*was, *now}, key=lambda id: (tuple(Kind).index(kind_of_id(id)), id_order(id))):
        items = before.item(id), after.item(id)
        yield from _answers(
            "answered", event_subjects.facts(id), items, lambda item: item.facts, after, authors
        )
        yield from _answers(
            "assumed by technology or protocol",
            event_subjects.assumed(id),
            items,
            _assumed_answers,
            after,
            authors,
        )
    yield from compared(
        ChangeGroup.ASSUMPTIONS,
        {one.id: one for one in before.assumptions},
        {one.id: one for one in after.assumptions},
        authors,
        subjects=lambda id: (event_subjects.assumption(id),),
        name=lambda assumption: assumption.text,
        details=lambda old, new: _reworded(old, new) if old and new else (),
        how=("recorded", "reworded", "withdrawn"),
        people=lambda assumption: (assumption.held_by,),
        order=id_order,
    )


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


def _owners(item: RegisterItem) -> tuple[PersonId | None, ...]:
    return (item.element.owner,) if isinstance(item.element, Component) else ()


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
        elif attribute in REFERENCES[type(was.element)]:
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


def _answers(
    how: str,
    subject: Subject,
    items: tuple[RegisterItem | None, RegisterItem | None],
    answers_of: Callable[[RegisterItem], dict[str, Answer]],
    after: ThreatRegister,
    authors: ChangeAuthors,
) -> Iterator[Change]:
    """Yield the changed answers about one element, in the order of the questions."""
    then, by_now = (answers_of(item) if item else {} for item in items)
    positions = after.catalog.fact_positions
    details = [
        detail
        for fact in sorted({*then, *by_now}, key=lambda fact: (positions.get(fact, len(positions)), fact))
        for detail in changed_detail(_question(after, fact), _reply(then.get(fact)), _reply(by_now.get(fact)))
    ]
    item = items[1] or items[0]
    if item is not None and details:
        yield Change(
            group=ChangeGroup.FACTS,
            type=ChangeType.CHANGED,
            id=item.id,
            name=item.name,
            how=how,
            details=tuple(details),
            **authors.of(subject),
        )


def _assumed_answers(item: RegisterItem) -> dict[str, Answer]:
    facts = item.assumptions.facts if item.assumptions else ()
    return {assumed.fact: assumed.answer for assumed in facts}


def _question(register: ThreatRegister, fact: str) -> str:
    known = register.catalog.facts.get(fact)
    return known.question if known else fact


def _reply(answer: Answer | None) -> str:
    return answer.label if answer else ""


def _reworded(old: Assumption, new: Assumption) -> tuple[ChangeDetail, ...]:
    return (
        *changed_detail("text", old.text, new.text),
        *changed_detail("owner", mention(old.held_by), mention(new.held_by)),
    )


_NAMES = {
    "sort": "type",
    "data": "type of data",
    "outage": "on outage",
    "parent": "boundary",
    "lowest_trust_level": "minimum trust level",
    "assets_back": "return assets",
    "two_way": "two-way",
}
"""Display names of attributes that differ from the code."""
