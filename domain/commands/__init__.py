"""What one may ask of a threat model; who asks and when come in with the command."""

from typing import get_args

from domain.commands.asked import Asked
from domain.commands.judging import (
    AskPerson,
    ConfirmCandidates,
    ConsiderRow,
    DismissCandidates,
    Judging,
    MergeThreats,
    OpenQuestion,
    ReopenCandidate,
    ReopenRow,
)
from domain.commands.noting import (
    AnswerQuestions,
    CompleteRegister,
    Noting,
    OrderTrustLevels,
    RecordAssumption,
    RemoveElement,
    ReopenRegister,
    Reply,
    ReportThreat,
    ReviseAssumption,
    ReviseThreat,
    WithdrawAssumption,
    WithdrawThreat,
)
from domain.commands.quickly import DrawFlows, DrawnFlow, NameElements, PlaceComponents, Placement, Quickly
from domain.commands.remediating import (
    AnswerRetrospective,
    ApproveAcceptance,
    ChooseResponse,
    DeclineAcceptance,
    DropMitigation,
    ImplementMitigation,
    PlanMitigation,
    ProposeAcceptance,
    ReassignApproval,
    ReassignMitigation,
    RefuseVerification,
    RescheduleMitigation,
    Responding,
    ResumeMitigation,
    ReviseMitigation,
    SnoozeNudge,
    StartMitigation,
    Tracking,
    VerifyMitigation,
)
from domain.commands.steering import (
    AllowSharing,
    ArchiveThreatModel,
    BeginAnalysis,
    BeginRemediation,
    ChooseParticipants,
    ChooseTerms,
    CloseThreatModel,
    FollowChannel,
    ForbidSharing,
    HandOver,
    Move,
    ReopenThreatModel,
    ReturnToAnalysis,
    ReturnToCollection,
    ReviseScope,
    StartThreatModel,
    Steering,
    TakeOver,
)
from domain.commands.telling import (
    AddAsset,
    AddComponent,
    AddDataFlow,
    AddEntryPoint,
    AddExternalDependency,
    Adding,
    AddTrustBoundary,
    AddTrustLevel,
    ReviseAsset,
    ReviseComponent,
    ReviseDataFlow,
    ReviseEntryPoint,
    ReviseExternalDependency,
    ReviseTrustBoundary,
    ReviseTrustLevel,
    Revising,
)
from domain.commands.voting import (
    CastBallot,
    CloseRound,
    ExplainBallot,
    ExtendRound,
    LeaveRound,
    MarkYardstick,
    OpenRound,
    SettleRound,
    UnmarkYardstick,
    Voting,
)

__all__ = [
    "COMMAND_TYPES",
    "AddAsset",
    "AddComponent",
    "AddDataFlow",
    "AddEntryPoint",
    "AddExternalDependency",
    "AddTrustBoundary",
    "AddTrustLevel",
    "Adding",
    "AllowSharing",
    "AnswerQuestions",
    "AnswerRetrospective",
    "ApproveAcceptance",
    "ArchiveThreatModel",
    "AskPerson",
    "BeginAnalysis",
    "BeginRemediation",
    "CastBallot",
    "ChooseParticipants",
    "ChooseResponse",
    "ChooseTerms",
    "CloseRound",
    "CloseThreatModel",
    "Command",
    "CompleteRegister",
    "ConfirmCandidates",
    "ConsiderRow",
    "DeclineAcceptance",
    "DismissCandidates",
    "DrawFlows",
    "DrawnFlow",
    "DropMitigation",
    "ExplainBallot",
    "ExtendRound",
    "FollowChannel",
    "ForbidSharing",
    "HandOver",
    "ImplementMitigation",
    "Judging",
    "LeaveRound",
    "MarkYardstick",
    "MergeThreats",
    "Move",
    "NameElements",
    "Noting",
    "OpenQuestion",
    "OpenRound",
    "OrderTrustLevels",
    "PlaceComponents",
    "Placement",
    "PlanMitigation",
    "ProposeAcceptance",
    "Quickly",
    "ReassignApproval",
    "ReassignMitigation",
    "RecordAssumption",
    "RefuseVerification",
    "RemoveElement",
    "ReopenCandidate",
    "ReopenRegister",
    "ReopenRow",
    "ReopenThreatModel",
    "Reply",
    "ReportThreat",
    "RescheduleMitigation",
    "Responding",
    "ResumeMitigation",
    "ReturnToAnalysis",
    "ReturnToCollection",
    "ReviseAsset",
    "ReviseAssumption",
    "ReviseComponent",
    "ReviseDataFlow",
    "ReviseEntryPoint",
    "ReviseExternalDependency",
    "ReviseMitigation",
    "ReviseScope",
    "ReviseThreat",
    "ReviseTrustBoundary",
    "ReviseTrustLevel",
    "Revising",
    "SettleRound",
    "SnoozeNudge",
    "StartMitigation",
    "StartThreatModel",
    "Steering",
    "TakeOver",
    "Tracking",
    "Undo",
    "UnmarkYardstick",
    "VerifyMitigation",
    "Voting",
    "WithdrawAssumption",
    "WithdrawThreat",
]


class Undo(Asked, frozen=True, kw_only=True, tag="Undo"):
    """Take back one's own last answer."""


Command = (
    Steering
    | Quickly
    | Adding
    | Revising
    | Noting
    | Judging
    | Voting
    | Responding
    | Tracking
    | SnoozeNudge
    | AnswerRetrospective
    | Undo
    | Move
)

COMMAND_TYPES: tuple[type[Command], ...] = get_args(Command)
