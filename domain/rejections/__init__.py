"""Rejections: refused commands, with the message that people read."""

# The parts' names, one import for each: every other module takes them from here.
# ruff: noqa: F401
# pyright: reportUnusedImport=false

from domain.rejections.analysis import (
    AlreadyConfirmed,
    AlreadyDismissed,
    AlreadyReported,
    LastPlace,
    MergedWithItself,
    NoSuchCandidate,
    NoSuchThreat,
    NoSuchTopic,
    NotAPlace,
    NotDismissed,
    NothingToConfirm,
    NotInTheGrid,
    OtherRule,
    OwnScreening,
    PlacesSettled,
    ThreatGone,
    ThreatMerged,
)
from domain.rejections.collection import (
    BoundaryInItself,
    CannotAnswer,
    FlowAlreadyDrawn,
    LikelyDuplicates,
    LinkedAlready,
    LinkedIsExternal,
    NameTaken,
    NoSuchAssumption,
    NoSuchElement,
    NoSuchQuestion,
    OrderIncomplete,
    OthersReferToIt,
    ReplacedByItself,
    SameEnds,
    StillUsed,
    UnknownTechnology,
    WrongKind,
)
from domain.rejections.drafts import DraftConflict, DraftItemInvalid, FlowEndsMissing
from domain.rejections.invalid_input import (
    ContentMissing,
    NameMissing,
    NotALink,
    NotATicket,
    NothingChanged,
    TooLong,
    TooMany,
)
from domain.rejections.rejected import Rejected
from domain.rejections.remediation import (
    AcceptedTooLong,
    AssigneeOfIssue,
    IssueStillThere,
    LastThreat,
    NoIssue,
    NoProposal,
    NoSuchMitigation,
    NotAnApprover,
    NothingProposed,
    NothingVerified,
    NotLinked,
    OwnMitigation,
    OwnProposal,
    ProposalOver,
    WrongMitigationState,
)
from domain.rejections.steering import (
    AlreadyStarted,
    ClosingAlreadyProposed,
    ClosingOutdated,
    GatesOpen,
    NoClosingProposed,
    NotAParticipant,
    NothingToUndo,
    NotInThisPhase,
    NotStarted,
    NotTheFacilitator,
    OthersClosing,
    OwnClosing,
    ProposalChanged,
    UndoBlocked,
    WordsErased,
)
from domain.rejections.voting import (
    AlreadyInARound,
    BallotTooLate,
    NoSuchRound,
    NotAVoter,
    NothingToSettle,
    NotInTheRound,
    NotScored,
    OutOfRange,
    QuorumNotMet,
    RoundEnded,
    RoundIsOver,
)
