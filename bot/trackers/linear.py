"""Linear: issues of a team by GraphQL, found again by the label of their mark."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar
from urllib.parse import urlsplit

from bot.settings import Secret
from bot.trackers.account_matches import best_matches
from bot.trackers.change_pages import page_turns
from bot.trackers.issue_marks import (
    COMMON_LABEL,
    LABEL_COLOR,
    LABEL_DESCRIPTION,
    issue_labels,
    mark_label,
    marks_of,
    without_marks,
)
from bot.trackers.issue_text import MARKDOWN, issue_text
from bot.trackers.linear_graphql import (
    ADD_LABEL,
    COMMENT,
    CREATE,
    CREATE_LABEL,
    LABELS,
    LIST,
    READ,
    TEAM,
    UPDATE,
    USERS,
    AddLabelData,
    CommentData,
    CreateData,
    CreateLabelData,
    IssueData,
    IssuesData,
    LabelsData,
    LinearGraphql,
    LinearIssue,
    LinearLabel,
    LinearTeam,
    LinearUser,
    TeamData,
    UpdateData,
    UsersData,
)
from bot.trackers.text_defusing import issue_title, one_line
from bot.trackers.tracker import Account, Issue, IssueContent, IssueMissing, Project, TrackerRefused
from bot.trackers.tracker_http import TrackerHttp, Transport
from domain.kernel.tracked_issue import IssueState, TrackerKind

_API: Final = "https://api.linear.app"
_MOST_IN_TITLE: Final = 255
_MOST_IN_TEXT: Final = 100_000
_CLOSED_TYPES: Final = {
    "completed": IssueState.COMPLETED,
    "canceled": IssueState.CLOSED,
    "duplicate": IssueState.CLOSED,
}

Data = TypeVar("Data")


class Linear:
    """One team of a workspace in Linear.

    `project` is the key of the team, such as ENG. `url` is the address of the workspace, or of Linear itself,
    and only tells addresses of issues apart. An issue that was moved to another team is missing.
    """

    kind: TrackerKind = TrackerKind.LINEAR
    search_delay: float = 60.0
    """A request whose answer was lost may still be running."""

    def __init__(
        self, transport: Transport, *, url: str, project: str, token: Secret, api: str = _API
    ) -> None:
        self._web = url.rstrip("/") or "https://linear.app"
        self._key = project.strip().upper()
        if not re.fullmatch(r"[A-Z][A-Z0-9_]{0,19}", self._key, re.ASCII):
            raise TrackerRefused("The project must be the key of a team, such as ENG.")
        self._team: LinearTeam | None = None
        self._label_ids: dict[str, str] = {}
        bearer = "" if token.reveal().startswith("lin_api_") else "Bearer "
        self._graphql = LinearGraphql(
            TrackerHttp(
                transport,
                product=self.kind.label,
                base=api,
                token=token,
                secrets={"Authorization": Secret(f"{bearer}{token.reveal()}")},
            )
        )

    def project(self) -> Project:
        """Check the connection: return the team and the account; the issues of a team are never public."""
        data = self._ask_team()
        team = self._team_of(data)
        return Project(
            name=f"{data.organization.name}: {team.name}", public=False, account=_account(data.viewer)
        )

    def find(self, mark: str) -> Sequence[Issue]:
        """Return the issues that the account created with a mark, the oldest first.

        Copies that people made of an issue, with its labels, are not among them.
        """
        found = self._listed({"labels": {"name": {"eq": mark_label(mark)}}})
        own = [one for one in found if (one.creator is None or one.creator.is_me) and not one.trashed]
        return [_issue(one) for one in sorted(own, key=lambda one: one.created_at)]

    def create(self, mark: str, content: IssueContent) -> Issue:
        """Create an issue, and the labels that do not exist."""
        fields: dict[str, object] = {
            "teamId": self._known_team().id,
            "title": issue_title(content.title, _MOST_IN_TITLE),
            "description": _text("", content),
        }
        if content.due:
            fields["dueDate"] = content.due.isoformat()
        labels = issue_labels(mark, content.labels)
        was_known = self._label_ids.keys() & {one.lower() for one in labels}
        try:
            data = self._created({**fields, "labelIds": self._ids_of(labels)}, content)
        except TrackerRefused:
            if not was_known:
                raise
            # A label that was known may have been deleted.
            self._label_ids.clear()
            data = self._created({**fields, "labelIds": self._ids_of(labels)}, content)
        return _issue(data.issue_create.issue)

    def read(self, key: str) -> Issue:
        """Return an issue; raises IssueMissing, also for one in the trash and for one moved elsewhere."""
        return _issue(self._found(key))

    def update(self, key: str, mark: str, content: IssueContent) -> Issue:
        """Change what the issue shows of the mitigation; text outside the fenced part stays."""
        issue = self._found(key)
        fields: dict[str, object] = {}
        title = issue_title(content.title, _MOST_IN_TITLE)
        names = {one.name for one in issue.labels.nodes}
        description = _text(issue.description or "", content, marked=mark in marks_of(names))
        if title != issue.title:
            fields["title"] = title
        if description != (issue.description or ""):
            fields["description"] = description
        if content.due and content.due != issue.due_date:
            fields["dueDate"] = content.due.isoformat()
        assigned = issue.assignee.id if issue.assignee else ""
        assignee = content.assignee if content.assignee != assigned else ""
        if fields or assignee:
            fields["title"] = title
            data = self._with_assignee(UPDATE, {"id": issue.id}, fields, UpdateData, assignee=assignee)
            issue = data.issue_update.issue
        shown = {one.name.lower() for one in issue.labels.nodes}
        lacking = [one for one in (COMMON_LABEL, mark_label(mark)) if one not in shown]
        for label in self._ids_of(lacking) if not content.ended else ():
            added = self._graphql.ask(ADD_LABEL, {"id": issue.id, "label": label}, AddLabelData, issue=key)
            issue = added.issue_add_label.issue
        return _issue(issue)

    def close_duplicate(self, key: str, original: str) -> None:
        """Cancel an issue that was created twice, name the original in it, and take the marks from it."""
        issue = self._found(key)
        names = [one.name for one in issue.labels.nodes]
        if issue.state.type in _CLOSED_TYPES and not marks_of(names):
            return
        said = f"This issue was created twice. It is continued in {original}."
        self._graphql.ask(COMMENT, {"input": {"issueId": issue.id, "body": said}}, CommentData, issue=key)
        kept = set(without_marks(names))
        fields: dict[str, object] = {"labelIds": [one.id for one in issue.labels.nodes if one.name in kept]}
        states = sorted(self._known_team().states.nodes, key=lambda one: one.position)
        canceled = next((one.id for one in states if one.type == "canceled"), None)
        if canceled:
            fields["stateId"] = canceled
        self._graphql.ask(UPDATE, {"id": issue.id, "input": fields}, UpdateData, issue=key)

    def changed(self, since: datetime) -> Iterator[Issue]:
        """Yield the issues of the team with a mark that changed at or after a moment, in pages.

        They are sorted by their creation: a change meanwhile moves none to another page.
        """
        moment = since.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        found = self._listed({"labels": {"name": {"eq": COMMON_LABEL}}, "updatedAt": {"gte": moment}})
        shown = (_issue(one) for one in found)
        return (one for one in shown if one.marks and one.updated >= since)

    def accounts(self, text: str) -> Sequence[Account]:
        """Return the people of the workspace that match an email address or a name, the best match first."""
        wanted = text.strip().removeprefix("@")
        if not wanted:
            return []
        filters: list[Mapping[str, object]] = [{"email": {"eqIgnoreCase": wanted}}]
        if "@" not in wanted:
            filters = [{name: {"containsIgnoreCase": wanted}} for name in ("displayName", "name")]
        found = [
            one
            for each in filters
            for one in self._graphql.ask(USERS, {"filter": each}, UsersData).users.nodes
        ]
        people = {one.id: (_account(one), one.display_name) for one in found if one.active}
        return best_matches(people.values(), wanted, found=True)

    def key_of(self, typed: str) -> str | None:
        """Return the key of the issue that a person typed: `ENG-12`, or its address."""
        parts = urlsplit(self._web)
        workspace = re.escape(parts.path) or r"(?:/[\w-]+)?"
        address = (
            rf"https?://{re.escape(parts.netloc)}{workspace}/issue/{self._key}-([1-9]\d{{0,8}})(?:[/?#]\S*)?"
        )
        found = re.fullmatch(
            rf"{self._key}-([1-9]\d{{0,8}})|{address}", typed.strip(), re.IGNORECASE | re.ASCII
        )
        return f"{self._key}-{found[1] or found[2]}" if found else None

    def _created(self, fields: Mapping[str, object], content: IssueContent) -> CreateData:
        return self._with_assignee(CREATE, {}, fields, CreateData, assignee=content.assignee)

    def _ask_team(self) -> TeamData:
        return self._graphql.ask(TEAM, {"filter": {"key": {"eq": self._key}}}, TeamData)

    def _team_of(self, data: TeamData) -> LinearTeam:
        found = next((one for one in data.teams.nodes if one.key == self._key), None)
        if found is None:
            raise TrackerRefused(f"Linear has no team {self._key}, or the account cannot read it.")
        self._team = found
        return found

    def _known_team(self) -> LinearTeam:
        return self._team or self._team_of(self._ask_team())

    def _listed(self, criteria: Mapping[str, object]) -> Iterator[LinearIssue]:
        variables = {"filter": {"team": {"key": {"eq": self._key}}, **criteria}, "after": None}
        for _ in page_turns():
            page = self._graphql.ask(LIST, variables, IssuesData).issues
            yield from page.nodes
            if not page.page_info.has_next_page or not page.nodes:
                return
            variables = {**variables, "after": page.page_info.end_cursor}

    def _found(self, key: str) -> LinearIssue:
        if self.key_of(key) != key:
            raise IssueMissing(f"{one_line(key)} is not an issue of the team {self._key} in Linear.")
        try:
            found = self._graphql.ask(READ, {"id": key}, IssueData, issue=key).issue
        except IssueMissing:
            found = None
        if found is None or found.trashed or found.team.key != self._key:
            # Everything is missing in a team that the account can no longer read.
            self._team_of(self._ask_team())
            raise IssueMissing(
                f"The team {self._key} in Linear has no issue {key}, or the account cannot read it."
            )
        return found

    def _ids_of(self, names: Sequence[str]) -> list[str]:
        """The IDs of labels of the team or of the workspace; the missing ones are created in the team."""
        unknown = [one for one in names if one.lower() not in self._label_ids]
        if unknown:
            self._look_up(unknown)
        for name in [one for one in unknown if one.lower() not in self._label_ids]:
            self._create_label(name)
        return list(dict.fromkeys(self._label_ids[one.lower()] for one in names))

    def _look_up(self, names: Sequence[str]) -> None:
        team = self._known_team().id
        variables: dict[str, object] = {
            "filter": {"or": [{"name": {"eqIgnoreCase": one}} for one in names]},
            "after": None,
        }
        for _ in page_turns():
            page = self._graphql.ask(LABELS, variables, LabelsData).issue_labels
            self._remember([one for one in page.nodes if one.team is None or one.team.id == team])
            if not page.page_info.has_next_page or not page.nodes:
                return
            variables["after"] = page.page_info.end_cursor

    def _create_label(self, name: str) -> None:
        described = {"description": LABEL_DESCRIPTION, "color": f"#{LABEL_COLOR}"}
        ours = name == COMMON_LABEL or bool(marks_of([name]))
        fields = {"name": name, "teamId": self._known_team().id, **(described if ours else {})}
        try:
            data = self._graphql.ask(CREATE_LABEL, {"input": fields}, CreateLabelData)
        except TrackerRefused:
            # Another request may have created it meanwhile.
            self._look_up([name])
            if name.lower() not in self._label_ids:
                raise
        else:
            self._remember([data.issue_label_create.issue_label])

    def _remember(self, labels: Sequence[LinearLabel]) -> None:
        self._label_ids |= {one.name.lower(): one.id for one in labels}

    def _with_assignee(
        self,
        query: str,
        variables: Mapping[str, object],
        fields: Mapping[str, object],
        shape: type[Data],
        *,
        assignee: str,
    ) -> Data:
        """Send the fields; without the assignee if Linear does not accept the account."""
        if assignee:
            try:
                given = {**variables, "input": {**fields, "assigneeId": assignee}}
                return self._graphql.ask(query, given, shape)
            except TrackerRefused as fault:
                if fault.unauthorized:
                    raise
        return self._graphql.ask(query, {**variables, "input": fields}, shape)


def _text(people: str, content: IssueContent, *, marked: bool = False) -> str:
    return issue_text(people, content, MARKDOWN, most=_MOST_IN_TEXT, marked=marked)


def _account(user: LinearUser) -> Account:
    return Account(id=user.id, name=user.name or user.display_name, email=user.email)


def _issue(found: LinearIssue) -> Issue:
    state = _CLOSED_TYPES.get(found.state.type, IssueState.OPEN)
    return Issue(
        key=found.identifier,
        url=found.url,
        title=found.title,
        text=found.description or "",
        state=IssueState.DELETED if found.trashed else state,
        updated=found.updated_at,
        reason=found.state.name if state is not IssueState.OPEN else "",
        assignee=_account(found.assignee) if found.assignee else None,
        due=found.due_date,
        marks=marks_of(one.name for one in found.labels.nodes),
    )
