"""Mitigations: owners, due dates and their issues in a tracker."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NewType

import msgspec

from domain.kernel.elements import PersonId
from domain.kernel.threat import WHOLE_SYSTEM, ControlClass, PlaceId, ThreatId

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


MitigationId = NewType("MitigationId", str)

TICKET_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,29}-\d{1,12}|[\w.-]{0,60}(?:/[\w.-]{1,60}){0,3}[#!]\d{1,12}")
"""The key of an issue: `REFILL-123` (Jira, Linear), `#12` or `acme/shop#12` (GitHub), `AB#12` (Azure)."""


class MitigationState(StrEnum):
    """The state of a mitigation."""

    PLANNED = "planned"
    STARTED = "started"
    IMPLEMENTED = "implemented"
    VERIFIED = "verified"
    DROPPED = "dropped"

    @property
    def label(self) -> str:
        """Return the state in words."""
        return "implemented, to be verified" if self is MitigationState.IMPLEMENTED else self.value

    @property
    def to_do(self) -> bool:
        """Return whether the owner still has to implement it."""
        return self in (MitigationState.PLANNED, MitigationState.STARTED)


class MitigationLink(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """A threat that a mitigation serves, at one of the places of that threat."""

    threat: ThreatId
    place: PlaceId = WHOLE_SYSTEM


class Verification(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """The verification of a mitigation for one threat and place, by a second person."""

    link: MitigationLink
    by: PersonId


class Mitigation(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """A control to implement against a threat, and against `also` further threats.

    `due` is a local date: 17:00 in the owner's zone. `ticket` is an issue key or a web address.
    `evidence` shows that it is implemented; `reason` says why it was dropped, or why it was not verified.
    `verifications` say for which threats and places it was verified; its state is *verified* after all of
    them, and `verified_by` is the author of the last one. `owned_by` are all people who ever owned it,
    marked it as implemented, or had its issue in a tracker assigned: none of them may verify it.
    `issue_answers` are those to what that issue proposed.
    """

    id: MitigationId
    threat: ThreatId
    title: str
    control: ControlClass
    description: str = ""
    owner: PersonId | None = None
    due: date | None = None
    ticket: str = ""
    state: MitigationState = MitigationState.PLANNED
    evidence: str = ""
    reason: str = ""
    implemented_by: PersonId | None = None
    verified_by: PersonId | None = None
    also: tuple[ThreatId, ...] = ()
    verifications: tuple[Verification, ...] = ()
    owned_by: tuple[PersonId, ...] = ()
    issue_answers: IssueAnswers = IssueAnswers()

    @property
    def threats(self) -> tuple[ThreatId, ...]:
        """Return the threats that it was planned for or added to, as they were named then."""
        return (self.threat, *self.also)


Zones = Callable[[PersonId], tzinfo]
"""Maps a person to their time zone."""

DUE_AT = time(17)
"""The hour at which a due date ends, in the owner's zone."""


def short_day(day: date) -> str:
    """Format a day within a line of text: `6 March 2026`."""
    return f"{day.day} {day:%B %Y}"


def utc_zone(_person: PersonId) -> tzinfo:
    """Return UTC, the zone of people whose zone is unknown."""
    return UTC


def due_moment(day: date, zone: tzinfo) -> datetime:
    """Return the moment in UTC at which a due date ends in a zone."""
    return moment_in_utc(day, DUE_AT, zone)


def local_day(moment: datetime, zone: tzinfo) -> date:
    """Return the local day of a moment in a zone; the UTC day where the conversion would overflow."""
    try:
        return moment.astimezone(zone).date()
    except (OverflowError, ValueError):
        return moment.date()


def moment_in_utc(day: date, hour: time, zone: tzinfo) -> datetime:
    """Convert an hour of a local day to UTC; where that would overflow, the day is taken as UTC."""
    try:
        return datetime.combine(day, hour, tzinfo=zone).astimezone(UTC)
    except (OverflowError, ValueError):
        return datetime.combine(day, hour, tzinfo=UTC)


def day_after(day: date) -> date:
    """Return the next day; `date.max` is its own successor."""
    return day + timedelta(days=1) if day < date.max else day
