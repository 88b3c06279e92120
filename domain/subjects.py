"""What an event is about: the things that may not be the same after it."""

from collections.abc import Iterator
from typing import NamedTuple, assert_never

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
    Event,
    FacilitatorChanged,
    FactAnswered,
    MitigationMoved,
    MitigationPlanned,
    MitigationRestored,
    MitigationRevised,
    NudgeSnoozed,
    ParticipantsChosen,
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


class Subject(NamedTuple):
    """One side of one thing, such as the response to a threat; no id for what there is once."""

    side: str
    id: str = ""


def element(id: str) -> Subject:
    """An element: that it is there, and what is said about it."""
    return Subject("element", id)


def facts(id: str) -> Subject:
    """What was answered about an element."""
    return Subject("facts", id)


def complete(kind: str) -> Subject:
    """Whether nothing is missing in a list."""
    return Subject("complete", kind)


def assumption(id: str) -> Subject:
    """An assumption."""
    return Subject("assumption", id)


def threat(id: str) -> Subject:
    """A threat: that it is there, and what is said about it."""
    return Subject("threat", id)


def score(id: str) -> Subject:
    """What votes on a threat came to."""
    return Subject("score", id)


def candidate(id: str) -> Subject:
    """What was decided about a candidate."""
    return Subject("candidate", id)


def row(id: str) -> Subject:
    """That nothing more was found about an element."""
    return Subject("row", id)


def response(threat: str) -> Subject:
    """What is done about a threat, or proposed."""
    return Subject("response", threat)


def mitigation(id: str) -> Subject:
    """A mitigation."""
    return Subject("mitigation", id)


def retrospective(person: str) -> Subject:
    """What somebody said looking back."""
    return Subject("retrospective", person)


SCOPE = Subject("scope")
PHASE = Subject("phase")
CLOSING = Subject("closing")
TERMS = Subject("terms")
SHARING = Subject("sharing")
CHANNEL = Subject("channel")
FACILITATOR = Subject("facilitator")
PARTICIPANTS = Subject("participants")
ORDER = Subject("order")


def subjects(event: Event) -> Iterator[Subject]:
    """What may not be the same after an event; nothing for what only goes on in a round or is asked."""
    if isinstance(event, ElementAdded | ElementRevised):
        yield element(element_told(event).id)
        return
    if isinstance(event, MitigationMoved):
        yield mitigation(event.mitigation)
        return
    match event:
        case ThreatModelStarted():
            yield from (SCOPE, PHASE, SHARING, CHANNEL, FACILITATOR, PARTICIPANTS)
        case ScopeRevised():
            yield SCOPE
        case ParticipantsChosen():
            yield PARTICIPANTS
        case TermsChosen():
            yield TERMS
        case FacilitatorChanged():
            yield FACILITATOR
        case SharingAllowed() | SharingForbidden():
            yield SHARING
        case ChannelFollowed():
            yield CHANNEL
        case PhaseMoved() | ThreatModelClosed() | ThreatModelReopened() | ThreatModelArchived():
            yield PHASE
        case ClosingProposed() | ClosingDeclined() | ClosingWithdrawn():
            yield CLOSING
        case TrustLevelsOrdered():
            yield ORDER
        case ElementRemoved() | ElementRestored():
            yield element(event.element)
        case FactAnswered():
            yield facts(event.element)
        case RegisterCompleted() | RegisterReopened():
            yield complete(event.register)
        case AssumptionRecorded() | AssumptionRevised():
            yield assumption(event.assumption.id)
        case AssumptionWithdrawn():
            yield assumption(event.assumption)
        case ThreatReported() | ThreatRevised():
            yield threat(event.threat.id)
        case ThreatWithdrawn() | YardstickMarked() | YardstickUnmarked():
            yield threat(event.threat)
        case ThreatsMerged() | ThreatsParted():
            yield from (threat(event.kept.id), threat(event.merged))
            yield from (response(event.kept.id), response(event.merged))
        case CandidateConfirmed():
            yield from (threat(event.threat.id), candidate(event.candidate))
        case CandidateDismissed():
            yield candidate(event.dismissal.candidate)
        case CandidateReopened():
            yield candidate(event.candidate)
        case RowConsidered():
            yield row(event.consideration.element)
        case RowReopened():
            yield row(event.element)
        case RoundClosed():
            yield from (score(one) for one in event.threats)
        case ResponseChosen():
            yield response(event.response.threat)
        case AcceptanceProposed():
            yield response(event.proposal.threat)
        case AcceptanceApproved():
            yield response(event.acceptance.threat)
        case ResponseCleared() | ApprovalReassigned() | AcceptanceWithdrawn() | AcceptanceDeclined():
            yield response(event.threat)
        case MitigationPlanned() | MitigationRevised() | MitigationRestored():
            yield mitigation(event.mitigation.id)
        case RetrospectiveAnswered():
            yield retrospective(event.by)
        case RoundOpened() | BallotCast() | RoundExtended() | RoundFellShort() | VoterLeft():
            return
        case BallotExplained() | PersonAsked() | NudgeSnoozed():
            return
        case _:
            assert_never(event)
