"""Issues that people name in the ticket field: they are linked, followed, and stay theirs."""

from datetime import date

from bot.store import StreamId
from bot.trackers.tracker import Account
from domain.kernel.tracked_issue import IssueState
from tests.trackers.sync_desk import SyncDesk, desk_with_issue


def desk_with_named_issue(ticket: str = "#1") -> tuple[SyncDesk, StreamId]:
    desk = SyncDesk()
    stream = desk.start_model()
    desk.tracker.add_by_hand("Refund hardening")
    desk.plan(stream, ticket=ticket)
    desk.run()
    return desk, stream


def test_a_key_or_an_address_of_the_project_becomes_a_link() -> None:
    for ticket in ("#1", "https://tracker.example/issues/1"):
        desk, stream = desk_with_named_issue(ticket)
        tracked = desk.issue(stream)
        assert (tracked.issue.key, tracked.typed) == ("#1", True), ticket
        assert list(desk.tracker.issues) == ["#1"], ticket
        assert desk.named(stream, "IssueLinked") == ["IssueLinked"], ticket


def test_the_title_the_date_and_the_assignee_of_a_named_issue_stay() -> None:
    desk = SyncDesk()
    stream = desk.start_model()
    desk.tracker.add_by_hand("Refund hardening")
    desk.tracker.edit("#1", due=date(2026, 9, 1), assignee=Account(id="7", name="Ana Alves"))
    desk.plan(stream, ticket="#1")
    desk.run()
    issue = desk.tracker.issues["#1"].issue
    assert (issue.title, issue.due) == ("Refund hardening", date(2026, 9, 1))
    assert issue.assignee is not None
    assert "https://bot.example/m/TM-1" in issue.text
    pushes = desk.tracker.pushes
    desk.poll()
    desk.wait(minutes=6)
    assert desk.tracker.pushes == pushes


def test_a_named_issue_keeps_its_title_when_the_model_is_erased() -> None:
    desk, stream = desk_with_named_issue()
    desk.store.erase_stream(stream)
    desk.touch_model(stream)
    desk.run()
    issue = desk.tracker.issues["#1"].issue
    assert issue.title == "Refund hardening"
    assert "https://bot.example" not in issue.text


def test_the_state_of_a_named_issue_is_followed() -> None:
    desk, stream = desk_with_named_issue()
    desk.tracker.edit("#1", state=IssueState.COMPLETED)
    desk.poll()
    assert desk.issue(stream).state is IssueState.COMPLETED


def test_a_named_issue_that_does_not_exist_stays_a_ticket_and_none_is_created() -> None:
    desk, stream = desk_with_named_issue("#12")
    desk.wait(minutes=30)
    assert not desk.model(stream).issues
    assert list(desk.tracker.issues) == ["#1"]

    desk.name_issue(stream, "#1")
    desk.run()
    assert desk.issue(stream).issue.key == "#1"


def test_naming_another_issue_changes_the_link() -> None:
    desk, stream = desk_with_issue()
    desk.tracker.add_by_hand("Refund hardening")
    desk.name_issue(stream, "#2")
    desk.run()
    tracked = desk.issue(stream)
    assert (tracked.issue.key, tracked.typed, tracked.linked) == ("#2", True, True)
    desk.tracker.edit("#2", state=IssueState.COMPLETED)
    desk.tracker.edit("#1", state=IssueState.CLOSED)
    desk.poll()
    assert desk.issue(stream).state is IssueState.COMPLETED


def test_an_issue_that_a_person_named_can_be_unlinked_and_named_again() -> None:
    desk, stream = desk_with_named_issue()
    for ticket in ("", "#1"):
        desk.name_issue(stream, ticket)
        desk.run()
        assert desk.issue(stream).linked == bool(ticket)
        assert desk.tracker.shown("#1").ended == (not ticket)
    assert list(desk.tracker.issues) == ["#1"]


def test_two_mitigations_may_name_one_issue() -> None:
    desk, stream = desk_with_named_issue()
    desk.plan(stream, "Limit refunds", ticket="#1")
    desk.run()
    desk.tracker.edit("#1", state=IssueState.COMPLETED)
    desk.poll()
    states = [issue.state for issue in desk.model(stream).issues.values()]
    assert states == [IssueState.COMPLETED] * 2
