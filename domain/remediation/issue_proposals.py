"""What the issues of mitigations propose, and in which tracker a mitigation gets one."""

from datetime import date
from enum import StrEnum

from domain.kernel.mitigation import Mitigation, MitigationState
from domain.kernel.tracked_issue import IssueState, TrackedIssue, TrackerId
from domain.model import ThreatModel
from domain.model.mitigation_links import served_threats, with_current_state


class IssueProposal(StrEnum):
    """What a person is asked because of the issue of a mitigation."""

    IMPLEMENTED = "implemented"
    """It was closed as completed: is the mitigation implemented?"""
    CLOSED = "closed"
    """It was closed otherwise: is the mitigation implemented, dropped, or does it continue?"""
    REOPENED = "reopened"
    """It was reopened after the mitigation was verified: does the mitigation still hold?"""
    DELETED = "deleted"
    """It no longer exists: does the mitigation get another one?"""
    DUE = "due"
    """Its due date is another one than here, and was not taken over: is the mitigation due then?"""


def issue_proposal(model: ThreatModel, mitigation: Mitigation) -> IssueProposal | None:
    """Return what the issue of a mitigation proposes and no person has answered yet; None: nothing."""
    tracked = model.issues.get(mitigation.id)
    if tracked is None or not tracked.linked or tracked.seen is None:
        return None
    state = with_current_state(model, mitigation).state
    if tracked.state_changed > mitigation.issue_answers.state:
        if state.to_do and tracked.state is not IssueState.OPEN:
            return _BY_STATE[tracked.state]
        if state is MitigationState.VERIFIED and tracked.state is IssueState.OPEN:
            return IssueProposal.REOPENED
    if state.to_do and proposed_due(mitigation, tracked) is not None:
        return IssueProposal.DUE
    return None


def proposed_due(mitigation: Mitigation, tracked: TrackedIssue) -> date | None:
    """Return the differing due date of an issue that no person has answered yet, if there is one."""
    due = tracked.seen.due if tracked.seen else None
    if due is None or tracked.due_changed <= mitigation.issue_answers.due:
        return None
    return due if due != mitigation.due else None


def tracker_in_force(model: ThreatModel) -> TrackerId | None:
    """Return the tracker in which the mitigations of a model get issues, if there is one."""
    return model.tracker.tracker if model.tracker.own else model.inherited.tracker


def synchronized_tracker(model: ThreatModel, mitigation: Mitigation) -> TrackerId | None:
    """Return the tracker in which the issue of a mitigation is kept up to date or created, if there is one.

    A mitigation gets an issue when it still has to be implemented and serves a threat; not again after the
    issue was unlinked or deleted, unless a person requested a new one.
    """
    tracker, tracked = tracker_in_force(model), model.issues.get(mitigation.id)
    if tracker is None:
        return None
    if tracked is not None and not tracked.requested:
        return tracker if tracked.followed and tracked.issue.tracker == tracker else None
    return tracker if mitigation.state.to_do and served_threats(model, mitigation) else None


def can_request_issue(model: ThreatModel, mitigation: Mitigation) -> bool:
    """Return whether a mitigation gets a new issue only when a person requests one."""
    tracked = model.issues.get(mitigation.id)
    lost = tracked is not None and not tracked.followed and not tracked.requested
    return lost and mitigation.state.to_do and tracker_in_force(model) is not None


_BY_STATE = {
    IssueState.COMPLETED: IssueProposal.IMPLEMENTED,
    IssueState.CLOSED: IssueProposal.CLOSED,
    IssueState.DELETED: IssueProposal.DELETED,
}
