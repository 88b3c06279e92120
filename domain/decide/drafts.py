"""Decision to accept parts of a draft: what was settled first, then the events of what was taken."""

from collections.abc import Callable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from domain.commands import (
    AcceptDraft,
    AcceptedAnswer,
    ImplementMitigation,
    RecordAssumption,
    ReportThreat,
    StartMitigation,
)
from domain.decide.collection import record_assumption
from domain.decide.decision import Decision
from domain.decide.drafted_elements import DraftedElements
from domain.decide.element_entry import check_unused
from domain.decide.input_checks import clean_word, require_element
from domain.decide.mitigations import implement_mitigation, start_mitigation
from domain.decide.threats import report_threat
from domain.draft_comparison.compared_draft import identify
from domain.draft_comparison.proposed_answers import answer_choice, is_asked
from domain.drafts.draft import (
    MAX_ITEMS,
    DraftAnswer,
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
    digest_of,
    settled,
)
from domain.events import DraftSettled, ElementRemoved, FactAnswered
from domain.kernel.elements import ElementId, kind_of
from domain.kernel.length_limits import LINES
from domain.model import ThreatModel
from domain.model.drafts import settled_item
from domain.rejections import ContentMissing, NothingChanged, TooMany


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
        answers = [(one, one.fact in accepted.confirmed) for one in accepted.item.answers]
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
