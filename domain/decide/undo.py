"""Decision to undo one's own last answer: the inverse of its events, the last one first."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from domain.decide.draft_decision import Draft
from domain.decide.element_entry import check_unused
from domain.decide.input_checks import check_name_is_free
from domain.decide.undo_conflicts import Step, check_no_later_event_depends_on
from domain.decide.undo_remediation import record_inverse_of_remediation
from domain.event_kinds import Lasting
from domain.events import (
    AssumptionRecorded,
    AssumptionRevised,
    AssumptionWithdrawn,
    CandidateConfirmed,
    CandidateDismissed,
    CandidateReopened,
    ClosingDeclined,
    ClosingProposed,
    ClosingWithdrawn,
    ElementAdded,
    ElementRemoved,
    ElementRestored,
    ElementRevised,
    Erased,
    Event,
    FactAnswered,
    NudgeSnoozed,
    ParticipantsChosen,
    PersonAsked,
    RecordedEvent,
    RegisterCompleted,
    RegisterReopened,
    RemediationEvent,
    RetrospectiveAnswered,
    RoundClosed,
    RowConsidered,
    RowReopened,
    ScopeRevised,
    SharingAllowed,
    SharingForbidden,
    TermsChosen,
    ThreatReported,
    ThreatRevised,
    ThreatsMerged,
    ThreatsParted,
    ThreatWithdrawn,
    TrustLevelsOrdered,
    YardstickMarked,
    YardstickUnmarked,
    described_element,
)
from domain.history import undone_answers
from domain.kernel.candidate_decisions import Consideration, Dismissal
from domain.kernel.elements import Element, PersonId, kind_of, references
from domain.model import ThreatModel, evolve, replay
from domain.model.element_labels import label
from domain.rejections import NoSuchElement, NothingToUndo, RoundEnded, WordsErased

_OVER = ("closed", "archived")

_Id = TypeVar("_Id")
_Thing = TypeVar("_Thing")


def undo_last_answer(draft: Draft, events: Sequence[RecordedEvent]) -> None:
    """Record the inverse of the author's last answer in force."""
    past = events[: draft.model.version]
    answer = _last_answer(past, draft.by)
    before = replay(past[: answer - 1])
    steps: list[Step] = []
    model = before
    for event in past[answer - 1 :]:
        if isinstance(event, Erased) or event.answer != answer:
            break
        if isinstance(event, RoundClosed):
            raise RoundEnded(event.round)
        steps.append((model, event))
        model = evolve(model, event)
    check_no_later_event_depends_on(past, answer, steps)
    draft.undoes = answer
    for earlier, event in reversed(steps):
        _record_inverse(earlier, event, draft)


def _last_answer(past: Sequence[RecordedEvent], by: PersonId) -> int:
    undone = undone_answers(past)
    for event in reversed(past):
        if isinstance(event, Erased | Lasting) or event.by != by or event.undoes is not None:
            continue
        if event.answer not in undone:
            return event.answer
    raise NothingToUndo


def _record_inverse(earlier: ThreatModel, event: Event, draft: Draft) -> None:
    """Record events that restore the state before an event."""
    said = draft.header
    if isinstance(event, Lasting):
        raise NothingToUndo
    if isinstance(event, ElementAdded):
        check_unused(draft.model, described_element(event).id)
        draft.record(ElementRemoved(element=described_element(event).id, **said))
        return
    if isinstance(event, ElementRevised):
        old = _before(earlier.elements, described_element(event).id)
        _has_its_place(draft.model, old)
        draft.revise(old)
        return
    if isinstance(event, RemediationEvent):
        record_inverse_of_remediation(earlier, event, draft)
        return
    match event:
        case TrustLevelsOrdered():
            draft.record(
                TrustLevelsOrdered(order=tuple(level.id for level in earlier.trust_levels()), **said)
            )
        case ElementRemoved():
            _has_its_place(draft.model, _before(draft.model.removed, event.element))
            draft.record(ElementRestored(element=event.element, **said))
        case ElementRestored():
            check_unused(draft.model, event.element)
            draft.record(ElementRemoved(element=event.element, **said))
        case FactAnswered():
            reply = earlier.facts.get((event.element, event.fact))
            draft.record(FactAnswered(element=event.element, fact=event.fact, reply=reply, **said))
        case RegisterCompleted():
            draft.record(RegisterReopened(register=event.register, **said))
        case RegisterReopened():
            draft.record(RegisterCompleted(register=event.register, **said))
        case AssumptionRecorded():
            draft.record(AssumptionWithdrawn(assumption=event.assumption.id, **said))
        case AssumptionRevised():
            draft.record(
                AssumptionRevised(assumption=_before(earlier.assumptions, event.assumption.id), **said)
            )
        case AssumptionWithdrawn():
            draft.record(
                AssumptionRecorded(assumption=_before(earlier.assumptions, event.assumption), **said)
            )
        case ThreatReported() | CandidateConfirmed():
            draft.record(ThreatWithdrawn(threat=event.threat.id, **said))
        case ThreatRevised():
            draft.record(ThreatRevised(threat=_before(earlier.threats, event.threat.id), **said))
        case ThreatWithdrawn():
            draft.record(ThreatReported(threat=_before(earlier.threats, event.threat), **said))
        case YardstickMarked():
            draft.record(YardstickUnmarked(threat=event.threat, **said))
        case YardstickUnmarked():
            draft.record(YardstickMarked(threat=event.threat, **said))
        case ThreatsMerged():
            kept = _before(earlier.threats, event.kept.id)
            draft.record(ThreatsParted(kept=kept, merged=event.merged, **said))
        case ThreatsParted():
            kept = _before(earlier.threats, event.kept.id)
            draft.record(ThreatsMerged(kept=kept, merged=event.merged, **said))
        case (
            CandidateDismissed(dismissal=Dismissal(candidate=candidate))
            | CandidateReopened(candidate=candidate)
        ):
            dismissal = earlier.dismissals.get(candidate)
            if dismissal is None:
                draft.record(CandidateReopened(candidate=candidate, **said))
            else:
                draft.record(CandidateDismissed(dismissal=dismissal, **said))
        case RowConsidered(consideration=Consideration(element=element)) | RowReopened(element=element):
            consideration = earlier.considered.get(element)
            if consideration is None:
                draft.record(RowReopened(element=element, **said))
            else:
                draft.record(RowConsidered(consideration=consideration, **said))
        case PersonAsked():
            person = earlier.asked_of.get((event.element, event.fact))
            draft.record(PersonAsked(element=event.element, fact=event.fact, person=person, **said))
        case NudgeSnoozed():
            draft.record(NudgeSnoozed(key=event.key, until=earlier.snoozed.get(event.key), **said))
        case RetrospectiveAnswered():
            known = earlier.retrospectives.get(event.by)
            draft.record(RetrospectiveAnswered(answers=known.answers if known else (), **said))
        case SharingAllowed():
            draft.record(SharingForbidden(**said))
        case SharingForbidden():
            draft.record(SharingAllowed(**said))
        case ScopeRevised():
            draft.record(
                ScopeRevised(
                    name=earlier.name,
                    description=earlier.description,
                    out_of_scope=earlier.out_of_scope,
                    answers_by=earlier.answers_by,
                    **said,
                )
            )
        case ParticipantsChosen():
            draft.record(ParticipantsChosen(participants=earlier.participants, **said))
        case TermsChosen():
            draft.record(TermsChosen(terms=earlier.terms, **said))
        case ClosingProposed() | ClosingDeclined() | ClosingWithdrawn():
            _restore_closing(earlier, draft)


def _restore_closing(earlier: ThreatModel, draft: Draft) -> None:
    """Restore the previous proposal to close, or its absence; nothing once the model is closed."""
    if draft.model.step in _OVER:
        raise NothingToUndo
    if earlier.closing is not None:
        draft.record(ClosingProposed(proposal=earlier.closing, **draft.header))
    elif draft.model.closing is not None:
        draft.record(ClosingWithdrawn(**draft.header))


def _before(known: Mapping[_Id, _Thing], id: _Id) -> _Thing:
    """Return the earlier state; raises Rejected if the event that held it was erased."""
    thing = known.get(id)
    if thing is None:
        raise WordsErased
    return thing


def _has_its_place(model: ThreatModel, element: Element) -> None:
    """Raise Rejected if a restored element's name is taken, or an element it refers to is gone."""
    check_name_is_free(model, kind_of(element), label(model, element), but=element.id)
    for id in references(element):
        if id not in model.elements:
            raise NoSuchElement(id)
