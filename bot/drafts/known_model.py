"""What a model knows of a draft, in the form in which drift is found."""

from msgspec.structs import replace

from bot.drafts.draft_drift import DriftReport, drift_of
from bot.drafts.known_draft import KnownDraft, KnownItem, known_item
from domain.draft_comparison.compared_draft import ComparedProposal, DraftComparison, ItemState, compare_draft
from domain.drafts.draft import Draft, DraftItem, SourceKey
from domain.kernel.answer import Answer
from domain.kernel.elements import DataFlow, Element, ElementId, EntryPoint
from domain.model import ThreatModel
from domain.model.drafts import settled_item
from domain.model.element_labels import name_of


def drift_from_model(draft: Draft, model: ThreatModel, *, strict: bool = False) -> DriftReport:
    """Compare a draft with a model; if strict, what was not read is a change.

    What people left is known, and so is an element of the same name that has no key yet. Answers count that
    people gave in the model, from wherever they have them.
    """
    comparison = compare_draft(draft, model)
    known = KnownDraft(
        format="threatmodel-known",
        version=1,
        items={
            one.key: found
            for one in comparison.proposals
            if isinstance(one.proposal, DraftItem) and (found := _known(one, one.proposal, model)) is not None
        },
        unresolved={one.key: "" for one in comparison.proposals if not one.is_open},
    )
    report = drift_of(draft, known, strict=strict)
    gone = tuple(f"“{name_of(model, one.element)}” ({one.key})" for one in comparison.gone)
    return replace(report, gone=gone)


def states_of(draft: Draft, model: ThreatModel) -> dict[SourceKey, str]:
    """Return the state of each item in comparison with a model, in words."""
    comparison: DraftComparison = compare_draft(draft, model)
    return {one.key: _WORDS[one.state] for one in comparison.proposals}


_WORDS = {
    ItemState.NEW: "new",
    ItemState.CHANGED: "changed",
    ItemState.CONFLICT: "similar name",
    ItemState.KNOWN: "known",
    ItemState.REJECTED: "left out",
}


def _known(compared: ComparedProposal, item: DraftItem, model: ThreatModel) -> KnownItem | None:
    if compared.state is ItemState.REJECTED:
        return known_item(item)
    id = compared.id or (compared.similar[0].element if compared.identical else None)
    element = model.elements.get(ElementId(id)) if id else None
    if element is None:
        return known_item(item) if compared.state is ItemState.KNOWN else None
    changed = {one.part for one in compared.differences}
    exposure = element.exposure if isinstance(element, EntryPoint) else None
    return KnownItem(
        kind=item.kind,
        name=item.name,
        exposure=exposure if item.exposure or "exposure" in changed else item.exposure,
        protocol=_protocol(element),
        answers=_answers(item, element.id, model),
    )


def _protocol(element: Element) -> str:
    return element.protocol if isinstance(element, EntryPoint | DataFlow) else ""


def _answers(item: DraftItem, id: ElementId, model: ThreatModel) -> dict[str, Answer]:
    """Return the model's answers that the file states, or stated when it was accepted."""
    old = settled_item(model, item.key)
    taken = {one.fact for one in old.answers} if old else set[str]()
    facts = taken | {one.fact for one in item.answers}
    return {fact: answer for fact in facts if (answer := model.facts.get((id, fact))) is not None}
