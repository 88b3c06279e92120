"""What Jira answers, in Cloud and in Data Center."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

_PREFERRED: Final = ("task", "story", "bug")
_ABOVE: Final = ("epic", "initiative")
"""Types of Data Center that hold other issues, by their names: it does not tell their level."""

DONE = "done"
"""The key of the category of statuses that end an issue."""


class JiraName(msgspec.Struct, frozen=True, kw_only=True):
    """Anything of which only the name is read."""

    name: str = ""


class JiraUser(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A person: Cloud has account IDs, Data Center has user names."""

    account_id: str = ""
    name: str = ""
    display_name: str = ""
    email_address: str = ""
    active: bool = True
    account_type: str = "atlassian"
    """Also "app" and "customer", which get no issues assigned."""


class JiraCategory(msgspec.Struct, frozen=True, kw_only=True):
    """The category of a status, the same in all languages: new, indeterminate or done."""

    key: str = ""


class JiraStatus(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A status of a workflow."""

    name: str
    status_category: JiraCategory = JiraCategory()


class JiraProjectKey(msgspec.Struct, frozen=True, kw_only=True):
    """The project of an issue."""

    id: str
    key: str


class JiraFields(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of an issue; the description is a document in Cloud, and wiki markup in Data Center."""

    summary: str
    status: JiraStatus
    updated: str
    project: JiraProjectKey
    description: object = None
    resolution: JiraName | None = None
    assignee: JiraUser | None = None
    duedate: date | None = None
    labels: Sequence[str] = ()


class JiraIssue(msgspec.Struct, frozen=True, kw_only=True):
    """An issue."""

    id: str
    key: str
    fields: JiraFields


class JiraPage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A page of a search: Cloud gives a token for the next one, Data Center a total count."""

    issues: Sequence[JiraIssue] = ()
    next_page_token: str | None = None
    total: int = 0


class JiraIssueType(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A type of issues; only Cloud has levels, and 0 is that of a task."""

    id: str
    name: str
    subtask: bool = False
    hierarchy_level: int | None = None


class JiraProject(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A project."""

    id: str
    key: str
    name: str
    issue_types: Sequence[JiraIssueType] = ()
    archived: bool = False


class JiraField(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A field of the screen on which an issue is created, or changes its status."""

    field_id: str = ""
    key: str = ""
    name: str = ""
    required: bool = False
    has_default_value: bool = False
    allowed_values: Sequence[object] = ()
    """For a resolution, objects with a name."""


class JiraScreen(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a type of issues: Cloud calls them fields, and Data Center values."""

    fields: Sequence[JiraField] | None = None
    values: Sequence[JiraField] | None = None


class JiraTransition(msgspec.Struct, frozen=True, kw_only=True):
    """A step that the workflow allows now."""

    id: str
    to: JiraStatus
    fields: Mapping[str, JiraField] = {}


class JiraPermission(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether the account has a permission."""

    have_permission: bool = False


def issue_type(project: JiraProject) -> JiraIssueType | None:
    """Return the type of new issues: Task where there is one, else another of its level."""
    types = [
        one
        for one in project.issue_types
        if not one.subtask and one.hierarchy_level in (None, 0) and one.name.casefold() not in _ABOVE
    ]
    order = {name: place for place, name in enumerate(_PREFERRED)}
    return min(types, key=lambda one: order.get(one.name.casefold(), len(order)), default=None)
