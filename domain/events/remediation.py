"""Events about responses, mitigations and their issues, reminders and the retrospective."""

from datetime import date, datetime

from domain.events.base_event import BaseEvent
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import Mitigation, MitigationId, MitigationLink
from domain.kernel.response import Response
from domain.kernel.retrospective import RetrospectiveAnswer
from domain.kernel.threat import ThreatId
from domain.kernel.tracked_issue import IssueReference, ModelTracker, SeenIssue


class ResponseChosen(BaseEvent, frozen=True, kw_only=True, tag="ResponseChosen"):
    """A response to a threat was chosen; this ends a pending proposal to accept its risk."""

    response: Response


class ResponseCleared(BaseEvent, frozen=True, kw_only=True, tag="ResponseCleared"):
    """The response to a threat was cleared."""

    threat: ThreatId


class AcceptanceProposed(BaseEvent, frozen=True, kw_only=True, tag="AcceptanceProposed"):
    """A participant proposes to accept the risk of a threat; another person has to approve it.

    `urgent`, here and below: the person it was given to is notified immediately, not in their working hours.
    """

    proposal: Response
    urgent: bool = False


class ApprovalReassigned(BaseEvent, frozen=True, kw_only=True, tag="ApprovalReassigned"):
    """The approval of a proposal was reassigned; without an approver no one is asked by name."""

    threat: ThreatId
    approver: PersonId | None = None
    urgent: bool = False


class AcceptanceWithdrawn(BaseEvent, frozen=True, kw_only=True, tag="AcceptanceWithdrawn"):
    """A proposal to accept the risk of a threat was withdrawn."""

    threat: ThreatId


class AcceptanceApproved(BaseEvent, frozen=True, kw_only=True, tag="AcceptanceApproved"):
    """The acceptance of a threat's risk was approved."""

    acceptance: Response


class AcceptanceDeclined(BaseEvent, frozen=True, kw_only=True, tag="AcceptanceDeclined"):
    """The acceptance of a threat's risk was declined."""

    threat: ThreatId
    reason: str = ""


class MitigationPlanned(BaseEvent, frozen=True, kw_only=True, tag="MitigationPlanned"):
    """A mitigation was planned."""

    mitigation: Mitigation
    urgent: bool = False


class MitigationRevised(BaseEvent, frozen=True, kw_only=True, tag="MitigationRevised"):
    """The description of a mitigation was changed."""

    mitigation: Mitigation


class MitigationLinked(BaseEvent, frozen=True, kw_only=True, tag="MitigationLinked"):
    """A mitigation was added to further threats."""

    mitigation: MitigationId
    threats: tuple[ThreatId, ...]


class MitigationUnlinked(BaseEvent, frozen=True, kw_only=True, tag="MitigationUnlinked"):
    """A mitigation was removed from some of its threats; it stays."""

    mitigation: MitigationId
    threats: tuple[ThreatId, ...]


class MitigationReassigned(BaseEvent, frozen=True, kw_only=True, tag="MitigationReassigned"):
    """A mitigation was assigned to another owner."""

    mitigation: MitigationId
    owner: PersonId
    urgent: bool = False


class MitigationRescheduled(BaseEvent, frozen=True, kw_only=True, tag="MitigationRescheduled"):
    """A mitigation got another due date."""

    mitigation: MitigationId
    due: date


class MitigationStarted(BaseEvent, frozen=True, kw_only=True, tag="MitigationStarted"):
    """Work on a mitigation was started."""

    mitigation: MitigationId


class MitigationImplemented(BaseEvent, frozen=True, kw_only=True, tag="MitigationImplemented"):
    """A mitigation was marked as implemented, with evidence."""

    mitigation: MitigationId
    evidence: str = ""


class MitigationVerified(BaseEvent, frozen=True, kw_only=True, tag="MitigationVerified"):
    """A mitigation was verified by a second person.

    Without links, it was for all threats and places that it served.
    """

    mitigation: MitigationId
    links: tuple[MitigationLink, ...] = ()


class VerificationRefused(BaseEvent, frozen=True, kw_only=True, tag="VerificationRefused"):
    """The verification of a mitigation was refused; work on it continues.

    Earlier verifications for other threats and places than its `links` stay; without links, none stays.
    """

    mitigation: MitigationId
    reason: str = ""
    links: tuple[MitigationLink, ...] = ()


class MitigationDropped(BaseEvent, frozen=True, kw_only=True, tag="MitigationDropped"):
    """A mitigation was dropped."""

    mitigation: MitigationId
    reason: str = ""


class MitigationResumed(BaseEvent, frozen=True, kw_only=True, tag="MitigationResumed"):
    """A dropped mitigation was resumed."""

    mitigation: MitigationId


class MitigationRestored(BaseEvent, frozen=True, kw_only=True, tag="MitigationRestored"):
    """A mitigation was restored to its state before an undone answer."""

    mitigation: Mitigation


class MitigationRemoved(BaseEvent, frozen=True, kw_only=True, tag="MitigationRemoved"):
    """The plan for a mitigation was undone; its id is never reused."""

    mitigation: MitigationId


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


class IssueLinked(BaseEvent, frozen=True, kw_only=True, tag="IssueLinked"):
    """A mitigation has an issue in a tracker: a new one, or with `typed` an existing one.

    `seen` is what it showed then.
    """

    mitigation: MitigationId
    issue: IssueReference
    typed: bool = False
    seen: SeenIssue | None = None


class IssueUnlinked(BaseEvent, frozen=True, kw_only=True, tag="IssueUnlinked"):
    """The issue of a mitigation no longer belongs to it.

    It gets no other one by itself, unless it may get one `again` because the first link was undone.
    """

    mitigation: MitigationId
    again: bool = False


class IssueRequested(BaseEvent, frozen=True, kw_only=True, tag="IssueRequested"):
    """A new issue was requested for a mitigation whose former one was unlinked or deleted."""

    mitigation: MitigationId


class IssueSeen(BaseEvent, frozen=True, kw_only=True, tag="IssueSeen"):
    """The issue of a mitigation shows something else than before.

    It is `expected` if only the owner and the due date of the mitigation have arrived there.
    """

    mitigation: MitigationId
    seen: SeenIssue
    expected: bool = False


class IssueProposalDismissed(BaseEvent, frozen=True, kw_only=True, tag="IssueProposalDismissed"):
    """What the issue of a mitigation proposed was dismissed: the mitigation continues as planned."""

    mitigation: MitigationId


TrackerEvent = (
    TrackerChosen | IssueLinked | IssueUnlinked | IssueRequested | IssueSeen | IssueProposalDismissed
)
"""What happened between the model and a tracker."""
