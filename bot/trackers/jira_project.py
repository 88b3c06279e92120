"""What Jira answers, and the check of a connection: who can read the project, and what the account lacks."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from bot.trackers.tracker import TrackerRefused, TrackerUnreachable
from bot.trackers.tracker_http import TrackerHttp, path_part

_NEEDED: Final = {
    "BROWSE_PROJECTS": "browse projects",
    "CREATE_ISSUES": "create issues",
    "EDIT_ISSUES": "edit issues",
    "SCHEDULE_ISSUES": "schedule issues",
    "ASSIGN_ISSUES": "assign issues",
    "TRANSITION_ISSUES": "transition issues",
    "ADD_COMMENTS": "add comments",
}
_FILLED: Final = frozenset(
    ("project", "issuetype", "summary", "description", "labels", "duedate", "assignee", "reporter")
)
_SHOWN: Final = {"labels": "Labels", "description": "Description", "duedate": "Due date"}
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

    @classmethod
    def names(cls) -> Sequence[str]:
        """Return the names of the fields, for a query."""
        return cls.__struct_fields__


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


class JiraProjectCheck(msgspec.Struct, frozen=True, eq=False):
    """What the project of a key and its screens say about the calls that will be made."""

    http: TrackerHttp
    anonymous: TrackerHttp
    key: str
    api: str

    def project(self) -> JiraProject:
        """Return the project; raises TrackerFault."""
        missing = f"Jira has no project {self.key}, or the account cannot read it."
        path = f"{self.api}/project/{path_part(self.key)}"
        return self.http.get(path, JiraProject, refusals={404: missing})

    def is_public(self) -> bool:
        """Return whether people who are not signed in can read the project; raises TrackerFault.

        Neither the project nor its permission scheme tells this to every account, so that it is tried.
        """
        path = f"{self.api}/project/{path_part(self.key)}"
        try:
            answer = self.anonymous.call("GET", path)
        except TrackerRefused:
            return False
        try:
            return bool(self.anonymous.decode(answer, JiraProject).id)
        except TrackerUnreachable:
            return False  # the page of a sign-in

    def problems(self, project: JiraProject) -> Sequence[str]:
        """Return a sentence for each thing that the account lacks; raises TrackerFault."""
        if project.archived:
            return ("The project is archived. Restore it, or choose another.",)
        lacking = self._lacking_permissions()
        if lacking:
            return (f"The account lacks these permissions in the project: {', '.join(lacking)}.",)
        chosen = issue_type(project)
        if chosen is None:
            return ("The project has no type of issues such as Task.",)
        fields = self._fields(chosen)
        if not fields:
            return ()
        held = {field.field_id or field.key for field in fields}
        missing = [name for field, name in _SHOWN.items() if field not in held]
        more = [
            field.name
            for field in fields
            if field.required and not field.has_default_value and (field.field_id or field.key) not in _FILLED
        ]
        screen = f"The screen on which issues of the type {chosen.name} are created"
        return [
            *([f"{screen} lacks: {', '.join(missing)}."] if missing else []),
            *([f"{screen} requires: {', '.join(more)}. Make that optional."] if more else []),
        ]

    def _lacking_permissions(self) -> Sequence[str]:
        query = {"projectKey": self.key, "permissions": ",".join(_NEEDED)}
        try:
            shape = Mapping[str, JiraPermission]
            held = self.http.get(f"{self.api}/mypermissions", shape, "permissions", query=query)
        except TrackerRefused as fault:
            if fault.status != 404:
                raise
            return ()
        return [words for name, words in _NEEDED.items() if not (name in held and held[name].have_permission)]

    def _fields(self, chosen: JiraIssueType) -> Sequence[JiraField]:
        """The fields of the screen; none where this version of Jira does not tell."""
        path = f"{self.api}/issue/createmeta/{path_part(self.key)}/issuetypes/{path_part(chosen.id)}"
        try:
            screen = self.http.get(path, JiraScreen, query={"maxResults": 200})
        except TrackerRefused as fault:
            if fault.status != 404:
                raise
            return ()
        return screen.fields or screen.values or ()


def issue_type(project: JiraProject) -> JiraIssueType | None:
    """Return the type of new issues: Task where there is one, else another of its level."""
    types = [
        one
        for one in project.issue_types
        if not one.subtask and one.hierarchy_level in (None, 0) and one.name.casefold() not in _ABOVE
    ]
    order = {name: place for place, name in enumerate(_PREFERRED)}
    return min(types, key=lambda one: order.get(one.name.casefold(), len(order)), default=None)
