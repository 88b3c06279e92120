"""Redmine: issues by its REST API, found again by a mark in their description."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any, ClassVar, Final

import msgspec

from bot.trackers.closing_names import by_status
from bot.trackers.issue_text import Markup, issue_text
from bot.trackers.text_defusing import JOINER, defused, one_line
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
)
from bot.trackers.tracker_client import (
    PAGE,
    FieldNames,
    Fields,
    ProjectClient,
    duplicate_note,
    plain_address,
    rows_by_offset,
    utc_text,
)
from bot.trackers.tracker_http import Query, path_part
from bot.trackers.webhooks import WebhookScheme
from domain.kernel.tracked_issue import IssueState, TrackerKind

_MARKUP: Final = re.compile(
    r"""[*_^~@"!|#\[\]{}<>`&\\$]"""
    r"|(?<![^\W_])[-+=%]|[-+=%](?![^\W_])"  # also markup, but not within a word such as "two-factor"
    r"|\?(?=\?)"
)
_OBJECT: Final = re.compile(
    r"(?i)\b(?:attachment|commit|document|export|forum|message|news|project|source|user|version|wiki):(?=\S)|\["
    rf"|{COMMON_LABEL}-(?=[0-9a-f]{{12}})"
)
"""What Redmine makes a link to one of its objects, or a checkbox, after the format has been applied.

And what would be taken for the mark of an issue, which is in the description for want of labels.
"""
_COMMAND: Final = re.compile(r"^(?:\d+|h[1-6]|p|bq|bc|fn\d+|pre|notextile|table)[.():]\S*")
"""A first word that makes a line something else: `h1.`, `p(note).`, `1)`."""
_BLOCK: Final = re.compile(r"[.():]")


def redmine_line(text: str) -> str:
    """Return a line of plain text that both formats show as it is.

    A character that is markup in one of them becomes a numeric character reference, which both know; a
    backslash would be seen in Textile. The API does not tell which format is used.
    """
    line = _OBJECT.sub(lambda found: f"{found[0]}{JOINER}", defused(text))
    line = _MARKUP.sub(lambda found: _reference(found[0]), line)
    return _COMMAND.sub(lambda word: _BLOCK.sub(lambda found: _reference(found[0]), word[0]), line)


def _reference(characters: str) -> str:
    return "".join(f"&#{ord(character)};" for character in characters)


MARKUP: Final = Markup(
    escape=redmine_line, link=lambda text, to: f"{redmine_line(text)}: {plain_address(to)}", bullet="* "
)
"""Both formats make a list of lines with asterisks."""

_MOST_MEMBERS: Final = 500
_MOST_READ: Final = 50
"""Members whose address is read one by one, if no name matches."""

_REFERENCE: Final = re.compile(rf"\b{COMMON_LABEL}-([0-9a-f]{{12}})\b")
_NEEDED: Final = {
    "view_issues": "view issues",
    "add_issues": "add issues",
    "edit_issues": "edit issues",
    "add_issue_notes": "add notes",
}


class _Named(msgspec.Struct, frozen=True, kw_only=True):
    """A reference to a person, a project, a tracker or a module."""

    id: int
    name: str = ""


class _Status(msgspec.Struct, frozen=True, kw_only=True):
    """A status; before Redmine 5, only the list of statuses tells whether it is closed."""

    id: int
    name: str
    is_closed: bool | None = None


class _Issue(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    status: _Status
    subject: str
    updated_on: Moment
    description: str | None = None
    assigned_to: _Named | None = None
    start_date: date | None = None
    due_date: date | None = None
    allowed_statuses: Sequence[_Status] = ()


class _Issues(msgspec.Struct, frozen=True, kw_only=True):
    issues: Sequence[_Issue]
    total_count: int = 0


class _Project(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    name: str
    is_public: bool = True
    trackers: Sequence[_Named] | None = None
    enabled_modules: Sequence[_Named] | None = None


class _Role(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    permissions: Sequence[str] = ()


class _Membership(msgspec.Struct, frozen=True, kw_only=True):
    project: _Named
    user: _Named | None = None
    roles: Sequence[_Role] = ()


class _Memberships(msgspec.Struct, frozen=True, kw_only=True):
    memberships: Sequence[_Membership]
    total_count: int = 0


class _User(msgspec.Struct, frozen=True, kw_only=True):
    """A person; the email address only as far as the account may see it."""

    id: int
    login: str = ""
    admin: bool = False
    firstname: str = ""
    lastname: str = ""
    mail: str = ""
    memberships: Sequence[_Membership] = ()

    @property
    def account(self) -> Account:
        name = f"{self.firstname} {self.lastname}".strip() or self.login
        return Account(id=str(self.id), name=name, email=self.mail)


class Redmine(ProjectClient[_Issue]):
    """One project of a Redmine, used by the account of an API key.

    Redmine has no labels, so that those of the connection are not shown.
    """

    kind = TrackerKind.REDMINE
    webhook = WebhookScheme(in_path=True)
    project_form: ClassVar = r"[a-z0-9][a-z0-9_-]{0,99}"
    project_words: ClassVar = (
        "{} is not the identifier of a project in Redmine. Enter what follows /projects/ in its address, "
        "such as refill."
    )
    header_name: ClassVar = "X-Redmine-API-Key"
    names: ClassVar = FieldNames(title="subject", due="due_date")
    most_in_text: ClassVar = 60_000
    """MySQL keeps 65,535 bytes of a description."""
    markup: ClassVar = MARKUP
    _closed_ids: frozenset[int] | None = None

    def _checked(self) -> Project:
        disabled = "Redmine refuses its REST API. An administrator enables it in the settings, under API."
        missing = f"Redmine has no project {one_line(self._project)}, or the account cannot read it."
        query = {"include": "memberships"}
        user = self._http.get("/users/current.json", _User, "user", query=query, refusals={403: disabled})
        found = self._http.get(
            f"{self._path}.json",
            _Project,
            "project",
            query={"include": "trackers,enabled_modules"},
            refusals={403: missing, 404: missing},
        )
        problems = list(self._lacking(user, found.id))
        modules = found.enabled_modules
        if modules is not None and all(module.name != "issue_tracking" for module in modules):
            problems.append("The project has no issue tracking. Enable that module in its settings.")
        if found.trackers is not None and not found.trackers:
            problems.append("The project has no tracker, such as Bug. Select one in its settings.")
        return Project(name=found.name, public=found.is_public, account=user.account, problems=problems)

    def _labeled(self, mark: str) -> Iterable[_Issue]:
        # A version without the filter for descriptions lists all issues of the account.
        return self._pages({"description": f"~{mark_label(mark)}", "author_id": "me"})

    def _updated(self, since: datetime) -> Iterator[_Issue]:
        return self._pages({"updated_on": f">={utc_text(since)}", "description": f"~{COMMON_LABEL}"})

    def create(self, mark: str, content: IssueContent) -> Issue:
        """Create an issue; its mark is in the description for want of labels."""
        issue = super().create(mark, content)
        if mark not in issue.marks:
            raise TrackerRefused(
                f"Redmine created {issue.key} without its description, so that it cannot be found again. Let "
                "the role of the account edit the description of new issues."
            )
        return issue

    def _secret(self, token: str) -> str:
        return token

    def _typed_forms(self) -> str:
        return rf"#([1-9]\d{{0,8}})|{re.escape(self._url)}/issues/([1-9]\d{{0,8}})(?:[/?#].*)?"

    @property
    def _path(self) -> str:
        return f"/projects/{path_part(self._project)}"

    def _pages(self, query: Mapping[str, str]) -> Iterator[_Issue]:
        """Issues of the project itself, closed ones, too.

        They are sorted by ID: a change meanwhile can move some to a later page, but none is left out.
        """
        everything = {"status_id": "*", "subproject_id": "!*", "sort": "id", "limit": PAGE}

        def page_from(start: Query) -> tuple[Sequence[_Issue], int]:
            asked = {**query, **everything, **start}
            page = self._http.get(f"{self._path}/issues.json", _Issues, query=asked)
            return page.issues, page.total_count

        return rows_by_offset(page_from, "offset")

    def _read(self, key: str, number: str) -> _Issue:  # noqa: ARG002  (Redmine reads by the number)
        # The list tells an issue that is gone from a project that the account can no longer read.
        found = next((page for page in self._pages({"issue_id": number}) if page.id == int(number)), None)
        if found is None:
            raise IssueMissing(
                f"The project in Redmine has no issue #{number}, or the account cannot read it."
            )
        return found

    def _text(self, before: object, mark: str, content: IssueContent) -> object:
        """The text with our part, which keeps other marks: those of a workspace with the same issue."""
        people = str(before)
        marks = [] if content.ended and mark not in _marks(people) else [mark]
        while True:
            reference, most = ", ".join(map(mark_label, marks)), self.most_in_text
            text = issue_text(people, content, MARKUP, most=most, reference=reference)
            lost = [one for one in _marks(people) if one not in _marks(text) and one not in marks]
            if mark in marks and mark not in _marks(text):
                raise TrackerRefused(
                    "The description in Redmine is too long to add the mitigation. Shorten it."
                )
            if not lost:
                return text
            marks += lost

    def _create(
        self,
        fields: Fields,
        assignee: str,
        labels: Sequence[str],  # noqa: ARG002  (Redmine has no labels)
    ) -> _Issue:
        def send(content: Fields) -> _Issue:
            return self._http.send("POST", f"{self._path}/issues.json", {"issue": content}, _Issue, "issue")

        return self._accepted(send, *_contents(fields, assignee, None))

    def _change(
        self,
        found: _Issue,
        fields: Fields,
        assignee: str,
        labels: Sequence[str],  # noqa: ARG002  (Redmine has no labels)
    ) -> _Issue:
        path = f"/issues/{found.id}.json"
        if not (fields or assignee):
            return found

        def send(content: Fields) -> object:
            return self._http.call("PUT", path, content={"issue": content})

        self._accepted(send, *_contents(fields, assignee, found.start_date))
        changed = self._found(f"#{found.id}")
        # What the account may not change is left out silently.
        wanted = _marks(str(fields.get("description", "")))
        lost = not {*wanted} <= {*_marks(changed.description or "")}
        if lost or one_line(changed.subject) != one_line(str(fields.get("subject", changed.subject))):
            raise TrackerRefused(
                f"Redmine did not change #{found.id}. The role of the account needs the permission to edit "
                "issues."
            )
        return changed

    def _close_duplicate(self, found: _Issue, original: str) -> None:
        path, key, query = f"/issues/{found.id}.json", f"#{found.id}", {"include": "allowed_statuses"}
        shown = self._http.get(path, _Issue, "issue", query=query, issue=key)
        ends = [one for one in shown.allowed_statuses or self._statuses() if one.is_closed]
        # A status such as Rejected tells better than Closed what happened.
        ends.sort(key=lambda status: by_status(status.name) is not IssueState.CLOSED)
        text = _REFERENCE.sub(f"duplicate of {original}", found.description or "")
        fields: Fields = {"description": text, "notes": duplicate_note(original)}
        if ends and not self._is_closed(found.status):
            fields["status_id"] = ends[0].id
        self._http.call("PUT", path, content={"issue": fields}, issue=key)
        if self.read(key).state is IssueState.OPEN:
            raise TrackerRefused(
                f"Redmine did not close {key}. Let the workflow of the account's role set a closed status."
            )

    def _people(self, wanted: str) -> Iterable[tuple[Account, str]]:
        """Members of the project that match a text.

        Only an administrator can search for users; another account reads the members one by one.
        """
        text = wanted.casefold()
        members = self._members()
        named = [one for one in members if text in one.name.casefold()]
        if named:
            named.sort(key=lambda member: member.name.casefold() != text)
            return [(user.account, user.login) for user in map(self._read_member, named[:5])]
        local = text.partition("@")[0]
        members.sort(key=lambda member: not any(word in local for word in member.name.casefold().split()))
        for one in members[:_MOST_READ]:
            user = self._read_member(one)
            if text in (user.login.casefold(), user.mail.casefold()):
                return [(user.account, user.login)]
        return []

    def _members(self) -> list[_Named]:
        def page_from(start: Query) -> tuple[Sequence[_Membership], int]:
            query = {"limit": PAGE, **start}
            page = self._http.get(f"{self._path}/memberships.json", _Memberships, query=query)
            return page.memberships, page.total_count

        rows = islice(rows_by_offset(page_from, "offset"), _MOST_MEMBERS)
        return [row.user for row in rows if row.user is not None]

    def _read_member(self, member: _Named) -> _User:
        """The member with login and address, as far as the account may see them."""
        try:
            return self._http.get(f"/users/{member.id}.json", _User, "user")
        except TrackerRefused as fault:
            if fault.unauthorized:
                raise
            return _User(id=member.id, firstname=member.name)

    def _lacking(self, user: _User, project: int) -> Sequence[str]:
        """A sentence for the permissions that the account lacks in a project."""
        if user.admin:
            return []
        roles = {
            role.id for member in user.memberships if member.project.id == project for role in member.roles
        }
        if not roles:
            return ["The account is not a member of the project. Add it with a role that can edit issues."]
        held = {
            name
            for role in sorted(roles)
            for name in self._http.get(f"/roles/{role}.json", _Role, "role").permissions
        }
        missing = [words for name, words in _NEEDED.items() if name not in held]
        return [f"The role of the account lacks these permissions: {', '.join(missing)}."] if missing else []

    def _issue(self, found: _Issue) -> Issue:
        text = (found.description or "").replace("\r\n", "\n")
        is_closed = self._is_closed(found.status)
        person = found.assigned_to
        return Issue(
            key=f"#{found.id}",
            url=f"{self._url}/issues/{found.id}",
            title=found.subject,
            text=text,
            state=by_status(found.status.name) if is_closed else IssueState.OPEN,
            updated=found.updated_on,
            reason=found.status.name if is_closed else "",
            assignee=Account(id=str(person.id), name=person.name) if person else None,
            due=found.due_date,
            labels=tuple(map(mark_label, _marks(text))),
        )

    def _is_closed(self, status: _Status) -> bool:
        if status.is_closed is not None:
            return status.is_closed
        if self._closed_ids is None:
            self._closed_ids = frozenset(one.id for one in self._statuses() if one.is_closed)
        return status.id in self._closed_ids

    def _statuses(self) -> Sequence[_Status]:
        return self._http.get("/issue_statuses.json", Sequence[_Status], "issue_statuses")


def _contents(fields: Fields, assignee: str, start: date | None) -> Sequence[Fields]:
    """What to send, one after the other, until Redmine accepts it.

    It refuses a due date before the start, which is today for a new issue, and an account that is not a
    member, and its words for that depend on the language.
    """
    due = fields.get("due_date")
    early: Fields = {**fields, "start_date": due}
    dates = (
        [fields] if due is None else [early] if start and start.isoformat() > str(due) else [fields, early]
    )
    assigned: Any = [{"assigned_to_id": assignee}, {}] if assignee else [{}]
    return [{**dated, **who} for who in assigned for dated in dates]


def _marks(text: str) -> Sequence[str]:
    return list(dict.fromkeys(_REFERENCE.findall(text)))
