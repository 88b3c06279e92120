"""What has happened: the permanent record, one struct per kind of thing said."""

from typing import get_args

import msgspec

from domain.events.analysis import (
    CandidateConfirmed,
    CandidateDismissed,
    CandidateReopened,
    Judged,
    PersonAsked,
    RowConsidered,
    RowReopened,
    ThreatReported,
    ThreatRevised,
    ThreatsMerged,
    ThreatsParted,
    ThreatWithdrawn,
)
from domain.events.collection import (
    AssetAdded,
    AssetRevised,
    AssumptionRecorded,
    AssumptionRevised,
    AssumptionWithdrawn,
    Collected,
    ComponentAdded,
    ComponentRevised,
    DataFlowAdded,
    DataFlowRevised,
    ElementAdded,
    ElementRemoved,
    ElementRestored,
    ElementRevised,
    EntryPointAdded,
    EntryPointRevised,
    ExternalDependencyAdded,
    ExternalDependencyRevised,
    FactAnswered,
    RegisterCompleted,
    RegisterReopened,
    TrustBoundaryAdded,
    TrustBoundaryRevised,
    TrustLevelAdded,
    TrustLevelRevised,
    TrustLevelsOrdered,
    element_told,
)
from domain.events.remediation import (
    AcceptanceApproved,
    AcceptanceDeclined,
    AcceptanceProposed,
    AcceptanceWithdrawn,
    ApprovalReassigned,
    MitigationDropped,
    MitigationImplemented,
    MitigationMoved,
    MitigationPlanned,
    MitigationReassigned,
    MitigationRemoved,
    MitigationRescheduled,
    MitigationRestored,
    MitigationResumed,
    MitigationRevised,
    MitigationStarted,
    MitigationVerified,
    NudgeSnoozed,
    Remediated,
    ResponseChosen,
    ResponseCleared,
    RetrospectiveAnswered,
    VerificationRefused,
)
from domain.events.steering import (
    ChannelFollowed,
    ClosingDeclined,
    ClosingProposed,
    ClosingWithdrawn,
    FacilitatorChanged,
    ParticipantsChosen,
    PhaseMoved,
    ScopeRevised,
    SharingAllowed,
    SharingForbidden,
    Steered,
    TermsChosen,
    ThreatModelArchived,
    ThreatModelClosed,
    ThreatModelReopened,
    ThreatModelStarted,
)
from domain.events.voting import (
    BallotCast,
    BallotExplained,
    RoundClosed,
    RoundExtended,
    RoundFellShort,
    RoundOpened,
    Voted,
    VoterLeft,
    YardstickMarked,
    YardstickUnmarked,
)

__all__ = [
    "EVENT_TYPES",
    "AcceptanceApproved",
    "AcceptanceDeclined",
    "AcceptanceProposed",
    "AcceptanceWithdrawn",
    "ApprovalReassigned",
    "AssetAdded",
    "AssetRevised",
    "AssumptionRecorded",
    "AssumptionRevised",
    "AssumptionWithdrawn",
    "BallotCast",
    "BallotExplained",
    "CandidateConfirmed",
    "CandidateDismissed",
    "CandidateReopened",
    "ChannelFollowed",
    "ClosingDeclined",
    "ClosingProposed",
    "ClosingWithdrawn",
    "Collected",
    "ComponentAdded",
    "ComponentRevised",
    "DataFlowAdded",
    "DataFlowRevised",
    "ElementAdded",
    "ElementRemoved",
    "ElementRestored",
    "ElementRevised",
    "EntryPointAdded",
    "EntryPointRevised",
    "Erased",
    "Event",
    "ExternalDependencyAdded",
    "ExternalDependencyRevised",
    "FacilitatorChanged",
    "FactAnswered",
    "Judged",
    "MitigationDropped",
    "MitigationImplemented",
    "MitigationMoved",
    "MitigationPlanned",
    "MitigationReassigned",
    "MitigationRemoved",
    "MitigationRescheduled",
    "MitigationRestored",
    "MitigationResumed",
    "MitigationRevised",
    "MitigationStarted",
    "MitigationVerified",
    "NudgeSnoozed",
    "ParticipantsChosen",
    "Past",
    "PersonAsked",
    "PhaseMoved",
    "RegisterCompleted",
    "RegisterReopened",
    "Remediated",
    "ResponseChosen",
    "ResponseCleared",
    "RetrospectiveAnswered",
    "RoundClosed",
    "RoundExtended",
    "RoundFellShort",
    "RoundOpened",
    "RowConsidered",
    "RowReopened",
    "ScopeRevised",
    "SharingAllowed",
    "SharingForbidden",
    "Steered",
    "TermsChosen",
    "ThreatModelArchived",
    "ThreatModelClosed",
    "ThreatModelReopened",
    "ThreatModelStarted",
    "ThreatReported",
    "ThreatRevised",
    "ThreatWithdrawn",
    "ThreatsMerged",
    "ThreatsParted",
    "TrustBoundaryAdded",
    "TrustBoundaryRevised",
    "TrustLevelAdded",
    "TrustLevelRevised",
    "TrustLevelsOrdered",
    "VerificationRefused",
    "Voted",
    "VoterLeft",
    "YardstickMarked",
    "YardstickUnmarked",
    "element_told",
]


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of an event whose words were erased: its place in the order."""


Event = (
    ThreatModelStarted
    | ScopeRevised
    | ParticipantsChosen
    | TermsChosen
    | FacilitatorChanged
    | SharingAllowed
    | SharingForbidden
    | ChannelFollowed
    | ExternalDependencyAdded
    | ExternalDependencyRevised
    | EntryPointAdded
    | EntryPointRevised
    | AssetAdded
    | AssetRevised
    | TrustLevelAdded
    | TrustLevelRevised
    | TrustLevelsOrdered
    | DataFlowAdded
    | DataFlowRevised
    | ComponentAdded
    | ComponentRevised
    | TrustBoundaryAdded
    | TrustBoundaryRevised
    | ElementRemoved
    | ElementRestored
    | FactAnswered
    | RegisterCompleted
    | RegisterReopened
    | AssumptionRecorded
    | AssumptionRevised
    | AssumptionWithdrawn
    | ThreatReported
    | ThreatRevised
    | ThreatWithdrawn
    | RoundOpened
    | BallotCast
    | RoundExtended
    | RoundFellShort
    | VoterLeft
    | RoundClosed
    | BallotExplained
    | YardstickMarked
    | YardstickUnmarked
    | ThreatsMerged
    | ThreatsParted
    | CandidateConfirmed
    | CandidateDismissed
    | CandidateReopened
    | RowConsidered
    | RowReopened
    | PersonAsked
    | ResponseChosen
    | ResponseCleared
    | AcceptanceProposed
    | ApprovalReassigned
    | AcceptanceWithdrawn
    | AcceptanceApproved
    | AcceptanceDeclined
    | MitigationPlanned
    | MitigationRevised
    | MitigationReassigned
    | MitigationRescheduled
    | MitigationStarted
    | MitigationImplemented
    | MitigationVerified
    | VerificationRefused
    | MitigationDropped
    | MitigationResumed
    | MitigationRestored
    | MitigationRemoved
    | NudgeSnoozed
    | RetrospectiveAnswered
    | PhaseMoved
    | ThreatModelClosed
    | ClosingProposed
    | ClosingDeclined
    | ClosingWithdrawn
    | ThreatModelReopened
    | ThreatModelArchived
)

EVENT_TYPES: tuple[type[Event], ...] = get_args(Event)

Past = Event | Erased
"""An event as a reader of the record may meet it."""
