"""What happened to responses, mitigations, nudges and the retrospective."""

from datetime import date, datetime

from domain.events.base_event import BaseEvent
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import Mitigation, MitigationId
from domain.kernel.response import Response
from domain.kernel.retrospective import RetrospectiveAnswer
from domain.kernel.threat import ThreatId


class ResponseChosen(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ResponseChosen"):
    """It is settled what is done about a threat; a proposal to accept it is thereby answered."""

    response: Response


class ResponseCleared(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ResponseCleared"):
    """It is open again what is done about a threat."""

    threat: ThreatId


class AcceptanceProposed(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="AcceptanceProposed"):
    """A participant proposes to accept the risk of a threat; another person has to approve it.

    `urgent`, here and below: the person it was given to is notified immediately, not in their working hours.
    """

    proposal: Response
    urgent: bool = False


class ApprovalReassigned(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ApprovalReassigned"):
    """Somebody else is asked to agree to a proposal; without an approver nobody is asked by name."""

    threat: ThreatId
    approver: PersonId | None = None
    urgent: bool = False


class AcceptanceWithdrawn(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="AcceptanceWithdrawn"
):
    """A proposal to accept a threat does not stand any more."""

    threat: ThreatId


class AcceptanceApproved(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="AcceptanceApproved"):
    """The risk of a threat is borne, as was proposed."""

    acceptance: Response


class AcceptanceDeclined(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="AcceptanceDeclined"):
    """The risk of a threat is not borne as was proposed."""

    threat: ThreatId
    reason: str = ""


class MitigationPlanned(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationPlanned"):
    """A control is to be put in place."""

    mitigation: Mitigation
    urgent: bool = False


class MitigationRevised(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationRevised"):
    """A mitigation is now described so."""

    mitigation: Mitigation


class MitigationReassigned(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationReassigned"
):
    """A mitigation has another owner."""

    mitigation: MitigationId
    owner: PersonId
    urgent: bool = False


class MitigationRescheduled(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationRescheduled"
):
    """A mitigation is due on another day."""

    mitigation: MitigationId
    due: date


class MitigationStarted(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationStarted"):
    """Work on a mitigation has begun."""

    mitigation: MitigationId


class MitigationImplemented(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationImplemented"
):
    """A mitigation is in place, and this shows it."""

    mitigation: MitigationId
    evidence: str = ""


class MitigationVerified(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationVerified"):
    """Somebody else has looked at a mitigation: it holds."""

    mitigation: MitigationId


class VerificationRefused(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="VerificationRefused"
):
    """A mitigation does not hold; the work on it goes on."""

    mitigation: MitigationId
    reason: str = ""


class MitigationDropped(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationDropped"):
    """A mitigation will not be put in place."""

    mitigation: MitigationId
    reason: str = ""


class MitigationResumed(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationResumed"):
    """A dropped mitigation is planned after all."""

    mitigation: MitigationId


class MitigationRestored(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationRestored"):
    """A mitigation is again as it was before something that was taken back."""

    mitigation: Mitigation


class MitigationRemoved(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="MitigationRemoved"):
    """The plan for a mitigation was taken back; its id is never used again."""

    mitigation: MitigationId


class NudgeSnoozed(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="NudgeSnoozed"):
    """One nudge comes later than it would; no moment means that this was taken back."""

    key: str
    until: datetime | None = None


class RetrospectiveAnswered(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="RetrospectiveAnswered"
):
    """Somebody looked back on the work; no answers mean that theirs were taken back."""

    answers: tuple[RetrospectiveAnswer, ...] = ()


MitigationStateEvent = (
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

RemediationEvent = (
    ResponseChosen
    | ResponseCleared
    | AcceptanceProposed
    | ApprovalReassigned
    | AcceptanceWithdrawn
    | AcceptanceApproved
    | AcceptanceDeclined
    | MitigationPlanned
    | MitigationRevised
    | MitigationRestored
    | MitigationStateEvent
)
"""What happened to responses and mitigations."""
