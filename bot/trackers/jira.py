"""Jira: what Jira Cloud and Jira Data Center have in common."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import ClassVar, Final

from bot.settings import Secret
from bot.trackers.issue_marks import COMMON_LABEL, issue_labels, mark_label, marks_of, without_marks
from bot.trackers.jira_endings import JiraEndings, resolution_for_duplicate
from bot.trackers.jira_project import JiraProjectCheck, issue_type
from bot.trackers.jira_shapes import (
    DONE,
    JiraCreated,
    JiraFields,
    JiraIssue,
    JiraTransition,
    JiraTransitions,
    JiraUser,
)
from bot.trackers.text_defusing import issue_title, one_line
from bot.trackers.tracker import (
    Account,
    Issue,
    IssueContent,
    IssueMissing,
    Project,
    TrackerBusy,
    TrackerFault,
    TrackerRefused,
    TrackerUnreachable,
)
from bot.trackers.tracker_http import TrackerAnswer, TrackerHttp, Transport, path_part
from domain.kernel.tracked_issue import IssueState, TrackerKind

Clock = Callable[[], datetime]

MOST_IN_TEXT: Final = 30_000
"""Jira keeps 32,767 characters of a description."""
INDEX_DELAY: Final = timedelta(minutes=10)
"""The time after which the search of Jira knows of a change."""
PAGE: Final = 100

_MOST_IN_TITLE: Final = 255
_KEY: Final = re.compile(r"[A-Z][A-Z0-9_]{0,49}-[1-9][0-9]{0,9}")
_PROJECT: Final = re.compile(r"[A-Z][A-Z0-9_]{0,49}")
_LONG_AGO: Final = timedelta(days=365)
_INVALID: Final = 400
_CONFLICT: Final = 409
_CONFLICT_SECONDS: Final = 10.0


def current_time() -> datetime:
    """Return the time."""
    return datetime.now(tz=UTC)


class Jira(ABC):
    """One project of a Jira, used by one account.

    An issue carries its mark as a label. `closings` says which names of resolutions and statuses mean done,
    where the names themselves are misleading.
    """

    kind: TrackerKind
    api: ClassVar[str]
    """The path of the API."""
    search_delay: float = INDEX_DELAY.total_seconds()

    def __init__(
        self,
        transport: Transport,
        *,
        url: str,
        project: str,
        token: Secret,
        authorization: Secret,
        closings: Mapping[str, IssueState] = {},
        clock: Clock = current_time,
    ) -> None:
        self._url = url.rstrip("/")
        self._project = project.strip().upper()
        if not _PROJECT.fullmatch(self._project):
            raise TrackerRefused(
                f"{one_line(project)} is not the key of a project in Jira. Enter one such as REFILL."
            )
        self._endings = JiraEndings(closings)
        self._clock = clock
        self._http = TrackerHttp(
            transport,
            product=self.kind.label,
            base=self._url,
            token=token,
            secrets={"Authorization": authorization},
        )
        anonymous = TrackerHttp(
            transport, product=self.kind.label, base=self._url, token=Secret(""), secrets={}
        )
        self._check = JiraProjectCheck(self._http, anonymous, self._project, api=self.api)
        self._type_id = ""
        self._project_id = ""

    def project(self) -> Project:
        """Check the connection: return the project and the account."""
        account = self._account(self._myself())
        found = self._check.project()
        return Project(
            name=found.name,
            public=self._check.is_public(),
            account=account,
            problems=self._check.problems(found),
        )

    def find(self, mark: str) -> Sequence[Issue]:
        """Return the issues that the account created with a mark, the oldest first.

        Copies that people made of an issue are not among them, although they have its labels.
        """
        terms = (f'labels = "{mark_label(mark)}"', "creator = currentUser()")
        return [issue for issue in self._found_by(*terms, order="created") if mark in issue.marks]

    def create(self, mark: str, content: IssueContent) -> Issue:
        """Create an issue."""
        fields: dict[str, object] = {
            "project": {"key": self._project},
            "issuetype": {"id": self._issue_type()},
            "summary": issue_title(content.title, _MOST_IN_TITLE),
            "description": self._description(None, content, marked=False),
            # A label has no spaces.
            "labels": issue_labels(mark, ("_".join(label.split()) for label in content.labels)),
        }
        answer = self._save("POST", f"{self.api}/issue", {}, fields, content)
        try:
            return self.read(self._http.decode(answer, JiraCreated).key)
        except TrackerFault as fault:
            # Any other fault would say that nothing was created.
            raise TrackerUnreachable(f"Jira created the issue, but did not show it. {fault}") from None

    def read(self, key: str) -> Issue:
        """Return an issue of the project; raises IssueMissing, also for one that was moved elsewhere."""
        return self._issue(self._found(key))

    def update(self, key: str, mark: str, content: IssueContent) -> Issue:
        """Change what the issue shows of the mitigation; text outside the fenced part stays."""
        before = self._found(key)
        fields: dict[str, object] = {
            "summary": issue_title(content.title, _MOST_IN_TITLE),
            "description": self._description(
                before.fields.description, content, marked=mark in marks_of(before.fields.labels)
            ),
        }
        wanted = [] if content.ended else issue_labels(mark)
        missing = [label for label in wanted if label not in before.fields.labels]
        more = {"update": {"labels": [{"add": label} for label in missing]}} if missing else {}
        self._save("PUT", self._path(before.key), more, fields, content)
        return self.read(key)

    def close_duplicate(self, key: str, original: str) -> None:
        """Close an issue that was created twice, name the original in it, and take the mark from it."""
        issue = self._found(key)
        path = self._path(issue.key)
        if issue.fields.status.status_category.key != DONE:
            step = self._endings.step_for_duplicate(self._steps(path, key))
            if step is None:
                raise TrackerRefused(f"Jira cannot close {key}: no step of its workflow leads to the end.")
            resolution = resolution_for_duplicate(step)
            fields = {"fields": {"resolution": {"name": resolution}}} if resolution else {}
            content = {"transition": {"id": step.id}, **fields}
            self._http.call("POST", f"{path}/transitions", content=content, issue=key)
            text = f"This issue was created twice. It is continued in {original}."
            self._http.call("POST", f"{path}/comment", content={"body": self._body(text)}, issue=key)
        others = without_marks(issue.fields.labels)
        marks = [{"remove": label} for label in issue.fields.labels if label not in others]
        if marks:
            self._http.call("PUT", path, content={"update": {"labels": marks}}, issue=key)

    def changed(self, since: datetime) -> Iterator[Issue]:
        """Yield the issues of the project with a mark that changed at or after a moment, in pages.

        Also those that changed in the minutes before: the search may not have known of them until now. The
        search is asked for minutes before now, because it reads moments in the time zone of the account.
        """
        ago = max(self._clock() - since, timedelta()) + INDEX_DELAY
        minutes = ceil(ago.total_seconds() / 60)
        recent = (f'updated >= "-{minutes}m"',) if ago < _LONG_AGO else ()
        terms = (f'labels = "{COMMON_LABEL}"', *recent)
        return (issue for issue in self._found_by(*terms, order="key") if issue.marks)

    def accounts(self, text: str) -> Sequence[Account]:
        """Return who can be assigned and matches an email address, a user name or a name, the best first."""
        wanted = text.strip()
        if not wanted:
            return []
        query = {"project": self._project, self.search_name: wanted, "maxResults": 20}
        users = self._http.get(f"{self.api}/user/assignable/search", list[JiraUser], query=query)
        people = [one for one in users if one.active and one.account_type == "atlassian"]

        def distance(user: JiraUser) -> int:
            names = (user.email_address, user.name, user.display_name)
            return next(
                (place for place, name in enumerate(names) if name.casefold() == wanted.casefold()), 3
            )

        return [self._account(one) for one in sorted(people, key=distance)]

    def key_of(self, typed: str) -> str | None:
        """Return the key of the issue that a person typed: `REFILL-123`, or an address of this project."""
        number = rf"{self._project}-[1-9][0-9]{{0,9}}"
        site = re.escape(self._url)
        address = (
            rf"{site}/browse/({number})(?:[/?#].*)?"
            rf"|{site}/(?:jira|projects|secure|issues)/[^#]*?(?:issues/|selectedIssue=)({number})(?:[/?#&].*)?"
        )
        found = re.fullmatch(rf"({number})|{address}", typed.strip(), re.IGNORECASE | re.ASCII)
        return next(one for one in found.groups() if one).upper() if found else None

    search_name: ClassVar[str]
    """The parameter by which people are searched."""

    @abstractmethod
    def _search(self, jql: str) -> Iterator[JiraIssue]:
        """Yield the issues that match a query, in pages."""

    @abstractmethod
    def _description(self, people: object, content: IssueContent, *, marked: bool) -> object:
        """Return a description with our part put in or replaced."""

    @abstractmethod
    def _body(self, text: str) -> object:
        """Return a text as the body of a comment."""

    @abstractmethod
    def _text(self, description: object) -> str:
        """Return the text of a description."""

    @abstractmethod
    def _assignee(self, account: str) -> Mapping[str, str]:
        """Return an account as the value of a field."""

    @abstractmethod
    def _account(self, user: JiraUser) -> Account:
        """Return the account of a person."""

    def _found_by(self, *terms: str, order: str) -> Iterator[Issue]:
        """Issues of the project that match all terms.

        With a token that has expired, Jira Cloud searches as for people who are not signed in, and finds
        nothing; hence an empty list is believed only from an account that is signed in.
        """
        jql = " AND ".join((f'project = "{self._project}"', *terms))
        is_empty = True
        for issue in self._search(f"{jql} ORDER BY {order}"):
            is_empty = False
            yield self._issue(issue)
        if is_empty:
            self._myself()

    def _myself(self) -> JiraUser:
        return self._http.get(f"{self.api}/myself", JiraUser)

    def _save(
        self,
        method: str,
        path: str,
        more: Mapping[str, object],
        fields: Mapping[str, object],
        content: IssueContent,
    ) -> TrackerAnswer:
        """Send the fields, with the due date and the assignee as far as Jira accepts them.

        It refuses a field that is not on the screen, and an account that cannot be assigned; its words for
        that depend on the language.
        """
        due: dict[str, object] = {"duedate": content.due.isoformat()} if content.due else {}
        assignee: dict[str, object] = (
            {"assignee": self._assignee(content.assignee)} if content.assignee else {}
        )
        tries: list[dict[str, object]] = []
        for optional in ({**due, **assignee}, due, assignee, {}):
            if optional not in tries:
                tries.append(optional)
        refusal: TrackerRefused | None = None
        for optional in tries:
            try:
                return self._http.call(method, path, content={**more, "fields": {**fields, **optional}})
            except TrackerRefused as fault:
                if fault.status == _CONFLICT:
                    raise TrackerBusy(str(fault), wait=_CONFLICT_SECONDS) from None
                if fault.status != _INVALID:
                    raise
                refusal = refusal or fault
        raise refusal or TrackerRefused("Jira refused the issue.")

    def _found(self, key: str) -> JiraIssue:
        if not _KEY.fullmatch(key):
            raise IssueMissing(f"{one_line(key)} is not the key of an issue in Jira.")
        query = {"fields": ",".join(JiraFields.names())}
        try:
            issue = self._http.get(self._path(key), JiraIssue, query=query, issue=key)
        except IssueMissing:
            # All issues are missing to an account that is not signed in, or cannot read the project.
            self._myself()
            self._check.project()
            raise
        project = issue.fields.project
        if project.key != self._project and project.id != self._current_project():
            raise IssueMissing(f"{key} was moved to another project in Jira.")
        return issue

    def _path(self, key: str) -> str:
        return f"{self.api}/issue/{path_part(key)}"

    def _current_project(self) -> str:
        """The ID of the project, whose key may have been changed."""
        self._project_id = self._project_id or self._check.project().id
        return self._project_id

    def _issue_type(self) -> str:
        if not self._type_id:
            found = issue_type(self._check.project())
            if found is None:
                raise TrackerRefused("The project in Jira has no type of issues such as Task.")
            self._type_id = found.id
        return self._type_id

    def _steps(self, path: str, key: str) -> Sequence[JiraTransition]:
        query = {"expand": "transitions.fields"}
        return self._http.get(f"{path}/transitions", JiraTransitions, query=query, issue=key).transitions

    def _issue(self, found: JiraIssue) -> Issue:
        fields = found.fields
        resolution = fields.resolution.name if fields.resolution else ""
        is_done = fields.status.status_category.key == DONE
        return Issue(
            # A project whose key was changed still knows the former one, and the number stays.
            key=f"{self._project}-{found.key.rpartition('-')[2]}",
            url=f"{self._url}/browse/{found.key}",
            title=fields.summary,
            text=self._text(fields.description),
            state=self._endings.state(fields.status, resolution) if is_done else IssueState.OPEN,
            updated=_moment(fields.updated),
            reason=(resolution or fields.status.name) if is_done else "",
            assignee=self._account(fields.assignee) if fields.assignee else None,
            due=fields.duedate,
            marks=marks_of(fields.labels),
        )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise TrackerUnreachable("The answer of Jira cannot be read: it has a time without a zone.")
    return moment.astimezone(UTC)
