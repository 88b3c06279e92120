"""GitLab: issues by the REST API, found again by the label of their mark."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final
from urllib.parse import urlsplit

import msgspec

from bot.settings import Secret
from bot.trackers.account_matches import best_matches
from bot.trackers.change_pages import PAGE, rows_by_change
from bot.trackers.closing_names import label_against
from bot.trackers.issue_marks import COMMON_LABEL, issue_labels, mark_label, marks_of
from bot.trackers.issue_text import MARKDOWN, issue_text
from bot.trackers.text_defusing import JOINER, issue_title, one_line
from bot.trackers.tracker import Account, Issue, IssueContent, IssueMissing, Moment, Project, TrackerRefused
from bot.trackers.tracker_http import TrackerHttp, Transport, path_part
from domain.kernel.tracked_issue import IssueState, TrackerKind

_MOST_IN_TITLE: Final = 255
_MOST_IN_TEXT: Final = 1_000_000
_REFUSED_CONTENT: Final = (400, 422)
_PLANNER: Final = 15
"""The lowest role that may set the labels, the due date and the assignee of an issue."""

_QUICK_ACTION: Final = re.compile(r"^([ \t]*)/(?=[a-z_]+(?:[ \t]|\r?$))", re.MULTILINE | re.IGNORECASE)


class _User(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    username: str
    name: str = ""
    state: str = "active"
    email: str | None = None
    public_email: str | None = None

    @property
    def account(self) -> Account:
        email = self.email or self.public_email or ""
        return Account(id=str(self.id), name=self.name or self.username, email=email)


class _Links(msgspec.Struct, frozen=True, kw_only=True):
    closed_as_duplicate_of: str | None = None


class _Issue(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    iid: int
    title: str
    state: str
    web_url: str
    updated_at: Moment
    description: str | None = None
    labels: Sequence[str] = ()
    author: _User | None = None
    assignees: Sequence[_User] = ()
    due_date: date | None = None
    moved_to_id: int | None = None
    links: _Links = msgspec.field(default=_Links(), name="_links")


class _Access(msgspec.Struct, frozen=True, kw_only=True):
    access_level: int = 0


class _Permissions(msgspec.Struct, frozen=True, kw_only=True):
    project_access: _Access | None = None
    group_access: _Access | None = None

    @property
    def level(self) -> int:
        return max(one.access_level if one else 0 for one in (self.project_access, self.group_access))


class _Project(msgspec.Struct, frozen=True, kw_only=True):
    path_with_namespace: str
    visibility: str = "public"
    issues_enabled: bool = True
    issues_access_level: str = "enabled"
    archived: bool = False
    permissions: _Permissions | None = None
    """Missing for administrators who are no members."""


class GitLab:
    """One project of gitlab.com or of a GitLab of one's own.

    `url` is the web address, and `project` the path of the project with its groups. GitLab executes lines of
    a text that begin with a command such as `/close`, with the permissions of the account that writes the
    text: no line of a text that this account writes is a command, no matter who typed it.
    """

    kind: TrackerKind = TrackerKind.GITLAB
    search_delay: float = 60.0
    """Lists are read from replicas, and a request whose answer was lost may still be running."""

    def __init__(self, transport: Transport, *, url: str, project: str, token: Secret) -> None:
        self._web = url.rstrip("/") or "https://gitlab.com"
        self._project = project.strip().strip("/")
        if "/" not in self._project or not re.fullmatch(r"[\w./-]+", self._project, re.ASCII):
            raise TrackerRefused("The project must be a path with its groups, such as example-org/shop.")
        self._path = f"/projects/{path_part(self._project)}"
        self._own: _User | None = None
        self._http = TrackerHttp(
            transport,
            product=self.kind.label,
            base=f"{self._web}/api/v4",
            token=token,
            secrets={"Authorization": Secret(f"Bearer {token.reveal()}")},
        )

    def project(self) -> Project:
        """Check the connection: return the project and the account."""
        found = self._read_project()
        level = found.permissions.level if found.permissions else _PLANNER
        problems: list[str] = []
        if not found.issues_enabled:
            problems.append("Issues are disabled in the project. Enable them in its settings.")
        if found.archived:
            problems.append("The project is archived. Unarchive it, or choose another.")
        if level < _PLANNER:
            problems.append(
                "The account cannot set labels. Give it the role Planner or Reporter in the project."
            )
        return Project(
            name=found.path_with_namespace,
            public=self._is_public(found),
            account=self._account().account,
            problems=problems,
        )

    def find(self, mark: str) -> Sequence[Issue]:
        """Return the issues that the account created with a mark, the oldest first.

        Copies that people made of an issue, with its labels, are not among them.
        """
        own = self._account().id
        query = {"labels": mark_label(mark), "order_by": "created_at", "sort": "asc"}
        own_issues = [one for one in self._page(query, 1) if one.author is None or one.author.id == own]
        return [_issue(one) for one in own_issues if not one.moved_to_id]

    def create(self, mark: str, content: IssueContent) -> Issue:
        """Create an issue; GitLab creates the labels that do not exist."""
        fields: dict[str, object] = {
            "title": issue_title(content.title, _MOST_IN_TITLE),
            "description": _text("", content),
            "labels": _joined(issue_labels(mark, content.labels)),
        }
        if content.due:
            fields["due_date"] = content.due.isoformat()
        return _issue(self._save("POST", f"{self._path}/issues", fields, assignee=content.assignee))

    def read(self, key: str) -> Issue:
        """Return an issue; raises IssueMissing, also for one moved to another project."""
        return _issue(self._found(key))

    def update(self, key: str, mark: str, content: IssueContent) -> Issue:
        """Change what the issue shows of the mitigation; text outside the fenced part stays."""
        issue = self._found(key)
        # GitLab refuses an update of nothing, so that the title is always there.
        fields: dict[str, object] = {"title": issue_title(content.title, _MOST_IN_TITLE)}
        description = _text(issue.description or "", content, marked=mark in marks_of(issue.labels))
        if description != (issue.description or ""):
            fields["description"] = description
        if content.due and content.due != issue.due_date:
            fields["due_date"] = content.due.isoformat()
        lacking = [one for one in (COMMON_LABEL, mark_label(mark)) if one not in issue.labels]
        if lacking and not content.ended:
            fields["add_labels"] = _joined(lacking)
        assigned = {str(one.id) for one in issue.assignees}
        assignee = content.assignee if content.assignee not in assigned else ""
        if not assignee and fields == {"title": issue.title}:
            return _issue(issue)
        return _issue(self._save("PUT", f"{self._path}/issues/{issue.iid}", fields, assignee=assignee))

    def close_duplicate(self, key: str, original: str) -> None:
        """Close an issue that was created twice, name the original in it, and take the marks from it."""
        issue = self._found(key)
        if issue.state == "closed" and not marks_of(issue.labels):
            return
        # The command in the note links both issues, where the account may do so.
        said = f"This issue was created twice. It is continued in {original}.\n\n/duplicate {original}"
        path = f"{self._path}/issues/{issue.iid}"
        self._http.call("POST", f"{path}/notes", content={"body": said}, issue=key)
        ours = [one for one in issue.labels if one == COMMON_LABEL or marks_of([one])]
        fields = {"state_event": "close", "remove_labels": _joined(ours)}
        self._http.call("PUT", path, content=fields, issue=key)

    def changed(self, since: datetime) -> Iterator[Issue]:
        """Yield the issues of the project with a mark that changed at or after a moment, in pages."""

        def page_of(start: datetime, number: int) -> Sequence[_Issue]:
            moment = start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            query = {
                "labels": COMMON_LABEL,
                "updated_after": moment,
                "order_by": "updated_at",
                "sort": "asc",
            }
            return self._page(query, number)

        return (_issue(one) for one in rows_by_change(since, page_of) if marks_of(one.labels))

    def accounts(self, text: str) -> Sequence[Account]:
        """Return the members of the project that match an email address, a login or a name, best first.

        GitLab finds people by an email address, but shows only addresses that are public.
        """
        wanted = text.strip().removeprefix("@")
        if not wanted:
            return []
        query = {"query": wanted, "per_page": PAGE}
        found = self._http.get(f"{self._path}/members/all", Sequence[_User], query=query)
        people = {one.id: (one.account, one.username) for one in found if one.state == "active"}
        return best_matches(people.values(), wanted, found=True)

    def key_of(self, typed: str) -> str | None:
        """Return the key of the issue that a person typed: `#12`, `group/name#12`, or its address."""
        project = re.escape(self._project)
        web = re.escape(self._web.partition("://")[2])
        address = rf"https?://{web}/{project}/(?:-/)?(?:issues|work_items)/([1-9]\d{{0,9}})/?(?:[?#]\S*)?"
        found = re.fullmatch(
            rf"(?:{project})?#([1-9]\d{{0,9}})|{address}", typed.strip(), re.IGNORECASE | re.ASCII
        )
        return f"#{found[1] or found[2]}" if found else None

    def _read_project(self) -> _Project:
        try:
            return self._http.get(self._path, _Project)
        except TrackerRefused as fault:
            if fault.status != 404:
                raise
            said = f"GitLab has no project {self._project}, or the account cannot read it."
            raise TrackerRefused(said, status=fault.status) from None

    def _is_public(self, found: _Project) -> bool:
        """Whether people outside the organization can read issues; on gitlab.com, "internal" means anyone."""
        everyone = {"public", "internal"} if urlsplit(self._web).hostname == "gitlab.com" else {"public"}
        return found.visibility in everyone and found.issues_access_level in ("enabled", "public")

    def _account(self) -> _User:
        if self._own is None:
            self._own = self._http.get("/user", _User)
        return self._own

    def _page(self, query: Mapping[str, str], number: int) -> Sequence[_Issue]:
        asked = {**query, "scope": "all", "state": "all", "per_page": PAGE, "page": number}
        return self._http.get(f"{self._path}/issues", Sequence[_Issue], query=asked)

    def _found(self, key: str) -> _Issue:
        if not re.fullmatch(r"#[1-9]\d{0,9}", key, re.ASCII):
            raise IssueMissing(f"{one_line(key)} is not the number of an issue in GitLab.")
        try:
            found = self._http.get(f"{self._path}/issues/{key[1:]}", _Issue, issue=key)
        except IssueMissing:
            # Everything is missing in a project that the account can no longer read.
            if not self._read_project().issues_enabled:
                raise TrackerRefused("Issues are disabled in the project.") from None
            raise
        if found.moved_to_id:
            raise IssueMissing(f"{key} was moved to another project.")
        return found

    def _save(self, method: str, path: str, fields: Mapping[str, object], *, assignee: str) -> _Issue:
        """Send the fields and return the issue; without the assignee if GitLab does not accept it."""
        if assignee.isascii() and assignee.isdecimal():
            try:
                content = {**fields, "assignee_ids": [int(assignee)]}
                return self._http.decode(self._http.call(method, path, content=content), _Issue)
            except TrackerRefused as fault:
                if fault.status not in _REFUSED_CONTENT:
                    raise
        return self._http.decode(self._http.call(method, path, content=fields), _Issue)


def without_quick_actions(text: str) -> str:
    """Return a text in which no line is a command; a joiner is put in behind the slash."""
    return _QUICK_ACTION.sub(rf"\1/{JOINER}", text)


def _text(people: str, content: IssueContent, *, marked: bool = False) -> str:
    text = issue_text(people, content, MARKDOWN, most=_MOST_IN_TEXT, marked=marked)
    return without_quick_actions(text)


def _joined(labels: Sequence[str]) -> str:
    """Labels as GitLab takes them: their names have no commas."""
    return ",".join(one.replace(",", " ") for one in labels)


def _issue(found: _Issue) -> Issue:
    state, reason = _closing(found) if found.state == "closed" else (IssueState.OPEN, "")
    return Issue(
        key=f"#{found.iid}",
        url=found.web_url,
        title=found.title,
        text=found.description or "",
        state=state,
        updated=found.updated_at,
        reason=reason,
        assignee=found.assignees[0].account if found.assignees else None,
        due=found.due_date,
        marks=marks_of(found.labels),
    )


def _closing(found: _Issue) -> tuple[IssueState, str]:
    """How an issue was closed: GitLab tells only a duplicate and an issue that was moved."""
    if found.moved_to_id:
        return IssueState.DELETED, ""
    if found.links.closed_as_duplicate_of:
        return IssueState.CLOSED, "duplicate"
    label = label_against(found.labels)
    return (IssueState.CLOSED, label) if label else (IssueState.COMPLETED, "closed")
