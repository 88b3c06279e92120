"""Every client of a tracker behaves the same; the table of behaviours is also kept with real trackers."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from bot.settings import Secret
from bot.trackers.github import GitHub
from bot.trackers.gitlab import GitLab
from bot.trackers.jira import JiraCloud, JiraDataCenter
from bot.trackers.linear import Linear
from bot.trackers.redmine import Redmine
from bot.trackers.tracker import IssueMissing, TrackerRefused
from bot.trackers.tracker_client import ProjectClient
from domain.kernel.tracked_issue import IssueState
from tests.trackers.desks import FakeDesk, GitHubDesk, GitLabDesk, JiraDesk, LinearDesk, RedmineDesk
from tests.trackers.fake_transport import TOKEN, answer, answers
from tests.trackers.tracker_contract import CONTENT, MARK, broken_behaviours

DESKS: dict[str, Callable[[], FakeDesk]] = {
    "GitHub": GitHubDesk,
    "GitLab": GitLabDesk,
    "Jira Cloud": partial(JiraDesk, cloud=True),
    "Jira Data Center": partial(JiraDesk, cloud=False),
    "Linear": LinearDesk,
    "Redmine": RedmineDesk,
}


@pytest.fixture(params=list(DESKS.values()), ids=list(DESKS))
def desk(request: pytest.FixtureRequest) -> FakeDesk:
    made: FakeDesk = request.param()
    return made


def test_every_client_keeps_the_contract() -> None:
    assert broken_behaviours(DESKS) == {}


def test_copies_that_people_made_are_not_found(desk: FakeDesk) -> None:
    key = desk.tracker.create(MARK, CONTENT).key
    copied = desk.copy(key)
    assert [issue.key for issue in desk.tracker.find(MARK)] == [key]
    assert desk.tracker.read(copied).marks == (MARK,), "it is a copy with its mark"


def test_labels_that_people_added_stay(desk: FakeDesk) -> None:
    if isinstance(desk, RedmineDesk):
        pytest.skip("Redmine has no labels")
    key = desk.tracker.create(MARK, CONTENT).key
    added = desk.labels(key)
    desk.label(key, "urgent")
    desk.tracker.update(key, MARK, replace(CONTENT, title="Limit sign-in"))
    assert desk.labels(key) == [*added, "urgent"]
    theirs = desk.open("Please limit sign-in")
    desk.label(theirs, "urgent")
    desk.tracker.update(theirs, MARK, CONTENT)
    assert desk.labels(theirs)[0] == "urgent"
    assert desk.tracker.read(theirs).marks == (MARK,)


def test_a_duplicate_is_closed_names_the_original_and_loses_its_mark(desk: FakeDesk) -> None:
    first, second = (desk.tracker.create(MARK, CONTENT).key for _ in range(2))
    desk.tracker.close_duplicate(second, first)
    closed = desk.tracker.read(second)
    assert (closed.state, closed.marks) == (IssueState.CLOSED, ())
    assert desk.comments() == [f"This issue was created twice. It is continued in {first}."]
    if not isinstance(desk, RedmineDesk):
        assert desk.labels(second) == ["security"]


CLOSINGS: dict[type[FakeDesk], list[tuple[dict[str, Any], IssueState, str]]] = {
    GitHubDesk: [
        ({"state_reason": "completed"}, IssueState.COMPLETED, "completed"),
        ({"state_reason": "not_planned"}, IssueState.CLOSED, "not planned"),
        ({"state_reason": "duplicate"}, IssueState.CLOSED, "duplicate"),
        ({"state_reason": None}, IssueState.CLOSED, ""),
        ({"state_reason": "completed", "labels": ["bug", "Won't fix"]}, IssueState.CLOSED, "Won't fix"),
        ({"state_reason": "completed", "labels": ["not urgent"]}, IssueState.COMPLETED, "completed"),
    ],
    GitLabDesk: [
        ({}, IssueState.COMPLETED, "closed"),
        ({"labels": ["status::won't do"]}, IssueState.CLOSED, "status::won't do"),
        ({"labels": ["type::not urgent"]}, IssueState.COMPLETED, "closed"),
        ({"duplicate_of": "https://gitlab.com/api/v4/issues/3"}, IssueState.CLOSED, "duplicate"),
    ],
    JiraDesk: [
        ({"status": "To Do"}, IssueState.OPEN, ""),
        ({"status": "In Progress", "resolution": "Done"}, IssueState.OPEN, ""),
        ({"status": "Done", "resolution": None}, IssueState.COMPLETED, "Done"),
        ({"status": "Done", "resolution": "Fixed"}, IssueState.COMPLETED, "Fixed"),
        ({"status": "Done", "resolution": "Duplicate"}, IssueState.CLOSED, "Duplicate"),
        ({"status": "Done", "resolution": "Shelved"}, IssueState.CLOSED, "Shelved"),
        ({"status": "Won't Do", "resolution": None}, IssueState.CLOSED, "Won't Do"),
    ],
    LinearDesk: [
        ({"state": "Triage"}, IssueState.OPEN, ""),
        ({"state": "Done"}, IssueState.COMPLETED, "Done"),
        ({"state": "Canceled"}, IssueState.CLOSED, "Canceled"),
        ({"state": "Duplicate"}, IssueState.CLOSED, "Duplicate"),
    ],
    RedmineDesk: [
        ({"status_id": 3}, IssueState.OPEN, ""),
        ({"status_id": 5}, IssueState.COMPLETED, "Closed"),
        ({"status_id": 6}, IssueState.CLOSED, "Rejected"),
    ],
}
"""What each tracker says of an issue, and its state and reason."""

ELSEWHERE: dict[type[FakeDesk], list[dict[str, Any]]] = {
    GitHubDesk: [{"repository": "acme/public-website"}],
    GitLabDesk: [{"state": "closed", "moved_to_id": 90_007}],
    JiraDesk: [{"key": "OPEN-5", "project": "OPEN", "place": "10001"}],
    LinearDesk: [{"trashed": True}, {"team": "OPS"}, {"deleted": True}],
    RedmineDesk: [],
}
"""What each tracker says of an issue that is no longer in the project."""


def test_each_way_of_closing_has_its_state(desk: FakeDesk) -> None:
    key = desk.tracker.create(MARK, CONTENT).key
    for fields, state, reason in CLOSINGS[type(desk)]:
        desk.change(key, **{**({"state": "closed"} if desk.closes_by_state else {}), **fields})
        issue = desk.tracker.read(key)
        assert (issue.state, issue.reason) == (state, reason), fields


def test_an_issue_that_was_moved_is_missing(desk: FakeDesk) -> None:
    for number, fields in enumerate(ELSEWHERE[type(desk)]):
        key = desk.tracker.create(f"{number:012x}", CONTENT).key
        desk.change(key, **fields)
        with pytest.raises(IssueMissing):
            desk.tracker.read(key)
        with pytest.raises(IssueMissing):
            desk.tracker.update(key, MARK, CONTENT)


def test_a_project_that_cannot_be_read_is_refused_and_its_issues_are_not_missing(desk: FakeDesk) -> None:
    for disabled in ("repository", "settings"):
        if about := getattr(desk.fake, disabled, None):
            about |= {"has_issues": False, "issues_enabled": False}
            with pytest.raises(TrackerRefused, match="disabled"):
                desk.tracker.read(desk.missing_key)
    match desk:
        case GitHubDesk() | GitLabDesk():
            desk.fake.reads = False
        case JiraDesk():
            desk.fake.can_browse = False
        case LinearDesk():
            desk.fake.key = "OTHER"
        case _:
            assert isinstance(desk, RedmineDesk)
            given = desk.transport.answer
            desk.transport.answer = lambda asked: (
                given(asked) if asked.path.startswith("/users") else answer(status=404)
            )
    for call in (lambda: desk.tracker.read(desk.missing_key), desk.tracker.project):
        with pytest.raises(TrackerRefused) as raised:
            call()
        assert not raised.value.unauthorized


def test_an_account_that_is_not_accepted_is_left_out(desk: FakeDesk) -> None:
    content = replace(CONTENT, assignee=desk.stranger)
    created = desk.tracker.create(MARK, content)
    assert (created.title, created.assignee) == (CONTENT.title, None)
    changed = desk.tracker.update(created.key, MARK, replace(content, title="New"))
    assert (changed.title, changed.assignee) == ("New", None)
    desk.tracker.update(created.key, MARK, replace(CONTENT, assignee=desk.person))
    kept = desk.tracker.update(created.key, MARK, content)
    assert kept.assignee is not None
    assert kept.assignee.id == desk.person


def test_an_update_of_the_same_content_changes_nothing() -> None:
    for desk in (GitHubDesk(), GitLabDesk(), LinearDesk()):
        issue = desk.tracker.create(MARK, replace(CONTENT, assignee=desk.person))
        desk.transport.asked.clear()
        assert desk.tracker.update(issue.key, MARK, replace(CONTENT, assignee=desk.person)) == issue
        assert len(desk.transport.asked) == 1, "it is only read"


def test_changes_are_listed_without_gaps_while_issues_change(desk: FakeDesk) -> None:
    created = [desk.tracker.create(MARK, CONTENT) for _ in range(230)]
    found: list[str] = []
    for issue in desk.tracker.changed(created[0].updated):
        found.append(issue.key)
        if len(found) in (50, 150):
            desk.close(created[len(found) - 20].key, done=True)
    assert {*found} == {issue.key for issue in created}


def test_people_are_found(desk: FakeDesk) -> None:
    cases: dict[type[FakeDesk], dict[str, list[str]]] = {
        GitHubDesk: {
            "@Ben-Berger": ["ben-berger"],
            "ben": ["ben-berger", "benedikt"],
            "ben-berger@acme.example": [],
            "edikt": ["benedikt"],
            "nobody@acme.example": [],
        },
        GitLabDesk: {
            "@ben.berger": ["Ben Berger"],
            "Ben": ["Ben Berger"],
            "Model": ["Threat Model"],
            "Gone": [],
        },
        LinearDesk: {
            "BEN@acme.example": ["Ben Berger"],
            "berger": ["Ben Berger"],
            "@ben": ["Ben Berger"],
            "model": ["Threat Model"],
            "gone": [],
            "x@acme.example": [],
        },
        JiraDesk: {
            "Berger": ["Ben Berger", "Bea Berger"],
            "bea berger": ["Bea Berger"],
            "ben@example.com": ["Ben Berger"],
            "nobody": [],
        },
        RedmineDesk: {"Berger": ["Ben Berger"], "BEN BERGER": ["Ben Berger"], "who@x": []},
    }
    names = cases[type(desk)]
    assert {text: [account.name for account in desk.tracker.accounts(text)] for text in names} == names


JIRA = "https://jira.example.org"
JIRA_KEYS = {
    "REFILL-123": "REFILL-123",
    " refill-123 ": "REFILL-123",
    f"{JIRA}/browse/REFILL-12": "REFILL-12",
    f"{JIRA}/browse/REFILL-12?focusedId=1#c": "REFILL-12",
    f"{JIRA}/projects/REFILL/issues/REFILL-12": "REFILL-12",
    f"{JIRA}/projects/REFILL/issues/REFILL-12?filter=all": "REFILL-12",
    f"{JIRA}/jira/software/projects/REFILL/boards/1?selectedIssue=REFILL-12": "REFILL-12",
    f"{JIRA}/jira/software/c/projects/REFILL/issues/REFILL-12": "REFILL-12",
    "REFILL-0": None,
    "REFILL-12a": None,
    "REFILL-١٢": None,
    "OTHER-12": None,
    "#12": None,
    f"{JIRA}/browse/OTHER-12": None,
    f"{JIRA}/browse/REFILL-12x": None,
    "https://jira.example.com/browse/REFILL-12": None,
    f"https://evil.example/{JIRA}/browse/REFILL-12": None,
}
ANY_LINEAR, ACME_LINEAR = "", "https://linear.app/acme/"
REDMINE = "https://redmine.example.org/tracker"
Typed = tuple[type[ProjectClient], str, str, Mapping[str, str | None]]
TYPED: tuple[Typed, ...] = (
    (
        GitHub,
        "https://git.acme.example/",
        "Acme/shop.js",
        {
            "#12": "#12",
            " GH-12 ": "#12",
            "acme/SHOP.js#12": "#12",
            "https://git.acme.example/acme/shop.js/issues/12": "#12",
            "http://git.acme.example/Acme/shop.js/issues/12/?x=1#issuecomment-5": "#12",
            "#0": None,
            "#12 and more": None,
            "#\u0661": None,
            "acme/other#12": None,
            "acme/shopXjs#12": None,
            "https://git.acme.example/acme/shop.js/pull/12": None,
            "https://github.com/acme/shop.js/issues/12": None,
            "https://git.acme.example.evil.example/acme/shop.js/issues/12": None,
            "https://git.acme.example/acme/shop.js/issues/12x": None,
        },
    ),
    (
        GitLab,
        "https://acme.example/gitlab/",
        "Acme/web/shop",
        {
            "#12": "#12",
            "acme/web/shop#12": "#12",
            "https://acme.example/gitlab/acme/web/shop/-/issues/12": "#12",
            "https://acme.example/gitlab/acme/web/shop/issues/12#note_5": "#12",
            "https://acme.example/gitlab/acme/web/shop/-/work_items/12?x=1": "#12",
            "!12": None,
            "acme/shop#12": None,
            "https://acme.example/acme/web/shop/-/issues/12": None,
            "https://acme.example/gitlab/acme/web/shop/-/merge_requests/12": None,
        },
    ),
    (JiraCloud, f"{JIRA}/", "refill", JIRA_KEYS),
    (JiraDataCenter, f"{JIRA}/", "refill", JIRA_KEYS),
    (
        Linear,
        ANY_LINEAR,
        "ENG",
        {
            "eng-12": "ENG-12",
            "ENG-0": None,
            "OPS-12": None,
            "#12": None,
            "https://linear.app/acme/issue/ENG-12/rate-limit-sign-in": "ENG-12",
        },
    ),
    (
        Linear,
        ACME_LINEAR,
        "ENG",
        {
            "https://linear.app/acme/issue/ENG-12?x#y": "ENG-12",
            "https://linear.app/other/issue/ENG-12/rate-limit": None,
            "https://linear.app/acme/issue/ENGX-12": None,
            "https://evil.example/acme/issue/ENG-12": None,
        },
    ),
    (
        Redmine,
        f"{REDMINE}/",
        "payments",
        {
            "#12": "#12",
            " #12 ": "#12",
            f"{REDMINE}/issues/12": "#12",
            f"{REDMINE}/issues/12?tab=history#note-3": "#12",
            "#0": None,
            "#12a": None,
            "#١٢": None,
            f"{REDMINE}/issues/12x": None,
            "https://redmine.example.com/tracker/issues/12": None,
            "https://redmine.example.org/issues/12": None,
            "REFILL-12": None,
        },
    ),
)


def client(kind: type[ProjectClient], url: str, project: str) -> ProjectClient:
    made: Callable[..., ProjectClient] = kind
    return made(answers(), url=url, project=project, token=Secret(TOKEN))


def test_typed_references_become_keys() -> None:
    for kind, url, project, keys in TYPED:
        tracker = client(kind, url, project)
        assert {typed: tracker.key_of(typed) for typed in keys} == keys
        for typed in ("", "12"):
            assert tracker.key_of(typed) is None, kind


def test_a_project_cannot_be_more_than_its_name() -> None:
    for kind, words, projects in (
        (
            GitHub,
            "owner and a repository",
            ("acme", "acme/shop/x", "../..", "acme/..", "acme/shop?x"),
        ),
        (GitLab, "groups", ("shop", "a b/c", "acme/shop?x", "acme/\u00e9")),
        (JiraCloud, "not the key of a project", ("a b", 'X" OR project = "Y', "../x", "É")),
        (Linear, "key of a team", ("1", "ENG OPS", "EN.G", "ENG/1")),
        (Redmine, "not the identifier", ("Payments", "a b", "../issues", "payments.json", "-x", "é")),
    ):
        for project in ("", *projects):
            with pytest.raises(TrackerRefused, match=words):
                client(kind, "https://x.example", project)
