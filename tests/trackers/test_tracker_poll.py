"""Polls: what people change in a tracker reaches the models, once, and is not sent back."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from bot.store import StreamId
from bot.trackers.tracker import Account, TrackerBusy, TrackerUnreachable
from domain.commands import (
    DropMitigation,
    ImplementMitigation,
    RescheduleMitigation,
)
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationState
from domain.kernel.tracked_issue import IssueState
from domain.remediation.issue_proposals import IssueProposal, issue_proposal
from domain.tracker_accounts import TrackerAccounts
from tests.examples import ANA, BEN, CHI
from tests.trackers.fake_tracker import When
from tests.trackers.sync_desk import CHIS_ACCOUNT, FRIDAY, MI1, MI2, TR1, Killed, SyncDesk

EARLIER = FRIDAY - timedelta(days=2)


def desk_with_issue() -> tuple[SyncDesk, StreamId]:
    desk = SyncDesk()
    return desk, with_issue(desk)


def with_issue(desk: SyncDesk) -> StreamId:
    """Start a model with a mitigation of Ben that has an issue."""
    stream = desk.start_model()
    desk.plan(stream)
    desk.run()
    desk.poll()
    return stream


def proposal(desk: SyncDesk, stream: StreamId) -> IssueProposal | None:
    return issue_proposal(desk.model(stream), desk.mitigation(stream))


def test_an_issue_closed_as_completed_proposes_that_the_mitigation_is_implemented() -> None:
    desk, stream = desk_with_issue()
    desk.tracker.edit("#1", state=IssueState.COMPLETED, reason="done")
    desk.poll()
    assert desk.issue(stream).state is IssueState.COMPLETED
    assert proposal(desk, stream) is IssueProposal.IMPLEMENTED
    assert desk.mitigation(stream).state is MitigationState.PLANNED, "people decide that"


def test_a_poll_repeated_three_times_records_nothing_and_pushes_nothing() -> None:
    desk, stream = desk_with_issue()
    for number in range(5):
        desk.plan(stream, f"Control {number}")
    desk.run()
    desk.tracker.edit("#1", state=IssueState.CLOSED, reason="not planned")
    desk.tracker.edit("#2", due=EARLIER)
    desk.poll()
    version, pushes = desk.model(stream).version, desk.tracker.pushes
    for _ in range(3):
        desk.wait(minutes=6)
    assert (desk.model(stream).version, desk.tracker.pushes) == (version, pushes)


def test_changes_whose_webhooks_were_lost_arrive_with_the_next_poll() -> None:
    desk, stream = desk_with_issue()
    desk.tracker.edit("#1", state=IssueState.COMPLETED)
    desk.wait(minutes=4)
    assert desk.issue(stream).state is IssueState.OPEN
    desk.wait(minutes=2)
    assert desk.issue(stream).state is IssueState.COMPLETED


def test_each_state_is_recorded_however_often_it_returns() -> None:
    desk, stream = desk_with_issue()
    for _ in range(2):
        for state in (IssueState.COMPLETED, IssueState.OPEN):
            desk.tracker.edit("#1", state=state)
            desk.poll()
            desk.poll()
            assert desk.issue(stream).state is state
    assert len(desk.named(stream, "IssueSeen")) == 4


def test_a_state_recorded_from_an_old_answer_is_corrected_by_the_next_poll() -> None:
    desk, stream = desk_with_issue()
    desk.tracker.edit("#1", state=IssueState.COMPLETED)
    desk.poll()
    old = desk.tracker.issues["#1"].issue
    desk.tracker.edit("#1", state=IssueState.OPEN)
    new = desk.tracker.issues["#1"].issue
    desk.poll()
    for issue in (old, new):  # a slow process answers last with what it read first
        desk.tracker.issues["#1"].issue = issue
        desk.poll()
    assert desk.issue(stream).state is IssueState.OPEN


def test_a_due_date_changed_in_the_tracker_is_taken_over_and_not_sent_back() -> None:
    desk, stream = desk_with_issue()
    desk.tracker.edit("#1", due=EARLIER)
    desk.poll()
    assert desk.mitigation(stream).due == EARLIER
    desk.run()
    assert desk.tracker.pushes == 1

    desk.do(stream, RescheduleMitigation(by=ANA, at=desk.now(), mitigation=MI1, due=FRIDAY))
    desk.run()
    assert desk.tracker.issues["#1"].issue.due == FRIDAY, "also where it is the date that was sent first"
    desk.poll()
    desk.poll()
    assert desk.tracker.pushes == 2


def test_a_later_due_date_is_left_in_the_tracker_while_people_decide() -> None:
    desk, stream = desk_with_issue()
    later = FRIDAY + timedelta(days=90)
    desk.tracker.edit("#1", due=later)
    desk.poll()
    assert proposal(desk, stream) is IssueProposal.DUE
    desk.revise(stream)
    desk.run()
    issue = desk.tracker.issues["#1"].issue
    assert (issue.title, issue.due) == ("Sign all refunds", later)


def test_an_assignee_with_a_known_account_becomes_the_owner_and_is_not_sent_back() -> None:
    desk, stream = desk_with_issue()
    desk.tracker.edit("#1", assignee=Account(id="9", name="Chi Chen"))
    desk.poll()
    assert desk.mitigation(stream).owner == CHI
    desk.run()
    assert desk.tracker.pushes == 1


def test_an_assignee_outside_of_the_channel_becomes_the_owner_after_joining_it() -> None:
    for typed in (False, True):
        desk, stream, owner = outsider_assigned(typed=typed)
        seen = desk.issue(stream).seen
        assert seen is not None
        assert (seen.person, seen.assignee, seen.outside) == (CHI, "Chi Chen", True)
        assert desk.mitigation(stream).owner is owner
        desk.outsiders.clear()
        desk.poll()
        seen = desk.issue(stream).seen
        assert seen is not None
        assert (seen.person, seen.assignee, seen.outside) == (CHI, "", False)
        assert desk.mitigation(stream).owner == CHI


def outsider_assigned(*, typed: bool) -> tuple[SyncDesk, StreamId, PersonId | None]:
    """An issue is assigned to Chi, who is not in the channel: by a person's hand, or as it is linked."""
    desk = SyncDesk()
    desk.outsiders.add(CHI)
    chi = Account(id="9", name="Chi Chen")
    if not typed:
        stream = with_issue(desk)
        desk.tracker.edit("#1", assignee=chi)
        desk.poll()
        return desk, stream, BEN
    desk.tracker.add_by_hand("Sign refunds")
    desk.tracker.edit("#1", assignee=chi)
    stream = desk.start_model()
    desk.plan(stream, owner=None, ticket="#1")
    desk.run()
    return desk, stream, None


def test_the_name_of_an_account_is_shown_until_it_is_confirmed_whose_it_is() -> None:
    desk = SyncDesk()
    stream = with_issue(desk)
    stated = replace(CHIS_ACCOUNT, by=CHI, confirmed=False)
    desk.settings = replace(desk.settings, accounts=TrackerAccounts(known=(stated,)))
    desk.tracker.edit("#1", assignee=Account(id="9", name="Ben Berg"))
    desk.poll()
    seen = desk.issue(stream).seen
    assert seen is not None
    assert (seen.person, seen.assignee, seen.account) == (CHI, "Ben Berg", "9")
    assert desk.mitigation(stream).owner == CHI
    corrected = replace(CHIS_ACCOUNT, person=ANA)
    desk.settings = replace(desk.settings, accounts=TrackerAccounts(known=(corrected,)))
    desk.poll()
    assert desk.mitigation(stream).owner == ANA
    assert set(desk.mitigation(stream).owned_by) == {ANA, BEN, CHI}
    known = len(desk.events(stream))
    desk.poll()
    assert len(desk.events(stream)) == known


def test_an_assignee_without_a_known_account_is_told_and_changes_nothing() -> None:
    desk, stream = desk_with_issue()
    desk.tracker.edit("#1", assignee=Account(id="11", name="Gil from another team"))
    desk.poll()
    seen = desk.issue(stream).seen
    assert seen is not None
    assert (seen.assignee, seen.person) == ("Gil from another team", None)
    assert desk.mitigation(stream).owner == BEN


def test_text_and_titles_that_people_write_in_the_tracker_stay() -> None:
    desk, stream = desk_with_issue()
    desk.tracker.edit("#1", own_text="We use HMAC-SHA256 for this.", title="[Pay] Sign refunds")
    desk.poll()
    assert desk.tracker.pushes == 1
    desk.do(stream, DropMitigation(by=ANA, at=desk.now(), mitigation=MI1, reason="no"))
    desk.run()
    assert "HMAC-SHA256" in desk.tracker.issues["#1"].issue.text


def test_a_deleted_issue_is_not_created_again_unless_a_person_requests_it() -> None:
    desk, stream = desk_with_issue()
    (mark,) = desk.tracker.issues["#1"].issue.marks
    desk.tracker.delete("#1")
    desk.poll()
    assert proposal(desk, stream) is IssueProposal.DELETED
    desk.revise(stream)
    desk.run()
    desk.wait(minutes=6)
    assert not desk.tracker.issues

    desk.request_issue(stream)
    desk.run()
    assert desk.issue(stream).issue.key == "#2"
    assert desk.issue(stream).followed
    assert desk.tracker.issues["#2"].issue.marks != (mark,), "a search finds no issue of before"


def test_an_issue_that_can_be_read_again_is_followed_again() -> None:
    desk, stream = desk_with_issue()
    hidden = desk.tracker.issues.pop("#1")
    desk.poll()
    assert proposal(desk, stream) is IssueProposal.DELETED
    desk.revise(stream)
    desk.run()
    desk.tracker.issues["#1"] = hidden
    desk.poll()
    assert desk.issue(stream).followed
    assert proposal(desk, stream) is None
    desk.run()
    assert desk.tracker.shown("#1").title == "Sign all refunds"
    assert list(desk.tracker.issues) == ["#1"]


def test_an_issue_deleted_before_an_update_is_reported() -> None:
    desk, stream = desk_with_issue()
    desk.tracker.delete("#1")
    desk.revise(stream)
    desk.run()
    assert desk.issue(stream).state is IssueState.DELETED
    assert not desk.tracker.issues


def test_an_unlinked_issue_is_neither_changed_nor_followed() -> None:
    desk, stream = desk_with_issue()
    desk.unlink(stream)
    desk.revise(stream)
    desk.run()
    desk.tracker.edit("#1", state=IssueState.COMPLETED)
    version = desk.model(stream).version
    desk.poll()
    assert (desk.model(stream).version, desk.tracker.pushes) == (version, 2), "it says so, and that is all"
    assert desk.tracker.issues["#1"].issue.title == "Sign refunds"

    desk.request_issue(stream)
    desk.run()
    assert desk.issue(stream).issue.key == "#2"


def test_issues_of_others_and_of_models_that_are_gone_are_passed_over() -> None:
    desk, stream = desk_with_issue()
    desk.tracker.create("0123456789ab", desk.tracker.shown("#1"))
    desk.tracker.edit("#2", state=IssueState.COMPLETED)
    other = desk.start_model()
    desk.plan(other)
    desk.run()
    desk.store.erase_stream(other)
    desk.tracker.edit("#3", state=IssueState.COMPLETED)
    desk.tracker.edit("#1", state=IssueState.COMPLETED)
    desk.poll()
    assert desk.issue(stream).state is IssueState.COMPLETED


def test_a_project_that_became_public_gets_nothing_more() -> None:
    desk, stream = desk_with_issue()
    desk.tracker.public = True
    desk.poll()
    assert desk.stopped == [TR1]
    assert desk.connection.stopped
    desk.plan(stream, "Limit refunds")
    desk.run()
    desk.wait(minutes=30)
    assert list(desk.tracker.issues) == ["#1"]


def test_a_project_that_became_public_before_the_next_poll_gets_nothing_either() -> None:
    for has_issue in (False, True):
        desk = SyncDesk()
        stream = desk.start_model()
        if has_issue:
            desk.plan(stream)
            desk.run()
        desk.wait(minutes=4)
        desk.tracker.public = True
        pushes = desk.tracker.pushes
        if has_issue:
            desk.revise(stream)
        desk.plan(stream, "Limit refunds")
        desk.run()
        assert desk.tracker.pushes == pushes, has_issue
        assert desk.stopped == [TR1], has_issue


def test_a_project_that_is_not_shown_is_asked_for_again_before_anything_is_sent() -> None:
    desk = SyncDesk(search_delay=600)
    stream = desk.start_model()
    desk.wait(minutes=4)
    desk.tracker.fail("project", TrackerUnreachable("no answer"))
    desk.plan(stream)
    desk.run()
    assert desk.tracker.pushes == 0
    desk.wait(seconds=30)
    assert list(desk.tracker.issues) == ["#1"]
    assert "find" not in desk.tracker.calls, "it is known that none was created"


def test_a_disconnected_tracker_is_neither_polled_nor_changed_and_links_stay() -> None:
    desk, stream = desk_with_issue()
    calls = len(desk.tracker.calls)
    desk.disconnect()
    desk.plan(stream, "Limit refunds")
    desk.revise(stream)
    desk.run()
    desk.poll()
    desk.wait(minutes=30)
    assert len(desk.tracker.calls) == calls
    assert desk.issue(stream).issue.key == "#1"


def test_a_change_in_the_future_does_not_hide_later_ones() -> None:
    desk, stream = desk_with_issue()
    for number in range(25):
        desk.plan(stream, f"Control {number}")
    desk.run()
    stored = desk.tracker.issues["#1"]
    stored.issue = replace(stored.issue, updated=desk.now() + timedelta(days=400))
    desk.poll()
    assert desk.connection.polled_until == desk.now()
    for key in desk.tracker.issues:
        if key != "#1":
            desk.tracker.edit(key, state=IssueState.COMPLETED)
    desk.poll()
    assert desk.tracker.calls.count("read") == 0
    assert len(desk.named(stream, "IssueSeen")) == 25


def test_a_poll_goes_on_where_the_last_one_ended() -> None:
    desk, stream = desk_with_issue()
    for number in range(7):
        desk.plan(stream, f"Control {number}")
    desk.run()
    desk.wait(minutes=60)
    desk.tracker.edit("#8", state=IssueState.COMPLETED)
    desk.poll()
    before = desk.tracker.calls.count("changed")
    desk.poll()
    assert desk.tracker.calls.count("changed") - before == 1, "one page: only the last change is read again"
    assert desk.connection.polled_until == desk.tracker.issues["#8"].issue.updated


def test_a_poll_that_fails_between_pages_is_repeated_from_its_beginning() -> None:
    desk, stream = desk_with_issue()
    for number in range(7):
        desk.plan(stream, f"Control {number}")
    desk.run()
    for key in desk.tracker.issues:
        desk.tracker.edit(key, state=IssueState.COMPLETED)
    asked = iter((None, TrackerBusy("slow down", wait=60.0), TrackerUnreachable("no answer"), None))

    def sometimes() -> None:
        fault = next(asked, None)
        if fault is not None:
            raise fault

    desk.tracker.on("changed", When.BEFORE, sometimes, times=4)
    desk.poll()
    for _ in range(3):
        desk.wait(seconds=70)
    states = {issue.state for issue in desk.model(stream).issues.values()}
    assert states == {IssueState.COMPLETED}
    assert len(desk.named(stream, "IssueSeen")) == 8


def test_a_poll_that_is_killed_is_repeated_by_the_next_process() -> None:
    desk, stream = desk_with_issue()
    desk.plan(stream, "Limit refunds")
    desk.run()
    for key in desk.tracker.issues:
        desk.tracker.edit(key, state=IssueState.COMPLETED)
    with desk.killing_commands(after=True), pytest.raises(Killed):
        desk.poll()
    desk.restart()
    desk.run()
    assert [desk.issue(stream, one).state for one in (MI1, MI2)] == [IssueState.COMPLETED] * 2
    assert len(desk.named(stream, "IssueSeen")) == 2


def test_an_implemented_mitigation_whose_issue_is_reopened_is_in_progress_again() -> None:
    desk, stream = desk_with_issue()
    desk.tracker.edit("#1", state=IssueState.COMPLETED)
    desk.poll()
    desk.do(stream, ImplementMitigation(by=BEN, at=desk.now(), mitigation=MI1, evidence="PR 12"))
    desk.run()
    desk.tracker.edit("#1", state=IssueState.OPEN)
    desk.poll()
    assert desk.mitigation(stream).state is MitigationState.STARTED
    desk.run()
    assert desk.tracker.shown("#1").lines == ()


def test_nothing_is_polled_where_no_mitigation_has_an_issue() -> None:
    desk = SyncDesk()
    desk.process.start()
    desk.run()
    desk.wait(minutes=30)
    assert desk.tracker.calls == []
