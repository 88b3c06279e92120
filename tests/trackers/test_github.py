"""GitHub Issues: what the contract of all trackers does not say."""

from datetime import timedelta

import pytest

from bot.settings import Secret
from bot.trackers.github import GitHub, github_api
from bot.trackers.tracker import IssueMissing, TrackerRefused
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


def test_a_renamed_repository_keeps_its_issues() -> None:
    desk = GitHubDesk()
    key = desk.tracker.create(MARK, CONTENT).key
    desk.fake.change(1, repository="acme/store")
    desk.fake.name = "acme/store"
    assert desk.tracker.read(key).key == key


def test_a_pull_request_is_no_issue() -> None:
    desk = GitHubDesk()
    number = desk.fake.open("Limit", pull_request={}, labels=["threat-model", f"threat-model-{MARK}"])
    with pytest.raises(IssueMissing, match="pull request"):
        desk.tracker.read(f"#{number}")
    assert not [*desk.tracker.changed(desk.fake.now - timedelta(days=1))]


def test_the_project_says_what_the_account_lacks() -> None:
    desk = GitHubDesk()
    desk.fake.repository |= {"private": False, "archived": True}
    desk.fake.pushes = False
    desk.fake.is_app = True
    project = desk.tracker.project()
    assert project.public
    assert [problem.split(".")[0] for problem in project.problems] == [
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
    desk = GitHubDesk()
    for knows, reason, number in ((True, "duplicate", 2), (False, "not_planned", 3)):
        desk.fake.knows_duplicates = knows
        while len(desk.fake.issues) < number:
            desk.tracker.create(MARK, CONTENT)
        desk.tracker.close_duplicate(f"#{number}", "#1")
        assert desk.fake.issues[number]["state_reason"] == reason


def test_changes_of_one_moment_fill_more_than_a_page() -> None:
    desk = GitHubDesk()
    for number in range(250):
        desk.fake.open(f"Issue {number}", labels=["threat-model", f"threat-model-{MARK}"])
    for issue in desk.fake.issues.values():
        issue["updated_at"] = desk.fake.now
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
