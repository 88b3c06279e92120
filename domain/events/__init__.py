"""Events: the permanent record of a model, one struct for each event type."""

# The parts' names, one import for each: every other module takes them from here.
# ruff: noqa: F401
# pyright: reportUnusedImport=false

from typing import get_args

import msgspec

from domain.events.analysis import (
    AnalysisEvent,
    CandidateConfirmed,
    CandidateDismissed,
    CandidateReopened,
    PersonAsked,
    PlacesAdded,
    PlacesRemoved,
    RowConsidered,
    RowReopened,
    ScreeningAnswered,
    ScreeningConfirmed,
    ScreeningWithdrawn,
    ThreatReported,
    ThreatRevised,
    ThreatsMerged,
    ThreatsParted,
    ThreatWithdrawn,
)
from domain.events.collection import (
    ELEMENT_EVENTS,
    AssetAdded,
    AssetRevised,
    AssumptionRecorded,
    AssumptionRevised,
    AssumptionWithdrawn,
    BulkAnswered,
    CollectionEvent,
    ComponentAdded,
    ComponentRevised,
    DataFlowAdded,
    DataFlowRevised,
    DraftEvent,
    DraftReopened,
    DraftSettled,
    ElementAdded,
    ElementRemoved,
    ElementRestored,
    ElementRevised,
    ElementsLinked,
    ElementsSeparated,
    EntryPointAdded,
    EntryPointRevised,
    ExternalDependencyAdded,
    ExternalDependencyRevised,
    FactAnswered,
    FactsAssumed,
    LinkWithdrawn,
    RegisterCompleted,
    RegisterReopened,
    TrustBoundaryAdded,
    TrustBoundaryRevised,
    TrustLevelAdded,
    TrustLevelRevised,
    TrustLevelsOrdered,
    described_element,
)
from domain.events.remediation import (
    AcceptanceApproved,
    AcceptanceDeclined,
    AcceptanceProposed,
    AcceptanceWithdrawn,
    ApprovalReassigned,
    IssueLinked,
    IssueProposalDismissed,
    IssueRequested,
    IssueSeen,
    IssueUnlinked,
    MitigationDropped,
    MitigationImplemented,
    MitigationLinked,
    MitigationPlanned,
    MitigationReassigned,
    MitigationRemoved,
    MitigationRescheduled,
    MitigationRestored,
    MitigationResumed,
    MitigationRevised,
    MitigationStarted,
    MitigationStateEvent,
    MitigationUnlinked,
    MitigationVerified,
    RemediationEvent,
    ReminderSnoozed,
    ResponseChosen,
    ResponseCleared,
    RetrospectiveAnswered,
    TrackerChosen,
    TrackerEvent,
    VerificationRefused,
)
from domain.events.steering import (
    ChannelFollowed,
    ClosingDeclined,
    ClosingProposed,
    ClosingWithdrawn,
    FacilitatorChanged,
    LabelsChosen,
    ParticipantsChosen,
    PhaseMoved,
    PolicyChosen,
    ScopeRevised,
    SharingAllowed,
    SharingForbidden,
    SteeringEvent,
    TermsChosen,
    ThreatModelArchived,
    ThreatModelClosed,
    ThreatModelImported,
    ThreatModelReopened,
    ThreatModelStarted,
    WorkspaceSettingsApplied,
)
from domain.events.voting import (
    BallotCast,
    BallotExplained,
    RoundClosed,
    RoundExtended,
    RoundFellShort,
    RoundOpened,
    VoterLeft,
    VotingEvent,
    YardstickMarked,
    YardstickUnmarked,
)


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """A placeholder for an erased event, which keeps its position in the sequence."""


Event = (
    ThreatModelStarted
    | ThreatModelImported
    | ScopeRevised
    | ParticipantsChosen
    | LabelsChosen
    | TermsChosen
    | PolicyChosen
    | WorkspaceSettingsApplied
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
    | FactsAssumed
    | BulkAnswered
    | ElementsLinked
    | ElementsSeparated
    | LinkWithdrawn
    | RegisterCompleted
    | RegisterReopened
    | AssumptionRecorded
    | AssumptionRevised
    | AssumptionWithdrawn
    | DraftSettled
    | DraftReopened
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
    | PlacesAdded
    | PlacesRemoved
    | CandidateDismissed
    | CandidateReopened
    | RowConsidered
    | RowReopened
    | PersonAsked
    | ScreeningAnswered
    | ScreeningWithdrawn
    | ScreeningConfirmed
    | ResponseChosen
    | ResponseCleared
    | AcceptanceProposed
    | ApprovalReassigned
    | AcceptanceWithdrawn
    | AcceptanceApproved
    | AcceptanceDeclined
    | MitigationPlanned
    | MitigationRevised
    | MitigationLinked
    | MitigationUnlinked
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
    | TrackerChosen
    | IssueLinked
    | IssueUnlinked
    | IssueRequested
    | IssueSeen
    | IssueProposalDismissed
    | ReminderSnoozed
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

RecordedEvent = Event | Erased
"""An event as a reader of the record may meet it."""
