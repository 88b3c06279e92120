"""What every client of a tracker does, as a table of behaviours; people use the tracker beside the bot."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Protocol

import pytest
from msgspec.structs import replace

from bot.trackers.text_defusing import JOINER
from bot.trackers.tracker import Issue, IssueContent, IssueMissing, Tracker
from domain.kernel.tracked_issue import IssueState
from tests.trackers.fake_transport import TOKEN

MARK, OTHER = "0123456789ab", "ba9876543210"
DUE = date(2027, 1, 4)
CONTENT = IssueContent(
    subject="MI-3 in TM-7",
    title="Rate-limit sign-in",
    lines=("Threat: No rate limit", "Band: High"),
    link="https://bot.example/cards/TM-7/MI-3",
    due=DUE,
    labels=("security",),
)


class Desk(Protocol):
    """A tracker, and what people do in it."""

    @property
    def tracker(self) -> Tracker:
        """The client that is tested."""
        ...

    @property
    def person(self) -> str:
        """The account of someone who can be assigned."""
        ...

    @property
    def has_due_dates(self) -> bool:
        """Whether issues have a field for the due date."""
        ...

    @property
    def missing_key(self) -> str:
        """The key of an issue that does not exist."""
        ...

    def open(self, title: str) -> str:
        """Create an issue as a person; return its key."""
        ...

    def write(self, key: str, text: str) -> None:
        """Change the whole text of an issue."""
        ...

    def close(self, key: str, *, done: bool) -> None:
        """Close an issue as completed, or otherwise."""
        ...

    def reopen(self, key: str) -> None:
        """Open an issue again."""
        ...


def a_new_issue_shows_the_mitigation(desk: Desk) -> None:
    created = desk.tracker.create(MARK, CONTENT)
    read = desk.tracker.read(created.key)
    for issue in (created, read):
        assert issue.title == "Rate-limit sign-in"
        assert "MI-3 in TM-7" in issue.text
        assert "No rate limit" in issue.text
        assert "https://bot.example/cards/TM-7/MI-3" in issue.text
        assert issue.state is IssueState.OPEN
        assert issue.marks == (MARK,)
        assert issue.reason == ""
        if desk.has_due_dates:
            assert issue.due == DUE
        else:
            assert "Due: 4 January 2027" in issue.text
    assert desk.tracker.key_of(read.url) == read.key
    assert desk.tracker.key_of(read.key) == read.key


def an_issue_is_found_by_its_mark(desk: Desk) -> None:
    assert desk.tracker.find(MARK) == []
    first, second = desk.tracker.create(MARK, CONTENT), desk.tracker.create(MARK, CONTENT)
    desk.tracker.create(OTHER, CONTENT)
    assert [one.key for one in desk.tracker.find(MARK)] == [first.key, second.key]


def text_of_people_stays(desk: Desk) -> None:
    key = desk.tracker.create(MARK, CONTENT).key
    ours = desk.tracker.read(key).text
    desk.write(key, f"Above.\n\n{ours}\n\nBelow: see the wiki.")
    changed = replace(CONTENT, title="Limit sign-in", lines=("Threat: Brute force",), due=date(2027, 2, 1))
    updated = desk.tracker.update(key, MARK, changed)
    read = desk.tracker.read(key)
    for issue in (updated, read):
        assert issue.title == "Limit sign-in"
        assert issue.text.strip().startswith("Above.")
        assert issue.text.strip().endswith("Below: see the wiki.")
        assert "Brute force" in issue.text
        assert "No rate limit" not in issue.text
        assert issue.due == (date(2027, 2, 1) if desk.has_due_dates else None)
    again = desk.tracker.update(key, MARK, changed)
    assert plain(again) == plain(read)


def deleted_text_is_put_in_again(desk: Desk) -> None:
    key = desk.tracker.create(MARK, CONTENT).key
    desk.write(key, "Mine.")
    text = desk.tracker.update(key, MARK, CONTENT).text.strip()
    assert "No rate limit" in text
    assert text.endswith("Mine.")


def an_issue_that_is_not_kept_up_to_date_says_so(desk: Desk) -> None:
    last = replace(CONTENT, lines=("It is not kept up to date.",), link="", due=None, ended=True)
    key = desk.tracker.create(MARK, CONTENT).key
    desk.write(key, f"Above.\n\n{desk.tracker.read(key).text}\n\nBelow.")
    shown = desk.tracker.update(key, MARK, last)
    assert "It is not kept up to date." in shown.text
    assert "No longer maintained by the threat model bot" in shown.text
    for gone in ("No rate limit", CONTENT.link, "overwrites edits"):
        assert gone not in shown.text, gone
    assert shown.text.strip().startswith("Above.")
    assert shown.text.strip().endswith("Below.")
    assert shown.marks == (MARK,)
    if desk.has_due_dates:
        assert shown.due == DUE
    again = desk.tracker.update(key, MARK, CONTENT).text
    assert "No rate limit" in again
    assert "not kept up to date" not in again
    assert again.count("aintained by the threat model bot") == 1


def what_people_remove_from_an_ended_issue_does_not_come_back(desk: Desk) -> None:
    key = desk.open("Please limit sign-in")
    desk.write(key, "Mine.")
    ended = replace(CONTENT, title="Please limit sign-in", due=None, ended=True)
    desk.tracker.update(key, MARK, ended)
    read = desk.tracker.read(key)
    assert (read.text.strip(), read.marks) == ("Mine.", ())


def two_workspaces_share_an_issue(desk: Desk) -> None:
    key = desk.open("Please limit sign-in")
    desk.write(key, "Mine.")
    ours = replace(CONTENT, subject="MI-3 in TM-7, workspace 0a1b2c", lines=("Ours: high risk",))
    theirs = replace(CONTENT, subject="MI-3 in TM-7, workspace c2b1a0", lines=("Theirs: low risk",))
    for _ in range(2):
        desk.tracker.update(key, MARK, ours)
        text = desk.tracker.update(key, OTHER, theirs).text
        assert text.count("Ours: high risk") == text.count("Theirs: low risk") == 1
        assert text.count("Mine.") == 1
    text = desk.tracker.update(key, OTHER, replace(theirs, lines=("Bye",), ended=True)).text
    assert "Ours: high risk" in text
    assert "Theirs: low risk" not in text


def an_issue_of_a_person_gets_the_mark(desk: Desk) -> None:
    key = desk.open("Please limit sign-in")
    assert desk.tracker.read(key).marks == ()
    updated = desk.tracker.update(key, MARK, CONTENT)
    assert updated.marks == (MARK,)
    assert desk.tracker.read(key).marks == (MARK,)
    assert "No rate limit" in updated.text
    desk.tracker.update(key, OTHER, CONTENT)
    assert {*desk.tracker.read(key).marks} == {MARK, OTHER}


def the_state_says_how_an_issue_was_closed(desk: Desk) -> None:
    key = desk.tracker.create(MARK, CONTENT).key
    desk.close(key, done=True)
    assert desk.tracker.read(key).state is IssueState.COMPLETED
    desk.reopen(key)
    assert desk.tracker.read(key).state is IssueState.OPEN
    desk.close(key, done=False)
    closed = desk.tracker.read(key)
    assert closed.state is IssueState.CLOSED
    assert closed.reason
    assert desk.tracker.update(key, MARK, CONTENT).state is IssueState.CLOSED


def changes_are_listed(desk: Desk) -> None:
    first, second = desk.tracker.create(MARK, CONTENT), desk.tracker.create(OTHER, CONTENT)
    desk.open("Something else")
    since = max(desk.tracker.read(one.key).updated for one in (first, second))
    desk.close(first.key, done=True)
    found = {one.key: one.state for one in desk.tracker.changed(since)}
    assert found[first.key] is IssueState.COMPLETED
    assert found.keys() <= {first.key, second.key}
    assert {one.key for one in desk.tracker.changed(first.updated)} >= {first.key, second.key}


def an_issue_that_was_created_twice_is_closed(desk: Desk) -> None:
    first, second = desk.tracker.create(MARK, CONTENT), desk.tracker.create(MARK, CONTENT)
    desk.tracker.close_duplicate(second.key, first.key)
    desk.tracker.close_duplicate(second.key, first.key)
    assert [one.key for one in desk.tracker.find(MARK)] == [first.key]
    assert desk.tracker.read(second.key).state is not IssueState.OPEN
    assert desk.tracker.read(first.key).state is IssueState.OPEN


def an_issue_may_be_missing(desk: Desk) -> None:
    for key in (desk.missing_key, "#0", "../secret", "", "#12\n", "ENG-1/../2"):
        with pytest.raises(IssueMissing):
            desk.tracker.read(key)
        with pytest.raises(IssueMissing):
            desk.tracker.update(key, MARK, CONTENT)


def an_account_can_be_assigned(desk: Desk) -> None:
    created = desk.tracker.create(MARK, replace(CONTENT, assignee=desk.person))
    assert created.assignee is not None
    assert created.assignee.id == desk.person
    kept = desk.tracker.update(created.key, MARK, replace(CONTENT, assignee=""))
    assert kept.assignee == created.assignee
    unassigned = desk.tracker.create(OTHER, CONTENT)
    assert unassigned.assignee is None
    updated = desk.tracker.update(unassigned.key, OTHER, replace(CONTENT, assignee=desk.person))
    assert updated.assignee == created.assignee
    assert desk.person in [account.id for account in desk.tracker.accounts(created.assignee.name)]
    for wanted in ("no one of this name", "", " "):
        assert desk.tracker.accounts(wanted) == []


def hostile_text_does_nothing(desk: Desk) -> None:
    hostile = "@team fixes #1 <!-- x --> **bold** [a](https://evil.example) /close\n/close"
    content = replace(CONTENT, title=f"/close {hostile}{'x' * 999}", lines=(hostile, "/close", "@all"))
    issue = desk.tracker.create(MARK, content)
    assert len(issue.title) <= 256
    for text in (issue.title, issue.text):
        assert "@team" not in text
        assert "@all" not in text
        assert "<!--" not in text
        assert "https://evil" not in text
        assert not [line for line in text.splitlines() if line.startswith("/")] or JOINER in text
    assert desk.tracker.read(issue.key).state is IssueState.OPEN


def the_project_is_checked(desk: Desk) -> None:
    project = desk.tracker.project()
    assert project.name
    assert project.account.name
    assert project.problems in ([], ())
    assert project.public is False


def the_token_is_hidden(desk: Desk) -> None:
    assert TOKEN not in f"{desk.tracker!r} {vars(desk.tracker)!r}"


BEHAVIOURS: tuple[Callable[[Desk], None], ...] = (
    a_new_issue_shows_the_mitigation,
    an_issue_is_found_by_its_mark,
    text_of_people_stays,
    deleted_text_is_put_in_again,
    an_issue_that_is_not_kept_up_to_date_says_so,
    what_people_remove_from_an_ended_issue_does_not_come_back,
    two_workspaces_share_an_issue,
    an_issue_of_a_person_gets_the_mark,
    the_state_says_how_an_issue_was_closed,
    changes_are_listed,
    an_issue_that_was_created_twice_is_closed,
    an_issue_may_be_missing,
    an_account_can_be_assigned,
    hostile_text_does_nothing,
    the_project_is_checked,
    the_token_is_hidden,
)


def broken_behaviours(desks: Mapping[str, Callable[[], Desk]]) -> dict[str, str]:
    """The behaviours that a client lacks, each with what went wrong; each is tried at a desk of its own."""
    broken: dict[str, str] = {}
    for name, make in desks.items():
        for behaviour in BEHAVIOURS:
            try:
                behaviour(make())
            except Exception as error:  # noqa: BLE001  (all are listed)
                broken[f"{name}: {behaviour.__name__}"] = f"{type(error).__name__}: {error}"
    return broken


def plain(issue: Issue) -> Issue:
    """The issue without the moment of its last change."""
    return replace(
        issue,
        updated=issue.updated.replace(year=2000, month=1, day=1, hour=0, minute=0, second=0, microsecond=0),
    )
