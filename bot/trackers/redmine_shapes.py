"""What Redmine answers, as far as its client reads it."""

from collections.abc import Sequence
from datetime import date

import msgspec

from bot.trackers.tracker import Moment


class RedmineName(msgspec.Struct, frozen=True, kw_only=True):
    """A reference to a person, a tracker or a module."""

    id: int
    name: str = ""


class RedmineStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A status; before Redmine 5, only the list of statuses tells whether it is closed."""

    id: int
    name: str
    is_closed: bool | None = None


class RedmineIssue(msgspec.Struct, frozen=True, kw_only=True):
    """An issue."""

    id: int
    status: RedmineStatus
    subject: str
    updated_on: Moment
    description: str | None = None
    assigned_to: RedmineName | None = None
    start_date: date | None = None
    due_date: date | None = None
    allowed_statuses: Sequence[RedmineStatus] = ()


class RedmineOneIssue(msgspec.Struct, frozen=True, kw_only=True):
    """The answer about one issue."""

    issue: RedmineIssue


class RedmineIssues(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a list of issues."""

    issues: Sequence[RedmineIssue]
    total_count: int = 0


class RedmineStatuses(msgspec.Struct, frozen=True, kw_only=True):
    """The list of statuses."""

    issue_statuses: Sequence[RedmineStatus]


class RedmineProject(msgspec.Struct, frozen=True, kw_only=True):
    """A project."""

    id: int
    name: str
    is_public: bool = True
    trackers: Sequence[RedmineName] | None = None
    enabled_modules: Sequence[RedmineName] | None = None


class RedmineOneProject(msgspec.Struct, frozen=True, kw_only=True):
    """The answer about one project."""

    project: RedmineProject
