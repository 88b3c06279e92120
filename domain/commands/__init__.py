"""Commands: requests to change a threat model; author and time are part of the command."""

# The parts' names, one import for each: every other module takes them from here.
# ruff: noqa: F401
# pyright: reportUnusedImport=false

from typing import get_args

from domain.commands.analysis import (
    AnalysisCommand,
    AnswerScreening,
    AskPerson,
    ConfirmCandidates,
    ConfirmScreening,
    ConsiderRow,
    ConsiderRows,
    DecideGroup,
    DismissCandidates,
    MergeThreats,
    OpenQuestion,
    RemovePlaces,
    ReopenCandidate,
    ReopenRow,
    ReportThreat,
    ReviseThreat,
    ScreeningReply,
    WithdrawThreat,
)
from domain.commands.base_command import BaseCommand
from domain.commands.bulk_entry import (
    BulkEntryCommand,
    DescribeElements,
    DrawFlows,
    ElementDetails,
    FlowByNames,
    FlowEnd,
    NameElements,
    PlaceComponents,
    Placement,
    ProtocolMeaning,
    TechnologyMeaning,
)
from domain.commands.collection import (
    AcceptDraft,
    AcceptedAnswer,
    AcceptedItem,
    AdoptCatalog,
    AnswerLinks,
    AnswerOpenQuestions,
    AnswerQuestions,
    BulkReply,
    CollectionCommand,
    CompleteRegister,
    ConfirmAssumptions,
    LinkReply,
    MissingControl,
    OpenFact,
    OrderTrustLevels,
    RecordAssumption,
    RemoveElement,
    ReopenRegister,
    Reply,
    ReviseAssumption,
    WithdrawAssumption,
)
from domain.commands.element_entry import (
    AddAsset,
    AddCommand,
    AddComponent,
    AddDataFlow,
    AddEntryPoint,
    AddExternalDependency,
    AddTrustBoundary,
    AddTrustLevel,
    ReviseAsset,
    ReviseCommand,
    ReviseComponent,
    ReviseDataFlow,
    ReviseEntryPoint,
    ReviseExternalDependency,
    ReviseTrustBoundary,
    ReviseTrustLevel,
)
from domain.commands.remediation import (
    AnswerRetrospective,
    ApproveAcceptance,
    ApproveAcceptances,
    ChooseResponse,
    ChooseTracker,
    DeclineAcceptance,
    DismissIssueProposal,
    DropMitigation,
    ImplementMitigation,
    IssueCommand,
    LinkIssue,
    LinkMitigation,
    MitigationCommand,
    PlanMitigation,
    PlanSuggestedMitigations,
    ProposeAcceptance,
    ReassignApproval,
    ReassignMitigation,
    RecordIssueState,
    RefuseVerification,
    RequestIssue,
    RescheduleMitigation,
    ResponseCommand,
    ResumeMitigation,
    ReviseMitigation,
    SnoozeReminder,
    StartMitigation,
    UnlinkIssue,
    UnlinkMitigation,
    VerifyMitigation,
)
from domain.commands.steering import (
    AllowSharing,
    ApplyWorkspaceSettings,
    ArchiveThreatModel,
    BeginAnalysis,
    BeginRemediation,
    ChooseLabels,
    ChooseParticipants,
    ChoosePolicy,
    ChooseTerms,
    CloseThreatModel,
    ClosingCommand,
    ConfirmClosing,
    DeclineClosing,
    FollowChannel,
    ForbidSharing,
    HandOver,
    PhaseMoveCommand,
    ReopenThreatModel,
    ReturnToAnalysis,
    ReturnToCollection,
    ReviseScope,
    StartThreatModel,
    SteeringCommand,
    TakeOver,
    WithdrawClosing,
)
from domain.commands.voting import (
    BallotEntry,
    CastBallot,
    CastBallots,
    CloseRound,
    ExplainBallot,
    ExtendRound,
    LeaveRound,
    MarkYardstick,
    OpenRound,
    SettleRound,
    UnmarkYardstick,
    VotingCommand,
)


class Undo(BaseCommand, frozen=True, kw_only=True, tag="Undo"):
    """Undo the author's last answer."""


CreatingCommand = AddCommand | NameElements | DrawFlows | PlaceComponents
"""The commands that may add elements under names that people typed."""

Command = (
    SteeringCommand
    | BulkEntryCommand
    | AddCommand
    | ReviseCommand
    | CollectionCommand
    | AcceptDraft
    | AnalysisCommand
    | VotingCommand
    | ResponseCommand
    | MitigationCommand
    | ChooseTracker
    | IssueCommand
    | SnoozeReminder
    | AnswerRetrospective
    | Undo
    | PhaseMoveCommand
    | ClosingCommand
)

COMMAND_TYPES: tuple[type[Command], ...] = get_args(Command)
