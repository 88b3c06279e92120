"""Decision to accept parts of a draft: elements added, filled in or revised, then what refers to them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import msgspec
from msgspec.structs import replace

from domain.catalog import Catalog
from domain.catalog.technology_names import guess_technology
from domain.commands import (
    AcceptDraft,
    AcceptedAnswer,
    AcceptedItem,
    ImplementMitigation,
    RecordAssumption,
    ReportThreat,
    StartMitigation,
)
from domain.decide.collection import record_assumption
from domain.decide.decision import Decision
from domain.decide.element_entry import check_unused, stated_technology
from domain.decide.input_checks import clean_name, clean_text, clean_word, require_element
from domain.decide.mitigations import implement_mitigation, start_mitigation
from domain.decide.threats import report_threat
from domain.draft_comparison.compared_draft import identify
from domain.draft_comparison.differences import (
    ATTRIBUTE_OF,
    KnownElements,
    answer_choice,
    is_asked,
    is_withdrawn,
    key_name,
)
from domain.drafts.draft import (
    MAX_ITEMS,
    REFERENCE_ORDER,
    DraftAnswer,
    DraftItem,
    ProposedAssumption,
    ProposedProgress,
    ProposedThreat,
    SourceKey,
)
from domain.drafts.settlement import (
    Proposal,
    ReleasedKey,
    SettledDraft,
    SettledItem,
    TakenAnswer,
    changed_parts,
    digest_of,
    settled,
)
from domain.element_links import linked_dependency, represented_dependencies
from domain.events import DraftSettled, ElementRemoved, FactAnswered
from domain.kernel.elements import (
    REFERENCES,
    SINGULAR,
    TYPE_OF,
    Component,
    ComponentKind,
    Element,
    ElementId,
    EntryPoint,
    ExternalDependency,
    Kind,
    TrustBoundary,
    TrustLevel,
    kind_of,
)
from domain.kernel.length_limits import LINES, NAME
from domain.model import ThreatModel
from domain.model.collection import settled_item
from domain.model.element_labels import label, quoted_label
from domain.rejections import (
    ContentMissing,
    DraftConflict,
    DraftItemInvalid,
    FlowEndsMissing,
    NothingChanged,
    Rejected,
    SameEnds,
    TooMany,
)


class DraftedElements:
    """The accepted items in the making: `ids` is the element that each key stands for.

    `settled` are those that were taken, without those that someone else had accepted meanwhile.
    """

    def __init__(self, decision: Decision, items: Sequence[AcceptedItem]) -> None:
        self.decision = decision
        self.ids: dict[SourceKey, ElementId] = {}
        self.settled: list[AcceptedItem] = []
        self._items = {item.item.key: item for item in items}
        self._known = KnownElements(decision.model)
        self._before = decision.model.elements
        self._begun: set[SourceKey] = set()
        self._outside: dict[ElementId, ElementId] | None = None

    def add(self) -> "DraftedElements":
        """Add, fill in or revise the element of each item."""
        for kind in REFERENCE_ORDER:
            for item in self._items.values():
                if item.item.kind is kind:
                    self._take(item)
        return self

    def _take(self, accepted: AcceptedItem) -> None:
        item = accepted.item
        if item.key in self._begun:
            return
        self._begun |= {item.key}
        if item.parent in self._items:
            self._take(self._items[item.parent])  # the parent first; of a circle, one has none
        try:
            self._take_checked(accepted)
        except Rejected as refused:
            if refused.field is None:
                raise
            raise DraftItemInvalid(item.kind, item.name, refused.sentence) from refused

    def _take_checked(self, accepted: AcceptedItem) -> None:
        item, model = accepted.item, self.decision.model
        known, old = identify(model, item.key), settled_item(model, item.key)
        if known is not None and old is not None:
            self.ids[item.key] = known
            if old.digest == item.digest:
                return  # accepted meanwhile
            self._revise(known, item, old)
        elif (same := self._same(accepted)) is not None:
            self.ids[item.key] = same
            self._fill(same, item)
        else:
            self.ids[item.key] = self._add_new(accepted)
        self.settled.append(accepted)

    def _same(self, accepted: AcceptedItem) -> ElementId | None:
        """Return the element that an item was said to be the same as; a flow that exists is the same."""
        item = accepted.item
        if accepted.same_item:
            return self.ids.get(accepted.same_item) or identify(self.decision.model, accepted.same_item)
        if accepted.same is not None:
            return require_element(self.decision.model, accepted.same, item.kind).id
        if item.kind is Kind.DATA_FLOW and not accepted.another:
            known = self._known.flows(*self._ends(item))
            return next((one.id for one in known if not _differs(one.protocol, item.protocol)), None)
        return None

    def _add_new(self, accepted: AcceptedItem) -> ElementId:
        item = accepted.item
        if not accepted.another and item.kind is not Kind.DATA_FLOW:
            self._check_conflict(item)
        parent = self._reference(item.parent, Kind.ENTRY_POINT) if item.kind is Kind.ENTRY_POINT else None
        id = self.decision.next_id(item.kind, parent)
        description = clean_text(item.description, what="The description", field="description")
        values: dict[str, Any] = {"id": id, "description": description, **self._stated(item)}
        if item.kind is Kind.DATA_FLOW and not any(self._known.flows(values["source"], values["target"])):
            values["name"] = ""  # its label is computed, and follows the names of its ends
        else:
            values["name"] = self._free_name(item)
        if item.kind is Kind.TRUST_LEVEL:
            values["rank"] = max((one.rank for one in self.decision.model.of_type(TrustLevel)), default=0) + 1
        if item.kind in _WITH_TECHNOLOGY and not values.get("technology"):
            values["technology"] = guess_technology(self.decision.model.catalog, values["name"])
        self._record_new(TYPE_OF[item.kind](**values))
        return id

    def _record_new(self, element: Element) -> None:
        self.decision = self.decision.add_as_named(element)
        self._known.include(element, label(self.decision.model, element))

    def _check_conflict(self, item: DraftItem) -> None:
        """Raise Rejected if the model has an element of that name, or one without a key of a similar name."""
        same = self._known.named(item.kind, item.name)
        others = self._known.similar(item.kind, item.name)
        if same is not None and same in self._before:
            others = (same, *others)
        if others:
            raise DraftConflict(SINGULAR[item.kind], item.name, quoted_label(self.decision.model, others[0]))

    def _free_name(self, item: DraftItem) -> str:
        """Return the name, with the origin of the item where another element has it."""
        ends = f"{key_name(item.source)} → {key_name(item.target)}" if item.kind is Kind.DATA_FLOW else ""
        name = clean_name(item.name or ends)
        if self._known.named(item.kind, name) is None:
            return name
        origin = item.key.partition(":")[0] or "draft"
        for number in range(1, len(self._items) + len(self.decision.model.elements) + 2):
            suffix = f" ({origin} {number})" if number > 1 else f" ({origin})"
            free = name[: NAME - len(suffix)] + suffix
            if self._known.named(item.kind, free) is None:
                return free
        raise AssertionError("more names than elements")

    def _fill(self, id: ElementId, item: DraftItem) -> None:
        """State what an element leaves open; what people stated stays."""
        old = self.decision.model.elements[id]
        open_values = {
            name: value
            for name, value in self._stated(item).items()
            if value not in _EMPTY and hasattr(old, name) and _is_open(self.decision.model.catalog, old, name)
        }
        self._record_revised(old, open_values)

    def _revise(self, id: ElementId, item: DraftItem, settled: SettledItem) -> None:
        """Adopt what changed in the source; what it no longer states is open again, unless people did."""
        old, stated = self.decision.model.elements[id], self._stated(item)
        parts = changed_parts(settled, item)
        changed = {
            name: stated[name]
            for part in parts
            if (name := ATTRIBUTE_OF.get(part, part)) in stated
            and hasattr(old, name)
            and (stated[name] not in _EMPTY or is_withdrawn(item, settled, old, part))
        }
        name = item.name if "name" in parts and item.kind is not Kind.DATA_FLOW else ""
        if name and self._known.named(item.kind, name) is None:
            changed["name"] = clean_name(name)
        self._record_revised(old, changed)

    def _record_revised(self, old: Element, changed: Mapping[str, Any]) -> None:
        kept = {name: value for name, value in changed.items() if not self._stays(old, name, value)}
        new = replace(old, **kept)
        if new != old:
            self.decision = self.decision.revise(new)

    def _stays(self, old: Element, attribute: str, value: Any) -> bool:
        """Return whether an attribute cannot be changed: nesting that is part of an ID, or would be a circle.

        A component that is said to be an external dependency stays an external entity.
        """
        match old:
            case EntryPoint():
                return attribute == "parent"
            case TrustBoundary():
                return attribute == "parent" and self._is_inside(value, old.id)
            case Component():
                return attribute == "sort" and linked_dependency(self.decision.model, old.id) is not None
            case _:  # nothing else can contradict the model
                return False

    def _is_inside(self, boundary: ElementId | None, outer: ElementId) -> bool:
        while boundary is not None and boundary != outer:
            found = self.decision.model.elements.get(boundary)
            boundary = found.parent if isinstance(found, TrustBoundary) else None
        return boundary == outer

    def _stated(self, item: DraftItem) -> dict[str, Any]:
        """Return the attributes that an item states, without references to what is not there."""
        sort = TYPE_OF[item.kind]
        stated: dict[str, Any] = {}
        if item.kind is Kind.DATA_FLOW:
            stated["source"], stated["target"] = self._ends(item)
        for attribute in sort.__struct_fields__:
            part = "role" if item.kind is Kind.COMPONENT and attribute == "sort" else attribute
            if attribute in ("id", "name", "description", *stated) or not hasattr(item, part):
                continue
            value, referred = getattr(item, part), REFERENCES[sort].get(attribute)
            if attribute == "technology":
                value = stated_technology(self.decision.model, value, "") if value else ""
            elif isinstance(value, tuple) and referred is not None:
                found = (self._reference(key, referred) for key in cast("tuple[SourceKey, ...]", value))
                value = tuple(dict.fromkeys(one for one in found if one))
            elif referred is not None:
                value = self._reference(value, referred)
            elif attribute in ("sort", "protocol") and isinstance(value, str) and part == attribute:
                value = clean_word(value, what=f"The {_WORDS[attribute]}", field="item")
            stated[attribute] = value
        return stated

    def _reference(self, key: SourceKey, kind: Kind) -> ElementId | None:
        id = (self.ids.get(key) or identify(self.decision.model, key)) if key else None
        element = self.decision.model.elements.get(id) if id else None
        return id if element is not None and kind_of(element) is kind else None

    def _ends(self, item: DraftItem) -> tuple[ElementId, ElementId]:
        """Return the components at the ends of a flow; raises FlowEndsMissing, which names both."""
        ends = tuple(self._end(key) for key in (item.source, item.target))
        source, target = ends
        if source is not None and source == target:
            raise SameEnds
        if source is None or target is None:
            names = key_name(item.source), key_name(item.target)
            missing = tuple(name for name, id in zip(names, ends, strict=True) if id is None)
            raise FlowEndsMissing(*names, missing)
        return source, target

    def _end(self, key: SourceKey) -> ElementId | None:
        """Return the component that a key stands for; of an external dependency, one that represents it."""
        component = self._reference(key, Kind.COMPONENT)
        dependency = None if component else self._reference(key, Kind.EXTERNAL_DEPENDENCY)
        if dependency is None:
            return component
        if self._outside is None:
            represented = represented_dependencies(self.decision.model)
            self._outside = {one.id: component for component, one in represented.items()}
        if dependency in self._outside:
            return self._outside[dependency]
        outside = self.decision.model.elements[dependency]
        component = self._outside[dependency] = self.decision.next_id(Kind.COMPONENT)
        self._record_new(
            Component(
                id=component,
                name=outside.name,
                sort=ComponentKind.EXTERNAL_ENTITY,
                technology=outside.technology if isinstance(outside, ExternalDependency) else "",
            )
        )
        return component


def _is_open(catalog: Catalog, element: Element, attribute: str) -> bool:
    """Return whether no one stated an attribute; a technology may have been guessed from the name."""
    value = getattr(element, attribute)
    guessed = attribute == "technology" and value == guess_technology(catalog, element.name)
    return value in _EMPTY or guessed


def _differs(one: str, other: str) -> bool:
    return bool(one and other) and one.casefold() != other.casefold()


_EMPTY = (None, "", ())
_WITH_TECHNOLOGY = (Kind.COMPONENT, Kind.EXTERNAL_DEPENDENCY)
_WORDS = {"sort": "type", "protocol": "protocol"}


class _Taking(msgspec.Struct, frozen=True, kw_only=True):
    """The decision so far, and what was taken."""

    decision: Decision
    taken: tuple[SettledItem, ...] = ()

    def and_(self, decision: Decision, item: SettledItem) -> "_Taking":
        return _Taking(decision=decision, taken=(*self.taken, item))


def accept_draft(command: AcceptDraft, decision: Decision) -> Decision:
    """Record what was taken of a draft and what was left.

    A proposal that was accepted meanwhile, with the same content, is skipped.
    """
    if not (command.taken or command.left or command.kept):
        raise ContentMissing("Nothing of the draft is selected. Select at least one item.")
    if command.taken > LINES:
        raise TooMany("items", command.taken, LINES)
    if len(command.left) > MAX_ITEMS:
        raise TooMany("rejected items", len(command.left), MAX_ITEMS)
    taking = _take_all(command, decision)
    left = tuple(one for one in command.left if not _is_settled(decision.model, one.key, one.digest))
    gone = tuple(
        ReleasedKey(key=key) for key in dict.fromkeys(command.removed) if settled_item(decision.model, key)
    )
    kept = tuple(
        replace(known, absent=True)
        for key in dict.fromkeys(command.kept)
        if (known := settled_item(decision.model, key)) and not known.absent
    )
    if not (taking.taken or left or gone or kept):
        raise NothingChanged("Everything that you selected has already been accepted or rejected.")
    draft = SettledDraft(
        draft=command.draft,
        sources=command.sources,
        brought_by=command.brought_by,
        client=clean_word(command.client, what="The name of the client", field="client"),
    )
    result = decision.record(
        DraftSettled(settled=draft, taken=taking.taken, left=left, gone=gone, kept=kept, **decision.header)
    )
    for event in taking.decision.events:
        result = result.record(event)
    return result


def _take_all(command: AcceptDraft, decision: Decision) -> _Taking:
    """Return the events of what is taken, the elements first, since the rest refers to them."""
    elements = DraftedElements(decision, command.items).add()
    taking = _Taking(decision=elements.decision)
    for accepted in elements.settled:
        id = elements.ids[accepted.item.key]
        answers = [(answer, answer.fact in accepted.confirmed) for answer in accepted.item.answers]
        decision, taken = _answer(taking.decision, id, answers)
        taking = taking.and_(decision, settled(accepted.item, id=id, answers=taken))
    for one in command.answers:
        taking = _take_answer(taking, one)
    for threat in command.threats:
        taking = _take(taking, threat, lambda at, one=threat: _threat(at, one, elements.ids))
    for assumption in command.assumptions:
        taking = _take(taking, assumption, lambda at, one=assumption: _assumption(at, one))
    for progress in command.progress:
        taking = _take(taking, progress, lambda at, one=progress: _progress(at, one))
    return replace(taking, decision=_remove(command.removed, taking.decision))


def _take(
    taking: _Taking, proposal: Proposal, carry_out: Callable[[Decision], tuple[Decision, str]]
) -> _Taking:
    if _is_settled(taking.decision.model, proposal.key, digest_of(proposal), taken=True):
        return taking
    decision, id = carry_out(taking.decision)
    return taking.and_(decision, settled(proposal, id=id))


def _take_answer(taking: _Taking, accepted: AcceptedAnswer) -> _Taking:
    proposal = accepted.answer
    if _is_settled(taking.decision.model, proposal.key, digest_of(proposal), taken=True):
        return taking
    element = require_element(taking.decision.model, proposal.element)
    decision, taken = _answer(taking.decision, element.id, [(proposal.answer, accepted.confirmed)])
    return taking.and_(decision, settled(proposal, id=element.id, answers=taken))


def _answer(
    decision: Decision, id: ElementId, answers: Sequence[tuple[DraftAnswer, bool]]
) -> tuple[Decision, tuple[TakenAnswer, ...]]:
    """Record the answers about an element, each with whether it was confirmed.

    Without that, no answer of people is replaced, and none says that a control is in place.
    """
    taken: list[TakenAnswer] = []
    kind = kind_of(decision.model.elements[id])
    for one, confirmed in answers:
        known = decision.model.facts.get((id, one.fact))
        if known is one.answer or not is_asked(decision.model.catalog, kind, one.fact):
            continue
        if not confirmed and answer_choice(decision.model.catalog, one, known).by_itself:
            continue
        taken.append(TakenAnswer(fact=one.fact, place=one.place))
        decision = decision.record(
            FactAnswered(element=id, fact=one.fact, reply=one.answer, **decision.header)
        )
    return decision, tuple(taken)


def _threat(
    decision: Decision, threat: ProposedThreat, ids: Mapping[SourceKey, ElementId]
) -> tuple[Decision, str]:
    element = threat.element
    if element is None and threat.about:
        element = ids.get(threat.about) or identify(decision.model, threat.about)
    id = decision.next_threat()
    command = ReportThreat(
        by=decision.by,
        at=decision.at,
        title=threat.title,
        stride=threat.stride,
        description=threat.description,
        element=element,
    )
    return report_threat(command, decision), id


def _assumption(decision: Decision, assumption: ProposedAssumption) -> tuple[Decision, str]:
    id = decision.next_assumption()
    command = RecordAssumption(by=decision.by, at=decision.at, text=assumption.text)
    return record_assumption(command, decision), id


def _progress(decision: Decision, progress: ProposedProgress) -> tuple[Decision, str]:
    by, at, id = decision.by, decision.at, progress.mitigation
    if not progress.implemented:
        return start_mitigation(StartMitigation(by=by, at=at, mitigation=id), decision), id
    implemented = ImplementMitigation(by=by, at=at, mitigation=id, evidence=progress.evidence)
    return implement_mitigation(implemented, decision), id


def _remove(keys: Sequence[SourceKey], decision: Decision) -> Decision:
    """Remove elements whose keys are gone, those that refer to others first."""
    found = (identify(decision.model, key) for key in keys)
    ids = [id for id in dict.fromkeys(found) if id is not None]
    for id in sorted(ids, key=lambda one: not one.startswith("DF-")):
        decision = decision.record(ElementRemoved(element=id, **decision.header))
    for id in ids:
        check_unused(decision.model, id)
    return decision


def _is_settled(model: ThreatModel, key: SourceKey, digest: str, *, taken: bool = False) -> bool:
    """Return whether a key was settled with this content; with `taken`, whether it was taken."""
    known = settled_item(model, key)
    return known is not None and known.digest == digest and (bool(known.id) or not taken)
