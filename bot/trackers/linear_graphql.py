"""Linear's GraphQL interface: the queries, what they return, and its errors as faults of a tracker."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, Generic, TypeVar

import msgspec

from bot.trackers.tracker import IssueMissing, Moment, TrackerFault, TrackerUnreachable
from bot.trackers.tracker_http import TrackerAnswer, TrackerHttp

Node = TypeVar("Node")
Data = TypeVar("Data")

_ISSUE: Final = """
fragment Shown on Issue {
  id identifier title description url createdAt updatedAt dueDate trashed
  team { id key } state { id name type } creator { isMe }
  assignee { id name displayName email active } labels(first: 100) { nodes { id name } }
}
"""

READ: Final = f"query Read($id: String!) {{ issue(id: $id) {{ ...Shown }} }}{_ISSUE}"

LIST: Final = f"""
query List($filter: IssueFilter, $after: String) {{
  issues(first: 50, after: $after, filter: $filter, includeArchived: true) {{
    nodes {{ ...Shown }} pageInfo {{ hasNextPage endCursor }}
  }}
}}
{_ISSUE}"""

CREATE: Final = f"""
mutation Create($input: IssueCreateInput!) {{ issueCreate(input: $input) {{ issue {{ ...Shown }} }} }}
{_ISSUE}"""

UPDATE: Final = f"""
mutation Update($id: String!, $input: IssueUpdateInput!) {{
  issueUpdate(id: $id, input: $input) {{ issue {{ ...Shown }} }}
}}
{_ISSUE}"""

ADD_LABEL: Final = f"""
mutation AddLabel($id: String!, $label: String!) {{
  issueAddLabel(id: $id, labelId: $label) {{ issue {{ ...Shown }} }}
}}
{_ISSUE}"""

COMMENT: Final = """
mutation Comment($input: CommentCreateInput!) { commentCreate(input: $input) { success } }
"""

TEAM: Final = """
query Team($filter: TeamFilter) {
  viewer { id name displayName email active }
  organization { name urlKey }
  teams(filter: $filter) { nodes { id key name states(first: 100) { nodes { id name type position } } } }
}
"""

LABELS: Final = """
query Labels($filter: IssueLabelFilter, $after: String) {
  issueLabels(first: 100, after: $after, filter: $filter) {
    nodes { id name team { id } } pageInfo { hasNextPage endCursor }
  }
}
"""

CREATE_LABEL: Final = """
mutation CreateLabel($input: IssueLabelCreateInput!) {
  issueLabelCreate(input: $input) { issueLabel { id name team { id } } }
}
"""

USERS: Final = """
query Users($filter: UserFilter) {
  users(first: 50, filter: $filter) { nodes { id name displayName email active } }
}
"""


class LinearPageInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether a list goes on, and after which cursor."""

    has_next_page: bool
    end_cursor: str | None = None


class LinearPage(msgspec.Struct, Generic[Node], frozen=True, kw_only=True, rename="camel"):
    """A page of a list."""

    nodes: Sequence[Node]
    page_info: LinearPageInfo = LinearPageInfo(has_next_page=False)


class LinearUser(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A person or an app."""

    id: str
    name: str
    display_name: str = ""
    email: str = ""
    active: bool = True


class LinearState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A status of a team's workflow; `type` is one of Linear's own."""

    id: str
    name: str
    type: str
    position: float = 0.0


class TeamReference(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The team of an issue or a label."""

    id: str
    key: str = ""


class LinearTeam(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A team with its workflow."""

    id: str
    key: str
    name: str
    states: LinearPage[LinearState]


class LinearLabel(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A label of a team, or of the whole workspace."""

    id: str
    name: str
    team: TeamReference | None = None


class _Creator(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    is_me: bool


class LinearIssue(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An issue."""

    id: str
    identifier: str
    title: str
    url: str
    created_at: Moment
    updated_at: Moment
    team: TeamReference
    state: LinearState
    labels: LinearPage[LinearLabel]
    description: str | None = None
    due_date: date | None = None
    trashed: bool | None = None
    creator: _Creator | None = None
    assignee: LinearUser | None = None


class IssueData(msgspec.Struct, frozen=True, kw_only=True):
    """What `READ` returns."""

    issue: LinearIssue | None


class IssuesData(msgspec.Struct, frozen=True, kw_only=True):
    """What `LIST` returns."""

    issues: LinearPage[LinearIssue]


class _IssuePayload(msgspec.Struct, frozen=True, kw_only=True):
    issue: LinearIssue


class CreateData(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What `CREATE` returns."""

    issue_create: _IssuePayload


class UpdateData(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What `UPDATE` returns."""

    issue_update: _IssuePayload


class AddLabelData(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What `ADD_LABEL` returns."""

    issue_add_label: _IssuePayload


class _Success(msgspec.Struct, frozen=True, kw_only=True):
    success: bool


class CommentData(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What `COMMENT` returns."""

    comment_create: _Success


class _Organization(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    name: str
    url_key: str


class TeamData(msgspec.Struct, frozen=True, kw_only=True):
    """What `TEAM` returns."""

    viewer: LinearUser
    organization: _Organization
    teams: LinearPage[LinearTeam]


class LabelsData(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What `LABELS` returns."""

    issue_labels: LinearPage[LinearLabel]


class _LabelPayload(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    issue_label: LinearLabel


class CreateLabelData(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What `CREATE_LABEL` returns."""

    issue_label_create: _LabelPayload


class UsersData(msgspec.Struct, frozen=True, kw_only=True):
    """What `USERS` returns."""

    users: LinearPage[LinearUser]


class _Extensions(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    code: str = ""
    user_presentable_message: str = ""


class _Error(msgspec.Struct, frozen=True, kw_only=True):
    message: str
    extensions: _Extensions = _Extensions()


class _Errors(msgspec.Struct, frozen=True, kw_only=True):
    errors: Sequence[_Error] = ()


class _Answered(msgspec.Struct, Generic[Data], frozen=True, kw_only=True):
    data: Data


class LinearGraphql:
    """Sends queries; each error of GraphQL becomes a TrackerFault."""

    def __init__(self, http: TrackerHttp) -> None:
        self._http = http

    def ask(self, query: str, variables: Mapping[str, object], shape: type[Data], *, issue: str = "") -> Data:
        """Return the data of a query; `issue` is the key of the issue that it is about.

        Raises TrackerFault.
        """
        content = {"query": query, "variables": variables}
        answer = self._http.call("POST", "/graphql", content=content, expected=(400,))
        errors = self._http.decode(answer, _Errors).errors
        if errors:
            raise self._fault(errors[0], answer, issue)
        return self._http.decode(answer, _Answered[shape]).data

    def _fault(self, error: _Error, answer: TrackerAnswer, issue: str) -> TrackerFault:
        code = error.extensions.code.upper()
        if code == "RATELIMITED":
            return self._http.busy(answer)
        if issue and "entity not found: issue" in error.message.lower():
            return IssueMissing(f"Linear has no issue {issue}, or the account cannot read it.")
        if "INTERNAL" in code:
            return TrackerUnreachable("Linear failed.")
        said = error.extensions.user_presentable_message or error.message
        return self._http.refused(said, status=answer.status, unauthorized=code == "AUTHENTICATION_ERROR")
