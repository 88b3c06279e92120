"""Redmine: issues by its REST API, found again by a mark in their description."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final, cast

from bot.settings import Secret
from bot.trackers.change_pages import page_turns
from bot.trackers.closing_names import by_status
from bot.trackers.issue_marks import COMMON_LABEL, mark_label
from bot.trackers.issue_text import Markup, issue_text
from bot.trackers.redmine_markup import redmine_line, redmine_link
from bot.trackers.redmine_members import RedmineMembers
from bot.trackers.redmine_shapes import (
    RedmineIssue,
    RedmineIssues,
    RedmineOneIssue,
    RedmineOneProject,
    RedmineStatus,
    RedmineStatuses,
)
from bot.trackers.text_defusing import issue_title, one_line
from bot.trackers.tracker import (
    Account,
    Issue,
    IssueContent,
    IssueMissing,
    Project,
    TrackerRefused,
)
from bot.trackers.tracker_http import Query, TrackerAnswer, TrackerHttp, Transport, path_part
from domain.kernel.tracked_issue import IssueState, TrackerKind

MARKUP: Final = Markup(
    escape=redmine_line, link=lambda text, to: f"{redmine_line(text)}: {redmine_link(to)}", bullet="* "
)
"""Both formats make a list of lines with asterisks."""

_PAGE: Final = 100
_MOST_IN_TITLE: Final = 255
_MOST_IN_TEXT: Final = 60_000
"""MySQL keeps 65,535 bytes of a description."""

_REFERENCE: Final = re.compile(rf"\b{COMMON_LABEL}-([0-9a-f]{{12}})\b")
_PROJECT: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_INVALID: Final = 422


class Redmine:
    """One project of a Redmine, used by the account of an API key.

    `closings` says which names of closed statuses mean done, where the names themselves are misleading.
    Redmine has no labels, so that those of the connection are not shown.
    """

    kind: TrackerKind = TrackerKind.REDMINE
    search_delay: float = 60.0
    """Its search reads the database, but a request whose answer was lost may still be running."""

    def __init__(
        self,
        transport: Transport,
        *,
        url: str,
        project: str,
        token: Secret,
        closings: Mapping[str, IssueState] = {},
    ) -> None:
        self._url = url.rstrip("/")
        project = project.strip()
        if not _PROJECT.fullmatch(project):
            said = f"{one_line(project)} is not the identifier of a project in Redmine."
            raise TrackerRefused(f"{said} Enter what follows /projects/ in its address, such as refill.")
        self._project = project
        self._list_path = f"/projects/{path_part(project)}/issues.json"
        self._closings = {name.casefold(): state for name, state in closings.items()}
        self._http = TrackerHttp(
            transport,
            product=self.kind.label,
            base=self._url,
            token=token,
            secrets={"X-Redmine-API-Key": token},
        )
        self._members = RedmineMembers(self._http, project)
        self._closed_ids: frozenset[int] | None = None

    def project(self) -> Project:
        """Check the connection: return the project and the account."""
        path = f"/projects/{path_part(self._project)}.json"
        user = self._members.current()
        try:
            found = self._http.get(
                path, RedmineOneProject, query={"include": "trackers,enabled_modules"}
            ).project
        except TrackerRefused as fault:
            if fault.status not in (403, 404):
                raise
            said = f"Redmine has no project {one_line(self._project)}, or the account cannot read it."
            raise TrackerRefused(said, status=fault.status) from None
        problems = list(self._members.lacking(user, found.id))
        modules = found.enabled_modules
        if modules is not None and all(one.name != "issue_tracking" for one in modules):
            problems.append("The project has no issue tracking. Enable that module in its settings.")
        if found.trackers is not None and not found.trackers:
            problems.append("The project has no tracker, such as Bug. Select one in its settings.")
        return Project(name=found.name, public=found.is_public, account=user.account, problems=problems)

    def find(self, mark: str) -> Sequence[Issue]:
        """Return the issues that the account created with a mark, the oldest first.

        Copies that people made of an issue are not among them. A version without the filter for descriptions
        lists all issues of the account.
        """
        query = {"description": f"~{mark_label(mark)}", "author_id": "me"}
        return [issue for issue in self._listed(query) if mark in issue.marks]

    def create(self, mark: str, content: IssueContent) -> Issue:
        """Create an issue."""
        fields: dict[str, object] = {
            "subject": issue_title(content.title, _MOST_IN_TITLE),
            "description": _text("", mark, content),
        }
        created = self._save("POST", self._list_path, fields, content)
        issue = self._issue(self._http.decode(created, RedmineOneIssue).issue)
        if mark not in issue.marks:
            raise TrackerRefused(
                f"Redmine created {issue.key} without its description, so that it cannot be found again. Let "
                "the role of the account edit the description of new issues."
            )
        return issue

    def read(self, key: str) -> Issue:
        """Return an issue of the project; raises IssueMissing, also for one that was moved elsewhere."""
        return self._issue(self._found(key))

    def update(self, key: str, mark: str, content: IssueContent) -> Issue:
        """Change what the issue shows of the mitigation; text outside the fenced part stays."""
        before = self._found(key)
        fields: dict[str, object] = {
            "subject": issue_title(content.title, _MOST_IN_TITLE),
            "description": _text(before.description or "", mark, content),
        }
        self._save("PUT", f"/issues/{before.id}.json", fields, content, start=before.start_date)
        issue = self.read(key)
        # What the account may not change is left out silently.
        lost = mark not in issue.marks and not content.ended
        if lost or one_line(issue.title) != one_line(str(fields["subject"])):
            raise TrackerRefused(
                f"Redmine did not change {issue.key}. The role of the account needs the permission to edit "
                "issues."
            )
        return issue

    def close_duplicate(self, key: str, original: str) -> None:
        """Close an issue that was created twice, name the original in it, and take the mark from it."""
        issue = self._found(key)
        query = {"include": "allowed_statuses"}
        shown = self._http.get(f"/issues/{issue.id}.json", RedmineOneIssue, query=query, issue=key).issue
        ends = [one for one in shown.allowed_statuses or self._statuses() if one.is_closed]
        # A status such as Rejected tells better than Closed what happened.
        ends.sort(key=lambda one: self._closing(one.name) is not IssueState.CLOSED)
        fields: dict[str, object] = {
            "description": _REFERENCE.sub(f"duplicate of {original}", issue.description or ""),
            "notes": f"This issue was created twice. It is continued in {original}.",
        }
        if ends and not self._is_closed(issue.status):
            fields["status_id"] = ends[0].id
        self._http.call("PUT", f"/issues/{issue.id}.json", content={"issue": fields}, issue=key)
        if self.read(key).state is IssueState.OPEN:
            raise TrackerRefused(
                f"Redmine did not close {key}. Let the workflow of the account's role set a closed status."
            )

    def changed(self, since: datetime) -> Iterator[Issue]:
        """Yield the issues of the project with a mark that changed at or after a moment, in pages."""
        moment = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = {"updated_on": f">={moment}", "description": f"~{COMMON_LABEL}"}
        return (issue for issue in self._listed(query) if issue.marks)

    def accounts(self, text: str) -> Sequence[Account]:
        """Return the members of the project that match an email address, a login or a name, best first."""
        return self._members.accounts(text)

    def key_of(self, typed: str) -> str | None:
        """Return the key of the issue that a person typed: `#12`, or an address of this Redmine."""
        address = rf"{re.escape(self._url)}/issues/([1-9]\d{{0,8}})(?:[/?#].*)?"
        found = re.fullmatch(rf"#([1-9]\d{{0,8}})|{address}", typed.strip(), re.IGNORECASE | re.ASCII)
        return f"#{found[1] or found[2]}" if found else None

    def _listed(self, query: Mapping[str, str]) -> Iterator[Issue]:
        return map(self._issue, self._pages(query))

    def _pages(self, query: Mapping[str, str]) -> Iterator[RedmineIssue]:
        """Issues of the project itself, closed ones, too.

        They are sorted by ID: a change meanwhile can move some to a later page, but none is left out.
        """
        offset = 0
        for _ in page_turns():
            asked: Query = {
                **query,
                "status_id": "*",
                "subproject_id": "!*",
                "sort": "id",
                "limit": _PAGE,
                "offset": offset,
            }
            page = self._http.get(
                f"/projects/{path_part(self._project)}/issues.json", RedmineIssues, query=asked
            )
            yield from page.issues
            offset += len(page.issues)
            if not page.issues or offset >= page.total_count:
                return

    def _found(self, key: str) -> RedmineIssue:
        # The list tells an issue that is gone from a project that the account can no longer read.
        number = key.removeprefix("#")
        if not (number.isascii() and number.isdecimal()):
            raise IssueMissing(f"{one_line(key)} is not the number of an issue in Redmine.")
        found = next((one for one in self._pages({"issue_id": number}) if one.id == int(number)), None)
        if found is None:
            raise IssueMissing(
                f"The project in Redmine has no issue #{number}, or the account cannot read it."
            )
        return found

    def _save(
        self,
        method: str,
        path: str,
        fields: Mapping[str, object],
        content: IssueContent,
        *,
        start: date | None = None,
    ) -> TrackerAnswer:
        """Send the fields, with the due date and the assignee as far as Redmine accepts them.

        It refuses a due date before the start, which is today for a new issue, and an account that is not a
        member, and its words for that depend on the language.
        """
        due: dict[str, object] = {"due_date": content.due.isoformat()} if content.due else {}
        early: dict[str, object] = {**due, "start_date": due["due_date"]} if due else {}
        assignee: dict[str, object] = {"assigned_to_id": content.assignee} if content.assignee else {}
        dates = [early] if content.due and start and start > content.due else [due, early] if due else [due]
        tries = [{**fields, **one, **who} for who in (assignee, {}) for one in dates]
        refusal: TrackerRefused | None = None
        for number, tried in enumerate(tries):
            if tried in tries[:number]:
                continue
            try:
                return self._http.call(method, path, content={"issue": tried})
            except TrackerRefused as fault:
                if fault.status != _INVALID:
                    raise
                refusal = refusal or fault
        raise cast("TrackerRefused", refusal)

    def _issue(self, found: RedmineIssue) -> Issue:
        text = (found.description or "").replace("\r\n", "\n")
        is_closed = self._is_closed(found.status)
        person = found.assigned_to
        return Issue(
            key=f"#{found.id}",
            url=f"{self._url}/issues/{found.id}",
            title=found.subject,
            text=text,
            state=self._closing(found.status.name) if is_closed else IssueState.OPEN,
            updated=found.updated_on,
            reason=found.status.name if is_closed else "",
            assignee=Account(id=str(person.id), name=person.name) if person else None,
            due=found.due_date,
            marks=tuple(_marks(text)),
        )

    def _closing(self, status: str) -> IssueState:
        return self._closings.get(status.casefold()) or by_status(status)

    def _is_closed(self, status: RedmineStatus) -> bool:
        if status.is_closed is not None:
            return status.is_closed
        if self._closed_ids is None:
            self._closed_ids = frozenset(one.id for one in self._statuses() if one.is_closed)
        return status.id in self._closed_ids

    def _statuses(self) -> Sequence[RedmineStatus]:
        return self._http.get("/issue_statuses.json", RedmineStatuses).issue_statuses


def _text(people: str, mark: str, content: IssueContent) -> str:
    """The text with our part, which keeps other marks: those of a workspace with the same issue."""
    before = people.replace("\r\n", "\n")
    marked = mark in _marks(before)
    marks = [] if content.ended and not marked else [mark]
    while True:
        reference = ", ".join(map(mark_label, marks))
        text = issue_text(before, content, MARKUP, most=_MOST_IN_TEXT, reference=reference, marked=marked)
        lost = [one for one in _marks(before) if one not in _marks(text) and one not in marks]
        if mark in marks and mark not in _marks(text):
            raise TrackerRefused("The description in Redmine is too long to add the mitigation. Shorten it.")
        if not lost:
            return text
        marks += lost


def _marks(text: str) -> Sequence[str]:
    return list(dict.fromkeys(_REFERENCE.findall(text)))
