"""What has changed in the registers: elements, their order, their facts, assumptions."""

from collections.abc import Iterator

from domain.changes.authorship import Deeds
from domain.changes.change import Change, Detail, Group, Turn
from domain.changes.comparison import changed, mention, turn_of
from domain.facts import FACTS
from domain.kernel import subjects
from domain.kernel.answer import Answer
from domain.kernel.elements import Assumption, AssumptionId, ElementId, Kind, kind_of_id
from domain.model import id_order
from domain.register import Item, ThreatRegister


def collected(before: ThreatRegister, after: ThreatRegister, deeds: Deeds) -> Iterator[Change]:
    """Elements by kind, with what was marked complete; the order of trust levels; facts; assumptions."""
    was, now = _items(before), _items(after)
    for kind in Kind:
        yield from _completed(kind, before, after, deeds)
        ids = {one for one in (*was, *now) if kind_of_id(one) is kind}
        for id in sorted(ids, key=id_order):
            yield from _element(id, before, after, was, now, deeds)
    yield from _ordered(before, after, deeds)
    for id in sorted({*was, *now}, key=lambda one: (tuple(Kind).index(kind_of_id(one)), id_order(one))):
        yield from _answered(id, before, after, deeds)
    yield from _assumed(before, after, deeds)


def _items(seen: ThreatRegister) -> dict[ElementId, Item]:
    return {item.id: item for kind in Kind for item in seen.items(kind)}


def _completed(kind: Kind, before: ThreatRegister, after: ThreatRegister, deeds: Deeds) -> Iterator[Change]:
    if before.lists[kind].complete is not after.lists[kind].complete:
        deed = deeds.of(subjects.complete(kind))
        is_now = after.lists[kind].complete
        yield Change(
            group=Group(kind.value),
            turn=Turn.CHANGED,
            name="The list",
            how="marked complete" if is_now else "reopened",
            by=deed.by,
            at=deed.at,
        )


def _element(
    id: ElementId,
    before: ThreatRegister,
    after: ThreatRegister,
    was: dict[ElementId, Item],
    now: dict[ElementId, Item],
    deeds: Deeds,
) -> Iterator[Change]:
    turn = turn_of(id, was, now)
    details = _attributes(was[id], now[id], before, after) if turn is Turn.CHANGED else ()
    if turn is Turn.CHANGED and not details:
        return
    deed = deeds.of(subjects.element(id))
    yield Change(
        group=Group(kind_of_id(id).value),
        turn=turn,
        id=id,
        name=(now.get(id) or was[id]).name,
        how={Turn.CAME: "added", Turn.CHANGED: "revised", Turn.WENT: "removed"}[turn],
        details=details,
        by=deed.by,
        at=deed.at,
    )


def _attributes(was: Item, now: Item, before: ThreatRegister, after: ThreatRegister) -> tuple[Detail, ...]:
    found: list[Detail] = []
    for attribute in was.element.__struct_fields__:
        raw, new = getattr(was.element, attribute), getattr(now.element, attribute)
        if attribute == "rank" or raw == new:
            continue  # how trust levels are ordered is told of all of them at once
        name = _NAMES.get(attribute, attribute.replace("_", " "))
        if attribute in _OTHERS:
            found.append(
                Detail(name=name, before=_others(raw, before, after), now=_others(new, after, before))
            )
        else:
            found += changed(name, raw, new)
    return tuple(found)


def _others(
    said: ElementId | tuple[ElementId, ...] | None, then: ThreatRegister, other: ThreatRegister
) -> str:
    """Other elements by name, with their id where the name alone says another thing at the other moment."""
    ids = said if isinstance(said, tuple) else (said,) if said else ()
    return ", ".join(_called(id, then, other) for id in ids)


def _called(id: ElementId, then: ThreatRegister, other: ThreatRegister) -> str:
    item = then.item(id)
    if item is None:
        return id
    namesakes = (one for kind in Kind for one in other.items(kind) if one.name == item.name and one.id != id)
    return f"{item.name} ({id})" if item.removed or any(namesakes) else item.name


def _ordered(before: ThreatRegister, after: ThreatRegister, deeds: Deeds) -> Iterator[Change]:
    """The order of the trust levels, where those that are there at both moments have changed places."""
    was, now = ([item.id for item in seen.items(Kind.TRUST_LEVEL)] for seen in (before, after))
    if [one for one in was if one in now] == [one for one in now if one in was]:
        return
    deed = deeds.of(subjects.ORDER)
    yield Change(
        group=Group.TRUST_LEVEL,
        turn=Turn.CHANGED,
        name="The order, least trusted first,",
        how="changed",
        details=changed("", _levels(before), _levels(after)),
        by=deed.by,
        at=deed.at,
    )


def _levels(seen: ThreatRegister) -> str:
    return " < ".join(item.name for item in seen.items(Kind.TRUST_LEVEL))


def _answered(id: ElementId, before: ThreatRegister, after: ThreatRegister, deeds: Deeds) -> Iterator[Change]:
    """The answers about one element, the facts in the order in which they are asked."""
    was, now = before.item(id), after.item(id)
    then, by_now = (item.facts if item else {} for item in (was, now))
    details = [
        detail
        for fact in sorted({*then, *by_now}, key=lambda one: (_PLACES.get(one, len(_PLACES)), one))
        for detail in changed(_question(fact), _reply(then.get(fact)), _reply(by_now.get(fact)))
    ]
    item = now or was
    if item is not None and details:
        deed = deeds.of(subjects.facts(id))
        yield Change(
            group=Group.FACTS,
            turn=Turn.CHANGED,
            id=id,
            name=item.name,
            how="answered",
            details=tuple(details),
            by=deed.by,
            at=deed.at,
        )


def _question(fact: str) -> str:
    return FACTS[fact].question if fact in FACTS else fact


def _reply(answer: Answer | None) -> str:
    return answer.words if answer else ""


def _assumed(before: ThreatRegister, after: ThreatRegister, deeds: Deeds) -> Iterator[Change]:
    was, now = ({one.id: one for one in seen.assumptions} for seen in (before, after))
    for id in sorted({*was, *now}, key=id_order):
        details = _reworded(id, was, now)
        turn = turn_of(id, was, now)
        if turn is Turn.CHANGED and not details:
            continue
        deed = deeds.of(subjects.assumption(id))
        known = now.get(id) or was[id]
        yield Change(
            group=Group.ASSUMPTIONS,
            turn=turn,
            id=id,
            name=known.text,
            how={Turn.CAME: "recorded", Turn.CHANGED: "reworded", Turn.WENT: "withdrawn"}[turn],
            details=details,
            by=deed.by,
            at=deed.at,
            people=tuple(dict.fromkeys(one[id].held_by for one in (was, now) if id in one)),
        )


def _reworded(
    id: AssumptionId, was: dict[AssumptionId, Assumption], now: dict[AssumptionId, Assumption]
) -> tuple[Detail, ...]:
    old, new = was.get(id), now.get(id)
    if old is None or new is None:
        return ()
    return (
        *changed("text", old.text, new.text),
        *changed("held by", mention(old.held_by), mention(new.held_by)),
    )


_PLACES = {fact: place for place, fact in enumerate(FACTS)}
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
    "entry_point",
    "trust_level",
    "boundary",
}
"""The attributes that name other elements."""

_NAMES = {
    "owner": "run by",
    "sort": "kind",
    "data": "kind of data",
    "outage": "while it is away",
    "parent": "lies in",
    "component": "leads to",
    "lowest_trust_level": "least trusted who may use it",
    "readers": "may read it",
    "writers": "may change it",
    "source": "from",
    "target": "to",
    "assets": "carries",
    "entry_point": "through",
}
"""What attributes are called where the word in the code would not do."""
