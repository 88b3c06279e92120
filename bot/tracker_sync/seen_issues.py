"""What a tracker shows of an issue, as the model records it."""

from collections.abc import Callable

from bot.store import StreamId
from bot.tracker_sync.open_trackers import OpenTrackers
from bot.trackers.tracker import Issue
from domain.kernel.elements import PersonId
from domain.kernel.tracked_issue import SeenIssue, TrackerId

IsMember = Callable[[StreamId, PersonId], bool]
"""Returns whether a person can act in the channel of a model, as far as is known without a call."""


def seen_issue(
    trackers: OpenTrackers, tracker: TrackerId, issue: Issue, stream: StreamId, is_member: IsMember
) -> SeenIssue:
    """Return what an issue of a model shows; its assignee is a person where the account stands for one.

    The name that the tracker shows is kept unless the account is confirmed to be that of a member: others can
    then see for whom it is taken.
    """
    account = issue.assignee
    held = trackers.holder(tracker, account.id) if account is not None else None
    outside = held is not None and not is_member(stream, held.person)
    is_settled = held is not None and held.confirmed and not outside
    return SeenIssue(
        state=issue.state,
        reason=issue.reason,
        assignee=account.name if account is not None and not is_settled else "",
        person=held.person if held is not None else None,
        due=issue.due,
        account=account.id if account is not None else "",
        outside=outside,
    )
