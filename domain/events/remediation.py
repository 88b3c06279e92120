"""Events about responses, mitigations and their issues, reminders and the retrospective."""

from datetime import date, datetime

from domain.events.base_event import BaseEvent
from domain.kernel.closing import RetrospectiveAnswer
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import Mitigation, MitigationId, MitigationLink
from domain.kernel.threat import Response, ThreatId
from domain.kernel.tracked_issue import IssueReference, ModelTracker, SeenIssue


class ResponseChosen(BaseEvent, frozen=True, kw_only=True, tag="ResponseChosen"):
    """A response to a threat was chosen; this ends a pending proposal to accept its risk."""

    response: Response


class _OfThreat(BaseEvent, frozen=True, kw_only=True):
    threat: ThreatId


class ResponseCleared(_OfThreat, frozen=True, kw_only=True, tag="ResponseCleared"):
    """The response to a threat was cleared."""


class AcceptanceProposed(BaseEvent, frozen=True, kw_only=True, tag="AcceptanceProposed"):
    """A participant proposes to accept the risk of a threat; another person has to approve it.

    `urgent`, here and below: the person it was given to is notified immediately, not in their working hours.
    """

    proposal: Response
    urgent: bool = False


class ApprovalReassigned(_OfThreat, frozen=True, kw_only=True, tag="ApprovalReassigned"):
    """The approval of a proposal was reassigned; without an approver no one is asked by name."""

    approver: PersonId | None = None
    urgent: bool = False


class AcceptanceWithdrawn(_OfThreat, frozen=True, kw_only=True, tag="AcceptanceWithdrawn"):
    """A proposal to accept the risk of a threat was withdrawn."""


class AcceptanceApproved(BaseEvent, frozen=True, kw_only=True, tag="AcceptanceApproved"):
    """The acceptance of a threat's risk was approved."""

    acceptance: Response


class AcceptanceDeclined(_OfThreat, frozen=True, kw_only=True, tag="AcceptanceDeclined"):
    """The acceptance of a threat's risk was declined."""

    reason: str = ""


class MitigationPlanned(BaseEvent, frozen=True, kw_only=True, tag="MitigationPlanned"):
    """A mitigation was planned."""

    mitigation: Mitigation
    urgent: bool = False


class MitigationRevised(BaseEvent, frozen=True, kw_only=True, tag="MitigationRevised"):
    """The description of a mitigation was changed."""

    mitigation: Mitigation


class _OfMitigation(BaseEvent, frozen=True, kw_only=True):
    mitigation: MitigationId


class MitigationLinked(_OfMitigation, frozen=True, kw_only=True, tag="MitigationLinked"):
    """A mitigation was added to further threats."""

    threats: tuple[ThreatId, ...]


class MitigationUnlinked(_OfMitigation, frozen=True, kw_only=True, tag="MitigationUnlinked"):
    """A mitigation was removed from some of its threats; it stays."""

    threats: tuple[ThreatId, ...]


class MitigationReassigned(_OfMitigation, frozen=True, kw_only=True, tag="MitigationReassigned"):
    """A mitigation was assigned to another owner; with `instead_of`, only where that person owned it."""

    owner: PersonId
    instead_of: PersonId | None = None
    urgent: bool = False


class MitigationRescheduled(_OfMitigation, frozen=True, kw_only=True, tag="MitigationRescheduled"):
    """A mitigation got another due date."""

    due: date


class MitigationStarted(_OfMitigation, frozen=True, kw_only=True, tag="MitigationStarted"):
    """Work on a mitigation was started."""


class MitigationImplemented(_OfMitigation, frozen=True, kw_only=True, tag="MitigationImplemented"):
    """A mitigation was marked as implemented, with evidence.

    With links, it was for these threats and places while others were left; without, for all of them.
    """

    evidence: str = ""
    links: tuple[MitigationLink, ...] = ()


class MitigationVerified(_OfMitigation, frozen=True, kw_only=True, tag="MitigationVerified"):
    """A mitigation was verified by a second person.

    Without links, it was for all threats and places that it served.
    """

    links: tuple[MitigationLink, ...] = ()


class VerificationRefused(_OfMitigation, frozen=True, kw_only=True, tag="VerificationRefused"):
    """The verification of a mitigation was refused; work on it continues.

    Earlier verifications for other threats and places than its `links` stay; without links, none stays.
    """

    reason: str = ""
    links: tuple[MitigationLink, ...] = ()


class MitigationDropped(_OfMitigation, frozen=True, kw_only=True, tag="MitigationDropped"):
    """A mitigation was dropped."""

    reason: str = ""


class MitigationResumed(_OfMitigation, frozen=True, kw_only=True, tag="MitigationResumed"):
    """A dropped mitigation was resumed."""


class MitigationRestored(BaseEvent, frozen=True, kw_only=True, tag="MitigationRestored"):
    """A mitigation was restored to its state before an undone answer."""

    mitigation: Mitigation


class MitigationRemoved(_OfMitigation, frozen=True, kw_only=True, tag="MitigationRemoved"):
    """The plan for a mitigation was undone; its id is never reused."""


class ReminderSnoozed(BaseEvent, frozen=True, kw_only=True, tag="ReminderSnoozed"):
    """A reminder was snoozed; None means that this was undone."""

    key: str
    until: datetime | None = None


class RetrospectiveAnswered(BaseEvent, frozen=True, kw_only=True, tag="RetrospectiveAnswered"):
    """A person answered the retrospective; no answers mean that this was undone."""

    answers: tuple[RetrospectiveAnswer, ...] = ()


MitigationStateEvent = (
    MitigationLinked
    | MitigationUnlinked
    | MitigationReassigned
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


class TrackerChosen(BaseEvent, frozen=True, kw_only=True, tag="TrackerChosen"):
    """The tracker of the model was chosen, and what its issues may say."""

    tracker: ModelTracker


class IssueLinked(_OfMitigation, frozen=True, kw_only=True, tag="IssueLinked"):
    """A mitigation has an issue in a tracker: a new one, or with `typed` an existing one.

    `seen` is what it showed then.
    """

    issue: IssueReference
    typed: bool = False
    seen: SeenIssue | None = None


class IssueUnlinked(_OfMitigation, frozen=True, kw_only=True, tag="IssueUnlinked"):
    """The issue of a mitigation no longer belongs to it.

    It gets no other one by itself, unless it may get one `again` because the first link was undone.
    """

    again: bool = False


class IssueRequested(_OfMitigation, frozen=True, kw_only=True, tag="IssueRequested"):
    """A new issue was requested for a mitigation whose former one was unlinked or deleted."""


class IssueSeen(_OfMitigation, frozen=True, kw_only=True, tag="IssueSeen"):
    """The issue of a mitigation shows something else than before.

    It is `expected` if only the owner and the due date of the mitigation have arrived there.
    """

    seen: SeenIssue
    expected: bool = False


class IssueProposalDismissed(_OfMitigation, frozen=True, kw_only=True, tag="IssueProposalDismissed"):
    """What the issue of a mitigation proposed was dismissed: the mitigation continues as planned."""


TrackerEvent = (
    TrackerChosen | IssueLinked | IssueUnlinked | IssueRequested | IssueSeen | IssueProposalDismissed
)
"""What happened between the model and a tracker."""
