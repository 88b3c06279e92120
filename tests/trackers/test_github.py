"""GitHub Issues: what the contract of all trackers does not say."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.settings import Secret
from bot.trackers.github import GitHub, github_api
from bot.trackers.tracker import IssueMissing, TrackerRefused
from domain.kernel.tracked_issue import IssueState
from tests.trackers.desks import GitHubDesk
from tests.trackers.fake_github import PATH
from tests.trackers.fake_transport import TOKEN, answer, answers
from tests.trackers.tracker_contract import CONTENT, MARK


def test_the_first_calls_of_a_creation() -> None:
    desk = GitHubDesk()
    desk.tracker.create(MARK, CONTENT)
    asked = desk.transport.asked
    assert [one.line for one in asked] == [
        f"POST {PATH}/labels",
        f"POST {PATH}/labels",
        f"POST {PATH}/issues",
    ]
    assert asked[1].content == {
        "name": f"threat-model-{MARK}",
        "color": "5319e7",
        "description": "The threat model bot finds its issues by this label",
    }
    assert asked[2].content["labels"] == ["threat-model", f"threat-model-{MARK}", "security"]
    assert asked[2].headers["authorization"] == f"Bearer {TOKEN}"
    # The labels exist now, and GitHub says that they are invalid.
    assert desk.tracker.create(MARK, CONTENT).marks == (MARK,)


def test_each_way_of_closing_has_its_state() -> None:
    desk = GitHubDesk()
    key = desk.tracker.create(MARK, CONTENT).key
    cases: tuple[tuple[str | None, list[str], IssueState, str], ...] = (
        ("completed", [], IssueState.COMPLETED, "completed"),
        ("not_planned", [], IssueState.CLOSED, "not planned"),
        ("duplicate", [], IssueState.CLOSED, "duplicate"),
        (None, [], IssueState.CLOSED, ""),
        ("completed", ["bug", "Won't fix"], IssueState.CLOSED, "Won't fix"),
        ("completed", ["not urgent"], IssueState.COMPLETED, "completed"),
    )
    for reason, labels, state, shown in cases:
        desk.fake.change(1, state="closed", state_reason=reason, labels=labels)
        issue = desk.tracker.read(key)
        assert (issue.state, issue.reason) == (state, shown), reason


def test_an_issue_in_another_repository_is_missing_and_a_renamed_repository_is_not() -> None:
    desk = GitHubDesk()
    key = desk.tracker.create(MARK, CONTENT).key
    desk.fake.change(1, repository="acme/public-website")
    with pytest.raises(IssueMissing, match="moved"):
        desk.tracker.read(key)
    desk.fake.change(1, repository="acme/store")
    desk.fake.name = "acme/store"
    assert desk.tracker.read(key).key == key


def test_a_pull_request_is_no_issue() -> None:
    desk = GitHubDesk()
    number = desk.fake.open("Limit", pull_request={}, labels=["threat-model", f"threat-model-{MARK}"])
    with pytest.raises(IssueMissing, match="pull request"):
        desk.tracker.read(f"#{number}")
    assert not [*desk.tracker.changed(desk.fake.now - timedelta(days=1))]


def test_a_repository_that_cannot_be_read_is_refused_and_its_issues_are_not_missing() -> None:
    desk = GitHubDesk()
    key = desk.tracker.create(MARK, CONTENT).key
    desk.fake.repository["has_issues"] = False
    assert desk.tracker.project().problems == [
        "Issues are disabled in the repository. Enable them in its settings."
    ]
    with pytest.raises(TrackerRefused, match="disabled"):
        desk.tracker.read("#99")
    desk.fake.reads = False
    for call in (
        lambda: desk.tracker.read(key),
        desk.tracker.project,
        lambda: desk.tracker.find(MARK),
        lambda: [*desk.tracker.changed(desk.fake.now)],
    ):
        with pytest.raises(TrackerRefused, match="GitHub has no repository acme/shop"):
            call()


def test_the_project_says_what_the_account_lacks() -> None:
    desk = GitHubDesk()
    desk.fake.repository |= {"private": False, "archived": True}
    desk.fake.pushes = False
    desk.fake.is_app = True
    project = desk.tracker.project()
    assert project.public
    assert [one.split(".")[0] for one in project.problems] == [
        "The repository is archived",
        "The account cannot set labels",
    ]
    assert project.account.name == "GitHub App"
    with pytest.raises(TrackerRefused) as raised:
        GitHub(
            answers(answer({"full_name": "acme/shop", "private": True}), answer(status=401)),
            url="",
            project="acme/shop",
            token=Secret(TOKEN),
        ).project()
    assert raised.value.unauthorized


def test_a_duplicate_is_not_planned_where_that_reason_is_unknown() -> None:
    for knows, reason in ((True, "duplicate"), (False, "not_planned")):
        desk = GitHubDesk()
        desk.fake.knows_duplicates = knows
        desk.tracker.create(MARK, CONTENT)
        desk.tracker.create(MARK, CONTENT)
        desk.tracker.close_duplicate("#2", "#1")
        assert desk.fake.issues[2]["state_reason"] == reason
        assert desk.fake.issues[2]["labels"] == ["security"]
        assert desk.fake.comments == ["This issue was created twice. It is continued in #1."]


def test_changes_are_listed_without_gaps_while_issues_change() -> None:
    desk = GitHubDesk()
    labels = ["threat-model", f"threat-model-{MARK}"]
    for number in range(250):
        desk.fake.open(f"Issue {number}", labels=labels)
    start = desk.fake.issues[1]["updated_at"]
    found: list[str] = []
    for issue in desk.tracker.changed(start):
        found.append(issue.key)
        if len(found) in (50, 150):
            # It moves to the end, and pulls all others one place to the front.
            desk.fake.change(len(found) - 20)
    assert {*found} == {f"#{number}" for number in range(1, 251)}
    assert len(found) == 252

    desk.fake.now = datetime(2026, 12, 1, tzinfo=UTC)
    for number in range(1, 251):
        desk.fake.issues[number]["updated_at"] = desk.fake.now
    assert len([*desk.tracker.changed(desk.fake.now)]) == 250


def test_each_edition_has_its_api() -> None:
    for web, api in (
        ("https://github.com", "https://api.github.com"),
        ("https://www.GitHub.com/", "https://api.github.com"),
        ("https://acme.ghe.com", "https://api.acme.ghe.com"),
        ("https://git.acme.example:8443", "https://git.acme.example:8443/api/v3"),
        ("https://notgithub.com", "https://notgithub.com/api/v3"),
    ):
        assert github_api(web) == api
    for project in ("", "acme", "acme/shop/x", "../..", "acme/..", "acme/shop?x", "a b/c"):
        with pytest.raises(TrackerRefused, match="owner and a repository"):
            GitHub(answers(), url="", project=project, token=Secret(TOKEN))
