"""Events about the issues of mitigations in a tracker."""

from domain.events.base_event import BaseEvent
from domain.kernel.mitigation import MitigationId
from domain.kernel.tracked_issue import IssueReference, ModelTracker, SeenIssue


class TrackerChosen(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="TrackerChosen"):
    """The tracker of the model was chosen, and what its issues may say."""

    tracker: ModelTracker


class IssueLinked(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="IssueLinked"):
    """A mitigation has an issue in a tracker: a new one, or with `typed` an existing one.

    `seen` is what it showed then.
    """

    mitigation: MitigationId
    issue: IssueReference
    typed: bool = False
    seen: SeenIssue | None = None


class IssueUnlinked(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="IssueUnlinked"):
    """The issue of a mitigation no longer belongs to it.

    It gets no other one by itself, unless it may get one `again` because the first link was undone.
    """

    mitigation: MitigationId
    again: bool = False


class IssueRequested(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="IssueRequested"):
    """A new issue was requested for a mitigation whose former one was unlinked or deleted."""

    mitigation: MitigationId


class IssueSeen(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="IssueSeen"):
    """The issue of a mitigation shows something else than before.

    It is `expected` if only the owner and the due date of the mitigation have arrived there.
    """

    mitigation: MitigationId
    seen: SeenIssue
    expected: bool = False


class IssueProposalDismissed(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="IssueProposalDismissed"
):
    """What the issue of a mitigation proposed was dismissed: the mitigation continues as planned."""

    mitigation: MitigationId


TrackerEvent = (
    TrackerChosen | IssueLinked | IssueUnlinked | IssueRequested | IssueSeen | IssueProposalDismissed
)
"""What happened between the model and a tracker."""
