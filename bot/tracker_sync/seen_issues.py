"""What a tracker shows of an issue, as the model records it."""

from bot.tracker_sync.open_trackers import OpenTrackers
from bot.trackers.tracker import Issue
from domain.kernel.tracked_issue import SeenIssue, TrackerId


def seen_issue(trackers: OpenTrackers, tracker: TrackerId, issue: Issue) -> SeenIssue:
    """Return what an issue shows; its assignee is a person where the account stands for one."""
    account = issue.assignee
    person = trackers.person_of(tracker, account.id) if account is not None else None
    return SeenIssue(
        state=issue.state,
        reason=issue.reason,
        assignee=account.name if account is not None and person is None else "",
        person=person,
        due=issue.due,
    )
