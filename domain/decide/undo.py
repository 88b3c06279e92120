"""Deciding to take back one's own last answer: its events, inverted, last one first."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from domain.decide.draft import Draft
from domain.decide.element_entry import check_unused
from domain.decide.input_checks import name_is_free
from domain.decide.undo_conflicts import Step, check_nobody_built_on
from domain.decide.undo_remediation import say_inverse_of_remediation
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
    Past,
    PersonAsked,
    RegisterCompleted,
    RegisterReopened,
    Remediated,
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
    element_told,
)
from domain.history import undone_answers
from domain.kernel.decisions import Consideration, Dismissal
from domain.kernel.elements import Element, PersonId, kind_of, references
from domain.model import ThreatModel, evolve, replay
from domain.model.labels import label
from domain.rejections import NoSuchElement, NothingToUndo, RoundEnded, WordsErased

_OVER = ("closed", "archived")

_Id = TypeVar("_Id")
_Thing = TypeVar("_Thing")


def undo(draft: Draft, told: Sequence[Past]) -> None:
    """Say the inverse of the asker's last answer that still holds."""
    past = told[: draft.model.version]
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
    check_nobody_built_on(past, answer, steps)
    draft.undoes = answer
    for earlier, event in reversed(steps):
        _say_inverse(earlier, event, draft)


def _last_answer(past: Sequence[Past], by: PersonId) -> int:
    undone = undone_answers(past)
    for event in reversed(past):
        if isinstance(event, Erased | Lasting) or event.by != by or event.undoes is not None:
            continue
        if event.answer not in undone:
            return event.answer
    raise NothingToUndo


def _say_inverse(earlier: ThreatModel, event: Event, draft: Draft) -> None:
    """Say that after which everything is as it was before the event."""
    said = draft.said
    if isinstance(event, Lasting):
        raise NothingToUndo
    if isinstance(event, ElementAdded):
        check_unused(draft.model, element_told(event).id)
        draft.say(ElementRemoved(element=element_told(event).id, **said))
        return
    if isinstance(event, ElementRevised):
        old = _before(earlier.elements, element_told(event).id)
        _has_its_place(draft.model, old)
        draft.revise(old)
        return
    if isinstance(event, Remediated):
        say_inverse_of_remediation(earlier, event, draft)
        return
    match event:
        case TrustLevelsOrdered():
            draft.say(TrustLevelsOrdered(order=tuple(level.id for level in earlier.trust_levels()), **said))
        case ElementRemoved():
            _has_its_place(draft.model, _before(draft.model.removed, event.element))
            draft.say(ElementRestored(element=event.element, **said))
        case ElementRestored():
            check_unused(draft.model, event.element)
            draft.say(ElementRemoved(element=event.element, **said))
        case FactAnswered():
            reply = earlier.facts.get((event.element, event.fact))
            draft.say(FactAnswered(element=event.element, fact=event.fact, reply=reply, **said))
        case RegisterCompleted():
            draft.say(RegisterReopened(register=event.register, **said))
        case RegisterReopened():
            draft.say(RegisterCompleted(register=event.register, **said))
        case AssumptionRecorded():
            draft.say(AssumptionWithdrawn(assumption=event.assumption.id, **said))
        case AssumptionRevised():
            draft.say(AssumptionRevised(assumption=_before(earlier.assumptions, event.assumption.id), **said))
        case AssumptionWithdrawn():
            draft.say(AssumptionRecorded(assumption=_before(earlier.assumptions, event.assumption), **said))
        case ThreatReported() | CandidateConfirmed():
            draft.say(ThreatWithdrawn(threat=event.threat.id, **said))
        case ThreatRevised():
            draft.say(ThreatRevised(threat=_before(earlier.threats, event.threat.id), **said))
        case ThreatWithdrawn():
            draft.say(ThreatReported(threat=_before(earlier.threats, event.threat), **said))
        case YardstickMarked():
            draft.say(YardstickUnmarked(threat=event.threat, **said))
        case YardstickUnmarked():
            draft.say(YardstickMarked(threat=event.threat, **said))
        case ThreatsMerged():
            kept = _before(earlier.threats, event.kept.id)
            draft.say(ThreatsParted(kept=kept, merged=event.merged, **said))
        case ThreatsParted():
            kept = _before(earlier.threats, event.kept.id)
            draft.say(ThreatsMerged(kept=kept, merged=event.merged, **said))
        case (
            CandidateDismissed(dismissal=Dismissal(candidate=candidate))
            | CandidateReopened(candidate=candidate)
        ):
            dismissal = earlier.dismissals.get(candidate)
            if dismissal is None:
                draft.say(CandidateReopened(candidate=candidate, **said))
            else:
                draft.say(CandidateDismissed(dismissal=dismissal, **said))
        case RowConsidered(consideration=Consideration(element=element)) | RowReopened(element=element):
            consideration = earlier.considered.get(element)
            if consideration is None:
                draft.say(RowReopened(element=element, **said))
            else:
                draft.say(RowConsidered(consideration=consideration, **said))
        case PersonAsked():
            person = earlier.asked_of.get((event.element, event.fact))
            draft.say(PersonAsked(element=event.element, fact=event.fact, person=person, **said))
        case NudgeSnoozed():
            draft.say(NudgeSnoozed(key=event.key, until=earlier.snoozed.get(event.key), **said))
        case RetrospectiveAnswered():
            told = earlier.retrospectives.get(event.by)
            draft.say(RetrospectiveAnswered(answers=told.answers if told else (), **said))
        case SharingAllowed():
            draft.say(SharingForbidden(**said))
        case SharingForbidden():
            draft.say(SharingAllowed(**said))
        case ScopeRevised():
            draft.say(
                ScopeRevised(
                    name=earlier.name,
                    description=earlier.description,
                    out_of_scope=earlier.out_of_scope,
                    answers_by=earlier.answers_by,
                    **said,
                )
            )
        case ParticipantsChosen():
            draft.say(ParticipantsChosen(participants=earlier.participants, **said))
        case TermsChosen():
            draft.say(TermsChosen(terms=earlier.terms, **said))
        case ClosingProposed() | ClosingDeclined() | ClosingWithdrawn():
            _say_closing(earlier, draft)


def _say_closing(earlier: ThreatModel, draft: Draft) -> None:
    """Say that the proposal to close stands as it did, or that there is none; once it is closed, neither."""
    if draft.model.step in _OVER:
        raise NothingToUndo
    if earlier.closing is not None:
        draft.say(ClosingProposed(proposal=earlier.closing, **draft.said))
    elif draft.model.closing is not None:
        draft.say(ClosingWithdrawn(**draft.said))


def _before(known: Mapping[_Id, _Thing], id: _Id) -> _Thing:
    """What was there; raises Rejected where the event that told it was erased."""
    thing = known.get(id)
    if thing is None:
        raise WordsErased
    return thing


def _has_its_place(model: ThreatModel, element: Element) -> None:
    """Raise Rejected where what comes back has lost its name or its references to others meanwhile."""
    name_is_free(model, kind_of(element), label(model, element), but=element.id)
    for id in references(element):
        if id not in model.elements:
            raise NoSuchElement(id)
