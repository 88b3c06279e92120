"""Commands about the issues of mitigations in a tracker."""

from domain.commands.base_command import BaseCommand
from domain.kernel.mitigation import MitigationId
from domain.kernel.tracked_issue import IssueReference, SeenIssue, TrackerId


class ChooseTracker(BaseCommand, frozen=True, kw_only=True, tag="ChooseTracker"):
    """Choose where the mitigations of the model get issues, and whether these may describe the threats.

    Without `own`, it is the default tracker of the workspace; with it and without a tracker, there are none.
    """

    own: bool = False
    tracker: TrackerId | None = None
    shares_threats: bool = False


class LinkIssue(BaseCommand, frozen=True, kw_only=True, tag="LinkIssue"):
    """Record the issue of a mitigation: a new one, which only the system reports, or a `typed` one.

    `seen` is what the issue shows.
    """

    mitigation: MitigationId
    issue: IssueReference
    typed: bool = False
    seen: SeenIssue | None = None


class UnlinkIssue(BaseCommand, frozen=True, kw_only=True, tag="UnlinkIssue"):
    """Separate a mitigation from its issue, which stays as it is in the tracker."""

    mitigation: MitigationId


class RequestIssue(BaseCommand, frozen=True, kw_only=True, tag="RequestIssue"):
    """Request a new issue for a mitigation whose former one was unlinked or deleted."""

    mitigation: MitigationId


class RecordIssueState(BaseCommand, frozen=True, kw_only=True, tag="RecordIssueState"):
    """Record what the issue of a mitigation shows, and what follows from it; only the system does that.

    If another issue belongs to the mitigation meanwhile, nothing is recorded.
    """

    mitigation: MitigationId
    issue: IssueReference
    seen: SeenIssue


class DismissIssueProposal(BaseCommand, frozen=True, kw_only=True, tag="DismissIssueProposal"):
    """Continue a mitigation as it is planned here, whatever its issue proposes."""

    mitigation: MitigationId


IssueCommand = LinkIssue | UnlinkIssue | RequestIssue | RecordIssueState | DismissIssueProposal
"""The commands about the issue of a mitigation that is there."""
