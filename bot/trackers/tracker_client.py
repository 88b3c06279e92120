"""What the clients of all trackers share."""

import re
from abc import abstractmethod
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import ClassVar, Final, Generic, Protocol, TypeVar
from urllib.parse import quote

import msgspec

from bot.settings import Secret
from bot.trackers.issue_text import MARKDOWN, Markup, issue_text
from bot.trackers.text_defusing import issue_title, one_line
from bot.trackers.tracker import (
    Account,
    Issue,
    IssueContent,
    IssueMissing,
    Project,
    Tracker,
    TrackerRefused,
    TrackerUnreachable,
    issue_labels,
)
from bot.trackers.tracker_http import Query, TrackerHttp, Transport
from bot.trackers.webhooks import WebhookScheme
from domain.kernel.tracked_issue import IssueState

PAGE: Final = 100
MOST_ACCOUNTS: Final = 20
MOST_PAGES: Final = 1_000
"""Pages of one list: a tracker that names ever more pages would be read for ever."""

_SECOND: Final = timedelta(seconds=1)

Fields = dict[str, object]
"""Fields of an issue as a tracker takes them."""
Raw = TypeVar("Raw", bound=msgspec.Struct)
"""An issue as a tracker returns it."""
Answer = TypeVar("Answer")


class FieldNames(msgspec.Struct, frozen=True, kw_only=True):
    """Names of the fields of an issue; the due date is in the text of a tracker without a field for it."""

    title: str = "title"
    text: str = "description"
    due: str = ""


class ProjectClient(Tracker, Generic[Raw]):
    """A client of one project, which derives the methods of the port from what each tracker is asked.

    An issue carries a mark of 12 hexadecimal digits, by which it is found again after a creation whose
    answer was lost. `url` is the web address of the tracker, and `project` what the form asks for. `login` is
    the email address for Jira Cloud. `api` replaces the address of the interface.
    """

    webhook: ClassVar[WebhookScheme]
    usual_url: ClassVar[str] = ""
    header_name: ClassVar[str] = "Authorization"
    project_form: ClassVar[str]
    project_words: ClassVar[str]
    """What is said about a project that has another form."""
    names: ClassVar[FieldNames] = FieldNames()
    most_in_title: ClassVar[int] = 255
    most_in_text: ClassVar[int]
    markup: ClassVar[Markup] = MARKDOWN
    refused_content: ClassVar[Container[int]] = (422,)
    """Statuses by which the tracker says that it does not accept a field."""
    finds_people: ClassVar[bool] = True
    """Whether the tracker itself looks for people by a text."""

    def __init__(
        self, transport: Transport, *, url: str, project: str, token: Secret, login: str = "", api: str = ""
    ) -> None:
        self._url = url.rstrip("/") or self.usual_url
        self._project = self._named(project.strip())
        if not re.fullmatch(self.project_form, self._project, re.ASCII):
            raise TrackerRefused(self.project_words.format(one_line(project)))
        self._email = login
        self._http = TrackerHttp(
            transport,
            product=self.kind.label,
            base=api or self._api_url(),
            token=token,
            headers={**self._headers(), self.header_name: Secret(self._secret(token.reveal()))},
        )

    def project(self) -> Project:
        return self._checked()

    def find(self, mark: str) -> Sequence[Issue]:
        return [issue for issue in map(self._issue, self._labeled(mark)) if mark in issue.marks]

    def changed(self, since: datetime) -> Iterator[Issue]:
        return (issue for issue in map(self._issue, self._updated(since)) if issue.marks)

    def create(self, mark: str, content: IssueContent) -> Issue:
        fields, labels = self._fields(None, mark, content), issue_labels(mark, content.labels)
        return self._issue(self._create(fields, content.assignee, labels))

    def read(self, key: str) -> Issue:
        return self._issue(self._found(key))

    def update(self, key: str, mark: str, content: IssueContent) -> Issue:
        found = self._found(key)
        shown, names = self._issue(found), self.names
        due = shown.due.isoformat() if shown.due else ""
        held = {names.title: shown.title, names.text: self._described(found), names.due: due}
        wanted = self._fields(found, mark, content)
        fields = {name: value for name, value in wanted.items() if value != held[name]}
        known = {label.lower() for label in shown.labels}
        lacking = [] if content.ended else [label for label in issue_labels(mark) if label not in known]
        assigned = {account.casefold() for account in self._assigned(found)}
        assignee = content.assignee if content.assignee.casefold() not in assigned else ""
        if fields or assignee or lacking:
            found = self._change(found, fields, assignee, lacking)
        return self._issue(found)

    def close_duplicate(self, key: str, original: str) -> None:
        found = self._found(key)
        shown = self._issue(found)
        if shown.state is IssueState.OPEN or shown.marks:
            self._close_duplicate(found, original)

    def accounts(self, text: str) -> Sequence[Account]:
        wanted = text.strip().removeprefix("@")
        return best_matches(self._people(wanted), wanted, found=self.finds_people) if wanted else []

    def key_of(self, typed: str) -> str | None:
        found = re.fullmatch(self._typed_forms(), typed.strip(), re.IGNORECASE | re.ASCII)
        return f"{self._key_prefix}{next(filter(None, found.groups()))}" if found else None

    # What each client says of its tracker

    def _api_url(self) -> str:
        """The address of the interface."""
        return self._url

    @abstractmethod
    def _typed_forms(self) -> str:
        """A pattern of what people type for an issue, with its number in a group."""

    @abstractmethod
    def _checked(self) -> Project:
        """The project and the account, as a call returns them."""

    @abstractmethod
    def _labeled(self, mark: str) -> Iterable[Raw]:
        """The issues with a mark that the account created, and maybe others, the oldest first."""

    @abstractmethod
    def _updated(self, since: datetime) -> Iterator[Raw]:
        """The issues of the bot that changed since a moment, and maybe others."""

    @abstractmethod
    def _read(self, key: str, number: str) -> Raw:
        """The issue of a key; raises IssueMissing."""

    def _check_readable(self) -> None:
        """Raise TrackerRefused if the account can no longer read the project: then everything is missing."""

    @abstractmethod
    def _issue(self, found: Raw) -> Issue:
        """What an issue says, in the terms of the port."""

    def _assigned(self, found: Raw) -> Iterable[str]:
        """The IDs of the accounts to which an issue is assigned."""
        assignee = self._issue(found).assignee
        return [assignee.id] if assignee else []

    @abstractmethod
    def _create(self, fields: Fields, assignee: str, labels: Sequence[str]) -> Raw:
        """Create an issue, without the assignee if the tracker does not accept the account."""

    @abstractmethod
    def _change(self, found: Raw, fields: Fields, assignee: str, labels: Sequence[str]) -> Raw:
        """Change fields, assign an issue and add labels, as far as any are given."""

    @abstractmethod
    def _close_duplicate(self, found: Raw, original: str) -> None:
        """Close an issue, name the original in it, and take the mark from it."""

    @abstractmethod
    def _people(self, wanted: str) -> Iterable[tuple[Account, str]]:
        """Accounts that may match a text, each with its login."""

    def _headers(self) -> Mapping[str, str]:
        return {}

    def _secret(self, token: str) -> str:
        """The value of the header that carries the token."""
        return f"Bearer {token}"

    def _named(self, project: str) -> str:
        """The project as it is named in calls."""
        return project

    @property
    def _key_prefix(self) -> str:
        """What precedes the number in the key of an issue."""
        return "#"

    def _described(self, found: Raw) -> object:
        """The description of an issue, in the form in which it is sent."""
        return self._issue(found).text

    def _text(self, before: object, mark: str, content: IssueContent) -> object:  # noqa: ARG002  (for others)
        """The description with our part put in."""
        due = None if self.names.due else content.due
        return issue_text(str(before), content, self.markup, most=self.most_in_text, due=due)

    # What clients use

    def _found(self, key: str) -> Raw:
        number = key.removeprefix(self._key_prefix)
        if number == key or not re.fullmatch(r"[1-9]\d{0,9}", number, re.ASCII):
            raise IssueMissing(f"{one_line(key)} is not the key of an issue in {self.kind.label}.")
        try:
            return self._read(key, number)
        except IssueMissing:
            self._check_readable()
            raise

    def _fields(self, found: Raw | None, mark: str, content: IssueContent) -> Fields:
        names, before = self.names, "" if found is None else self._described(found)
        due = {names.due: content.due.isoformat()} if names.due and content.due else {}
        title = issue_title(content.title, self.most_in_title)
        return {names.title: title, names.text: self._text(before, mark, content), **due}

    def _accepted(self, send: Callable[[Fields], Answer], *contents: Fields) -> Answer:
        """Return the answer to the first contents that are accepted; the last ones have nothing optional."""
        differing = [one for number, one in enumerate(contents) if one not in contents[number + 1 :]]
        for content in differing[:-1]:
            try:
                return send(content)
            except TrackerRefused as fault:
                if fault.unauthorized or fault.status not in self.refused_content:
                    raise
        return send(differing[-1])


def duplicate_note(original: str) -> str:
    """Return what people are told in an issue that was created twice."""
    return f"This issue was created twice. It is continued in {original}."


def utc_text(moment: datetime) -> str:
    """Return a moment in universal time, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def plain_address(url: str) -> str:
    """Return a URL without characters that are markup somewhere."""
    return quote(url, safe="./:?&=#%").replace("_", "%5F").replace("~", "%7E")


class ChangedRow(Protocol):
    """A row of a list that is sorted by the moment of the last change."""

    @property
    def key(self) -> str:
        """What tells rows apart."""
        ...

    @property
    def updated_at(self) -> datetime:
        """When it was changed last."""
        ...


Row = TypeVar("Row", bound=ChangedRow)
Item = TypeVar("Item")


def page_turns() -> Iterator[None]:
    """Yield for each page of a list that may be read; raises TrackerUnreachable after the last one."""
    yield from repeat(None, MOST_PAGES)
    raise TrackerUnreachable(f"The tracker has a list of more than {MOST_PAGES:,} pages.")


def rows_by_offset(page_from: Callable[[Query], tuple[Sequence[Item], int]], offset: str) -> Iterator[Item]:
    """Yield the rows of a list; `page_from` returns those from an offset on, and how many there are."""
    start = 0
    for _ in page_turns():
        page, total = page_from({offset: start})
        yield from page
        start += len(page)
        if not page or start >= total:
            return


def rows_by_change(
    since: datetime, page_of: Callable[[datetime, int], Sequence[Row]], *, size: int = PAGE
) -> Iterator[Row]:
    """Yield the rows that changed at or after a moment, the earliest first, each state of a row once.

    `page_of` returns a page, numbered from 1, of the rows that changed after a moment. A row that changes
    meanwhile moves to the end of the list and pulls others to earlier pages, so that the list is asked for
    again from the last moment seen instead of for its next page. Some trackers show moments in whole seconds,
    and differ in whether "after" includes the moment, hence the second in between.
    """
    start, number = since - _SECOND, 1
    seen: set[tuple[str, datetime]] = set()
    for _ in page_turns():
        page = page_of(start, number)
        for row in page:
            state = (row.key, row.updated_at)
            if state not in seen and row.updated_at >= since:
                yield row
            seen.add(state)
        if len(page) < size:
            return
        last = page[-1].updated_at - _SECOND
        start, number = (last, 1) if last > start else (start, number + 1)


def best_matches(candidates: Iterable[tuple[Account, str]], text: str, *, found: bool) -> Sequence[Account]:
    """Return the accounts that match an email address, a login or a name, the best match first.

    Each candidate is an account and its login. Those that the tracker `found` by the text match in any case,
    if only at the end. An email address that no account shows matches none: a login that looks like it may be
    that of someone else.
    """
    wanted = text.casefold()

    def rank(account: Account, login: str) -> int | None:
        names = [account.name.casefold(), login.casefold()]
        matches = (
            account.email.casefold() == wanted,
            wanted in names,
            any(name.startswith(wanted) for name in names),
            any(wanted in name for name in names),
            found,
        )
        return next((number for number, holds in enumerate(matches) if holds), None)

    ranked = [(rank(account, login), account) for account, login in candidates]
    matching = [(place, account) for place, account in ranked if place is not None]
    return [account for _, account in sorted(matching, key=lambda match: match[0])[:MOST_ACCOUNTS]]
