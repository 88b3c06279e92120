"""What one may ask of a threat model; who asks and when come in with the command."""

from datetime import date, datetime
from typing import get_args

import msgspec

from domain.dread.metrics import Confidence, Discoverability, Metric, Numbers
from domain.elements import (
    AssumptionId,
    ChannelId,
    ComponentKind,
    DataKind,
    ElementId,
    Exposure,
    Kind,
    ModelKey,
    Outage,
    PersonId,
    Rating,
)
from domain.facts import Answer
from domain.judgements import CandidateId
from domain.mitigations import MitigationId
from domain.own_threats import ThreatId
from domain.responses import ResponseKind
from domain.retrospective import RetrospectiveAnswer
from domain.rounds import RoundId, RoundKind
from domain.stride import ControlClass, Stride


class _Asked(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Who asks, and when."""

    by: PersonId
    at: datetime


class StartThreatModel(_Asked, frozen=True, kw_only=True, tag="StartThreatModel"):
    """Begin to model a system in a channel; the store hands out the key."""

    name: str
    channel: ChannelId
    facilitator: PersonId | None = None
    description: str = ""
    out_of_scope: str = ""
    participants: tuple[PersonId, ...] = ()
    answers_by: date | None = None
    sharing_allowed: bool = False
    key: ModelKey = ModelKey("TM-0")


class ReviseScope(_Asked, frozen=True, kw_only=True, tag="ReviseScope"):
    """Say anew what the model is called, covers, leaves out, and until when answers are wanted."""

    name: str
    description: str = ""
    out_of_scope: str = ""
    answers_by: date | None = None


class ChooseParticipants(_Asked, frozen=True, kw_only=True, tag="ChooseParticipants"):
    """Say who may answer and vote; nobody named means all members of the channel."""

    participants: tuple[PersonId, ...] = ()


class HandOver(_Asked, frozen=True, kw_only=True, tag="HandOver"):
    """Make somebody else the facilitator."""

    facilitator: PersonId


class TakeOver(_Asked, frozen=True, kw_only=True, tag="TakeOver"):
    """Become the facilitator oneself."""


class AllowSharing(_Asked, frozen=True, kw_only=True, tag="AllowSharing"):
    """Let the model be shown in a channel that other organisations share.

    Who may give this is not the model's to know: an administrator of the workspace.
    """


class ForbidSharing(_Asked, frozen=True, kw_only=True, tag="ForbidSharing"):
    """Do not let the model be shown to other organisations any more."""


class FollowChannel(_Asked, frozen=True, kw_only=True, tag="FollowChannel"):
    """Live on in a channel whose id has changed: what Slack says, in the name of the system."""

    channel: ChannelId


class NameElements(_Asked, frozen=True, kw_only=True, tag="NameElements"):
    """Add many elements by name alone; names that are there already are passed over.

    Trust levels come least trusted first.
    """

    external_dependencies: tuple[str, ...] = ()
    entry_points: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    trust_levels: tuple[str, ...] = ()


class DrawnFlow(msgspec.Struct, frozen=True, kw_only=True):
    """A data flow told in names: from where, to where, what, and through which entry point."""

    source: str
    target: str
    assets: tuple[str, ...] = ()
    entry_point: str = ""


class DrawFlows(_Asked, frozen=True, kw_only=True, tag="DrawFlows"):
    """Add many data flows told in names; components, assets and entry points not yet known are added."""

    flows: tuple[DrawnFlow, ...]


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """Where a component belongs; a boundary is told by name and added when it is new."""

    component: ElementId
    sort: ComponentKind | None = None
    trust_level: ElementId | None = None
    boundary: str = ""


class PlaceComponents(_Asked, frozen=True, kw_only=True, tag="PlaceComponents"):
    """Say of many components what they are, how far they are trusted and in which boundary they lie."""

    placements: tuple[Placement, ...]


class _ExternalDependencyTold(_Asked, frozen=True, kw_only=True):
    name: str
    description: str = ""
    owner: str = ""
    sort: str = ""
    outage: Outage | None = None


class AddExternalDependency(_ExternalDependencyTold, frozen=True, kw_only=True, tag="AddExternalDependency"):
    """Add a service that the model uses and does not take apart."""


class ReviseExternalDependency(
    _ExternalDependencyTold, frozen=True, kw_only=True, tag="ReviseExternalDependency"
):
    """Describe an external dependency anew."""

    element: ElementId


class _EntryPointTold(_Asked, frozen=True, kw_only=True):
    name: str
    description: str = ""
    exposure: Exposure | None = None
    protocol: str = ""
    component: ElementId | None = None
    lowest_trust_level: ElementId | None = None


class AddEntryPoint(_EntryPointTold, frozen=True, kw_only=True, tag="AddEntryPoint"):
    """Add a way in or out, perhaps nested in another one."""

    parent: ElementId | None = None


class ReviseEntryPoint(_EntryPointTold, frozen=True, kw_only=True, tag="ReviseEntryPoint"):
    """Describe an entry point anew; where it is nested stays."""

    element: ElementId


class _AssetTold(_Asked, frozen=True, kw_only=True):
    name: str
    description: str = ""
    sort: str = ""
    data: DataKind | None = None
    confidentiality: Rating | None = None
    integrity: Rating | None = None
    availability: Rating | None = None
    stored_in: tuple[ElementId, ...] = ()
    readers: tuple[ElementId, ...] = ()
    writers: tuple[ElementId, ...] = ()


class AddAsset(_AssetTold, frozen=True, kw_only=True, tag="AddAsset"):
    """Add something worth protecting."""


class ReviseAsset(_AssetTold, frozen=True, kw_only=True, tag="ReviseAsset"):
    """Describe an asset anew."""

    element: ElementId


class _TrustLevelTold(_Asked, frozen=True, kw_only=True):
    name: str
    description: str = ""


class AddTrustLevel(_TrustLevelTold, frozen=True, kw_only=True, tag="AddTrustLevel"):
    """Add a tier of access, just above another one, or else as the most trusted.

    `above` names the level below it; with `lowest` it becomes the least trusted.
    """

    above: ElementId | None = None
    lowest: bool = False


class ReviseTrustLevel(_TrustLevelTold, frozen=True, kw_only=True, tag="ReviseTrustLevel"):
    """Describe a trust level anew; its place in the order stays."""

    element: ElementId


class OrderTrustLevels(_Asked, frozen=True, kw_only=True, tag="OrderTrustLevels"):
    """Put the trust levels in order, the least trusted first."""

    order: tuple[ElementId, ...]


class _DataFlowTold(_Asked, frozen=True, kw_only=True):
    source: ElementId
    target: ElementId
    name: str = ""
    description: str = ""
    assets: tuple[ElementId, ...] = ()
    entry_point: ElementId | None = None
    protocol: str = ""


class AddDataFlow(_DataFlowTold, frozen=True, kw_only=True, tag="AddDataFlow"):
    """Add a flow of data between two components; without a name it is called after its ends."""


class ReviseDataFlow(_DataFlowTold, frozen=True, kw_only=True, tag="ReviseDataFlow"):
    """Describe a data flow anew."""

    element: ElementId


class _ComponentTold(_Asked, frozen=True, kw_only=True):
    name: str
    description: str = ""
    sort: ComponentKind | None = None
    trust_level: ElementId | None = None
    boundary: ElementId | None = None


class AddComponent(_ComponentTold, frozen=True, kw_only=True, tag="AddComponent"):
    """Add something that flows start or end at."""


class ReviseComponent(_ComponentTold, frozen=True, kw_only=True, tag="ReviseComponent"):
    """Describe or place a component anew."""

    element: ElementId


class _TrustBoundaryTold(_Asked, frozen=True, kw_only=True):
    name: str
    description: str = ""
    parent: ElementId | None = None


class AddTrustBoundary(_TrustBoundaryTold, frozen=True, kw_only=True, tag="AddTrustBoundary"):
    """Draw a line round components."""


class ReviseTrustBoundary(_TrustBoundaryTold, frozen=True, kw_only=True, tag="ReviseTrustBoundary"):
    """Describe a trust boundary anew, or nest it in another one."""

    element: ElementId


class RemoveElement(_Asked, frozen=True, kw_only=True, tag="RemoveElement"):
    """Take an element out of the model."""

    element: ElementId


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One answer to one question; with `for_all_alike` also to the same question about others of its sort."""

    element: ElementId
    fact: str
    answer: Answer
    for_all_alike: bool = False


class AnswerQuestions(_Asked, frozen=True, kw_only=True, tag="AnswerQuestions"):
    """Answer questions about elements."""

    replies: tuple[Reply, ...]


class CompleteRegister(_Asked, frozen=True, kw_only=True, tag="CompleteRegister"):
    """Say that nothing is missing in a register."""

    register: Kind


class ReopenRegister(_Asked, frozen=True, kw_only=True, tag="ReopenRegister"):
    """Say that something is missing in a register after all."""

    register: Kind


class RecordAssumption(_Asked, frozen=True, kw_only=True, tag="RecordAssumption"):
    """Say what is taken for true; who holds it is the asker unless somebody else is named."""

    text: str
    held_by: PersonId | None = None


class ReviseAssumption(_Asked, frozen=True, kw_only=True, tag="ReviseAssumption"):
    """Word an assumption anew."""

    assumption: AssumptionId
    text: str
    held_by: PersonId | None = None


class WithdrawAssumption(_Asked, frozen=True, kw_only=True, tag="WithdrawAssumption"):
    """Say that an assumption does not hold any more."""

    assumption: AssumptionId


class _ThreatTold(_Asked, frozen=True, kw_only=True):
    title: str
    stride: tuple[Stride, ...]
    description: str = ""
    element: ElementId | None = None


class ReportThreat(_ThreatTold, frozen=True, kw_only=True, tag="ReportThreat"):
    """Say what could go wrong; `link` leads to where it was said first."""

    link: str = ""


class ReviseThreat(_ThreatTold, frozen=True, kw_only=True, tag="ReviseThreat"):
    """Describe a reported threat anew; where it was said first stays."""

    threat: ThreatId


class WithdrawThreat(_Asked, frozen=True, kw_only=True, tag="WithdrawThreat"):
    """Say that a reported threat is none after all."""

    threat: ThreatId


class OpenRound(_Asked, frozen=True, kw_only=True, tag="OpenRound"):
    """Let a team score threats, each voter unseen by the others.

    No voters means the model's participants; no deadline two days from now, no quorum the usual one.
    """

    threats: tuple[ThreatId, ...]
    voters: tuple[PersonId, ...] = ()
    deadline: datetime | None = None
    quorum: int | None = None
    discoverability: Discoverability = Discoverability.VOTED
    kind: RoundKind = RoundKind.INITIAL


class CastBallot(_Asked, frozen=True, kw_only=True, tag="CastBallot"):
    """Say one's numbers for one threat of an open round; the last ballot counts."""

    round: RoundId
    threat: ThreatId
    numbers: Numbers
    reason: str = ""
    confidence: Confidence | None = None


class CloseRound(_Asked, frozen=True, kw_only=True, tag="CloseRound"):
    """End a round whose quorum is met; from the system, do what its deadline demands."""

    round: RoundId


class SettleRound(_Asked, frozen=True, kw_only=True, tag="SettleRound"):
    """End a round that stayed below its quorum, with the ballots there are, for a stated reason."""

    round: RoundId
    reason: str = ""


class LeaveRound(_Asked, frozen=True, kw_only=True, tag="LeaveRound"):
    """Be waited for no longer in a round; the facilitator and the system may say so of others."""

    round: RoundId
    voter: PersonId | None = None


class ExplainBallot(_Asked, frozen=True, kw_only=True, tag="ExplainBallot"):
    """Say why one's number was the lowest or the highest; `named` if one's name may stand beside it."""

    round: RoundId
    threat: ThreatId
    metric: Metric
    text: str
    named: bool = False


class MarkYardstick(_Asked, frozen=True, kw_only=True, tag="MarkYardstick"):
    """Make a scored threat one that others are measured by."""

    threat: ThreatId


class UnmarkYardstick(_Asked, frozen=True, kw_only=True, tag="UnmarkYardstick"):
    """Measure by a threat no longer."""

    threat: ThreatId


class MergeThreats(_Asked, frozen=True, kw_only=True, tag="MergeThreats"):
    """Say that a threat is the same as another one, which is kept."""

    kept: ThreatId
    merged: ThreatId


class ConfirmCandidates(_Asked, frozen=True, kw_only=True, tag="ConfirmCandidates"):
    """Say that what the rules found is a threat, each of it."""

    candidates: tuple[CandidateId, ...]


class DismissCandidates(_Asked, frozen=True, kw_only=True, tag="DismissCandidates"):
    """Say that what the rules found is no threat here, and why."""

    candidates: tuple[CandidateId, ...]
    reason: str = ""


class ReopenCandidate(_Asked, frozen=True, kw_only=True, tag="ReopenCandidate"):
    """Ask for another look at a dismissed candidate."""

    candidate: CandidateId


class ConsiderRow(_Asked, frozen=True, kw_only=True, tag="ConsiderRow"):
    """Say that an element was considered in every category and nothing more was found, and why."""

    element: ElementId
    reason: str = ""


class ReopenRow(_Asked, frozen=True, kw_only=True, tag="ReopenRow"):
    """Say that an element has to be considered after all."""

    element: ElementId


class OpenQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A question by what it is about."""

    element: ElementId
    fact: str


class AskPerson(_Asked, frozen=True, kw_only=True, tag="AskPerson"):
    """Hand questions to somebody who knows."""

    person: PersonId
    questions: tuple[OpenQuestion, ...]


class ChooseResponse(_Asked, frozen=True, kw_only=True, tag="ChooseResponse"):
    """Say what is done about a threat; accepting it is proposed instead, as somebody else has to agree.

    Transferring needs a reason and to whom, avoiding a reason. The owner is the asker unless somebody else
    is named.
    """

    threat: ThreatId
    response: ResponseKind
    reason: str = ""
    transferred_to: str = ""
    owner: PersonId | None = None
    due: date | None = None


class ProposeAcceptance(_Asked, frozen=True, kw_only=True, tag="ProposeAcceptance"):
    """Propose to bear the risk of a threat until a day, for a stated reason."""

    threat: ThreatId
    expires: date | None
    reason: str = ""
    owner: PersonId | None = None


class ApproveAcceptance(_Asked, frozen=True, kw_only=True, tag="ApproveAcceptance"):
    """Agree to bear the risk of a threat as somebody else proposed."""

    threat: ThreatId


class DeclineAcceptance(_Asked, frozen=True, kw_only=True, tag="DeclineAcceptance"):
    """Not agree to bear the risk of a threat, and say why."""

    threat: ThreatId
    reason: str = ""


class _MitigationTold(_Asked, frozen=True, kw_only=True):
    title: str
    control: ControlClass | None = None
    description: str = ""
    ticket: str = ""


class PlanMitigation(_MitigationTold, frozen=True, kw_only=True, tag="PlanMitigation"):
    """Plan a control against a threat; without a class it gets that of the threat's first category.

    With it the team has chosen to mitigate, where no response stands.
    """

    threat: ThreatId
    owner: PersonId | None = None
    due: date | None = None


class ReviseMitigation(_MitigationTold, frozen=True, kw_only=True, tag="ReviseMitigation"):
    """Describe a mitigation anew; owner, due date and state stay."""

    mitigation: MitigationId


class ReassignMitigation(_Asked, frozen=True, kw_only=True, tag="ReassignMitigation"):
    """Give a mitigation another owner."""

    mitigation: MitigationId
    owner: PersonId


class RescheduleMitigation(_Asked, frozen=True, kw_only=True, tag="RescheduleMitigation"):
    """Give a mitigation another due date."""

    mitigation: MitigationId
    due: date


class StartMitigation(_Asked, frozen=True, kw_only=True, tag="StartMitigation"):
    """Say that work on a mitigation has begun; whoever begins what nobody owns becomes its owner."""

    mitigation: MitigationId


class ImplementMitigation(_Asked, frozen=True, kw_only=True, tag="ImplementMitigation"):
    """Say that a mitigation is in place, and by what one can see it."""

    mitigation: MitigationId
    evidence: str = ""


class VerifyMitigation(_Asked, frozen=True, kw_only=True, tag="VerifyMitigation"):
    """Say that somebody else's mitigation was looked at and holds."""

    mitigation: MitigationId


class RefuseVerification(_Asked, frozen=True, kw_only=True, tag="RefuseVerification"):
    """Say that a mitigation does not hold, and why: the work on it goes on."""

    mitigation: MitigationId
    reason: str = ""


class DropMitigation(_Asked, frozen=True, kw_only=True, tag="DropMitigation"):
    """Say that a mitigation will not be put in place, and why."""

    mitigation: MitigationId
    reason: str = ""


class ResumeMitigation(_Asked, frozen=True, kw_only=True, tag="ResumeMitigation"):
    """Plan a dropped mitigation after all."""

    mitigation: MitigationId


class SnoozeNudge(_Asked, frozen=True, kw_only=True, tag="SnoozeNudge"):
    """Ask for one nudge to come later; the key names it and says nothing here."""

    key: str
    until: datetime


class AnswerRetrospective(_Asked, frozen=True, kw_only=True, tag="AnswerRetrospective"):
    """Look back on the work; what is left out stays unanswered."""

    answers: tuple[RetrospectiveAnswer, ...]


class Undo(_Asked, frozen=True, kw_only=True, tag="Undo"):
    """Take back one's own last answer."""


class BeginAnalysis(_Asked, frozen=True, kw_only=True, tag="BeginAnalysis"):
    """Move on to what can go wrong; with something missing only for a stated reason."""

    reason: str = ""


class BeginRemediation(_Asked, frozen=True, kw_only=True, tag="BeginRemediation"):
    """Move on to what to do about it; with something missing only for a stated reason."""

    reason: str = ""


class ReturnToCollection(_Asked, frozen=True, kw_only=True, tag="ReturnToCollection"):
    """Go back to collecting; nothing is lost."""

    reason: str = ""


class ReturnToAnalysis(_Asked, frozen=True, kw_only=True, tag="ReturnToAnalysis"):
    """Go back to analysing; nothing is lost."""

    reason: str = ""


class CloseThreatModel(_Asked, frozen=True, kw_only=True, tag="CloseThreatModel"):
    """End the work; with gates still open only for a stated reason."""

    reason: str = ""


class ReopenThreatModel(_Asked, frozen=True, kw_only=True, tag="ReopenThreatModel"):
    """Go on with a closed or archived model where it was left."""

    reason: str = ""


class ArchiveThreatModel(_Asked, frozen=True, kw_only=True, tag="ArchiveThreatModel"):
    """Put the model away; it can still be read."""

    reason: str = ""


Move = (
    BeginAnalysis
    | BeginRemediation
    | ReturnToCollection
    | ReturnToAnalysis
    | CloseThreatModel
    | ReopenThreatModel
    | ArchiveThreatModel
)
"""The commands that change the phase."""

Steering = (
    StartThreatModel
    | ReviseScope
    | ChooseParticipants
    | HandOver
    | TakeOver
    | AllowSharing
    | ForbidSharing
    | FollowChannel
)
"""The commands about the model as a whole."""

Adding = (
    AddExternalDependency
    | AddEntryPoint
    | AddAsset
    | AddTrustLevel
    | AddDataFlow
    | AddComponent
    | AddTrustBoundary
)
Revising = (
    ReviseExternalDependency
    | ReviseEntryPoint
    | ReviseAsset
    | ReviseTrustLevel
    | ReviseDataFlow
    | ReviseComponent
    | ReviseTrustBoundary
)
Quickly = NameElements | DrawFlows | PlaceComponents
"""The commands of the quick way: many elements told in lines of names."""

Noting = (
    OrderTrustLevels
    | RemoveElement
    | AnswerQuestions
    | CompleteRegister
    | ReopenRegister
    | RecordAssumption
    | ReviseAssumption
    | WithdrawAssumption
    | ReportThreat
    | ReviseThreat
    | WithdrawThreat
)
Judging = (
    ConfirmCandidates
    | DismissCandidates
    | ReopenCandidate
    | MergeThreats
    | ConsiderRow
    | ReopenRow
    | AskPerson
)
"""The commands that settle what the rules bring up."""

Voting = (
    OpenRound
    | CastBallot
    | CloseRound
    | SettleRound
    | LeaveRound
    | ExplainBallot
    | MarkYardstick
    | UnmarkYardstick
)
"""The commands about rounds and what they led to."""

Responding = ChooseResponse | ProposeAcceptance | ApproveAcceptance | DeclineAcceptance | PlanMitigation
"""The commands that settle what is done about threats."""

Tracking = (
    ReviseMitigation
    | ReassignMitigation
    | RescheduleMitigation
    | StartMitigation
    | ImplementMitigation
    | VerifyMitigation
    | RefuseVerification
    | DropMitigation
    | ResumeMitigation
)
"""The commands about a mitigation that is there."""

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
