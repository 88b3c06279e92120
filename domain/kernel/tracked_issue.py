"""Issues in a team's tracker: the tracker, the issue of a mitigation, and what was last seen of it."""

import re
from datetime import date
from enum import StrEnum
from typing import NewType

import msgspec

from domain.kernel.elements import PersonId

TrackerId = NewType("TrackerId", str)
"""The ID of a connected tracker in its workspace, such as `TR-1`; it is never reused."""

TRACKER_ID = re.compile(r"TR-[1-9]\d{0,5}")
"""The form of the ID of a tracker."""


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


class ConnectedTracker(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """A project of a tracker that is connected to the workspace.

    `url` is the address of the tracker, `project` its project or repository as the tracker names it, and
    `labels` are put on new issues.
    """

    id: TrackerId
    kind: TrackerKind
    url: str
    project: str
    labels: tuple[str, ...] = ()


class ModelTracker(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """Where the mitigations of a model get issues, and what these may say.

    Unless the choice is the model's `own`, the tracker is the default one of the workspace. With
    `shares_threats`, issues also show the titles, statements, reasons and bands of threats.
    """

    own: bool = False
    tracker: TrackerId | None = None
    shares_threats: bool = False


class IssueReference(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """The issue of a mitigation: its key as people write it (`REFILL-123`, `#12`) and its web address."""

    tracker: TrackerId
    kind: TrackerKind
    key: str
    url: str


class SeenIssue(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """What was last seen of an issue.

    `reason` is the tracker's word for how it was closed, such as "not planned". `account` is the ID of the
    assignee's account; earlier releases did not record it. `person` is the assignee if the account stands for
    a person of the workspace, and they are `outside` if they are not in the channel of the model. `assignee`
    is the name that the tracker shows, unless the account is confirmed to be that of a member.
    """

    state: IssueState
    reason: str = ""
    assignee: str = ""
    person: PersonId | None = None
    due: date | None = None
    account: str = ""
    outside: bool = False


class TrackedIssue(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """The issue of a mitigation now.

    `issue` is the last one, `linked` whether it still belongs to the mitigation. Without a link, no issue is
    created unless a person `requested` one. `typed` means that a person named an existing issue.
    `state_changed` and `due_changed` are the versions of the model at which its state and its due date were
    seen to change.
    """

    issue: IssueReference
    linked: bool = True
    requested: bool = False
    typed: bool = False
    seen: SeenIssue | None = None
    state_changed: int = 0
    due_changed: int = 0

    @property
    def state(self) -> IssueState:
        """Return the state that was last seen; an issue is open until it is seen otherwise."""
        return self.seen.state if self.seen else IssueState.OPEN

    @property
    def followed(self) -> bool:
        """Return whether the issue belongs to the mitigation and exists."""
        return self.linked and self.state is not IssueState.DELETED


class IssueAnswers(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """The versions of the model at which people last answered what an issue proposed: its state, its date."""

    state: int = 0
    due: int = 0
