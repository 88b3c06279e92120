"""GitLab: issues by the REST API, found again by the label of their mark."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar, Final
from urllib.parse import urlsplit

import msgspec

from bot.trackers.closing_names import label_against
from bot.trackers.text_defusing import JOINER
from bot.trackers.tracker import (
    COMMON_LABEL,
    Account,
    Issue,
    IssueContent,
    IssueMissing,
    Moment,
    Project,
    TrackerRefused,
    mark_label,
    marks_of,
)
from bot.trackers.tracker_client import (
    PAGE,
    FieldNames,
    Fields,
    ProjectClient,
    duplicate_note,
    rows_by_change,
    utc_text,
)
from bot.trackers.tracker_http import path_part
from bot.trackers.webhooks import WebhookScheme
from domain.kernel.tracked_issue import IssueState, TrackerKind

_PLANNER: Final = 15
"""The lowest role that may set the labels, the due date and the assignee of an issue."""

_NO_LABELS: Final = "The account cannot set labels. Give it the role Planner or Reporter in the project."

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

    @property
    def key(self) -> str:
        return f"#{self.iid}"


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


class GitLab(ProjectClient[_Issue]):
    """One project of gitlab.com or of a GitLab of one's own; a project is named by its path with its groups.

    GitLab executes lines of a text that begin with a command such as `/close`, with the permissions of the
    account that writes the text: no line of a text that this account writes is a command, no matter who typed
    it.
    """

    kind = TrackerKind.GITLAB
    webhook = WebhookScheme(plain="x-gitlab-token")
    usual_url: ClassVar = "https://gitlab.com"
    project_form: ClassVar = r"[\w.-]+(?:/[\w.-]+)+"
    project_words: ClassVar = "The project must be a path with its groups, such as example-org/shop."
    names: ClassVar = FieldNames(due="due_date")
    most_in_text: ClassVar = 1_000_000
    refused_content: ClassVar = (400, 422)

    def _checked(self) -> Project:
        found = self._read_project()
        level = found.permissions.level if found.permissions else _PLANNER
        checks = {
            "Issues are disabled in the project. Enable them in its settings.": found.issues_enabled,
            "The project is archived. Unarchive it, or choose another.": not found.archived,
            _NO_LABELS: level >= _PLANNER,
        }
        return Project(
            name=found.path_with_namespace,
            public=self._is_public(found),
            account=self._account().account,
            problems=[problem for problem, is_well in checks.items() if not is_well],
        )

    def _labeled(self, mark: str) -> Iterable[_Issue]:
        own = self._account().id
        query = {"labels": mark_label(mark), "order_by": "created_at", "sort": "asc"}
        found = self._page(query, 1)
        return [one for one in found if (one.author is None or one.author.id == own) and not one.moved_to_id]

    def _updated(self, since: datetime) -> Iterator[_Issue]:
        def page_of(start: datetime, number: int) -> Sequence[_Issue]:
            order = {"order_by": "updated_at", "sort": "asc"}
            return self._page({"labels": COMMON_LABEL, "updated_after": utc_text(start), **order}, number)

        return rows_by_change(since, page_of)

    def _named(self, project: str) -> str:
        return project.strip("/")

    def _api_url(self) -> str:
        return f"{self._url}/api/v4"

    def _typed_forms(self) -> str:
        project, web = re.escape(self._project), re.escape(self._url.partition("://")[2])
        address = rf"https?://{web}/{project}/(?:-/)?(?:issues|work_items)/([1-9]\d{{0,9}})/?(?:[?#]\S*)?"
        return rf"(?:{project})?#([1-9]\d{{0,9}})|{address}"

    @property
    def _path(self) -> str:
        return f"/projects/{path_part(self._project)}"

    def _read_project(self) -> _Project:
        missing = f"GitLab has no project {self._project}, or the account cannot read it."
        return self._http.get(self._path, _Project, refusals={404: missing})

    def _is_public(self, found: _Project) -> bool:
        """Whether people outside the organization can read issues; on gitlab.com, "internal" means anyone."""
        everyone = {"public", "internal"} if urlsplit(self._url).hostname == "gitlab.com" else {"public"}
        return found.visibility in everyone and found.issues_access_level in ("enabled", "public")

    def _account(self) -> _User:
        return self._http.get("/user", _User)

    def _page(self, query: Mapping[str, str], number: int) -> Sequence[_Issue]:
        asked = {**query, "scope": "all", "state": "all", "per_page": PAGE, "page": number}
        return self._http.get(f"{self._path}/issues", Sequence[_Issue], query=asked)

    def _check_readable(self) -> None:
        if not self._read_project().issues_enabled:
            raise TrackerRefused("Issues are disabled in the project.")

    def _read(self, key: str, number: str) -> _Issue:
        found = self._http.get(f"{self._path}/issues/{number}", _Issue, issue=key)
        if found.moved_to_id:
            raise IssueMissing(f"{key} was moved to another project.")
        return found

    def _assigned(self, found: _Issue) -> Iterable[str]:
        return [str(assignee.id) for assignee in found.assignees]

    def _text(self, before: object, mark: str, content: IssueContent) -> object:
        return without_quick_actions(str(super()._text(before, mark, content)))

    def _create(self, fields: Fields, assignee: str, labels: Sequence[str]) -> _Issue:
        """Create an issue; GitLab creates the labels that do not exist."""
        return self._save("POST", f"{self._path}/issues", {**fields, "labels": _joined(labels)}, assignee)

    def _change(self, found: _Issue, fields: Fields, assignee: str, labels: Sequence[str]) -> _Issue:
        # GitLab refuses an update of nothing, so that the title is always there.
        added: Fields = {"add_labels": _joined(labels)} if labels else {}
        changed = {"title": found.title, **fields, **added}
        return self._save("PUT", f"{self._path}/issues/{found.iid}", changed, assignee)

    def _close_duplicate(self, found: _Issue, original: str) -> None:
        path = f"{self._path}/issues/{found.iid}"
        # The command in the note links both issues, where the account may do so.
        body = {"body": f"{duplicate_note(original)}\n\n/duplicate {original}"}
        self._http.call("POST", f"{path}/notes", content=body, issue=found.key)
        ours = [label for label in found.labels if label == COMMON_LABEL or marks_of([label])]
        fields = {"state_event": "close", "remove_labels": _joined(ours)}
        self._http.call("PUT", path, content=fields, issue=found.key)

    def _people(self, wanted: str) -> Iterable[tuple[Account, str]]:
        """Members that GitLab finds, also by an email address that it does not show."""
        query = {"query": wanted, "per_page": PAGE}
        found = self._http.get(f"{self._path}/members/all", Sequence[_User], query=query)
        return {one.id: (one.account, one.username) for one in found if one.state == "active"}.values()

    def _save(self, method: str, path: str, fields: Fields, assignee: str) -> _Issue:
        assigned: Fields = {"assignee_ids": [int(assignee)]} if re.fullmatch("[0-9]+", assignee) else {}
        contents = {**fields, **assigned}, fields
        return self._accepted(lambda content: self._http.send(method, path, content, _Issue), *contents)

    def _issue(self, found: _Issue) -> Issue:
        state, reason = _closing(found) if found.state == "closed" else (IssueState.OPEN, "")
        return Issue(
            key=found.key,
            url=found.web_url,
            title=found.title,
            text=found.description or "",
            state=state,
            updated=found.updated_at,
            reason=reason,
            assignee=found.assignees[0].account if found.assignees else None,
            due=found.due_date,
            labels=tuple(found.labels),
        )


def without_quick_actions(text: str) -> str:
    """Return a text in which no line is a command; a joiner is put in behind the slash."""
    return _QUICK_ACTION.sub(rf"\1/{JOINER}", text)


def _joined(labels: Sequence[str]) -> str:
    """Labels as GitLab takes them: their names have no commas."""
    return ",".join(label.replace(",", " ") for label in labels)


def _closing(found: _Issue) -> tuple[IssueState, str]:
    """How an issue was closed: GitLab tells only a duplicate and an issue that was moved."""
    if found.moved_to_id:
        return IssueState.DELETED, ""
    if found.links.closed_as_duplicate_of:
        return IssueState.CLOSED, "duplicate"
    label = label_against(found.labels)
    return (IssueState.CLOSED, label) if label else (IssueState.COMPLETED, "closed")
