"""Event handlers of the model: elements, facts, registers, assumptions and settled drafts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from domain.drafts.draft import SourceKey
from domain.drafts.settlement import DraftId, ReleasedKey, SettledItem, erased_key, is_erased
from domain.events import (
    AnswerChecked,
    AssumptionRecorded,
    AssumptionRevised,
    AssumptionWithdrawn,
    BulkAnswered,
    DraftReopened,
    DraftSettled,
    ElementAdded,
    ElementRemoved,
    ElementRestored,
    ElementRevised,
    ElementsLinked,
    ElementsMerged,
    ElementsSeparated,
    FactAnswered,
    FactsAssumed,
    LinkWithdrawn,
    RegisterCompleted,
    RegisterReopened,
    TrustLevelsOrdered,
    described_element,
)
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import AnswerBasis, BasisKind, CheckOutcome
from domain.kernel.elements import ElementId, ElementLink, TrustLevel
from domain.kernel.persistent_maps import items_of
from domain.model.threat_model import ThreatModel, counter, handlers_by_event


def _element_added(model: ThreatModel, event: ElementAdded, version: int) -> ThreatModel:
    element = described_element(event)
    stem, number = counter(element.id)
    return replace(
        model,
        version=version,
        elements=model.elements.insert(element.id, element),
        numbers=model.numbers.insert(stem, number),
    )


def _element_revised(model: ThreatModel, event: ElementRevised, version: int) -> ThreatModel:
    element = described_element(event)
    revised, before = model.revised, model.at_closing.get(element.id)
    if before is not None:
        same = before == element
        revised = revised.discard(element.id) if same else revised.insert(element.id, event.at)
    elements = model.elements.insert(element.id, element)
    return replace(model, version=version, elements=elements, revised=revised)


def _levels_ordered(model: ThreatModel, event: TrustLevelsOrdered, version: int) -> ThreatModel:
    elements = model.elements
    for rank, id in enumerate(event.order, start=1):
        level = elements.get(id)
        if isinstance(level, TrustLevel):
            elements = elements.insert(id, replace(level, rank=rank))
    return replace(model, version=version, elements=elements)


def _removed(model: ThreatModel, event: ElementRemoved | ElementsMerged, version: int) -> ThreatModel:
    element = model.elements.get(event.element)
    if element is None:
        return replace(model, version=version)
    return replace(
        model,
        version=version,
        elements=model.elements.remove(event.element),
        removed=model.removed.insert(event.element, element),
    )


def _restored(model: ThreatModel, event: ElementRestored, version: int) -> ThreatModel:
    element = model.removed.get(event.element)
    if element is None:
        return replace(model, version=version)
    return replace(
        model,
        version=version,
        elements=model.elements.insert(event.element, element),
        removed=model.removed.remove(event.element),
    )


def _fact_answered(model: ThreatModel, event: FactAnswered, version: int) -> ThreatModel:
    about = (event.element, event.fact)
    if event.reply is None:
        return replace(
            model, version=version, facts=model.facts.discard(about), bases=model.bases.discard(about)
        )
    basis = event.basis or AnswerBasis(kind=BasisKind.STATED, by=event.by, at=event.at)
    if event.undoes is None:
        basis = _after(model, about, event.reply, basis)
    return replace(
        model,
        version=version,
        facts=model.facts.insert(about, event.reply),
        bases=model.bases.insert(about, basis),
    )


def _answer_checked(model: ThreatModel, event: AnswerChecked, version: int) -> ThreatModel:
    about, check, facts, bases = (event.element, event.fact), event.check, model.facts, model.bases
    if check is None:
        return replace(model, version=version, checks=model.checks.discard(about))
    known = bases.get(about)
    if check.outcome is CheckOutcome.CONFIRMED and known is not None:
        bases = bases.insert(about, replace(known, kind=BasisKind.CONFIRMED))
    elif check.outcome is CheckOutcome.WRONG:
        facts = facts.insert(about, Answer.NO)
        stated = AnswerBasis(kind=BasisKind.STATED, by=check.by, at=check.at)
        bases = bases.insert(about, _after(model, about, Answer.NO, stated))
    checks = model.checks.insert(about, check)
    return replace(model, version=version, facts=facts, bases=bases, checks=checks)


def _facts_assumed(model: ThreatModel, event: FactsAssumed, version: int) -> ThreatModel:
    if event.assumptions is None:
        return replace(model, version=version, assumed=model.assumed.discard(event.element))
    return replace(model, version=version, assumed=model.assumed.insert(event.element, event.assumptions))


def _bulk_answered(model: ThreatModel, event: BulkAnswered, version: int) -> ThreatModel:
    facts, bases = model.facts, model.bases
    basis = event.basis or AnswerBasis(kind=BasisKind.STATED_FOR_ALL, by=event.by, at=event.at)
    for element in event.elements:
        about = (element, event.fact)
        if event.reply is None:
            facts, bases = facts.discard(about), bases.discard(about)
        else:
            rests_on = _after(model, about, event.reply, basis) if event.undoes is None else basis
            facts, bases = facts.insert(about, event.reply), bases.insert(about, rests_on)
    return replace(model, version=version, facts=facts, bases=bases)


def _after(
    model: ThreatModel, about: tuple[ElementId, str], reply: Answer, basis: AnswerBasis
) -> AnswerBasis:
    """Return the basis of a new answer, with that of the *yes* before it; undo restores an earlier one.

    An answer that is stated again keeps since when it is given.
    """
    before = model.bases.get(about)
    if before is not None and model.facts.get(about) is reply:
        return replace(basis, former_yes=before.former_yes, first_at=before.given_at)
    if reply is Answer.YES or before is None:
        return basis
    was_yes = model.facts.get(about) is Answer.YES
    return replace(basis, former_yes=before if was_yes else before.former_yes)


def _linked(model: ThreatModel, event: ElementsLinked | ElementsSeparated, version: int) -> ThreatModel:
    link = ElementLink(
        dependency=event.dependency,
        component=event.component,
        same=isinstance(event, ElementsLinked),
        by=event.by,
        at=event.at,
        former_sort=event.former_sort if isinstance(event, ElementsLinked) else None,
    )
    links = model.links.insert((event.dependency, event.component), link)
    return replace(model, version=version, links=links)


def _link_withdrawn(model: ThreatModel, event: LinkWithdrawn, version: int) -> ThreatModel:
    links = model.links.discard((event.dependency, event.component))
    return replace(model, version=version, links=links)


def _register_completed(model: ThreatModel, event: RegisterCompleted, version: int) -> ThreatModel:
    return replace(model, version=version, complete=model.complete | {event.register})


def _register_reopened(model: ThreatModel, event: RegisterReopened, version: int) -> ThreatModel:
    return replace(model, version=version, complete=model.complete - {event.register})


def _assumption_recorded(
    model: ThreatModel, event: AssumptionRecorded | AssumptionRevised, version: int
) -> ThreatModel:
    stem, number = counter(event.assumption.id)
    return replace(
        model,
        version=version,
        assumptions=model.assumptions.insert(event.assumption.id, event.assumption),
        numbers=model.numbers.insert(stem, max(number, model.numbers.get(stem, 0))),
    )


def _assumption_withdrawn(model: ThreatModel, event: AssumptionWithdrawn, version: int) -> ThreatModel:
    return replace(model, version=version, assumptions=model.assumptions.discard(event.assumption))


COLLECTION_EVOLVERS = handlers_by_event(
    _element_added,
    _element_revised,
    _levels_ordered,
    _removed,
    _restored,
    _fact_answered,
    _answer_checked,
    _facts_assumed,
    _bulk_answered,
    _linked,
    _link_withdrawn,
    _register_completed,
    _register_reopened,
    _assumption_recorded,
    _assumption_withdrawn,
)


if TYPE_CHECKING:
    from domain.model.threat_model import SettledItems


def settled_item(model: ThreatModel, key: SourceKey) -> SettledItem | None:
    """Return what was settled about a key, also if the person who settled it was erased."""
    return model.settled.get(key) or model.settled.get(erased_key(key))


def _draft_settled(model: ThreatModel, event: DraftSettled, version: int) -> ThreatModel:
    draft = event.settled.draft
    items = _released(model.settled, event.gone)
    items = _with_items(items, (*event.taken, *event.left, *event.kept), draft)
    return replace(
        model,
        version=version,
        settled=items,
        settled_drafts=model.settled_drafts.insert(draft, event.settled),
    )


def _draft_reopened(model: ThreatModel, event: DraftReopened, version: int) -> ThreatModel:
    drafts = model.settled_drafts
    drafts = drafts.insert(event.draft, event.settled) if event.settled else drafts.discard(event.draft)
    items = _with_items(_released(model.settled, event.released), event.restored, event.draft)
    return replace(model, version=version, settled=items, settled_drafts=drafts)


def _with_items(items: "SettledItems", more: Sequence[SettledItem], draft: DraftId) -> "SettledItems":
    items = _released(items, more)
    for one in more:
        items = items.insert(one.key, one if one.draft else replace(one, draft=draft))
    return items


def _released(items: "SettledItems", keys: Sequence[ReleasedKey | SettledItem]) -> "SettledItems":
    """Remove keys, also where one of the two is a digest because a person was erased."""
    for one in keys:
        items = items.discard(one.key).discard(erased_key(one.key))
    if erased := {one.key for one in keys if is_erased(one.key)}:
        for key in [key for key, _ in items_of(items) if erased_key(key) in erased]:
            items = items.discard(key)
    return items


DRAFT_EVOLVERS = handlers_by_event(
    _draft_settled,
    _draft_reopened,
)
