"""A tracker in memory, with the faults of real ones: lost answers, a search that lags, edits by people."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum

import msgspec
from msgspec.structs import replace

from bot.trackers.tracker import (
    Account,
    Issue,
    IssueContent,
    IssueMissing,
    Project,
    Tracker,
    TrackerFault,
    TrackerUnreachable,
    mark_label,
)
from domain.kernel.tracked_issue import IssueState, TrackerKind

PAGE = 3
"""Issues on a page of changed ones: few, so that tests read several pages."""

FENCES = "— Kept up to date by the threat model —", "— End of what the threat model says —"


class When(Enum):
    """At which moment of a call something happens."""

    BEFORE = "before"
    AFTER = "after"


class StoredIssue(msgspec.Struct, kw_only=True):
    """An issue as it stands in the tracker; `found_from` is when the search finds it."""

    issue: Issue
    content: IssueContent
    own_text: str = ""
    found_from: datetime


class FakeTracker(Tracker):
    """One project in a tracker; it outlives the processes that call it.

    `calls` are the names of the calls so far; `pushes` counts those that change something.
    """

    kind = TrackerKind.REDMINE

    def __init__(self, *, now: Callable[[], datetime], search_delay: float = 0.0) -> None:
        self.now = now
        self.search_delay = search_delay
        self.issues: dict[str, StoredIssue] = {}
        self.calls: list[str] = []
        self.public = False
        self.happens: dict[tuple[str, When], list[Callable[[], object]]] = {}
        self.people = [Account(id="7", name="Ana Alves", email="ana@example.com")]
        self._number = 0

    # What tests do

    @property
    def pushes(self) -> int:
        """Return how many calls changed something, or tried to."""
        counted = Counter(self.calls)
        return counted["create"] + counted["update"] + counted["close_duplicate"]

    def on(self, call: str, when: When, what: Callable[[], object], *, times: int = 1) -> None:
        """Have something happen at the next such calls."""
        self.happens.setdefault((call, when), []).extend([what] * times)

    def fail(self, call: str, fault: TrackerFault, when: When = When.BEFORE, *, times: int = 1) -> None:
        """Have the next such calls fail; after the call, its answer is lost."""

        def failing() -> None:
            raise fault

        self.on(call, when, failing, times=times)

    def lose_answer(self, call: str) -> None:
        """Have the answer of the next such call lost."""
        self.fail(call, TrackerUnreachable("no answer"), When.AFTER)

    def edit(self, key: str, *, own_text: str = "", **changes: object) -> None:
        """Edit an issue as a person does in the tracker."""
        stored = self.issues[key]
        stored.issue = replace(stored.issue, updated=self._later(stored.issue.updated), **changes)
        stored.own_text = own_text or stored.own_text

    def add_by_hand(self, title: str) -> str:
        """Create an issue as a person does, without a mark; return its key."""
        return self._store("", IssueContent(subject="", title=title)).key

    def delete(self, key: str) -> None:
        """Delete an issue."""
        del self.issues[key]

    def shown(self, key: str) -> IssueContent:
        """Return what an issue says of its mitigation."""
        return self.issues[key].content

    def marked(self, mark: str) -> list[str]:
        """Return the keys of the open issues with a mark, whatever the search finds."""
        return [
            issue.issue.key
            for issue in self.issues.values()
            if mark in issue.issue.marks and issue.issue.state is IssueState.OPEN
        ]

    # The port

    def project(self) -> Project:
        self._happen("project", When.BEFORE)
        return Project(name="shop", public=self.public, account=Account(id="1", name="Threat model"))

    def find(self, mark: str) -> Sequence[Issue]:
        self._happen("find", When.BEFORE)
        now = self.now()
        return [
            one.issue for one in self.issues.values() if mark in one.issue.marks and one.found_from <= now
        ]

    def create(self, mark: str, content: IssueContent) -> Issue:
        self._happen("create", When.BEFORE)
        issue = self._store(mark, content)
        self._happen("create", When.AFTER)
        return issue

    def read(self, key: str) -> Issue:
        self._happen("read", When.BEFORE)
        return self._stored(key).issue

    def update(self, key: str, mark: str, content: IssueContent) -> Issue:
        self._happen("update", When.BEFORE)
        stored = self._stored(key)
        stored.content = content
        stored.issue = replace(
            stored.issue,
            title=content.title,
            text=_text(content, stored.own_text),
            due=content.due or stored.issue.due,
            assignee=self._account(content.assignee) or stored.issue.assignee,
            updated=self._later(stored.issue.updated),
            labels=tuple(dict.fromkeys((*stored.issue.labels, *_marks(mark, content)))),
        )
        self._happen("update", When.AFTER)
        return stored.issue

    def close_duplicate(self, key: str, original: str) -> None:
        self._happen("close_duplicate", When.BEFORE)
        stored = self._stored(key)
        stored.own_text = f"Created twice: see {original}."
        stored.issue = replace(
            stored.issue,
            state=IssueState.CLOSED,
            reason="duplicate",
            updated=self._later(stored.issue.updated),
        )

    def changed(self, since: datetime) -> Iterator[Issue]:
        found = sorted(
            (one.issue for one in self.issues.values() if one.issue.marks and one.issue.updated >= since),
            key=lambda one: one.updated,
        )
        for begin in range(0, max(len(found), 1), PAGE):
            self._happen("changed", When.BEFORE)
            yield from found[begin : begin + PAGE]

    def accounts(self, text: str) -> Sequence[Account]:
        self._happen("accounts", When.BEFORE)
        return [person for person in self.people if text.lower() in (person.email, person.name.lower())]

    def key_of(self, typed: str) -> str | None:
        key = typed.removeprefix("https://tracker.example/issues/")
        return f"#{key.removeprefix('#')}" if key.removeprefix("#").isdecimal() else None

    def _store(self, mark: str, content: IssueContent) -> Issue:
        self._number += 1
        key, now = f"#{self._number}", self.now()
        issue = Issue(
            key=key,
            url=f"https://tracker.example/issues/{self._number}",
            title=content.title,
            text=_text(content, ""),
            state=IssueState.OPEN,
            updated=now,
            due=content.due,
            assignee=self._account(content.assignee),
            labels=tuple(_marks(mark, content)),
        )
        self.issues[key] = StoredIssue(
            issue=issue, content=content, found_from=now + timedelta(seconds=self.search_delay)
        )
        return issue

    def _stored(self, key: str) -> StoredIssue:
        if key not in self.issues:
            raise IssueMissing(f"There is no issue {key}.")
        return self.issues[key]

    def _account(self, id: str) -> Account | None:
        return next((person for person in self.people if person.id == id), None) if id else None

    def _later(self, before: datetime) -> datetime:
        """Return the moment of a change: it follows every earlier one, however slow the clock is."""
        return max(self.now().astimezone(UTC), before + timedelta(milliseconds=1))

    def _happen(self, call: str, when: When) -> None:
        if when is When.BEFORE:
            self.calls.append(call)
        if waiting := self.happens.get((call, when)):
            waiting.pop(0)()


def _marks(mark: str, content: IssueContent) -> list[str]:
    return [] if content.ended or not mark else [mark_label(mark)]


def _text(content: IssueContent, own_text: str) -> str:
    begin, end = FENCES
    lines = (begin, content.subject, *content.lines, content.link, end, own_text)
    return "\n".join(line for line in lines if line)
