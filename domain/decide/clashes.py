"""Who built on an answer since it was given: what each event touches, and whether two touch the same."""

from collections.abc import Sequence
from typing import assert_never

from domain.elements import ElementId, references
from domain.events import (
    AcceptanceApproved,
    AcceptanceDeclined,
    AcceptanceProposed,
    AcceptanceWithdrawn,
    ApprovalReassigned,
    AssumptionRecorded,
    AssumptionRevised,
    AssumptionWithdrawn,
    BallotCast,
    BallotExplained,
    CandidateConfirmed,
    CandidateDismissed,
    CandidateReopened,
    ChannelFollowed,
    ClosingDeclined,
    ClosingProposed,
    ClosingWithdrawn,
    ElementAdded,
    ElementRemoved,
    ElementRestored,
    ElementRevised,
    Erased,
    Event,
    FacilitatorChanged,
    FactAnswered,
    MitigationMoved,
    MitigationPlanned,
    MitigationRestored,
    MitigationRevised,
    NudgeSnoozed,
    ParticipantsChosen,
    Past,
    PersonAsked,
    PhaseMoved,
    RegisterCompleted,
    RegisterReopened,
    ResponseChosen,
    ResponseCleared,
    RetrospectiveAnswered,
    RoundClosed,
    RoundExtended,
    RoundFellShort,
    RoundOpened,
    RowConsidered,
    RowReopened,
    ScopeRevised,
    SharingAllowed,
    SharingForbidden,
    TermsChosen,
    ThreatModelArchived,
    ThreatModelClosed,
    ThreatModelReopened,
    ThreatModelStarted,
    ThreatReported,
    ThreatRevised,
    ThreatsMerged,
    ThreatsParted,
    ThreatWithdrawn,
    TrustLevelsOrdered,
    VoterLeft,
    YardstickMarked,
    YardstickUnmarked,
    element_told,
)
from domain.history import undone_answers
from domain.judgements import elements_of
from domain.model import ThreatModel, evolve, replay
from domain.own_threats import ThreatId
from domain.rejections import UndoBlocked
from domain.wording import described

Step = tuple[ThreatModel, Event]
"""An event of the answer, and the model before it."""


def check_nobody_built_on(past: Sequence[Past], answer: int, steps: Sequence[Step]) -> None:
    """Raise Rejected, naming who and what, if a later event that still holds touches the same."""
    undone = undone_answers(past)
    touched = {subject for _, event in steps for subject in about(event)}
    added = {subject for earlier, event in steps for subject in about(event) if _is_new(earlier, subject)}
    model = replay(past[: answer - 1 + len(steps)])
    for event in past[answer - 1 + len(steps) :]:
        if isinstance(event, Erased):
            model = evolve(model, event)
            continue
        if event.undoes is None and event.answer not in undone:
            clash = touched.intersection(about(event)) or added.intersection(_named_by(event))
            if clash:
                raise UndoBlocked(ElementId(min(clash)), event.by, described(event, model))
        model = evolve(model, event)


def about(event: Event) -> frozenset[str]:
    """What an event touches: ids of elements and assumptions, or the part of the model it is about."""
    if isinstance(event, ElementAdded | ElementRevised):
        return frozenset({element_told(event).id})
    if isinstance(event, MitigationMoved):
        return frozenset({event.mitigation})
    match event:
        case ElementRemoved() | ElementRestored() | FactAnswered():
            return frozenset({event.element})
        case TrustLevelsOrdered():
            return frozenset(event.order)
        case RegisterCompleted() | RegisterReopened():
            return frozenset({f"register {event.register}"})
        case AssumptionRecorded() | AssumptionRevised():
            return frozenset({event.assumption.id})
        case AssumptionWithdrawn():
            return frozenset({event.assumption})
        case ThreatReported() | ThreatRevised():
            return frozenset({event.threat.id})
        case ThreatWithdrawn():
            return frozenset({event.threat})
        case RoundOpened():
            return frozenset(ask.threat for ask in event.round.asks)
        case BallotCast() | YardstickMarked() | YardstickUnmarked():
            return frozenset({event.threat})
        case RoundClosed():
            return frozenset(event.threats)
        case ThreatsMerged() | ThreatsParted():
            return frozenset({event.kept.id, event.merged})
        case CandidateConfirmed():
            return frozenset({event.candidate, event.threat.id})
        case CandidateDismissed():
            return frozenset({event.dismissal.candidate})
        case CandidateReopened():
            return frozenset({event.candidate})
        case RowConsidered():
            return frozenset({f"the row of {event.consideration.element}"})
        case RowReopened():
            return frozenset({f"the row of {event.element}"})
        case PersonAsked():
            return frozenset({f"the question {event.fact} about {event.element}"})
        case (
            ResponseChosen(response=said)
            | AcceptanceProposed(proposal=said)
            | AcceptanceApproved(acceptance=said)
        ):
            return frozenset({_response_to(said.threat)})
        case ResponseCleared() | ApprovalReassigned() | AcceptanceWithdrawn() | AcceptanceDeclined():
            return frozenset({_response_to(event.threat)})
        case MitigationPlanned() | MitigationRevised() | MitigationRestored():
            return frozenset({event.mitigation.id})
        case NudgeSnoozed():
            return frozenset({f"the nudge {event.key}"})
        case RetrospectiveAnswered():
            return frozenset({f"the retrospective of {event.by}"})
        case SharingAllowed() | SharingForbidden():
            return frozenset({"sharing"})
        case ScopeRevised():
            return frozenset({"the scope"})
        case ParticipantsChosen():
            return frozenset({"the participants"})
        case TermsChosen():
            return frozenset({"the terms of rounds"})
        case ClosingProposed() | ClosingDeclined() | ClosingWithdrawn():
            return frozenset({"the proposal to close"})
        case (
            ThreatModelStarted()
            | FacilitatorChanged()
            | ChannelFollowed()
            | RoundExtended()
            | RoundFellShort()
            | VoterLeft()
            | BallotExplained()
            | PhaseMoved()
            | ThreatModelClosed()
            | ThreatModelReopened()
            | ThreatModelArchived()
        ):
            return frozenset()
    assert_never(event)


def _is_new(earlier: ThreatModel, subject: str) -> bool:
    return ElementId(subject) not in earlier.elements and ThreatId(subject) not in earlier.threats


def _response_to(threat: ThreatId) -> str:
    return f"the response to {threat}"


def _named_by(event: Event) -> frozenset[str]:
    if isinstance(event, ThreatReported | ThreatRevised | CandidateConfirmed) and event.threat.element:
        return frozenset({event.threat.element})
    if isinstance(event, CandidateDismissed):
        return frozenset(elements_of(event.dismissal.candidate))
    if isinstance(event, RowConsidered):
        return frozenset({event.consideration.element})
    if isinstance(event, PersonAsked):
        return frozenset({event.element})
    if isinstance(event, ResponseChosen):
        return frozenset({event.response.threat})
    if isinstance(event, AcceptanceProposed):
        return frozenset({event.proposal.threat})
    if isinstance(event, MitigationPlanned):
        # Who planned one went on from the decision to mitigate.
        return frozenset({event.mitigation.threat, _response_to(event.mitigation.threat)})
    if isinstance(event, ElementAdded | ElementRevised):
        return frozenset(references(element_told(event)))
    return frozenset()
