"""Commands about responses, mitigations and their issues, reminders and the retrospective."""

from datetime import date, datetime

from domain.commands.base_command import BaseCommand
from domain.kernel.closing import RetrospectiveAnswer
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationId, MitigationLink
from domain.kernel.threat import ControlClass, ResponseKind, SeenProposal, ThreatId
from domain.kernel.tracked_issue import IssueReference, SeenIssue, TrackerId


class _OfThreat(BaseCommand, frozen=True, kw_only=True):
    threat: ThreatId


class ChooseResponse(_OfThreat, frozen=True, kw_only=True, tag="ChooseResponse"):
    """Choose the response to a threat; accepting its risk is proposed instead, because it needs approval.

    A transfer needs a recipient and a reason, avoidance a reason. The owner is the author unless another
    person is named. The threats `also` get the same response.
    """

    also: tuple[ThreatId, ...] = ()
    response: ResponseKind
    reason: str = ""
    transferred_to: str = ""
    owner: PersonId | None = None
    due: date | None = None


class ProposeAcceptance(_OfThreat, frozen=True, kw_only=True, tag="ProposeAcceptance"):
    """Propose to accept the risk of a threat, and of those in `also`, until a day, with a reason.

    `approver` is asked to approve; without one, any participant may. `urgent`, here and below: the person
    concerned is notified immediately, also outside working hours.
    """

    also: tuple[ThreatId, ...] = ()
    expires: date | None
    reason: str = ""
    owner: PersonId | None = None
    approver: PersonId | None = None
    urgent: bool = False


class ReassignApproval(_OfThreat, frozen=True, kw_only=True, tag="ReassignApproval"):
    """Ask another person to approve the acceptance of a threat's risk."""

    approver: PersonId
    urgent: bool = False


class ApproveAcceptance(_OfThreat, frozen=True, kw_only=True, tag="ApproveAcceptance"):
    """Approve the acceptance of a threat's risk that another person proposed.

    `proposed_at` is the time of the proposal that the author saw; None for the current one.
    """

    proposed_at: datetime | None = None


class ApproveAcceptances(BaseCommand, frozen=True, kw_only=True, tag="ApproveAcceptances"):
    """Approve the acceptance of several risks that other people proposed, each as the author saw it."""

    proposals: tuple[SeenProposal, ...]


class DeclineAcceptance(_OfThreat, frozen=True, kw_only=True, tag="DeclineAcceptance"):
    """Decline the acceptance of a threat's risk, with a reason."""

    reason: str = ""


class _MitigationFields(BaseCommand, frozen=True, kw_only=True):
    title: str
    control: ControlClass | None = None
    description: str = ""
    ticket: str = ""


class PlanMitigation(_MitigationFields, frozen=True, kw_only=True, tag="PlanMitigation"):
    """Plan a mitigation of a threat; its default control class is that of the threat's first category.

    It serves the threats `also` as well. It also chooses to mitigate each threat without a response. If it is
    `suggested`, a missing owner or due date is the suggested one.
    """

    threat: ThreatId
    also: tuple[ThreatId, ...] = ()
    suggested: bool = False
    owner: PersonId | None = None
    due: date | None = None
    urgent: bool = False


class PlanSuggestedMitigations(BaseCommand, frozen=True, kw_only=True, tag="PlanSuggestedMitigations"):
    """Plan the first control that each rule names; threats with the same one share a mitigation.

    Without an owner or a due date, each mitigation gets the suggested ones.
    """

    threats: tuple[ThreatId, ...]
    owner: PersonId | None = None
    due: date | None = None
    urgent: bool = False


class _OfMitigation(BaseCommand, frozen=True, kw_only=True):
    mitigation: MitigationId


class LinkMitigation(_OfMitigation, frozen=True, kw_only=True, tag="LinkMitigation"):
    """Add a mitigation to further threats, and choose to mitigate those without a response."""

    threats: tuple[ThreatId, ...]


class UnlinkMitigation(_OfMitigation, frozen=True, kw_only=True, tag="UnlinkMitigation"):
    """Remove a mitigation from a threat; it stays with at least one other."""

    threat: ThreatId


class ReviseMitigation(_MitigationFields, frozen=True, kw_only=True, tag="ReviseMitigation"):
    """Change the description of a mitigation; owner, due date and state stay."""

    mitigation: MitigationId


class ReassignMitigation(_OfMitigation, frozen=True, kw_only=True, tag="ReassignMitigation"):
    """Assign a mitigation to another owner."""

    owner: PersonId
    urgent: bool = False


class RescheduleMitigation(_OfMitigation, frozen=True, kw_only=True, tag="RescheduleMitigation"):
    """Change the due date of a mitigation."""

    due: date


class StartMitigation(_OfMitigation, frozen=True, kw_only=True, tag="StartMitigation"):
    """Start work on a mitigation; if it has no owner, the author becomes its owner."""


class ImplementMitigation(_OfMitigation, frozen=True, kw_only=True, tag="ImplementMitigation"):
    """Mark a mitigation as implemented for some threats and places, with evidence; without links, for all."""

    evidence: str = ""
    links: tuple[MitigationLink, ...] = ()


class VerifyMitigation(_OfMitigation, frozen=True, kw_only=True, tag="VerifyMitigation"):
    """Verify another person's mitigation for some threats and places; without links, for all of them."""

    links: tuple[MitigationLink, ...] = ()


class RefuseVerification(_OfMitigation, frozen=True, kw_only=True, tag="RefuseVerification"):
    """Refuse to verify a mitigation, with a reason; work on it continues.

    Verifications for other threats and places than `links` stay; without links, none stays.
    """

    reason: str = ""
    links: tuple[MitigationLink, ...] = ()


class DropMitigation(_OfMitigation, frozen=True, kw_only=True, tag="DropMitigation"):
    """Drop a mitigation, with a reason."""

    reason: str = ""


class ResumeMitigation(_OfMitigation, frozen=True, kw_only=True, tag="ResumeMitigation"):
    """Resume a dropped mitigation."""


class ReassignAll(BaseCommand, frozen=True, kw_only=True, tag="ReassignAll"):
    """Assign what a person still has to do, and the components that they own, to another person.

    These are mitigations, approvals that the other person may give, and questions.
    """

    of: PersonId
    person: PersonId
    urgent: bool = False


class SnoozeReminder(BaseCommand, frozen=True, kw_only=True, tag="SnoozeReminder"):
    """Snooze one reminder; its key is opaque here."""

    key: str
    until: datetime


class AnswerRetrospective(BaseCommand, frozen=True, kw_only=True, tag="AnswerRetrospective"):
    """Answer the retrospective; questions that are left out stay unanswered."""

    answers: tuple[RetrospectiveAnswer, ...]


ResponseCommand = (
    ChooseResponse
    | ProposeAcceptance
    | ReassignApproval
    | ApproveAcceptance
    | ApproveAcceptances
    | DeclineAcceptance
    | PlanMitigation
    | PlanSuggestedMitigations
    | LinkMitigation
)
"""Commands about responses to threats."""

MitigationCommand = (
    ReviseMitigation
    | UnlinkMitigation
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


class ChooseTracker(BaseCommand, frozen=True, kw_only=True, tag="ChooseTracker"):
    """Choose where the mitigations of the model get issues, and whether these may describe the threats.

    Without `own`, it is the default tracker of the workspace; with it and without a tracker, there are none.
    """

    own: bool = False
    tracker: TrackerId | None = None
    shares_threats: bool = False


class LinkIssue(_OfMitigation, frozen=True, kw_only=True, tag="LinkIssue"):
    """Record the issue of a mitigation: a new one, which only the system reports, or a `typed` one.

    `seen` is what the issue shows.
    """

    issue: IssueReference
    typed: bool = False
    seen: SeenIssue | None = None


class UnlinkIssue(_OfMitigation, frozen=True, kw_only=True, tag="UnlinkIssue"):
    """Separate a mitigation from its issue, which stays as it is in the tracker."""


class RequestIssue(_OfMitigation, frozen=True, kw_only=True, tag="RequestIssue"):
    """Request a new issue for a mitigation whose former one was unlinked or deleted."""


class RecordIssueState(_OfMitigation, frozen=True, kw_only=True, tag="RecordIssueState"):
    """Record what the issue of a mitigation shows, and what follows from it; only the system does that.

    If another issue belongs to the mitigation meanwhile, nothing is recorded.
    """

    issue: IssueReference
    seen: SeenIssue


class DismissIssueProposal(_OfMitigation, frozen=True, kw_only=True, tag="DismissIssueProposal"):
    """Continue a mitigation as it is planned here, whatever its issue proposes."""


IssueCommand = LinkIssue | UnlinkIssue | RequestIssue | RecordIssueState | DismissIssueProposal
"""The commands about the issue of a mitigation that is there."""
