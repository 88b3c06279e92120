"""Issues in a team's tracker: the tracker, the issue of a mitigation, and what was last seen of it."""

from datetime import date
from enum import StrEnum
from typing import NewType

import msgspec

TrackerId = NewType("TrackerId", str)
"""The ID of a connected tracker in its workspace, such as `TR-1`; it is never reused."""


class TrackerKind(StrEnum):
    """The kinds of trackers; the values are stored and never change."""

    GITHUB = "github"
    JIRA_CLOUD = "jira_cloud"
    JIRA_DATA_CENTER = "jira_data_center"
    REDMINE = "redmine"
    GITLAB = "gitlab"
    LINEAR = "linear"

    @property
    def label(self) -> str:
        """Return the name of the product."""
        return _LABELS[self]


_LABELS = {
    TrackerKind.GITHUB: "GitHub Issues",
    TrackerKind.JIRA_CLOUD: "Jira Cloud",
    TrackerKind.JIRA_DATA_CENTER: "Jira Data Center",
    TrackerKind.REDMINE: "Redmine",
    TrackerKind.GITLAB: "GitLab",
    TrackerKind.LINEAR: "Linear",
}


class IssueState(StrEnum):
    """The state of an issue; the values are stored and never change."""

    OPEN = "open"
    COMPLETED = "completed"
    """Closed as completed."""
    CLOSED = "closed"
    """Closed otherwise: not planned, a duplicate, rejected, or by a bot for lack of activity."""
    DELETED = "deleted"
    """It no longer exists, or the account of the connection can no longer read it."""


class IssueReference(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """The issue of a mitigation: its key as people write it (`REFILL-123`, `#12`) and its web address."""

    tracker: TrackerId
    key: str
    url: str


class SeenIssue(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """What was last seen of an issue.

    `reason` is the tracker's word for how it was closed, such as "not planned"; `assignee` the name that the
    tracker shows.
    """

    state: IssueState
    reason: str = ""
    assignee: str = ""
    due: date | None = None
