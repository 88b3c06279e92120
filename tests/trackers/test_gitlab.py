"""GitLab: what the contract of all trackers does not say."""

from msgspec.structs import replace

from bot.trackers.gitlab import without_quick_actions
from bot.trackers.text_defusing import JOINER
from domain.kernel.tracked_issue import IssueState
from tests.trackers.desks import GitLabDesk
from tests.trackers.fake_gitlab import BEN, PATH
from tests.trackers.fake_transport import TOKEN
from tests.trackers.tracker_contract import CONTENT, MARK


def test_a_creation_is_one_call() -> None:
    desk = GitLabDesk()
    desk.tracker.create(MARK, replace(CONTENT, assignee=str(BEN), labels=("a, b", "security")))
    asked = desk.transport.asked
    assert [one.line for one in asked] == [f"POST {PATH}/issues"]
    assert asked[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert {name: one for name, one in asked[0].content.items() if name != "description"} == {
        "title": "Rate-limit sign-in",
        "labels": f"threat-model,threat-model-{MARK},a  b,security",
        "due_date": "2027-01-04",
        "assignee_ids": [BEN],
    }


def test_no_line_is_a_quick_action() -> None:
    desk = GitLabDesk()
    hostile = replace(
        CONTENT, title="/close", lines=("/close", "x\n/close\r\n /assign @ana", "\u200b/confidential")
    )
    issue = desk.tracker.create(MARK, hostile)
    # Someone without the permission typed a command, which GitLab kept as text.
    desk.fake.change(
        1, description=f"/confidential\n  /assign @ana\r\n{issue.text}\n/etc/passwd and /close now\n/close"
    )
    updated = desk.tracker.update(issue.key, MARK, replace(hostile, lines=("/close", "new")))
    assert updated.state is IssueState.OPEN
    assert updated.text.startswith(f"/{JOINER}confidential\n  /{JOINER}assign @ana\r\n")
    assert updated.text.endswith(f"\n/etc/passwd and /close now\n/{JOINER}close")
    assert desk.tracker.update(issue.key, MARK, replace(hostile, lines=("/close", "new"))) == updated
    assert without_quick_actions(f"/{JOINER}close\n/path/x\na /close") == f"/{JOINER}close\n/path/x\na /close"


def test_an_issue_that_was_moved_is_listed_as_deleted() -> None:
    desk = GitLabDesk()
    issue = desk.tracker.create(MARK, CONTENT)
    desk.fake.change(1, state="closed", moved_to_id=90_007)
    assert [one.state for one in desk.tracker.changed(issue.updated)] == [IssueState.DELETED]
    assert desk.tracker.find(MARK) == []


def test_a_project_is_public_if_people_outside_can_read_its_issues() -> None:
    for url, visibility, issues, public in (
        ("https://gitlab.com", "private", "enabled", False),
        ("https://gitlab.com", "internal", "enabled", True),
        ("https://gitlab.com", "public", "enabled", True),
        ("https://gitlab.com", "public", "private", False),
        ("https://git.acme.example", "internal", "enabled", False),
        ("https://git.acme.example", "public", "enabled", True),
    ):
        desk = GitLabDesk(url)
        desk.fake.settings |= {"visibility": visibility, "issues_access_level": issues}
        assert desk.tracker.project().public is public, (url, visibility, issues)
    desk = GitLabDesk()
    desk.fake.settings |= {"issues_enabled": False, "archived": True}
    desk.fake.level = None
    assert [problem.split(".")[0] for problem in desk.tracker.project().problems] == [
        "Issues are disabled in the project",
        "The project is archived",
        "The account cannot set labels",
    ]
    for level, lacking in ((10, 1), (15, 0), (20, 0)):
        desk = GitLabDesk()
        desk.fake.level = level
        assert len(desk.tracker.project().problems) == lacking
