"""Comparison of a draft with a model: the state of each proposal, and what its sources no longer contain."""

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from domain.draft_comparison.differences import (
    ComparedAnswer,
    ItemDifference,
    KnownElements,
    compare_answers,
    differences,
)
from domain.drafts.draft import AGENT, Certainty, Draft, DraftItem, SourceKey, SourcePlace
from domain.drafts.settlement import (
    ANSWERED,
    Proposal,
    SettledItem,
    changed_parts,
    digest_of,
    is_erased,
)
from domain.kernel.elements import Component, ElementId, Kind
from domain.kernel.mitigation import MitigationState
from domain.kernel.persistent_maps import values_of
from domain.model import ThreatModel
from domain.model.collection import settled_item
from domain.model.element_labels import name_of, same_name


class ItemState(StrEnum):
    """The state of a proposal in comparison with the model."""

    NEW = "new"
    CHANGED = "changed"
    """Its key stands for something in the model, and the source now says something else."""
    CONFLICT = "conflict"
    """An element without a key has the same or a similar name: a person chooses whether it is the same."""
    KNOWN = "known"
    """It was taken, or it says what the model says."""
    REJECTED = "rejected"
    """It was left before, and has not changed since."""


class SimilarThing(msgspec.Struct, frozen=True, kw_only=True):
    """What an item may be the same as: an element of the model, or another item of the draft."""

    name: str
    element: ElementId | None = None
    key: SourceKey = SourceKey("")


class ComparedProposal(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal in comparison with the model.

    `id` is what its key stands for; empty if nothing. `similar` are those with which it is in conflict, the
    closest first; `identical` if the first one has the same name. `differences` are those of a changed one.
    `answers` are those of an item that are still to be given. `before` says that it was left before, and has
    changed since.
    """

    proposal: Proposal
    state: ItemState
    id: str = ""
    similar: tuple[SimilarThing, ...] = ()
    identical: bool = False
    differences: tuple[ItemDifference, ...] = ()
    answers: tuple[ComparedAnswer, ...] = ()
    before: bool = False

    @property
    def key(self) -> SourceKey:
        """Return the key of the proposal."""
        return self.proposal.key

    @property
    def is_open(self) -> bool:
        """Return whether it is to be decided."""
        return self.state in (ItemState.NEW, ItemState.CHANGED, ItemState.CONFLICT)

    @property
    def is_guess(self) -> bool:
        """Return whether a person has to choose it by itself, because it is only possible."""
        certainty = getattr(self.proposal, "certainty", None)
        return certainty is Certainty.GUESS


class GoneItem(msgspec.Struct, frozen=True, kw_only=True):
    """An element whose key is no longer in a source of the same name."""

    key: SourceKey
    element: ElementId
    place: SourcePlace


class DraftComparison(msgspec.Struct, frozen=True, kw_only=True):
    """A draft in comparison with a model: its proposals in their order, and what is gone."""

    proposals: tuple[ComparedProposal, ...] = ()
    gone: tuple[GoneItem, ...] = ()

    @property
    def open(self) -> tuple[ComparedProposal, ...]:
        """Return the proposals that are to be decided."""
        return tuple(proposal for proposal in self.proposals if proposal.is_open)

    def in_state(self, state: ItemState) -> tuple[ComparedProposal, ...]:
        """Return the proposals in a state."""
        return tuple(proposal for proposal in self.proposals if proposal.state is state)

    @property
    def new(self) -> tuple[ComparedProposal, ...]:
        """Return what the model does not have: new proposals, and those in conflict."""
        return tuple(one for one in self.open if one.state is not ItemState.CHANGED)

    @property
    def changed(self) -> tuple[ComparedProposal, ...]:
        """Return what the sources now describe differently."""
        return self.in_state(ItemState.CHANGED)

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is to be decided."""
        return not self.open and not self.gone


def all_proposals(draft: Draft) -> tuple[Proposal, ...]:
    """Return everything that a draft proposes, in its order."""
    return (*draft.items, *draft.answers, *draft.threats, *draft.assumptions, *draft.progress)


def compare_draft(draft: Draft, model: ThreatModel) -> DraftComparison:
    """Return a draft in comparison with a model; an unchanged source that was settled has nothing open."""
    comparer = _Comparer(draft, model)
    return DraftComparison(
        proposals=tuple(map(comparer.compare, all_proposals(draft))),
        gone=tuple(_gone(draft, model)),
    )


def identify(model: ThreatModel, key: SourceKey) -> ElementId | None:
    """Return the element of the model that a key stands for."""
    known = settled_item(model, key)
    return ElementId(known.id) if known and known.id in model.elements else None


class _Comparer:
    def __init__(self, draft: Draft, model: ThreatModel) -> None:
        self._model = model
        self._known = KnownElements(model)
        self._items = {item.key: item for item in draft.items}
        self._first: dict[tuple[Kind, str], DraftItem] = {}

    def compare(self, proposal: Proposal) -> ComparedProposal:
        """Return the state of one proposal."""
        old = settled_item(self._model, proposal.key)
        if isinstance(proposal, DraftItem):
            found = self._compare_item(proposal, old)
            self._first.setdefault((proposal.kind, same_name(proposal.name)), proposal)
            return found
        if old is not None and old.digest == digest_of(proposal):
            state = ItemState.KNOWN if old.id else ItemState.REJECTED
            return ComparedProposal(proposal=proposal, state=state, id=old.id)
        if self._says_the_same(proposal):
            return ComparedProposal(proposal=proposal, state=ItemState.KNOWN)
        return ComparedProposal(
            proposal=proposal,
            state=ItemState.NEW,
            before=old is not None,
            answers=compare_answers(self._model, proposal),
        )

    def _says_the_same(self, proposal: Proposal) -> bool:
        """Return whether the model has an answer or progress already, or no longer has what it is about."""
        model = self._model
        element, mitigation = getattr(proposal, "element", None), getattr(proposal, "mitigation", None)
        if mitigation is not None:
            known = model.mitigations.get(mitigation)
            implemented = getattr(proposal, "implemented", False)
            states = _BEFORE_IMPLEMENTED if implemented else (MitigationState.PLANNED,)
            return known is None or known.state not in states
        if element is None:
            return False
        return element not in model.elements or not (
            compare_answers(model, proposal) or not hasattr(proposal, "answer")
        )

    def _compare_item(self, item: DraftItem, old: SettledItem | None) -> ComparedProposal:
        id = identify(self._model, item.key)
        if old is not None and old.digest == item.digest:
            if id or not old.id:
                return ComparedProposal(
                    proposal=item, state=ItemState.KNOWN if id else ItemState.REJECTED, id=id or ""
                )
            # The element was removed: a person decided this, and the source has not changed.
            return ComparedProposal(proposal=item, state=ItemState.REJECTED)
        if old is not None and id:
            return self._changed(item, old, id)
        before = old is not None
        similar = self._similar(item)
        answers = compare_answers(self._model, item)
        if not similar:
            return ComparedProposal(proposal=item, state=ItemState.NEW, before=before, answers=answers)
        return ComparedProposal(
            proposal=item,
            state=ItemState.CONFLICT,
            similar=similar,
            identical=item.kind is Kind.DATA_FLOW or same_name(similar[0].name) == same_name(item.name),
            before=before,
            answers=answers,
        )

    def _changed(self, item: DraftItem, old: SettledItem, id: ElementId) -> ComparedProposal:
        parts = changed_parts(old, item)
        facts = {part.removeprefix(ANSWERED) for part in parts if part.startswith(ANSWERED)}
        answers = compare_answers(self._model, item, id, only=facts)
        found = differences(item, old, self._model.elements[id], self._model, self._items)
        state = ItemState.CHANGED if found or answers else ItemState.KNOWN
        return ComparedProposal(proposal=item, state=state, id=id, differences=found, answers=answers)

    def _similar(self, item: DraftItem) -> tuple[SimilarThing, ...]:
        if item.kind is Kind.DATA_FLOW:
            return self._similar_flows(item)
        same = self._known.named(item.kind, item.name)
        others = self._known.similar(item.kind, item.name)
        ids = dict.fromkeys((*((same,) if same else ()), *others))
        found = [SimilarThing(name=name_of(self._model, id), element=id) for id in ids]
        twin = self._first.get((item.kind, same_name(item.name)))
        if twin is not None and not same:
            found.insert(0, SimilarThing(name=twin.name, key=twin.key))
        return tuple(found[:_MOST_SIMILAR])

    def _similar_flows(self, item: DraftItem) -> tuple[SimilarThing, ...]:
        """Return the flows without a key between the same components."""
        ends = self._end(item.source), self._end(item.target)
        if None in ends:
            return ()
        return tuple(
            SimilarThing(name=name_of(self._model, flow.id), element=flow.id)
            for flow in self._known.flows(*ends)  # pyright: ignore[reportArgumentType]  neither is None
            if flow.id not in self._known.tied
        )[:_MOST_SIMILAR]

    def _end(self, key: SourceKey) -> ElementId | None:
        """Return the component that an end of a flow stands for or has the name of."""
        known = identify(self._model, key)
        if known is None and (item := self._items.get(key)):
            known = self._known.named(Kind.COMPONENT, item.name)
        return known if isinstance(self._model.elements.get(known or ElementId("")), Component) else None


def _gone(draft: Draft, model: ThreatModel) -> Iterator[GoneItem]:
    """Yield the elements whose keys came from a file of the same name and are no longer there."""
    files = {source.name for source in draft.sources if source.format != AGENT}
    there = {proposal.key for proposal in all_proposals(draft)}
    found = [
        GoneItem(key=value.key, element=ElementId(value.id), place=value.place)
        for value in values_of(model.settled)
        if value.id in model.elements
        and not value.absent
        and value.place.file in files
        and value.key not in there
        and not is_erased(value.key)
        and not value.key.startswith(f"{AGENT}:")
    ]
    yield from sorted(found, key=lambda one: (one.place.file, one.place.line, one.key))


_MOST_SIMILAR = 3
_BEFORE_IMPLEMENTED = (MitigationState.PLANNED, MitigationState.STARTED)
