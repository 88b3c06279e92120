"""GitHub Issues: by the REST API, found again by the label of their mark."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Final
from urllib.parse import urlsplit

import msgspec

from bot.trackers.closing_names import label_against
from bot.trackers.tracker import (
    COMMON_LABEL,
    LABEL_COLOR,
    LABEL_DESCRIPTION,
    Account,
    Issue,
    IssueMissing,
    Moment,
    Project,
    TrackerRefused,
    mark_label,
    marks_of,
    without_marks,
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

_MOST_PEOPLE: Final = 500
_INVALID: Final = 422
_NO_LABELS: Final = "The account cannot set labels. Give it the role Write in the repository."
_REASONS: Final = {"not_planned": "not planned", "duplicate": "duplicate"}


class _User(msgspec.Struct, frozen=True, kw_only=True):
    login: str

    @property
    def account(self) -> Account:
        return Account(id=self.login, name=self.login)


class _Label(msgspec.Struct, frozen=True, kw_only=True):
    name: str


class _Issue(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    html_url: str
    repository_url: str
    title: str
    state: str
    updated_at: Moment
    body: str | None = None
    state_reason: str | None = None
    user: _User | None = None
    assignees: Sequence[_User] = ()
    labels: Sequence[_Label] = ()
    pull_request: Mapping[str, object] | None = None

    @property
    def key(self) -> str:
        return f"#{self.number}"

    @property
    def names(self) -> list[str]:
        return [label.name for label in self.labels]


class _Permissions(msgspec.Struct, frozen=True, kw_only=True):
    push: bool = True


class _Repository(msgspec.Struct, frozen=True, kw_only=True):
    full_name: str
    private: bool
    has_issues: bool = True
    archived: bool = False
    permissions: _Permissions = _Permissions()


class GitHub(ProjectClient[_Issue]):
    """One repository on github.com, GitHub Enterprise Cloud or GitHub Enterprise Server.

    An issue that was moved to another repository is missing: that repository may be public.
    """

    kind = TrackerKind.GITHUB
    webhook = WebhookScheme(signature="x-hub-signature-256")
    usual_url: ClassVar = "https://github.com"
    project_form: ClassVar = r"[A-Za-z0-9_-]+/(?!\.+$)[\w.-]+"
    project_words: ClassVar = "The project must be an owner and a repository, such as example-org/shop."
    names: ClassVar = FieldNames(text="body")
    most_in_title: ClassVar = 256
    most_in_text: ClassVar = 65_536
    finds_people: ClassVar = False

    def _checked(self) -> Project:
        found = self._repository()
        # Without the role Write, GitHub drops labels and assignees silently.
        checks = {
            "Issues are disabled in the repository. Enable them in its settings.": found.has_issues,
            "The repository is archived. Unarchive it, or choose another.": not found.archived,
            _NO_LABELS: found.permissions.push,
        }
        login = self._own_login()
        return Project(
            name=found.full_name,
            noun="repository",
            public=not found.private,
            account=Account(id=login, name=login or "GitHub App"),
            problems=[problem for problem, is_well in checks.items() if not is_well],
        )

    def _labeled(self, mark: str) -> Iterable[_Issue]:
        query = {"labels": mark_label(mark), "sort": "created", "direction": "asc"}
        own = self._own_login().lower()
        found = self._page(query, 1)
        return [one for one in found if not own or not one.user or one.user.login.lower() == own]

    def _updated(self, since: datetime) -> Iterator[_Issue]:
        def page_of(start: datetime, number: int) -> Sequence[_Issue]:
            order = {"sort": "updated", "direction": "asc"}
            return self._page({"labels": COMMON_LABEL, "since": utc_text(start), **order}, number)

        return (row for row in rows_by_change(since, page_of) if row.pull_request is None)

    def _named(self, project: str) -> str:
        return project.strip("/")

    def _api_url(self) -> str:
        return github_api(self._url)

    def _headers(self) -> Mapping[str, str]:
        return {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}

    def _typed_forms(self) -> str:
        project, web = re.escape(self._project), re.escape(urlsplit(self._url).netloc)
        address = rf"https?://(?:www\.)?{web}/{project}/issues/([1-9]\d{{0,9}})/?(?:[?#]\S*)?"
        return rf"(?:{project}|gh)?#([1-9]\d{{0,9}})|gh-([1-9]\d{{0,9}})|{address}"

    @property
    def _path(self) -> str:
        return "/repos/" + "/".join(path_part(one) for one in self._project.split("/"))

    def _issue_path(self, issue: _Issue) -> str:
        return f"{self._path}/issues/{issue.number}"

    def _repository(self) -> _Repository:
        """The repository, also under the name that it has now; raises TrackerRefused if it cannot be read."""
        missing = f"GitHub has no repository {self._project}, or the account cannot read it."
        return self._http.get(self._path, _Repository, refusals={404: missing, 451: missing})

    def _own_login(self) -> str:
        """The login of the account; empty for the token of a GitHub App, which has none."""
        try:
            return self._http.get("/user", _User).login
        except TrackerRefused as fault:
            if fault.unauthorized:
                raise
            return ""

    def _page(self, query: Mapping[str, str], number: int) -> Sequence[_Issue]:
        asked = {**query, "state": "all", "per_page": PAGE, "page": number}
        try:
            return self._http.get(f"{self._path}/issues", Sequence[_Issue], query=asked)
        except TrackerRefused as fault:
            if fault.status in (404, 410):
                self._repository()
            raise

    def _check_readable(self) -> None:
        if not self._repository().has_issues:
            raise TrackerRefused("Issues are disabled in the repository.")

    def _read(self, key: str, number: str) -> _Issue:
        found = self._http.get(f"{self._path}/issues/{number}", _Issue, issue=key)
        if found.pull_request is not None:
            raise IssueMissing(f"{key} is a pull request. Link an issue.")
        repository = "/".join(found.repository_url.lower().split("/")[-2:])
        is_here = repository == self._project.lower() or repository == self._repository().full_name.lower()
        if not is_here:
            raise IssueMissing(f"{key} was moved to another repository.")
        return found

    def _assigned(self, found: _Issue) -> Iterable[str]:
        return [assignee.login for assignee in found.assignees]

    def _create(self, fields: Fields, assignee: str, labels: Sequence[str]) -> _Issue:
        self._ensure_labels(label for label in labels if label == COMMON_LABEL or marks_of([label]))
        return self._save("POST", f"{self._path}/issues", {**fields, "labels": labels}, assignee)

    def _change(self, found: _Issue, fields: Fields, assignee: str, labels: Sequence[str]) -> _Issue:
        if fields or assignee:
            found = self._save("PATCH", self._issue_path(found), fields, assignee)
        if labels:
            self._ensure_labels(labels)
            path = f"{self._issue_path(found)}/labels"
            self._http.call("POST", path, content={"labels": labels}, issue=found.key)
            found = self._found(found.key)
        return found

    def _close_duplicate(self, found: _Issue, original: str) -> None:
        path = self._issue_path(found)
        self._http.call(
            "POST", f"{path}/comments", content={"body": duplicate_note(original)}, issue=found.key
        )
        closed: Fields = {"state": "closed", "labels": without_marks(found.names)}
        # Earlier versions of GitHub Enterprise Server do not know the reason "duplicate".
        reasons: list[Fields] = [{**closed, "state_reason": one} for one in ("duplicate", "not_planned")]
        self._accepted(lambda content: self._http.call("PATCH", path, content=content), *reasons)

    def _people(self, wanted: str) -> Iterable[tuple[Account, str]]:
        """The people who can be assigned; GitHub shows neither their names nor their addresses here."""
        for number in range(1, _MOST_PEOPLE // PAGE + 1):
            query = {"per_page": PAGE, "page": number}
            page = self._http.get(f"{self._path}/assignees", Sequence[_User], query=query)
            yield from ((one.account, one.login) for one in page if wanted.casefold() in one.login.casefold())
            if len(page) < PAGE:
                return

    def _ensure_labels(self, names: Iterable[str]) -> None:
        """Create the labels with a description; those that exist stay as they are."""
        for name in names:
            label = {"name": name, "color": LABEL_COLOR, "description": LABEL_DESCRIPTION}
            self._http.call("POST", f"{self._path}/labels", content=label, expected=(_INVALID,))

    def _save(self, method: str, path: str, fields: Fields, assignee: str) -> _Issue:
        assigned: Fields = {"assignees": [assignee]} if assignee else {}
        contents = {**fields, **assigned}, fields
        return self._accepted(lambda content: self._http.send(method, path, content, _Issue), *contents)

    def _issue(self, found: _Issue) -> Issue:
        state, reason = _closing(found) if found.state == "closed" else (IssueState.OPEN, "")
        return Issue(
            key=found.key,
            url=found.html_url,
            title=found.title,
            text=found.body or "",
            state=state,
            updated=found.updated_at,
            reason=reason,
            assignee=found.assignees[0].account if found.assignees else None,
            labels=tuple(found.names),
        )


def github_api(web: str) -> str:
    """Return the address of the REST API of a GitHub with this web address."""
    parts = urlsplit(web)
    host = parts.netloc.lower()
    if host in ("github.com", "www.github.com"):
        return "https://api.github.com"
    if host.endswith(".ghe.com"):
        return f"https://api.{host}"
    return f"{parts.scheme}://{parts.netloc}/api/v3"


def _closing(found: _Issue) -> tuple[IssueState, str]:
    """How an issue was closed: some close it as completed, and say by a label that it is not."""
    label = label_against(found.names)
    if found.state_reason == "completed" and not label:
        return IssueState.COMPLETED, "completed"
    return IssueState.CLOSED, label or _REASONS.get(found.state_reason or "", "")
