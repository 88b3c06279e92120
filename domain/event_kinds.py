"""Which events decide something, rather than add to what is known: what an auditor wants to read."""

from domain.events import (
    AcceptanceApproved,
    AcceptanceDeclined,
    AcceptanceProposed,
    AcceptanceWithdrawn,
    CandidateConfirmed,
    CandidateDismissed,
    CandidateReopened,
    ClosingDeclined,
    ClosingProposed,
    ClosingWithdrawn,
    Event,
    FacilitatorChanged,
    MitigationDropped,
    MitigationVerified,
    PhaseMoved,
    ResponseChosen,
    ResponseCleared,
    RoundClosed,
    SharingAllowed,
    SharingForbidden,
    ThreatModelArchived,
    ThreatModelClosed,
    ThreatModelReopened,
    ThreatModelStarted,
    ThreatsMerged,
    ThreatWithdrawn,
    VerificationRefused,
)


def decides(event: Event) -> bool:
    """Whether an event moves the work on or settles a question about a threat."""
    return isinstance(event, _DECIDING)


_DECIDING = (
    ThreatModelStarted,
    PhaseMoved,
    ThreatModelClosed,
    ClosingProposed,
    ClosingDeclined,
    ClosingWithdrawn,
    ThreatModelReopened,
    ThreatModelArchived,
    FacilitatorChanged,
    SharingAllowed,
    SharingForbidden,
    CandidateConfirmed,
    CandidateDismissed,
    CandidateReopened,
    ThreatsMerged,
    ThreatWithdrawn,
    RoundClosed,
    ResponseChosen,
    ResponseCleared,
    AcceptanceProposed,
    AcceptanceApproved,
    AcceptanceDeclined,
    AcceptanceWithdrawn,
    MitigationDropped,
    MitigationVerified,
    VerificationRefused,
)
