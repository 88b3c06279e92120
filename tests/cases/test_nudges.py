"""Cases 4, 6, 7, 8 and 22: people are reminded once, when they work, of what is still to be done."""

from collections.abc import Generator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.manifest import build_manifest
from bot.slack.directory.member_directory import Directory
from domain.commands import ImplementMitigation
from domain.nudge_deliveries import DeliveryState, SkipReason
from tests.slack.remediation_steps import TH1, begin_remediation
from tests.slack.reminder_steps import (
    last_reminder,
    nudge_deliveries,
    plan_mitigations,
    propose_acceptance,
    reminders,
    set_workspace_clock,
    workspace_time,
)
from tests.slack.slack_team import RunningBot, run_bot
from tests.slack.voting_steps import person_id, run_bot_on_workspace_clock
from tests.waiting import patient_sandbox

MONDAY = datetime(2027, 1, 11, 14, 30, tzinfo=UTC)
"""Ben has worked for half an hour by then, Ana since the morning."""
DAY = timedelta(days=1)


@pytest.fixture
def there(tmp_path: Path) -> Generator[RunningBot]:
    """A bot that lives by the clock of its workspace."""
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as running:
        set_workspace_clock(running, MONDAY)
        yield running


def test_after_a_time_away_what_was_due_comes_once_in_one_message_and_says_that_it_is_late(
    tmp_path: Path,
) -> None:
    path = tmp_path / "threatmodel.db"
    with patient_sandbox(manifest=build_manifest("socket"), delivery="socket") as sandbox:
        with run_bot(path, sandbox=sandbox, clock=sandbox.clock.moment) as there:
            set_workspace_clock(there, MONDAY)
            plan_mitigations(there, "ben", "Close the curtains", "Lock the back door", days=9)
        sandbox.clock.move(10 * DAY.total_seconds())
        with run_bot(path, sandbox=sandbox, clock=sandbox.clock.moment) as there:
            seen = last_reminder(there, "ben", "2 reminders for you", "Overdue: Close the curtains")
            assert "Some of it comes late, up to 1 day" in seen.plain
            there.wait(lambda: len(nudge_deliveries(there)) == 6 and not there.nudges.attempts())
            states = sorted(one.state for one in nudge_deliveries(there))
            assert states == [DeliveryState.SENT] * 2 + [DeliveryState.SKIPPED] * 4, "of each the last one"
            assert len(reminders(there, "ben")) == 1


def test_who_moved_before_it_was_sent_is_reminded_when_they_work_where_they_are_now(
    there: RunningBot,
) -> None:
    plan_mitigations(there, "ben", days=8)
    there.sandbox.change_person("ben", tz="Asia/Tokyo")
    known = Directory(there.unit)
    there.wait(lambda: (ben := known.person(person_id(there, "ben"))) and ben.zone == "Asia/Tokyo")
    set_workspace_clock(
        there, datetime(2027, 1, 12, 0, 10, tzinfo=UTC)
    )  # 9:10 in Tokyo, in New York the evening before
    assert "late" not in last_reminder(there, "ben", "Due soon: Close the curtains").plain
    days_on(there, 0.7)
    assert len(reminders(there, "ben")) == 1


def test_outside_working_hours_it_is_held_back_until_the_next_morning_and_says_why(there: RunningBot) -> None:
    plan_mitigations(there, "ben", days=7)  # a Monday
    set_workspace_clock(
        there, datetime(2027, 1, 16, 15, 0, tzinfo=UTC)
    )  # a Saturday; the day before is a Sunday
    days_on(there)
    there.wait(lambda: any(one.state is DeliveryState.HELD_BACK for one in nudge_deliveries(there)))
    held = next(one for one in nudge_deliveries(there) if one.state is DeliveryState.HELD_BACK)
    assert held.reason == SkipReason.QUIET_HOURS
    assert held.until == datetime(2027, 1, 18, 14, 0, tzinfo=UTC)
    set_workspace_clock(there, datetime(2027, 1, 18, 14, 1, tzinfo=UTC))
    seen = last_reminder(there, "ben", "Due today: Close the curtains")
    assert len(reminders(there, "ben")) == 1, "that of the day before came too late to be of use"
    assert "late" not in seen.plain


def test_what_falls_on_a_holiday_comes_on_the_day_after(tmp_path: Path) -> None:
    with (
        patient_sandbox(manifest=build_manifest("socket"), delivery="socket") as sandbox,
        run_bot(
            tmp_path / "threatmodel.db",
            sandbox=sandbox,
            clock=sandbox.clock.moment,
            holidays=frozenset({date(2027, 1, 12)}),
        ) as there,
    ):
        set_workspace_clock(there, MONDAY)
        plan_mitigations(there, "ben", days=8)
        days_on(there)
        there.wait(lambda: [one.state for one in nudge_deliveries(there)] == [DeliveryState.HELD_BACK])
        days_on(there)
        assert "late" not in last_reminder(there, "ben", "Due soon: Close the curtains").plain


def test_what_is_done_between_the_tick_and_the_send_is_not_sent_and_says_why(there: RunningBot) -> None:
    (one,) = plan_mitigations(there, "ben", days=8)
    with there.sandbox.faults.holding():
        days_on(there)
        there.wait(there.nudges.attempts)
        done = ImplementMitigation(
            by=person_id(there, "ben"), at=workspace_time(there), mitigation=one, evidence="See there"
        )
        there.command_handler.execute(done, stream=there.streams[0], key=there.key())
    there.wait(lambda: not there.nudges.attempts())
    (left,) = [one for one in nudge_deliveries(there) if one.to == person_id(there, "ben")]
    assert (left.state, left.reason) == (DeliveryState.SKIPPED, SkipReason.NOT_DUE)
    assert not reminders(there, "ben")


def test_an_owner_who_left_is_not_reminded_and_the_facilitator_is_asked_once_to_reassign(
    there: RunningBot,
) -> None:
    plan_mitigations(there, "ben", days=8)
    there.deactivate("ben")
    days_on(there)
    seen = last_reminder(there, "ana", "Its owner is not here any more: Close the curtains (MI-1)")
    days_on(there, 3)
    there.person("ana").click(seen, "Reassign")
    there.modal("ana", "Reassign")
    there.person("ana").choose("Who sees to it?", "Chi")
    there.submit("ana")
    last_reminder(there, "ana", "Chi sees to it now.")
    assert len(reminders(there, "ana")) == 1
    assert not reminders(there, "ben")


def test_an_approver_who_left_is_not_reminded_and_the_facilitator_is_asked_once_to_see_to_it(
    there: RunningBot,
) -> None:
    begin_remediation(there)
    propose_acceptance(there, "ben", "chi", TH1)
    there.deactivate("chi")
    days_on(there)
    seen = last_reminder(there, "ana", "Whoever was to approve it is not here any more", "Chi was asked")
    days_on(there, 3)
    there.person("ana").click(seen, "Approve")
    last_reminder(there, "ana", "✓ You approved it")
    assert len(reminders(there, "ana")) == 1
    assert not reminders(there, "chi")


def days_on(there: RunningBot, days: float = 1) -> None:
    there.sandbox.clock.move(days * DAY.total_seconds())
