"""GitHub Issues: by the REST API, found again by the label of their mark."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import msgspec

from bot.settings import Secret
from bot.trackers.account_matches import best_matches
from bot.trackers.change_pages import PAGE, rows_by_change
from bot.trackers.closing_names import label_against
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
from bot.trackers.text_defusing import issue_title, one_line
from bot.trackers.tracker import Account, Issue, IssueContent, IssueMissing, Moment, Project, TrackerRefused
from bot.trackers.tracker_http import TrackerAnswer, TrackerHttp, Transport, path_part
from domain.kernel.tracked_issue import IssueState, TrackerKind

_MOST_IN_TITLE: Final = 256
_MOST_IN_TEXT: Final = 65_536
_MOST_PEOPLE: Final = 500
_INVALID: Final = 422
_VERSION: Final = "2022-11-28"
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
    def id(self) -> int:
        return self.number

    @property
    def key(self) -> str:
        return f"#{self.number}"

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.labels]


class _Permissions(msgspec.Struct, frozen=True, kw_only=True):
    push: bool = True


class _Repository(msgspec.Struct, frozen=True, kw_only=True):
    full_name: str
    private: bool
    has_issues: bool = True
    archived: bool = False
    permissions: _Permissions = _Permissions()


class GitHub:
    """One repository on github.com, GitHub Enterprise Cloud or GitHub Enterprise Server.

    `url` is the web address, and `project` the owner and the name of the repository. An issue that was moved
    to another repository is missing: that repository may be public.
    """

    kind: TrackerKind = TrackerKind.GITHUB
    search_delay: float = 60.0
    """Lists are read from replicas, and a request whose answer was lost may still be running."""

    def __init__(self, transport: Transport, *, url: str, project: str, token: Secret, api: str = "") -> None:
        self._web = url.rstrip("/") or "https://github.com"
        self._project = project.strip().strip("/")
        if not re.fullmatch(r"[A-Za-z0-9_-]+/(?!\.+$)[\w.-]+", self._project, re.ASCII):
            raise TrackerRefused("The project must be an owner and a repository, such as example-org/shop.")
        self._path = "/repos/" + "/".join(path_part(one) for one in self._project.split("/"))
        self._known_as = {self._project.lower()}
        self._login: str | None = None
        self._http = TrackerHttp(
            transport,
            product=self.kind.label,
            base=api or github_api(self._web),
            token=token,
            secrets={"Authorization": Secret(f"Bearer {token.reveal()}")},
            headers={"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": _VERSION},
        )

    def project(self) -> Project:
        """Check the connection: return the repository and the account."""
        found = self._repository()
        problems: list[str] = []
        if not found.has_issues:
            problems.append("Issues are disabled in the repository. Enable them in its settings.")
        if found.archived:
            problems.append("The repository is archived. Unarchive it, or choose another.")
        if not found.permissions.push:
            # GitHub drops labels and assignees silently then.
            problems.append("The account cannot set labels. Give it the role Write in the repository.")
        login = self._own_login()
        return Project(
            name=found.full_name,
            public=not found.private,
            account=Account(id=login, name=login or "GitHub App"),
            problems=problems,
        )

    def find(self, mark: str) -> Sequence[Issue]:
        """Return the issues that the account created with a mark, the oldest first.

        Copies that people made of an issue, with its labels, are not among them.
        """
        query = {"labels": mark_label(mark), "sort": "created", "direction": "asc"}
        own = self._own_login().lower()
        return [
            self._issue(one)
            for one in self._page(query, 1)
            if not own or one.user is None or one.user.login.lower() == own
        ]

    def create(self, mark: str, content: IssueContent) -> Issue:
        """Create an issue."""
        self._ensure_labels((COMMON_LABEL, mark_label(mark)))
        fields: dict[str, object] = {
            "title": issue_title(content.title, _MOST_IN_TITLE),
            "body": _text("", content),
            "labels": issue_labels(mark, content.labels),
        }
        assignee = [content.assignee] if content.assignee else []
        answer = self._save("POST", f"{self._path}/issues", fields, assignees=assignee)
        return self._issue(self._http.decode(answer, _Issue))

    def read(self, key: str) -> Issue:
        """Return an issue; raises IssueMissing, also for a pull request and for an issue moved elsewhere."""
        return self._issue(self._found(key))

    def update(self, key: str, mark: str, content: IssueContent) -> Issue:
        """Change what the issue shows of the mitigation; text outside the fenced part stays."""
        issue = self._found(key)
        fields: dict[str, object] = {}
        title = issue_title(content.title, _MOST_IN_TITLE)
        body = _text(issue.body or "", content, marked=mark in marks_of(issue.names))
        if title != issue.title:
            fields["title"] = title
        if body != (issue.body or ""):
            fields["body"] = body
        logins = {one.login.lower() for one in issue.assignees}
        assignee = [content.assignee] if content.assignee.lower() not in {*logins, ""} else []
        if fields or assignee:
            answer = self._save("PATCH", self._issue_path(issue), fields, assignees=assignee)
            issue = self._http.decode(answer, _Issue)
        needed = (COMMON_LABEL, mark_label(mark))
        lacking = [one for one in needed if one not in {name.lower() for name in issue.names}]
        if lacking and not content.ended:
            self._ensure_labels(lacking)
            self._http.call(
                "POST", f"{self._issue_path(issue)}/labels", content={"labels": lacking}, issue=key
            )
            issue = self._found(key)
        return self._issue(issue)

    def close_duplicate(self, key: str, original: str) -> None:
        """Close an issue that was created twice, name the original in it, and take the marks from it."""
        issue = self._found(key)
        if issue.state == "closed" and not marks_of(issue.names):
            return
        said = f"This issue was created twice. It is continued in {original}."
        self._http.call("POST", f"{self._issue_path(issue)}/comments", content={"body": said}, issue=key)
        fields = {"state": "closed", "labels": without_marks(issue.names)}
        try:
            self._http.call("PATCH", self._issue_path(issue), content={**fields, "state_reason": "duplicate"})
        except TrackerRefused as fault:
            # Earlier versions of GitHub Enterprise Server do not know that reason.
            if fault.status != _INVALID:
                raise
            self._http.call(
                "PATCH", self._issue_path(issue), content={**fields, "state_reason": "not_planned"}
            )

    def changed(self, since: datetime) -> Iterator[Issue]:
        """Yield the issues of the repository with a mark that changed at or after a moment, in pages."""

        def page_of(start: datetime, number: int) -> Sequence[_Issue]:
            moment = start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            query = {"labels": COMMON_LABEL, "since": moment, "sort": "updated", "direction": "asc"}
            return self._page(query, number)

        rows = rows_by_change(since, page_of)
        return (self._issue(one) for one in rows if one.pull_request is None and marks_of(one.names))

    def accounts(self, text: str) -> Sequence[Account]:
        """Return the people who can be assigned and match a login, the best match first.

        GitHub shows neither their names nor their email addresses here.
        """
        people: list[tuple[Account, str]] = []
        for number in range(1, _MOST_PEOPLE // PAGE + 1):
            query = {"per_page": PAGE, "page": number}
            page = self._http.get(f"{self._path}/assignees", Sequence[_User], query=query)
            people += [(one.account, one.login) for one in page]
            if len(page) < PAGE:
                break
        return best_matches(people, text, found=False)

    def key_of(self, typed: str) -> str | None:
        """Return the key of the issue that a person typed: `#12`, `owner/name#12`, or its address."""
        project = re.escape(self._project)
        web = re.escape(urlsplit(self._web).netloc)
        address = rf"https?://(?:www\.)?{web}/{project}/issues/([1-9]\d{{0,9}})/?(?:[?#]\S*)?"
        found = re.fullmatch(
            rf"(?:{project}|gh)?#([1-9]\d{{0,9}})|gh-([1-9]\d{{0,9}})|{address}",
            typed.strip(),
            re.IGNORECASE | re.ASCII,
        )
        return f"#{found[1] or found[2] or found[3]}" if found else None

    def _repository(self) -> _Repository:
        """The repository, also under the name that it has now; raises TrackerRefused if it cannot be read."""
        try:
            found = self._http.get(self._path, _Repository)
        except TrackerRefused as fault:
            if fault.status not in (404, 451):
                raise
            said = f"GitHub has no repository {self._project}, or the account cannot read it."
            raise TrackerRefused(said, status=fault.status) from None
        self._known_as.add(found.full_name.lower())
        return found

    def _own_login(self) -> str:
        """The login of the account; empty for the token of a GitHub App, which has none."""
        if self._login is None:
            try:
                self._login = self._http.get("/user", _User).login
            except TrackerRefused as fault:
                if fault.unauthorized:
                    raise
                self._login = ""
        return self._login

    def _page(self, query: Mapping[str, str], number: int) -> Sequence[_Issue]:
        asked = {**query, "state": "all", "per_page": PAGE, "page": number}
        try:
            return self._http.get(f"{self._path}/issues", Sequence[_Issue], query=asked)
        except TrackerRefused as fault:
            if fault.status in (404, 410):
                self._repository()
            raise

    def _found(self, key: str) -> _Issue:
        if not re.fullmatch(r"#[1-9]\d{0,9}", key, re.ASCII):
            raise IssueMissing(f"{one_line(key)} is not the number of an issue in GitHub.")
        try:
            found = self._http.get(f"{self._path}/issues/{key[1:]}", _Issue, issue=key)
        except IssueMissing:
            # Everything is missing in a repository that the account can no longer read.
            if not self._repository().has_issues:
                raise TrackerRefused("Issues are disabled in the repository.") from None
            raise
        if found.pull_request is not None:
            raise IssueMissing(f"{key} is a pull request. Link an issue.")
        if not self._is_here(found):
            raise IssueMissing(f"{key} was moved to another repository.")
        return found

    def _is_here(self, found: _Issue) -> bool:
        name = "/".join(found.repository_url.lower().split("/")[-2:])
        if name not in self._known_as:
            self._repository()
        return name in self._known_as

    def _issue_path(self, issue: _Issue) -> str:
        return f"{self._path}/issues/{issue.number}"

    def _ensure_labels(self, names: Sequence[str]) -> None:
        """Create the labels with a description; those that exist stay as they are."""
        for name in names:
            label = {"name": name, "color": LABEL_COLOR, "description": LABEL_DESCRIPTION}
            try:
                self._http.call("POST", f"{self._path}/labels", content=label)
            except TrackerRefused as fault:
                if fault.status != _INVALID:
                    raise

    def _save(
        self, method: str, path: str, fields: Mapping[str, object], *, assignees: Sequence[str]
    ) -> TrackerAnswer:
        """Send the fields; without the assignee if GitHub does not accept the account."""
        if assignees:
            try:
                return self._http.call(method, path, content={**fields, "assignees": assignees})
            except TrackerRefused as fault:
                if fault.status != _INVALID:
                    raise
        return self._http.call(method, path, content=fields)

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
            marks=marks_of(found.names),
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


def _text(people: str, content: IssueContent, *, marked: bool = False) -> str:
    return issue_text(people, content, MARKDOWN, most=_MOST_IN_TEXT, due=content.due, marked=marked)
