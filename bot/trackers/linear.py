"""Linear: issues of a team by GraphQL, found again by the label of their mark."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import ClassVar, Final, Generic, TypeVar
from urllib.parse import urlsplit

import msgspec

from bot.trackers.tracker import (
    COMMON_LABEL,
    LABEL_COLOR,
    LABEL_DESCRIPTION,
    Account,
    Issue,
    IssueMissing,
    Moment,
    Project,
    TrackerFault,
    TrackerRefused,
    TrackerUnreachable,
    mark_label,
    marks_of,
    without_marks,
)
from bot.trackers.tracker_client import FieldNames, Fields, ProjectClient, duplicate_note, page_turns
from bot.trackers.tracker_http import TrackerAnswer
from bot.trackers.webhooks import WebhookScheme
from domain.kernel.tracked_issue import IssueState, TrackerKind

_CLOSED_TYPES: Final = {
    "completed": IssueState.COMPLETED,
    "canceled": IssueState.CLOSED,
    "duplicate": IssueState.CLOSED,
}

Node = TypeVar("Node")
Data = TypeVar("Data")

_ISSUE: Final = """
fragment Shown on Issue {
  id identifier title description url createdAt updatedAt dueDate trashed
  team { id key } state { id name type } creator { isMe }
  assignee { id name displayName email active } labels(first: 100) { nodes { id name } }
}
"""

_READ: Final = f"query Read($id: String!) {{ issue(id: $id) {{ ...Shown }} }}{_ISSUE}"

_LIST: Final = f"""
query List($filter: IssueFilter, $after: String) {{
  issues(first: 50, after: $after, filter: $filter, includeArchived: true) {{
    nodes {{ ...Shown }} pageInfo {{ hasNextPage endCursor }}
  }}
}}
{_ISSUE}"""

_CREATE: Final = f"""
mutation Create($input: IssueCreateInput!) {{ issueCreate(input: $input) {{ issue {{ ...Shown }} }} }}
{_ISSUE}"""

_UPDATE: Final = f"""
mutation Update($id: String!, $input: IssueUpdateInput!) {{
  issueUpdate(id: $id, input: $input) {{ issue {{ ...Shown }} }}
}}
{_ISSUE}"""

_ADD_LABEL: Final = f"""
mutation AddLabel($id: String!, $label: String!) {{
  issueAddLabel(id: $id, labelId: $label) {{ issue {{ ...Shown }} }}
}}
{_ISSUE}"""

_COMMENT: Final = """
mutation Comment($input: CommentCreateInput!) { commentCreate(input: $input) { success } }
"""

_TEAM: Final = """
query Team($filter: TeamFilter) {
  viewer { id name displayName email active }
  organization { name urlKey }
  teams(filter: $filter) { nodes { id key name states(first: 100) { nodes { id name type position } } } }
}
"""

_LABELS: Final = """
query Labels($filter: IssueLabelFilter, $after: String) {
  issueLabels(first: 100, after: $after, filter: $filter) {
    nodes { id name team { id } } pageInfo { hasNextPage endCursor }
  }
}
"""

_CREATE_LABEL: Final = """
mutation CreateLabel($input: IssueLabelCreateInput!) {
  issueLabelCreate(input: $input) { issueLabel { id name team { id } } }
}
"""

_USERS: Final = """
query Users($filter: UserFilter) {
  users(first: 50, filter: $filter) { nodes { id name displayName email active } }
}
"""


class _PageInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    has_next_page: bool
    end_cursor: str | None = None


class _Page(msgspec.Struct, Generic[Node], frozen=True, kw_only=True, rename="camel"):
    nodes: Sequence[Node]
    page_info: _PageInfo = _PageInfo(has_next_page=False)


class _User(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    id: str
    name: str
    display_name: str = ""
    email: str = ""
    active: bool = True

    @property
    def account(self) -> Account:
        return Account(id=self.id, name=self.name or self.display_name, email=self.email)


class _State(msgspec.Struct, frozen=True, kw_only=True):
    """A status of a team's workflow; `type` is one of Linear's own."""

    id: str
    name: str
    type: str
    position: float = 0.0


class _TeamReference(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    key: str = ""


class _Team(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    key: str
    name: str
    states: _Page[_State]


class _Label(msgspec.Struct, frozen=True, kw_only=True):
    """A label of a team, or of the whole workspace."""

    id: str
    name: str
    team: _TeamReference | None = None


class _Creator(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    is_me: bool


class _Issue(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    id: str
    identifier: str
    title: str
    url: str
    created_at: Moment
    updated_at: Moment
    team: _TeamReference
    state: _State
    labels: _Page[_Label]
    description: str | None = None
    due_date: date | None = None
    trashed: bool | None = None
    creator: _Creator | None = None
    assignee: _User | None = None


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    issue: _Issue | None


class _Organization(msgspec.Struct, frozen=True, kw_only=True):
    name: str


class _TeamData(msgspec.Struct, frozen=True, kw_only=True):
    viewer: _User
    organization: _Organization
    teams: _Page[_Team]


class _Extensions(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    code: str = ""
    user_presentable_message: str = ""


class _Error(msgspec.Struct, frozen=True, kw_only=True):
    message: str
    extensions: _Extensions = _Extensions()


class _Errors(msgspec.Struct, frozen=True, kw_only=True):
    errors: Sequence[_Error] = ()


class Linear(ProjectClient[_Issue]):
    """One team of a workspace in Linear.

    The project is the key of the team, such as ENG. The URL is the address of the workspace, or of Linear
    itself, and only tells addresses of issues apart. An issue that was moved to another team is missing.
    """

    kind = TrackerKind.LINEAR
    webhook = WebhookScheme(signature="linear-signature", prefix="", moment=True)
    usual_url: ClassVar = "https://linear.app"
    project_form: ClassVar = r"[A-Z][A-Z0-9_]{0,19}"
    project_words: ClassVar = "The project must be the key of a team, such as ENG."
    names: ClassVar = FieldNames(due="dueDate")
    most_in_text: ClassVar = 100_000
    refused_content: ClassVar = (200, 400)
    _team: _Team | None = None

    def _checked(self) -> Project:
        data = self._ask_team()
        name = f"{data.organization.name}: {self._team_of(data).name}"
        # The issues of a team are never public.
        return Project(name=name, noun="team", public=False, account=data.viewer.account)

    def _labeled(self, mark: str) -> Iterable[_Issue]:
        found = self._listed({"labels": {"name": {"eq": mark_label(mark)}}})
        own = [one for one in found if (one.creator is None or one.creator.is_me) and not one.trashed]
        return sorted(own, key=lambda issue: issue.created_at)

    def _updated(self, since: datetime) -> Iterator[_Issue]:
        # They are sorted by their creation: a change meanwhile moves none to another page.
        moment = since.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        found = self._listed({"labels": {"name": {"eq": COMMON_LABEL}}, "updatedAt": {"gte": moment}})
        return (one for one in found if one.updated_at >= since)

    def _named(self, project: str) -> str:
        return project.upper()

    def _api_url(self) -> str:
        return "https://api.linear.app"

    def _secret(self, token: str) -> str:
        return token if token.startswith("lin_api_") else f"Bearer {token}"

    def _typed_forms(self) -> str:
        parts = urlsplit(self._url)
        workspace = re.escape(parts.path) or r"(?:/[\w-]+)?"
        key = rf"{self._project}-([1-9]\d{{0,8}})"
        return rf"{key}|https?://{re.escape(parts.netloc)}{workspace}/issue/{key}(?:[/?#]\S*)?"

    @property
    def _key_prefix(self) -> str:
        return f"{self._project}-"

    def _ask(
        self, query: str, variables: Mapping[str, object], shape: type[Data], *inside: str, issue: str = ""
    ) -> Data:
        """Return what a query finds; `issue` is the key of the issue that it is about."""
        content = {"query": query, "variables": variables}
        answer = self._http.call("POST", "/graphql", content=content, expected=(400,))
        errors = self._http.decode(answer, _Errors).errors
        if errors:
            raise self._fault(errors[0], answer, issue)
        return self._http.decode(answer, shape, "data", *inside)

    def _fault(self, error: _Error, answer: TrackerAnswer, issue: str) -> TrackerFault:
        code = error.extensions.code.upper()
        if code == "RATELIMITED":
            return self._http.busy(answer)
        if issue and "entity not found: issue" in error.message.lower():
            return IssueMissing(f"Linear has no issue {issue}, or the account cannot read it.")
        if "INTERNAL" in code:
            return TrackerUnreachable("Linear failed.")
        words = error.extensions.user_presentable_message or error.message
        return self._http.refused(words, status=answer.status, unauthorized=code == "AUTHENTICATION_ERROR")

    def _pages(
        self, query: str, criteria: Mapping[str, object], name: str, shape: type[Node]
    ) -> Iterator[Node]:
        after: str | None = None
        for _ in page_turns():
            page = self._ask(query, {"filter": criteria, "after": after}, _Page[shape], name)
            yield from page.nodes
            if not page.page_info.has_next_page or not page.nodes:
                return
            after = page.page_info.end_cursor

    def _listed(self, criteria: Mapping[str, object]) -> Iterator[_Issue]:
        return self._pages(_LIST, {"team": {"key": {"eq": self._project}}, **criteria}, "issues", _Issue)

    def _ask_team(self) -> _TeamData:
        return self._ask(_TEAM, {"filter": {"key": {"eq": self._project}}}, _TeamData)

    def _team_of(self, data: _TeamData) -> _Team:
        found = next((node for node in data.teams.nodes if node.key == self._project), None)
        if found is None:
            raise TrackerRefused(f"Linear has no team {self._project}, or the account cannot read it.")
        self._team = found
        return found

    def _known_team(self) -> _Team:
        return self._team or self._team_of(self._ask_team())

    def _check_readable(self) -> None:
        self._team_of(self._ask_team())

    def _read(self, key: str, number: str) -> _Issue:  # noqa: ARG002  (Linear reads by the whole key)
        found = self._ask(_READ, {"id": key}, _Found, issue=key).issue
        if found is None or found.trashed or found.team.key != self._project:
            raise IssueMissing(
                f"The team {self._project} in Linear has no issue {key}, or the account cannot read it."
            )
        return found

    def _create(self, fields: Fields, assignee: str, labels: Sequence[str]) -> _Issue:
        def send(content: Fields) -> _Issue:
            return self._ask(_CREATE, {"input": content}, _Issue, "issueCreate", "issue")

        content: Fields = {"teamId": self._known_team().id, **fields, "labelIds": self._ids_of(labels)}
        return self._accepted(send, *_with_assignee(content, assignee))

    def _change(self, found: _Issue, fields: Fields, assignee: str, labels: Sequence[str]) -> _Issue:
        key = found.identifier

        def send(content: Fields) -> _Issue:
            given = {"id": found.id, "input": content}
            return self._ask(_UPDATE, given, _Issue, "issueUpdate", "issue", issue=key)

        changed = found
        if fields or assignee:
            changed = self._accepted(send, *_with_assignee({"title": found.title, **fields}, assignee))
        for label in self._ids_of(labels):
            given = {"id": found.id, "label": label}
            changed = self._ask(_ADD_LABEL, given, _Issue, "issueAddLabel", "issue", issue=key)
        return changed

    def _close_duplicate(self, found: _Issue, original: str) -> None:
        key, comment = found.identifier, {"issueId": found.id, "body": duplicate_note(original)}
        self._ask(_COMMENT, {"input": comment}, msgspec.Raw, "commentCreate", issue=key)
        kept = set(without_marks(node.name for node in found.labels.nodes))
        fields: Fields = {"labelIds": [node.id for node in found.labels.nodes if node.name in kept]}
        states = sorted(self._known_team().states.nodes, key=lambda state: state.position)
        canceled = next((one.id for one in states if one.type == "canceled"), None)
        if canceled:
            fields["stateId"] = canceled
        self._ask(_UPDATE, {"id": found.id, "input": fields}, msgspec.Raw, "issueUpdate", issue=key)

    def _people(self, wanted: str) -> Iterable[tuple[Account, str]]:
        """People of the workspace that Linear finds by an email address or a name."""
        filters: list[Mapping[str, object]] = [{"email": {"eqIgnoreCase": wanted}}]
        if "@" not in wanted:
            filters = [{name: {"containsIgnoreCase": wanted}} for name in ("displayName", "name")]
        pages = [self._ask(_USERS, {"filter": each}, _Page[_User], "users") for each in filters]
        found = [node for page in pages for node in page.nodes if node.active]
        return {one.id: (one.account, one.display_name) for one in found}.values()

    def _ids_of(self, names: Sequence[str]) -> list[str]:
        """The IDs of labels of the team or of the workspace; the missing ones are created in the team."""
        known = self._labels_named(names) if names else {}
        for name in names:
            if name.lower() not in known:
                known[name.lower()] = self._create_label(name)
        return list(dict.fromkeys(known[name.lower()] for name in names))

    def _labels_named(self, names: Sequence[str]) -> dict[str, str]:
        """The IDs of existing labels by their names in small letters."""
        team = self._known_team().id
        criteria = {"or": [{"name": {"eqIgnoreCase": name}} for name in names]}
        found = self._pages(_LABELS, criteria, "issueLabels", _Label)
        return {
            label.name.lower(): label.id for label in found if label.team is None or label.team.id == team
        }

    def _create_label(self, name: str) -> str:
        described = {"description": LABEL_DESCRIPTION, "color": f"#{LABEL_COLOR}"}
        ours = name == COMMON_LABEL or bool(marks_of([name]))
        fields = {"name": name, "teamId": self._known_team().id, **(described if ours else {})}
        try:
            made = self._ask(_CREATE_LABEL, {"input": fields}, _Label, "issueLabelCreate", "issueLabel")
        except TrackerRefused:
            # Another request may have created it meanwhile.
            found = self._labels_named([name])
            if name.lower() not in found:
                raise
            return found[name.lower()]
        return made.id

    def _issue(self, found: _Issue) -> Issue:
        state = _CLOSED_TYPES.get(found.state.type, IssueState.OPEN)
        return Issue(
            key=found.identifier,
            url=found.url,
            title=found.title,
            text=found.description or "",
            state=IssueState.DELETED if found.trashed else state,
            updated=found.updated_at,
            reason=found.state.name if state is not IssueState.OPEN else "",
            assignee=found.assignee.account if found.assignee else None,
            due=found.due_date,
            labels=tuple(node.name for node in found.labels.nodes),
        )


def _with_assignee(fields: Fields, assignee: str) -> Sequence[Fields]:
    return ({**fields, "assigneeId": assignee}, fields) if assignee else (fields,)
