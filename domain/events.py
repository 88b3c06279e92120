"""What has happened: the permanent record, one struct per kind of thing said."""

from datetime import date, datetime
from typing import get_args

import msgspec

from domain.dread.metrics import Ballot, Metric
from domain.elements import (
    Asset,
    Assumption,
    AssumptionId,
    ChannelId,
    Component,
    DataFlow,
    Element,
    ElementId,
    EntryPoint,
    ExternalDependency,
    Kind,
    ModelKey,
    PersonId,
    TrustBoundary,
    TrustLevel,
)
from domain.facts import Answer
from domain.judgements import CandidateId, Consideration, Dismissal, FactThen
from domain.mitigations import Mitigation, MitigationId
from domain.own_threats import Threat, ThreatId
from domain.responses import Response
from domain.retrospective import RetrospectiveAnswer
from domain.rounds import Cause, Round, RoundId


class _Said(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """Who said it and when; `answer` is the version of the first event of the same answer.

    `undoes` is set on an event that takes an earlier answer back.
    """

    # No garbage collection: an event cannot be part of a cycle, and a long past is read faster without.

    by: PersonId
    at: datetime
    answer: int
    undoes: int | None = None


class ThreatModelStarted(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="ThreatModelStarted"):
    """A team began to model a system in a channel; no participants means all of its members."""

    key: ModelKey
    name: str
    channel: ChannelId
    facilitator: PersonId
    description: str = ""
    out_of_scope: str = ""
    participants: tuple[PersonId, ...] = ()
    answers_by: date | None = None
    sharing_allowed: bool = False


class ScopeRevised(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="ScopeRevised"):
    """What the model is called, what it covers and what it leaves out."""

    name: str
    description: str = ""
    out_of_scope: str = ""
    answers_by: date | None = None


class ParticipantsChosen(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="ParticipantsChosen"):
    """Who may answer and vote; nobody named means all members of the channel."""

    participants: tuple[PersonId, ...] = ()


class FacilitatorChanged(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="FacilitatorChanged"):
    """Another person steers the model, by taking over or by being handed it."""

    facilitator: PersonId


class SharingAllowed(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="SharingAllowed"):
    """The model may be shown in a channel that other organisations share."""


class SharingForbidden(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="SharingForbidden"):
    """The model may not be shown to other organisations (any more)."""


class ChannelFollowed(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="ChannelFollowed"):
    """The channel in which the model lives has another id."""

    channel: ChannelId


class ExternalDependencyAdded(
    _Said, frozen=True, kw_only=True, omit_defaults=True, tag="ExternalDependencyAdded"
):
    """An external dependency was named."""

    dependency: ExternalDependency


class ExternalDependencyRevised(
    _Said, frozen=True, kw_only=True, omit_defaults=True, tag="ExternalDependencyRevised"
):
    """An external dependency is now described so."""

    dependency: ExternalDependency


class EntryPointAdded(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="EntryPointAdded"):
    """An entry point was named."""

    entry_point: EntryPoint


class EntryPointRevised(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="EntryPointRevised"):
    """An entry point is now described so."""

    entry_point: EntryPoint


class AssetAdded(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="AssetAdded"):
    """An asset was named."""

    asset: Asset


class AssetRevised(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="AssetRevised"):
    """An asset is now described so."""

    asset: Asset


class TrustLevelAdded(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="TrustLevelAdded"):
    """A trust level was named."""

    level: TrustLevel


class TrustLevelRevised(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="TrustLevelRevised"):
    """A trust level is now described so."""

    level: TrustLevel


class TrustLevelsOrdered(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="TrustLevelsOrdered"):
    """The trust levels from the least to the most trusted."""

    order: tuple[ElementId, ...]


class DataFlowAdded(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="DataFlowAdded"):
    """A data flow was drawn."""

    flow: DataFlow


class DataFlowRevised(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="DataFlowRevised"):
    """A data flow is now described so."""

    flow: DataFlow


class ComponentAdded(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="ComponentAdded"):
    """A component was named."""

    component: Component


class ComponentRevised(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="ComponentRevised"):
    """A component is now described or placed so."""

    component: Component


class TrustBoundaryAdded(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="TrustBoundaryAdded"):
    """A trust boundary was drawn."""

    boundary: TrustBoundary


class TrustBoundaryRevised(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="TrustBoundaryRevised"):
    """A trust boundary is now described so."""

    boundary: TrustBoundary


class ElementRemoved(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="ElementRemoved"):
    """An element is no part of the model any more; its id is never used again."""

    element: ElementId


class ElementRestored(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="ElementRestored"):
    """A removed element is part of the model again."""

    element: ElementId


class FactAnswered(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="FactAnswered"):
    """A question about an element was answered; no answer means that one was taken back."""

    element: ElementId
    fact: str
    reply: Answer | None = None


class RegisterCompleted(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="RegisterCompleted"):
    """The team says that nothing is missing in a register."""

    register: Kind


class RegisterReopened(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="RegisterReopened"):
    """Something is missing in a register after all."""

    register: Kind


class AssumptionRecorded(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="AssumptionRecorded"):
    """Somebody takes something for true."""

    assumption: Assumption


class AssumptionRevised(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="AssumptionRevised"):
    """An assumption is now worded so."""

    assumption: Assumption


class AssumptionWithdrawn(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="AssumptionWithdrawn"):
    """An assumption does not hold any more."""

    assumption: AssumptionId


class ThreatReported(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="ThreatReported"):
    """Somebody said what could go wrong."""

    threat: Threat


class ThreatRevised(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="ThreatRevised"):
    """A reported threat is now described so."""

    threat: Threat


class ThreatWithdrawn(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="ThreatWithdrawn"):
    """A reported threat is none after all; its id is never used again."""

    threat: ThreatId


class RoundOpened(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="RoundOpened"):
    """A round of votes began, under these terms."""

    round: Round


class BallotCast(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="BallotCast"):
    """A voter said their numbers for one threat; an earlier ballot of theirs is history."""

    round: RoundId
    threat: ThreatId
    ballot: Ballot


class RoundExtended(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="RoundExtended"):
    """Too few had voted at the deadline, so there is another one."""

    round: RoundId
    deadline: datetime


class RoundFellShort(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="RoundFellShort"):
    """Too few had voted at the second deadline too: the round takes no ballots and waits to be settled."""

    round: RoundId


class VoterLeft(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="VoterLeft"):
    """Somebody is not waited for any more; the ballots they cast stay."""

    round: RoundId
    voter: PersonId


class RoundClosed(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="RoundClosed"):
    """A round ended; `threats` are those for which its ballots count."""

    round: RoundId
    cause: Cause
    threats: tuple[ThreatId, ...]
    reason: str = ""


class BallotExplained(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="BallotExplained"):
    """Somebody whose number was the lowest or the highest said why; `named` if they may be named."""

    round: RoundId
    threat: ThreatId
    metric: Metric
    text: str
    named: bool = False


class YardstickMarked(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="YardstickMarked"):
    """Other threats are measured by this one."""

    threat: ThreatId


class YardstickUnmarked(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="YardstickUnmarked"):
    """Other threats are measured by this one no longer."""

    threat: ThreatId


class ThreatsMerged(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="ThreatsMerged"):
    """A threat says the same as another one, which is kept and now described so."""

    kept: Threat
    merged: ThreatId


class ThreatsParted(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="ThreatsParted"):
    """A merged threat stands by itself again; the one that was kept is described so again."""

    kept: Threat
    merged: ThreatId


class CandidateConfirmed(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="CandidateConfirmed"):
    """What a rule found is a threat; beside it stands what was known when somebody decided so."""

    candidate: CandidateId
    threat: Threat
    rule_version: int
    facts: tuple[FactThen, ...] = ()


class CandidateDismissed(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="CandidateDismissed"):
    """What a rule found is no threat here."""

    dismissal: Dismissal


class CandidateReopened(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="CandidateReopened"):
    """A dismissed candidate is to be looked at again."""

    candidate: CandidateId


class RowConsidered(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="RowConsidered"):
    """An element was considered in every category, and nothing more was found."""

    consideration: Consideration


class RowReopened(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="RowReopened"):
    """An element has to be considered after all."""

    element: ElementId


class PersonAsked(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="PersonAsked"):
    """A question was handed to somebody who knows; nobody means that the asking was taken back."""

    element: ElementId
    fact: str
    person: PersonId | None = None


class ResponseChosen(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="ResponseChosen"):
    """It is settled what is done about a threat; a proposal to accept it is thereby answered."""

    response: Response


class ResponseCleared(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="ResponseCleared"):
    """It is open again what is done about a threat."""

    threat: ThreatId


class AcceptanceProposed(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="AcceptanceProposed"):
    """Somebody wants to bear the risk of a threat, and somebody else has to agree."""

    proposal: Response


class AcceptanceWithdrawn(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="AcceptanceWithdrawn"):
    """A proposal to accept a threat does not stand any more."""

    threat: ThreatId


class AcceptanceApproved(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="AcceptanceApproved"):
    """The risk of a threat is borne, as was proposed."""

    acceptance: Response


class AcceptanceDeclined(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="AcceptanceDeclined"):
    """The risk of a threat is not borne as was proposed."""

    threat: ThreatId
    reason: str = ""


class MitigationPlanned(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationPlanned"):
    """A control is to be put in place."""

    mitigation: Mitigation


class MitigationRevised(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationRevised"):
    """A mitigation is now described so."""

    mitigation: Mitigation


class MitigationReassigned(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationReassigned"):
    """A mitigation has another owner."""

    mitigation: MitigationId
    owner: PersonId


class MitigationRescheduled(
    _Said, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationRescheduled"
):
    """A mitigation is due on another day."""

    mitigation: MitigationId
    due: date


class MitigationStarted(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationStarted"):
    """Work on a mitigation has begun."""

    mitigation: MitigationId


class MitigationImplemented(
    _Said, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationImplemented"
):
    """A mitigation is in place, and this shows it."""

    mitigation: MitigationId
    evidence: str = ""


class MitigationVerified(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationVerified"):
    """Somebody else has looked at a mitigation: it holds."""

    mitigation: MitigationId


class VerificationRefused(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="VerificationRefused"):
    """A mitigation does not hold; the work on it goes on."""

    mitigation: MitigationId
    reason: str = ""


class MitigationDropped(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationDropped"):
    """A mitigation will not be put in place."""

    mitigation: MitigationId
    reason: str = ""


class MitigationResumed(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationResumed"):
    """A dropped mitigation is planned after all."""

    mitigation: MitigationId


class MitigationRestored(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationRestored"):
    """A mitigation is again as it was before something that was taken back."""

    mitigation: Mitigation


class MitigationRemoved(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationRemoved"):
    """The plan for a mitigation was taken back; its id is never used again."""

    mitigation: MitigationId


class NudgeSnoozed(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="NudgeSnoozed"):
    """One nudge comes later than it would; no moment means that this was taken back."""

    key: str
    until: datetime | None = None


class RetrospectiveAnswered(
    _Said, frozen=True, kw_only=True, omit_defaults=True, tag="RetrospectiveAnswered"
):
    """Somebody looked back on the work; no answers mean that theirs were taken back."""

    answers: tuple[RetrospectiveAnswer, ...] = ()


class PhaseMoved(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="PhaseMoved"):
    """The team moved on or back; `reason` says why with something missing, `missing` says what."""

    step: str
    reason: str = ""
    missing: tuple[str, ...] = ()


class ThreatModelClosed(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="ThreatModelClosed"):
    """The work is done; `open_gates` are the ids of the gates left open for the stated reason."""

    reason: str = ""
    open_gates: tuple[str, ...] = ()


class ThreatModelReopened(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="ThreatModelReopened"):
    """A closed or archived model goes on in the step it was left in."""

    step: str
    reason: str = ""


class ThreatModelArchived(_Said, frozen=True, kw_only=True, omit_defaults=True, tag="ThreatModelArchived"):
    """The model is put away; it can still be read."""

    reason: str = ""


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of an event whose words were erased: its place in the order."""


ElementAdded = (
    ExternalDependencyAdded
    | EntryPointAdded
    | AssetAdded
    | TrustLevelAdded
    | DataFlowAdded
    | ComponentAdded
    | TrustBoundaryAdded
)
ElementRevised = (
    ExternalDependencyRevised
    | EntryPointRevised
    | AssetRevised
    | TrustLevelRevised
    | DataFlowRevised
    | ComponentRevised
    | TrustBoundaryRevised
)

MitigationMoved = (
    MitigationReassigned
    | MitigationRescheduled
    | MitigationStarted
    | MitigationImplemented
    | MitigationVerified
    | VerificationRefused
    | MitigationDropped
    | MitigationResumed
    | MitigationRemoved
)
"""What happened to a mitigation that was there, by its id alone."""

Remediated = (
    ResponseChosen
    | ResponseCleared
    | AcceptanceProposed
    | AcceptanceWithdrawn
    | AcceptanceApproved
    | AcceptanceDeclined
    | MitigationPlanned
    | MitigationRevised
    | MitigationRestored
    | MitigationMoved
)
"""What happened to responses and mitigations."""

Event = (
    ThreatModelStarted
    | ScopeRevised
    | ParticipantsChosen
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
    | ThreatModelReopened
    | ThreatModelArchived
)

EVENT_TYPES: tuple[type[Event], ...] = get_args(Event)

Past = Event | Erased
"""An event as a reader of the record may meet it."""


def element_told(event: ElementAdded | ElementRevised) -> Element:
    """The element that an event describes in whole."""
    match event:
        case ExternalDependencyAdded() | ExternalDependencyRevised():
            return event.dependency
        case EntryPointAdded() | EntryPointRevised():
            return event.entry_point
        case AssetAdded() | AssetRevised():
            return event.asset
        case TrustLevelAdded() | TrustLevelRevised():
            return event.level
        case DataFlowAdded() | DataFlowRevised():
            return event.flow
        case ComponentAdded() | ComponentRevised():
            return event.component
        case TrustBoundaryAdded() | TrustBoundaryRevised():
            return event.boundary
