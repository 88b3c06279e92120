"""Elements that stand for items of a draft, and how the items differ from them, in words."""

from collections.abc import Collection, Iterable, Mapping
from enum import Enum, StrEnum
from typing import cast

import msgspec

from domain.catalog import Catalog
from domain.drafts.draft import Certainty, DraftAnswer, DraftItem, ProposedAnswer, SourceKey, SourcePlace
from domain.drafts.settlement import Proposal, SettledItem, changed_parts, said_before
from domain.kernel.answer import Answer
from domain.kernel.elements import KIND_OF, DataFlow, Element, ElementId, Kind, kind_of
from domain.kernel.name_similarity import SimilarNames
from domain.kernel.persistent_maps import values_of
from domain.model import ThreatModel
from domain.model.collection import settled_item
from domain.model.element_labels import label, name_of, same_name


class AnswerChoice(StrEnum):
    """How an answer is chosen: with its item, or by itself."""

    WITH_ITEM = "with_item"
    CONTROL = "control"
    """It says that a control is in place, which a machine must not decide."""
    REPLACES = "replaces"
    """People gave another answer."""
    GUESS = "guess"

    @property
    def by_itself(self) -> bool:
        """Return whether a person has to choose it explicitly."""
        return self is not AnswerChoice.WITH_ITEM


class ComparedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A proposed answer that the model does not have; `known` is the answer that it would replace."""

    fact: str
    answer: Answer
    place: SourcePlace
    choice: AnswerChoice
    known: Answer | None = None


def compare_answers(
    model: ThreatModel,
    proposal: Proposal,
    id: ElementId | None = None,
    *,
    only: Collection[str] | None = None,
) -> tuple[ComparedAnswer, ...]:
    """Return the answers of a proposal that are to be given; `id` is the element that an item stands for.

    Facts that this release does not ask about such an element are left out; `only` restricts them further.
    """
    if isinstance(proposal, ProposedAnswer):
        element = model.elements.get(proposal.element)
        if element is None:
            return ()
        id, kind, answers = proposal.element, kind_of(element), (proposal.answer,)
    elif isinstance(proposal, DraftItem):
        kind, answers = proposal.kind, proposal.answers
    else:
        return ()
    return tuple(
        found
        for answer in answers
        if (only is None or answer.fact in only) and (found := _compared(model, id, kind, answer))
    )


def asserts_control(catalog: Catalog, fact: str, answer: Answer) -> bool:
    """Return whether an answer says that a control is in place or not needed: its *no* can raise a threat."""
    known = catalog.facts.get(fact)
    return known is not None and bool(known.denial) and answer in (Answer.YES, Answer.NOT_APPLICABLE)


def is_asked(catalog: Catalog, kind: Kind, fact: str) -> bool:
    """Return whether a fact exists for a kind of element."""
    known = catalog.facts.get(fact)
    return known is not None and kind in known.kinds


def answer_choice(catalog: Catalog, proposed: DraftAnswer, known: Answer | None) -> AnswerChoice:
    """Return how a proposed answer is chosen where the model has an answer, or none."""
    if known not in (None, Answer.UNKNOWN):
        return AnswerChoice.REPLACES
    if asserts_control(catalog, proposed.fact, proposed.answer):
        return AnswerChoice.CONTROL
    return AnswerChoice.GUESS if proposed.certainty is Certainty.GUESS else AnswerChoice.WITH_ITEM


def _compared(
    model: ThreatModel, id: ElementId | None, kind: Kind, proposed: DraftAnswer
) -> ComparedAnswer | None:
    known = model.facts.get((id, proposed.fact)) if id else None
    if known is proposed.answer or not is_asked(model.catalog, kind, proposed.fact):
        return None
    return ComparedAnswer(
        fact=proposed.fact,
        answer=proposed.answer,
        place=proposed.place,
        choice=answer_choice(model.catalog, proposed, known),
        known=known,
    )


_MOST_COMPARED = 1_000
"""Maximum elements of a kind with which names are compared for similarity."""


class KnownElements:
    """The elements of a model, by what a draft says about them."""

    def __init__(self, model: ThreatModel) -> None:
        self.tied = frozenset(ElementId(value.id) for value in values_of(model.settled) if value.id)
        """The elements that a key of a source stands for."""
        self._names: dict[tuple[Kind, str], ElementId] = {}
        self._flows: dict[tuple[ElementId, ElementId], list[DataFlow]] = {}
        untied: dict[Kind, dict[str, ElementId]] = {kind: {} for kind in KIND_OF.values()}
        for element in values_of(model.elements):
            kind = kind_of(element)
            if element.name and element.id not in self.tied:
                untied[kind][element.name] = element.id
            self.include(element, label(model, element))
        self._similar = {kind: _Similar(names) for kind, names in untied.items()}

    def include(self, element: Element, name: str) -> None:
        """Take one more element into account, under a name."""
        self._names.setdefault((kind_of(element), same_name(name)), element.id)
        if isinstance(element, DataFlow):
            self._flows.setdefault((element.source, element.target), []).append(element)

    def named(self, kind: Kind, name: str) -> ElementId | None:
        """Return the element of a kind with a name, ignoring case."""
        return self._names.get((kind, same_name(name)))

    def similar(self, kind: Kind, name: str) -> tuple[ElementId, ...]:
        """Return the elements of a kind without a key that have a similar name, the closest first."""
        return self._similar[kind].to(name)

    def flows(self, source: ElementId, target: ElementId) -> Iterable[DataFlow]:
        """Return the data flows from one component to another, in either form of writing them."""
        back = (flow for flow in self._flows.get((target, source), ()) if flow.two_way)
        return (*self._flows.get((source, target), ()), *back)


class _Similar:
    def __init__(self, names: Mapping[str, ElementId]) -> None:
        self._names = names
        self._index = SimilarNames(names) if 0 < len(names) <= _MOST_COMPARED else None

    def to(self, name: str) -> tuple[ElementId, ...]:
        found = self._index.most_similar(name) if self._index else ()
        return tuple(self._names[one] for one in found)


class ItemDifference(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute with the value that the element has and the one that the draft proposes."""

    part: str
    before: str
    now: str

    @property
    def label(self) -> str:
        """Return the attribute in words."""
        return _LABELS.get(self.part, self.part.replace("_", " "))


ATTRIBUTE_OF: Mapping[str, str] = {"role": "sort"}
"""The attribute of the element for each part of an item that has another name."""


def differences(
    item: DraftItem,
    old: SettledItem,
    element: Element,
    model: ThreatModel,
    items: Mapping[SourceKey, DraftItem],
) -> tuple[ItemDifference, ...]:
    """Return what changed in the source and differs from the element.

    What the source no longer states is a difference as long as the element has it from there.
    """
    found = (
        ItemDifference(
            part=part,
            before=_element_text(getattr(element, ATTRIBUTE_OF.get(part, part)), part, model),
            now=_item_text(getattr(item, part), part, model, items),
        )
        for part in changed_parts(old, item)
        if part in item.__struct_fields__ and hasattr(element, ATTRIBUTE_OF.get(part, part))
    )
    return tuple(
        one
        for one in found
        if one.before != one.now and (one.now or is_withdrawn(item, old, element, one.part))
    )


def is_withdrawn(item: DraftItem, old: SettledItem, element: Element, part: str) -> bool:
    """Return whether an element has an attribute from its source, which no longer states it."""
    value = getattr(element, ATTRIBUTE_OF.get(part, part), None)
    return part not in REFERENCES and not getattr(item, part, None) and said_before(old, part, value)


def _element_text(value: object, part: str, model: ThreatModel) -> str:
    if part in REFERENCES:
        return ", ".join(name_of(model, ElementId(one)) for one in _several(value))
    return _value_text(model.catalog, value, part)


def _item_text(value: object, part: str, model: ThreatModel, items: Mapping[SourceKey, DraftItem]) -> str:
    if part in REFERENCES:
        return ", ".join(_key_text(SourceKey(one), model, items) for one in _several(value))
    return _value_text(model.catalog, value, part)


def _several(value: object) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return cast("tuple[str, ...]", value)
    return (value,) if isinstance(value, str) and value else ()


def _key_text(key: SourceKey, model: ThreatModel, items: Mapping[SourceKey, DraftItem]) -> str:
    known = settled_item(model, key)
    if known is not None and known.id in model.elements:
        return name_of(model, ElementId(known.id))
    return items[key].name if key in items else key_name(key)


def key_name(key: SourceKey) -> str:
    """Return the last part of a key, which is the name of the thing in its source."""
    return key.rpartition(":")[2].rpartition("/")[2] or key


def _value_text(catalog: Catalog, value: object, part: str) -> str:
    if value is None:
        return ""
    if part == "technology":
        return catalog.technology_name(str(value))
    return str(value.value).replace("_", " ") if isinstance(value, Enum) else str(value)


REFERENCES = frozenset({"boundary", "parent", "component", "source", "target", "stored_in"})
"""The parts of an item that refer to other items by key."""

_LABELS = {"role": "type", "sort": "type", "data": "type of data", "stored_in": "stored in"}
