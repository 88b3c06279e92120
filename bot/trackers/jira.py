"""Jira: Jira Cloud and Jira Data Center, which differ in texts, people and searches."""

import re
from abc import abstractmethod
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import Any, ClassVar, Final

import msgspec

from bot.settings import Secret
from bot.trackers.adf import description_with_part, document, nodes_of, paragraph, plain_text
from bot.trackers.closing_names import by_resolution, by_status
from bot.trackers.issue_text import Markup
from bot.trackers.text_defusing import JOINER, defused
from bot.trackers.tracker import (
    COMMON_LABEL,
    Account,
    Issue,
    IssueContent,
    IssueMissing,
    Project,
    TrackerBusy,
    TrackerFault,
    TrackerRefused,
    TrackerUnreachable,
    mark_label,
    without_marks,
)
from bot.trackers.tracker_client import (
    PAGE,
    FieldNames,
    Fields,
    ProjectClient,
    duplicate_note,
    page_turns,
    plain_address,
    rows_by_offset,
)
from bot.trackers.tracker_http import Query, TrackerHttp, Transport, path_part
from bot.trackers.webhooks import WebhookScheme
from domain.kernel.tracked_issue import IssueState, TrackerKind

Clock = Callable[[], datetime]

INDEX_DELAY: Final = timedelta(minutes=10)
"""The time after which the search of Jira knows of a change."""

_LONG_AGO: Final = timedelta(days=365)
_CONFLICT: Final = 409
_CONFLICT_SECONDS: Final = 10.0

_NEEDED: Final = (
    *("BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "SCHEDULE_ISSUES", "ASSIGN_ISSUES"),
    *("TRANSITION_ISSUES", "ADD_COMMENTS"),
)
_FILLED: Final = frozenset(
    ("project", "issuetype", "summary", "description", "labels", "duedate", "assignee", "reporter")
)
_SHOWN: Final = {"labels": "Labels", "description": "Description", "duedate": "Due date"}

_MARKUP: Final = re.compile(r"[\\*_+^~?{}\[\]!|#@]|(?<![^\W_])-|-(?![^\W_])")
_BLOCK: Final = re.compile(r"^(?=(?:h[1-6]|bq)\.)|^(?=&)")
_PREFERRED: Final = ("task", "story", "bug")
_ABOVE: Final = ("epic", "initiative")
"""Types of Data Center that hold other issues, by their names: it does not tell their level."""

_DONE = "done"
"""The key of the category of statuses that end an issue."""


def wiki_line(text: str) -> str:
    """Return a line of plain text that wiki markup shows as it is."""
    line = _MARKUP.sub(lambda found: f"\\{found[0]}", defused(text)).replace("&", "&amp;")
    return _BLOCK.sub(JOINER, line)


def wiki_link(text: str, url: str) -> str:
    """Return a link to a URL, whatever its characters mean to the markup."""
    return f"[{wiki_line(text)}|{plain_address(url)}]"


def current_time() -> datetime:
    """Return the time."""
    return datetime.now(tz=UTC)


class _Name(msgspec.Struct, frozen=True, kw_only=True):
    name: str = ""


class _User(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A person: Cloud has account IDs, Data Center has user names."""

    account_id: str = ""
    name: str = ""
    display_name: str = ""
    email_address: str = ""
    active: bool = True
    account_type: str = "atlassian"
    """Also "app" and "customer", which get no issues assigned."""


class _Category(msgspec.Struct, frozen=True, kw_only=True):
    """The category of a status, the same in all languages: new, indeterminate or done."""

    key: str = ""


class _Status(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    name: str
    status_category: _Category = _Category()


class _ProjectKey(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    key: str


class _Fields(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of an issue; the description is a document in Cloud, and wiki markup in Data Center."""

    summary: str
    status: _Status
    updated: str
    project: _ProjectKey
    description: object = None
    resolution: _Name | None = None
    assignee: _User | None = None
    duedate: date | None = None
    labels: Sequence[str] = ()


class _Issue(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    key: str
    fields: _Fields


class _Page(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A page of a search: Cloud gives a token for the next one, Data Center a total count."""

    issues: Sequence[_Issue] = ()
    next_page_token: str | None = None
    total: int = 0


class _IssueType(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A type of issues; only Cloud has levels, and 0 is that of a task."""

    id: str
    name: str
    subtask: bool = False
    hierarchy_level: int | None = None


class _Project(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    id: str
    key: str
    name: str
    issue_types: Sequence[_IssueType] = ()
    archived: bool = False


class _Field(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A field of the screen on which an issue is created, or changes its status."""

    field_id: str = ""
    key: str = ""
    name: str = ""
    required: bool = False
    has_default_value: bool = False
    allowed_values: Sequence[object] = ()
    """For a resolution, objects with a name."""


class _Screen(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a type of issues: Cloud calls them fields, and Data Center values."""

    fields: Sequence[_Field] | None = None
    values: Sequence[_Field] | None = None


class _Transition(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    to: _Status
    fields: Mapping[str, _Field] = {}


class _Permission(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    have_permission: bool = False


class Jira(ProjectClient[_Issue]):
    """One project of a Jira, used by one account; an issue carries its mark as a label."""

    api: ClassVar[str]
    """The path of the API."""
    search_name: ClassVar[str]
    """The parameter by which people are searched."""
    person_name: ClassVar[str]
    """The field that names an assignee."""
    search_delay: float = INDEX_DELAY.total_seconds()
    project_form: ClassVar = r"[A-Z][A-Z0-9_]{0,49}"
    project_words: ClassVar = "{} is not the key of a project in Jira. Enter one such as REFILL."
    names: ClassVar = FieldNames(title="summary", due="duedate")
    most_in_text: ClassVar = 30_000
    """Jira keeps 32,767 characters of a description."""
    refused_content: ClassVar = (400,)

    def __init__(self, transport: Transport, *, clock: Clock = current_time, **access: Any) -> None:
        super().__init__(transport, **access)
        self._clock = clock
        product, base = self.kind.label, self._api_url()
        self._anonymous = TrackerHttp(transport, product=product, base=base, token=Secret(""), headers={})

    def _checked(self) -> Project:
        account = _account(self._myself())
        found = self._read_project()
        public = self._is_public()
        return Project(name=found.name, public=public, account=account, problems=self._problems(found))

    def _labeled(self, mark: str) -> Iterable[_Issue]:
        terms = (f'labels = "{mark_label(mark)}"', "creator = currentUser()")
        return self._found_by(*terms, order="created")

    def _updated(self, since: datetime) -> Iterator[_Issue]:
        """Issues that changed since a moment, or in the minutes before, which the search may not have known.

        It is asked for minutes before now, because it reads moments in the time zone of the account.
        """
        ago = max(self._clock() - since, timedelta()) + INDEX_DELAY
        minutes = ceil(ago.total_seconds() / 60)
        recent = (f'updated >= "-{minutes}m"',) if ago < _LONG_AGO else ()
        return self._found_by(f'labels = "{COMMON_LABEL}"', *recent, order="key")

    @abstractmethod
    def _search(self, jql: str) -> Iterator[_Issue]:
        """Yield the issues that match a query, in pages."""

    @abstractmethod
    def _body(self, text: str) -> object:
        """A text as the body of a comment."""

    @abstractmethod
    def _plain(self, description: object) -> str:
        """The text of a description."""

    def _named(self, project: str) -> str:
        return project.upper()

    def _typed_forms(self) -> str:
        key, site = rf"{self._project}-([1-9][0-9]{{0,9}})", re.escape(self._url)
        return (
            rf"{key}|{site}/browse/{key}(?:[/?#].*)?"
            rf"|{site}/(?:jira|projects|secure|issues)/[^#]*?(?:issues/|selectedIssue=){key}(?:[/?#&].*)?"
        )

    @property
    def _key_prefix(self) -> str:
        return f"{self._project}-"

    def _found_by(self, *terms: str, order: str) -> Iterator[_Issue]:
        """Issues of the project that match all terms.

        With a token that has expired, Jira Cloud searches as for people who are not signed in, and finds
        nothing; hence an empty list is believed only from an account that is signed in.
        """
        jql = " AND ".join((f'project = "{self._project}"', *terms))
        is_empty = True
        for issue in self._search(f"{jql} ORDER BY {order}"):
            is_empty = False
            yield issue
        if is_empty:
            self._myself()

    def _myself(self) -> _User:
        return self._http.get(f"{self.api}/myself", _User)

    def _path(self, key: str) -> str:
        return f"{self.api}/issue/{path_part(key)}"

    def _check_readable(self) -> None:
        self._myself()
        self._read_project()

    def _read(self, key: str, number: str) -> _Issue:  # noqa: ARG002  (Jira reads by the whole key)
        query = {"fields": ",".join(_Fields.__struct_fields__)}
        issue = self._http.get(self._path(key), _Issue, query=query, issue=key)
        project = issue.fields.project
        # The key of the project may have been changed.
        if project.key != self._project and project.id != self._read_project().id:
            raise IssueMissing(f"{key} was moved to another project in Jira.")
        return issue

    def _create(self, fields: Fields, assignee: str, labels: Sequence[str]) -> _Issue:
        fields["project"] = {"key": self._project}
        fields["issuetype"] = {"id": self._issue_type()}
        fields["labels"] = ["_".join(label.split()) for label in labels]  # a label has no spaces

        def send(content: Fields) -> str:
            return self._save("POST", f"{self.api}/issue", content, {})

        key = self._accepted(send, *self._contents(fields, assignee))
        try:
            return self._found(key)
        except TrackerFault as fault:
            # Any other fault would say that nothing was created.
            raise TrackerUnreachable(f"Jira created the issue, but did not show it. {fault}") from None

    def _change(self, found: _Issue, fields: Fields, assignee: str, labels: Sequence[str]) -> _Issue:
        added: Fields = {"labels": [{"add": label} for label in labels]} if labels else {}

        def send(content: Fields) -> str:
            return self._save("PUT", self._path(found.key), content, added)

        self._accepted(send, *self._contents(fields, assignee))
        return self._found(self._shown_key(found))

    def _save(self, method: str, path: str, fields: Fields, added: Fields) -> str:
        """Send fields; return the key of a new issue."""
        update = {"update": added} if added else {}
        try:
            answer = self._http.call(method, path, content={**update, "fields": fields})
        except TrackerRefused as fault:
            if fault.status == _CONFLICT:
                raise TrackerBusy(str(fault), wait=_CONFLICT_SECONDS) from None
            raise
        return self._http.decode(answer, str, "key") if method == "POST" else ""

    def _contents(self, fields: Fields, assignee: str) -> Sequence[Fields]:
        """What to send, one after the other, until Jira accepts it.

        It refuses a field that is not on the screen, and an account that cannot be assigned; its words for
        that depend on the language.
        """
        needed = {name: value for name, value in fields.items() if name != self.names.due}
        who: Fields = {"assignee": {self.person_name: assignee}} if assignee else {}
        return ({**fields, **who}, fields, {**needed, **who}, needed)

    def _close_duplicate(self, found: _Issue, original: str) -> None:
        path, key = self._path(found.key), found.key
        if found.fields.status.status_category.key != _DONE:
            query = {"expand": "transitions.fields"}
            shape = Sequence[_Transition]
            steps = self._http.get(f"{path}/transitions", shape, "transitions", query=query, issue=key)
            step = _step_for_duplicate(steps)
            if step is None:
                raise TrackerRefused(f"Jira cannot close {key}: no step of its workflow leads to the end.")
            resolution = _resolution_for_duplicate(step)
            fields = {"fields": {"resolution": {"name": resolution}}} if resolution else {}
            content = {"transition": {"id": step.id}, **fields}
            self._http.call("POST", f"{path}/transitions", content=content, issue=key)
            self._http.call(
                "POST", f"{path}/comment", content={"body": self._body(duplicate_note(original))}, issue=key
            )
        others = without_marks(found.fields.labels)
        marks = [{"remove": label} for label in found.fields.labels if label not in others]
        if marks:
            self._http.call("PUT", path, content={"update": {"labels": marks}}, issue=key)

    def _people(self, wanted: str) -> Iterable[tuple[Account, str]]:
        """Who can be assigned and is found by a text."""
        query = {"project": self._project, self.search_name: wanted, "maxResults": 20}
        users = self._http.get(f"{self.api}/user/assignable/search", list[_User], query=query)
        people = [user for user in users if user.active and user.account_type == "atlassian"]
        return [(_account(person), person.name) for person in people]

    def _read_project(self) -> _Project:
        missing = f"Jira has no project {self._project}, or the account cannot read it."
        path = f"{self.api}/project/{path_part(self._project)}"
        return self._http.get(path, _Project, refusals={404: missing})

    def _is_public(self) -> bool:
        """Whether people who are not signed in can read the project.

        Neither the project nor its permission scheme tells this to every account, so that it is tried.
        """
        path = f"{self.api}/project/{path_part(self._project)}"
        try:
            answer = self._anonymous.call("GET", path)
        except TrackerRefused:
            return False
        try:
            return bool(self._anonymous.decode(answer, _Project).id)
        except TrackerUnreachable:
            return False  # the page of a sign-in

    def _problems(self, project: _Project) -> Sequence[str]:
        """A sentence for each thing that the account lacks."""
        if project.archived:
            return ("The project is archived. Restore it, or choose another.",)
        lacking = self._lacking_permissions()
        if lacking:
            return (f"The account lacks these permissions in the project: {', '.join(lacking)}.",)
        chosen = _issue_type_of(project)
        if chosen is None:
            return ("The project has no type of issues such as Task.",)
        fields = self._screen_fields(chosen)
        if not fields:
            return ()
        held = {field.field_id or field.key for field in fields}
        missing = [name for field, name in _SHOWN.items() if field not in held]
        more = [
            field.name
            for field in fields
            if field.required and not field.has_default_value and (field.field_id or field.key) not in _FILLED
        ]
        screen = f"The screen on which issues of the type {chosen.name} are created"
        return [
            *([f"{screen} lacks: {', '.join(missing)}."] if missing else []),
            *([f"{screen} requires: {', '.join(more)}. Make that optional."] if more else []),
        ]

    def _lacking_permissions(self) -> Sequence[str]:
        query = {"projectKey": self._project, "permissions": ",".join(_NEEDED)}
        try:
            shape = Mapping[str, _Permission]
            held = self._http.get(f"{self.api}/mypermissions", shape, "permissions", query=query)
        except TrackerRefused as fault:
            if fault.status != 404:
                raise
            return ()
        lacking = [name for name in _NEEDED if not (name in held and held[name].have_permission)]
        return [name.replace("_", " ").lower() for name in lacking]

    def _screen_fields(self, chosen: _IssueType) -> Sequence[_Field]:
        """The fields of the screen; none where this version of Jira does not tell."""
        path = f"{self.api}/issue/createmeta/{path_part(self._project)}/issuetypes/{path_part(chosen.id)}"
        try:
            screen = self._http.get(path, _Screen, query={"maxResults": 200})
        except TrackerRefused as fault:
            if fault.status != 404:
                raise
            return ()
        return screen.fields or screen.values or ()

    def _issue_type(self) -> str:
        found = _issue_type_of(self._read_project())
        if found is None:
            raise TrackerRefused("The project in Jira has no type of issues such as Task.")
        return found.id

    def _shown_key(self, found: _Issue) -> str:
        """The key; a project whose key was changed still knows the former one, and the number stays."""
        return f"{self._project}-{found.key.rpartition('-')[2]}"

    def _issue(self, found: _Issue) -> Issue:
        fields = found.fields
        resolution = fields.resolution.name if fields.resolution else ""
        is_done = fields.status.status_category.key == _DONE
        return Issue(
            key=self._shown_key(found),
            url=f"{self._url}/browse/{found.key}",
            title=fields.summary,
            text=self._plain(fields.description),
            state=_closing(fields.status, resolution) if is_done else IssueState.OPEN,
            updated=_moment(fields.updated),
            reason=(resolution or fields.status.name) if is_done else "",
            assignee=_account(fields.assignee) if fields.assignee else None,
            due=fields.duedate,
            labels=tuple(fields.labels),
        )


class JiraCloud(Jira):
    """One project of a site of Jira Cloud, for an account with an API token.

    Version 3 of the API has descriptions as documents, so that what people wrote stays as it is; version 2
    would turn it to wiki markup and back.
    """

    kind = TrackerKind.JIRA_CLOUD
    webhook = WebhookScheme(signature="x-hub-signature")
    api: ClassVar = "/rest/api/3"
    search_name: ClassVar = "query"
    person_name: ClassVar = "accountId"

    def _secret(self, token: str) -> str:
        return f"Basic {b64encode(f'{self._email}:{token}'.encode()).decode()}"

    def _search(self, jql: str) -> Iterator[_Issue]:
        asked: Fields = {"jql": jql, "fields": _Fields.__struct_fields__, "maxResults": PAGE}
        token: str | None = None
        for _ in page_turns():
            content = {**asked, "nextPageToken": token} if token else asked
            page = self._http.send("POST", f"{self.api}/search/jql", content, _Page)
            yield from page.issues
            if not page.next_page_token or page.next_page_token == token:
                return
            token = page.next_page_token

    def _described(self, found: _Issue) -> object:
        return found.fields.description

    def _text(self, before: object, mark: str, content: IssueContent) -> object:  # noqa: ARG002  (a label)
        return description_with_part(before, content, most=self.most_in_text)

    def _body(self, text: str) -> object:
        return document([paragraph(text)])

    def _plain(self, description: object) -> str:
        return plain_text(nodes_of(description))


class JiraDataCenter(Jira):
    """One project of a Jira Data Center, for an account with a personal access token.

    Tokens exist from version 8.14 on, and earlier versions than 10 sign no webhooks.
    """

    kind = TrackerKind.JIRA_DATA_CENTER
    webhook = WebhookScheme(signature="x-hub-signature", in_path=True)
    api: ClassVar = "/rest/api/2"
    search_name: ClassVar = "username"
    person_name: ClassVar = "name"
    markup: ClassVar = Markup(escape=wiki_line, link=wiki_link, bullet="* ")

    def _search(self, jql: str) -> Iterator[_Issue]:
        def page_from(start: Query) -> tuple[Sequence[_Issue], int]:
            query: Query = {"jql": jql, "fields": fields, "maxResults": PAGE, **start}
            page = self._http.get(f"{self.api}/search", _Page, query=query)
            return page.issues, page.total

        fields = ",".join(_Fields.__struct_fields__)
        return rows_by_offset(page_from, "startAt")

    def _body(self, text: str) -> object:
        return text

    def _plain(self, description: object) -> str:
        return description.replace("\r\n", "\n") if isinstance(description, str) else ""


def _issue_type_of(project: _Project) -> _IssueType | None:
    """The type of new issues: Task where there is one, else another of its level."""
    types = [
        type_
        for type_ in project.issue_types
        if not type_.subtask and type_.hierarchy_level in (None, 0) and type_.name.casefold() not in _ABOVE
    ]
    order = {name: place for place, name in enumerate(_PREFERRED)}
    return min(types, key=lambda type_: order.get(type_.name.casefold(), len(order)), default=None)


def _account(user: _User) -> Account:
    id = user.account_id or user.name
    return Account(id=id, name=user.display_name or id, email=user.email_address)


def _closing(status: _Status, resolution: str) -> IssueState:
    """How an issue was closed whose status ends it."""
    return by_resolution(resolution) if resolution else by_status(status.name)


def _step_for_duplicate(steps: Sequence[_Transition]) -> _Transition | None:
    """The step that ends a duplicate, if possible by a status that does not mean done."""
    ends = [one for one in steps if one.to.status_category.key == _DONE]
    return min(ends, key=lambda step: by_status(step.to.name) is not IssueState.CLOSED, default=None)


def _resolution_for_duplicate(step: _Transition) -> str:
    """The resolution that fits a duplicate best, empty where the step asks for none."""
    screen = step.fields.get("resolution")
    names: list[str] = []
    for value in screen.allowed_values if screen else ():
        with suppress(msgspec.ValidationError):
            names.append(msgspec.convert(value, _Name).name)

    def distance(name: str) -> int:
        if name.casefold().startswith("duplicat"):
            return 0
        return 1 if by_resolution(name) is IssueState.CLOSED else 2

    return min(names, key=distance, default="")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise TrackerUnreachable("The answer of Jira cannot be read: it has a time without a zone.")
    return moment.astimezone(UTC)
