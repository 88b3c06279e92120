"""What one may do about threats, and about what reminds of it."""

from datetime import date, datetime

from domain.commands.base_command import BaseCommand
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationId
from domain.kernel.response import ResponseKind
from domain.kernel.retrospective import RetrospectiveAnswer
from domain.kernel.stride import ControlClass
from domain.kernel.threat import ThreatId


class ChooseResponse(BaseCommand, frozen=True, kw_only=True, tag="ChooseResponse"):
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


class ProposeAcceptance(BaseCommand, frozen=True, kw_only=True, tag="ProposeAcceptance"):
    """Propose to bear the risk of a threat until a day, for a stated reason.

    `approver` is who should agree; without one, any participant may. `urgent`, here and below: the person
    who is given something is notified immediately, also outside their working hours.
    """

    threat: ThreatId
    expires: date | None
    reason: str = ""
    owner: PersonId | None = None
    approver: PersonId | None = None
    urgent: bool = False


class ReassignApproval(BaseCommand, frozen=True, kw_only=True, tag="ReassignApproval"):
    """Ask somebody else than until now to agree to bear the risk of a threat."""

    threat: ThreatId
    approver: PersonId
    urgent: bool = False


class ApproveAcceptance(BaseCommand, frozen=True, kw_only=True, tag="ApproveAcceptance"):
    """Agree to accept the risk of a threat as another person proposed.

    `proposed_at` is the moment of the proposal that was seen; None for whichever stands.
    """

    threat: ThreatId
    proposed_at: datetime | None = None


class DeclineAcceptance(BaseCommand, frozen=True, kw_only=True, tag="DeclineAcceptance"):
    """Not agree to bear the risk of a threat, and say why."""

    threat: ThreatId
    reason: str = ""


class _MitigationTold(BaseCommand, frozen=True, kw_only=True):
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
    urgent: bool = False


class ReviseMitigation(_MitigationTold, frozen=True, kw_only=True, tag="ReviseMitigation"):
    """Describe a mitigation anew; owner, due date and state stay."""

    mitigation: MitigationId


class ReassignMitigation(BaseCommand, frozen=True, kw_only=True, tag="ReassignMitigation"):
    """Give a mitigation another owner."""

    mitigation: MitigationId
    owner: PersonId
    urgent: bool = False


class RescheduleMitigation(BaseCommand, frozen=True, kw_only=True, tag="RescheduleMitigation"):
    """Give a mitigation another due date."""

    mitigation: MitigationId
    due: date


class StartMitigation(BaseCommand, frozen=True, kw_only=True, tag="StartMitigation"):
    """Say that work on a mitigation has begun; whoever begins what nobody owns becomes its owner."""

    mitigation: MitigationId


class ImplementMitigation(BaseCommand, frozen=True, kw_only=True, tag="ImplementMitigation"):
    """Say that a mitigation is in place, and by what one can see it."""

    mitigation: MitigationId
    evidence: str = ""


class VerifyMitigation(BaseCommand, frozen=True, kw_only=True, tag="VerifyMitigation"):
    """Say that somebody else's mitigation was looked at and holds."""

    mitigation: MitigationId


class RefuseVerification(BaseCommand, frozen=True, kw_only=True, tag="RefuseVerification"):
    """Say that a mitigation does not hold, and why: the work on it goes on."""

    mitigation: MitigationId
    reason: str = ""


class DropMitigation(BaseCommand, frozen=True, kw_only=True, tag="DropMitigation"):
    """Say that a mitigation will not be put in place, and why."""

    mitigation: MitigationId
    reason: str = ""


class ResumeMitigation(BaseCommand, frozen=True, kw_only=True, tag="ResumeMitigation"):
    """Plan a dropped mitigation after all."""

    mitigation: MitigationId


class SnoozeNudge(BaseCommand, frozen=True, kw_only=True, tag="SnoozeNudge"):
    """Ask for one nudge to come later; the key names it and says nothing here."""

    key: str
    until: datetime


class AnswerRetrospective(BaseCommand, frozen=True, kw_only=True, tag="AnswerRetrospective"):
    """Look back on the work; what is left out stays unanswered."""

    answers: tuple[RetrospectiveAnswer, ...]


ResponseCommand = (
    ChooseResponse
    | ProposeAcceptance
    | ReassignApproval
    | ApproveAcceptance
    | DeclineAcceptance
    | PlanMitigation
)
"""The commands that settle what is done about threats."""

MitigationCommand = (
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
