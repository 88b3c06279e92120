"""Issues of mitigations: created once, kept up to date, with nothing that the model keeps to itself."""

import re
from datetime import date, timedelta

from bot.tracker_sync.connected_trackers import MOST
from bot.trackers.tracker import TrackerRefused
from domain.commands import (
    ArchiveThreatModel,
    ChooseTracker,
    DropMitigation,
    ImplementMitigation,
    ReassignMitigation,
    ReopenThreatModel,
    RescheduleMitigation,
    ResumeMitigation,
    Undo,
    VerifyMitigation,
)
from domain.kernel.tracked_issue import IssueState
from tests.examples import ANA, BEN, CHI, DEE
from tests.trackers.fake_tracker import When
from tests.trackers.sync_desk import FRIDAY, MI1, MI2, TR1, SyncDesk, desk_with_issue, planned_desk

LATER = FRIDAY + timedelta(days=3)


def test_a_mitigation_gets_an_issue_with_its_title_its_due_date_and_a_link() -> None:
    desk, stream = desk_with_issue()
    (stored,) = desk.tracker.issues.values()
    content = stored.content
    assert (content.title, content.due) == ("Sign refunds", FRIDAY)
    assert re.fullmatch("MI-1 in TM-1, workspace [0-9a-f]{6}", content.subject)
    assert (content.link, content.lines) == ("https://bot.example/m/TM-1", ())
    tracked = desk.issue(stream)
    assert (tracked.issue.key, tracked.issue.url) == ("#1", "https://tracker.example/issues/1")
    assert tracked.linked
    assert desk.tracker.pushes == 1


def test_an_issue_follows_its_mitigation_and_is_left_alone_otherwise() -> None:
    desk, stream = desk_with_issue()
    desk.revise(stream)
    desk.run()
    assert desk.tracker.shown("#1").title == "Sign all refunds"
    desk.do(stream, RescheduleMitigation(by=ANA, at=desk.now(), mitigation=MI1, due=LATER))
    desk.run()
    assert desk.tracker.issues["#1"].issue.due == LATER
    assert desk.tracker.pushes == 3

    desk.plan(stream, "Limit refunds")
    desk.run()
    assert desk.tracker.calls.count("update") == 2, "the other issue is as it was"


def test_the_state_of_a_mitigation_is_a_line_of_its_issue() -> None:
    desk, stream = desk_with_issue()
    said: list[tuple[str, ...]] = []
    for command in (
        DropMitigation(by=ANA, at=desk.now(), mitigation=MI1, reason="The refund API goes away"),
        ResumeMitigation(by=ANA, at=desk.now(), mitigation=MI1),
        ImplementMitigation(by=BEN, at=desk.now(), mitigation=MI1, evidence="PR 12"),
        VerifyMitigation(by=ANA, at=desk.now(), mitigation=MI1),
    ):
        desk.do(stream, command)
        desk.run()
        said.append(desk.tracker.shown("#1").lines)
    assert said == [
        ("Dropped in the threat model: it is no longer planned.",),
        (),
        ("Marked as implemented. Another person must verify it in the threat model.",),
        ("Verified in the threat model.",),
    ]
    assert desk.tracker.issues["#1"].issue.state is IssueState.OPEN, "people close it"


def test_a_plan_that_is_undone_leaves_its_issue_with_a_line() -> None:
    desk, stream = desk_with_issue()
    desk.do(stream, Undo(by=ANA, at=desk.now()))
    assert MI1 not in desk.model(stream).mitigations
    desk.run()
    shown = desk.tracker.issues["#1"].issue
    assert shown.title == "Sign refunds"
    assert "was removed from the threat model" in shown.text


def test_an_issue_says_nothing_about_threats_unless_the_model_allows_it() -> None:
    desk, stream = desk_with_issue()
    assert "Forged refunds" not in desk.tracker.issues["#1"].issue.text
    desk.do(
        stream,
        DropMitigation(by=ANA, at=desk.now(), mitigation=MI1, reason="Nobody forges"),
        ChooseTracker(by=ANA, at=desk.now(), own=True, tracker=TR1, shares_threats=True),
    )
    desk.run()
    lines = desk.tracker.shown("#1").lines
    assert "Threat TH-1: Forged refunds" in lines
    assert "Reason: Nobody forges" in lines


def test_mitigations_without_need_of_an_issue_get_none() -> None:
    desk = SyncDesk()
    stream = desk.start_model()
    desk.plan(stream, "Dropped")
    desk.do(stream, DropMitigation(by=ANA, at=desk.now(), mitigation=MI1, reason="no"))
    desk.plan(stream, "Implemented")
    desk.do(stream, ImplementMitigation(by=BEN, at=desk.now(), mitigation=MI2, evidence="PR 12"))
    desk.plan(stream, "Tracked elsewhere", ticket="OTHER-12")
    desk.run()
    assert desk.tracker.calls == []

    desk.do(stream, ResumeMitigation(by=ANA, at=desk.now(), mitigation=MI1))
    desk.run()
    assert [issue.content.title for issue in desk.tracker.issues.values()] == ["Dropped"]


def test_no_issue_is_created_without_a_tracker_or_in_an_archived_model() -> None:
    desk = SyncDesk()
    stream = desk.start_model()
    desk.do(stream, ChooseTracker(by=ANA, at=desk.now(), own=True, tracker=None))
    desk.plan(stream)
    desk.run()
    desk.do(
        stream,
        ArchiveThreatModel(by=ANA, at=desk.now(), reason="over"),
        ChooseTracker(by=ANA, at=desk.now(), own=True, tracker=TR1),
    )
    desk.run()
    assert desk.tracker.calls == []


def test_a_model_that_was_archived_meanwhile_learns_of_its_issue_when_it_is_reopened() -> None:
    desk, stream = planned_desk()
    archive = ArchiveThreatModel(by=ANA, at=desk.now(), reason="over")
    desk.tracker.on("create", When.AFTER, lambda: desk.do(stream, archive))
    desk.run()
    assert not desk.model(stream).issues
    desk.do(stream, ReopenThreatModel(by=ANA, at=desk.now(), reason="again"))
    desk.run()
    desk.wait(minutes=6)
    assert desk.issue(stream).issue.key == "#1"
    assert list(desk.tracker.issues) == ["#1"], "no other one is created"


def test_the_issue_of_an_erased_model_says_nothing_of_it() -> None:
    desk, stream = desk_with_issue(shares_threats=True)
    desk.store.erase_stream(stream)
    desk.touch_model(stream)
    desk.run()
    issue = desk.tracker.issues["#1"].issue
    assert issue.title == "MI-1 in TM-1"
    assert "refunds" not in issue.text
    assert desk.slot(stream).final
    desk.touch_model(stream)
    desk.run()
    assert desk.tracker.pushes == 2


def test_the_issue_of_a_model_that_was_erased_while_the_tracker_was_stopped_says_nothing_either() -> None:
    desk, stream = desk_with_issue(shares_threats=True)
    desk.tracker.fail("project", TrackerRefused("The token has expired.", unauthorized=True), times=MOST)
    desk.poll()
    for _ in range(MOST - 1):
        desk.wait(minutes=2)
    assert desk.stopped == [TR1]
    desk.store.erase_stream(stream)
    desk.run()
    desk.reconnect()
    desk.wait(minutes=1)
    assert "efunds" not in desk.tracker.issues["#1"].issue.text
    assert desk.slot(stream).final


def test_the_owner_is_assigned_where_the_account_is_known_and_once() -> None:
    desk, stream = desk_with_issue()
    assert desk.tracker.shown("#1").assignee == "", "Ben's account is not known"
    desk.do(stream, ReassignMitigation(by=ANA, at=desk.now(), mitigation=MI1, owner=CHI))
    desk.run()
    assert desk.tracker.shown("#1").assignee == "9"
    desk.revise(stream)
    desk.run()
    assert desk.tracker.shown("#1").assignee == "", "whom people have assigned meanwhile stays"
    desk.do(stream, ReassignMitigation(by=ANA, at=desk.now(), mitigation=MI1, owner=DEE))
    desk.run()
    assert desk.tracker.pushes == 3, "a person without an account changes nothing there"


def test_a_mitigation_without_owner_and_date_has_an_issue_without_them() -> None:
    desk = SyncDesk()
    stream = desk.start_model()
    desk.plan(stream, owner=None, due=None)
    desk.run()
    desk.do(stream, RescheduleMitigation(by=ANA, at=desk.now(), mitigation=MI1, due=date(2026, 4, 1)))
    desk.run()
    assert desk.tracker.issues["#1"].issue.due == date(2026, 4, 1)


def test_two_workspaces_on_one_project_have_different_marks() -> None:
    marks = set[tuple[str, ...]]()
    for key in (b"one", b"two"):
        desk, _ = planned_desk(mark_key=key)
        desk.run()
        (stored,) = desk.tracker.issues.values()
        marks.add(stored.issue.marks)
        assert all(len(mark) == 12 for mark in stored.issue.marks)
    assert len(marks) == 2
