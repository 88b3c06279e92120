"""Cases 4, 6, 7, 8 and 22: people are reminded once, when they work, of what is still to be done."""

from collections.abc import Generator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.manifest import build_manifest
from bot.slack.directory.member_directory import Directory
from domain.commands import ImplementMitigation
from domain.reminder_deliveries import DeliveryState, SkipReason
from tests.slack.remediation_steps import TH1, begin_remediation
from tests.slack.reminder_steps import (
    last_reminder,
    plan_mitigations,
    propose_acceptance,
    reminder_deliveries,
    reminders,
    set_workspace_clock,
    workspace_time,
)
from tests.slack.slack_team import SlackTeam, run_bot
from tests.slack.voting_steps import person_id, run_bot_on_workspace_clock
from tests.waiting import patient_sandbox

MONDAY = datetime(2027, 1, 11, 14, 30, tzinfo=UTC)
"""Ben has worked for half an hour by then, Ana since the morning."""
DAY = timedelta(days=1)


@pytest.fixture
def team(tmp_path: Path) -> Generator[SlackTeam]:
    """A bot that lives by the clock of its workspace."""
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as running:
        set_workspace_clock(running, MONDAY)
        yield running


def test_after_a_time_away_what_was_due_comes_once_in_one_message_and_says_that_it_is_late(
    tmp_path: Path,
) -> None:
    path = tmp_path / "threatmodel.db"
    with patient_sandbox(manifest=build_manifest("socket"), delivery="socket") as sandbox:
        with run_bot(path, sandbox=sandbox, clock=sandbox.clock.moment) as team:
            set_workspace_clock(team, MONDAY)
            plan_mitigations(team, "ben", "Close the curtains", "Lock the back door", days=9)
        sandbox.clock.move(10 * DAY.total_seconds())
        with run_bot(path, sandbox=sandbox, clock=sandbox.clock.moment) as team:
            seen = last_reminder(team, "ben", "2 reminders for you", "Overdue: Close the curtains")
            assert "Some are sent up to 1 day late" in seen.plain
            team.wait(lambda: len(reminder_deliveries(team)) == 6 and not team.reminders.attempts())
            states = sorted(delivery.state for delivery in reminder_deliveries(team))
            assert states == [DeliveryState.SENT] * 2 + [DeliveryState.SKIPPED] * 4, "of each the last one"
            assert len(reminders(team, "ben")) == 1


def test_who_moved_before_it_was_sent_is_reminded_when_they_work_where_they_are_now(
    team: SlackTeam,
) -> None:
    plan_mitigations(team, "ben", days=8)
    team.sandbox.change_person("ben", tz="Asia/Tokyo")
    known = Directory(team.unit)
    team.wait(lambda: (ben := known.person(person_id(team, "ben"))) and ben.zone == "Asia/Tokyo")
    set_workspace_clock(
        team, datetime(2027, 1, 12, 0, 10, tzinfo=UTC)
    )  # 9:10 in Tokyo, in New York the evening before
    assert "late" not in last_reminder(team, "ben", "Due soon: Close the curtains").plain
    days_on(team, 0.7)
    assert len(reminders(team, "ben")) == 1


def test_outside_working_hours_it_is_held_back_until_the_next_morning_and_says_why(team: SlackTeam) -> None:
    plan_mitigations(team, "ben", days=7)  # a Monday
    set_workspace_clock(
        team, datetime(2027, 1, 16, 15, 0, tzinfo=UTC)
    )  # a Saturday; the day before is a Sunday
    days_on(team)
    team.wait(
        lambda: any(delivery.state is DeliveryState.HELD_BACK for delivery in reminder_deliveries(team))
    )
    held = next(
        delivery for delivery in reminder_deliveries(team) if delivery.state is DeliveryState.HELD_BACK
    )
    assert held.reason == SkipReason.QUIET_HOURS
    assert held.until == datetime(2027, 1, 18, 14, 0, tzinfo=UTC)
    set_workspace_clock(team, datetime(2027, 1, 18, 14, 1, tzinfo=UTC))
    seen = last_reminder(team, "ben", "Due today: Close the curtains")
    assert len(reminders(team, "ben")) == 1, "that of the day before came too late to be of use"
    assert "late" not in seen.plain


def test_what_falls_on_a_holiday_comes_on_the_day_after(tmp_path: Path) -> None:
    with (
        patient_sandbox(manifest=build_manifest("socket"), delivery="socket") as sandbox,
        run_bot(
            tmp_path / "threatmodel.db",
            sandbox=sandbox,
            clock=sandbox.clock.moment,
            holidays=frozenset({date(2027, 1, 12)}),
        ) as team,
    ):
        set_workspace_clock(team, MONDAY)
        plan_mitigations(team, "ben", days=8)
        days_on(team)
        team.wait(lambda: [one.state for one in reminder_deliveries(team)] == [DeliveryState.HELD_BACK])
        days_on(team)
        assert "late" not in last_reminder(team, "ben", "Due soon: Close the curtains").plain


def test_what_is_done_between_the_tick_and_the_send_is_not_sent_and_says_why(team: SlackTeam) -> None:
    (one,) = plan_mitigations(team, "ben", days=8)
    with team.sandbox.faults.holding():
        days_on(team)
        team.wait(team.reminders.attempts)
        done = ImplementMitigation(
            by=person_id(team, "ben"), at=workspace_time(team), mitigation=one, evidence="See there"
        )
        team.command_handler.execute(done, stream=team.streams[0], key=team.key())
    team.wait(lambda: not team.reminders.attempts())
    (left,) = [delivery for delivery in reminder_deliveries(team) if delivery.to == person_id(team, "ben")]
    assert (left.state, left.reason) == (DeliveryState.SKIPPED, SkipReason.NOT_DUE)
    assert not reminders(team, "ben")


def test_an_owner_who_left_is_not_reminded_and_the_facilitator_is_asked_once_to_reassign(
    team: SlackTeam,
) -> None:
    plan_mitigations(team, "ben", days=8)
    team.deactivate("ben")
    days_on(team)
    seen = last_reminder(team, "ana", "Owner no longer available: Close the curtains (MI-1)")
    days_on(team, 3)
    team.person("ana").click(seen, "Reassign")
    team.modal("ana", "Reassign")
    team.person("ana").choose("New owner", "Chi")
    team.submit("ana")
    last_reminder(team, "ana", "The owner is now Chi.")
    assert len(reminders(team, "ana")) == 1
    assert not reminders(team, "ben")


def test_an_approver_who_left_is_not_reminded_and_the_facilitator_is_asked_once_to_see_to_it(
    team: SlackTeam,
) -> None:
    begin_remediation(team)
    propose_acceptance(team, "ben", "chi", TH1)
    team.deactivate("chi")
    days_on(team)
    seen = last_reminder(team, "ana", "Approver no longer available", "approver: Chi")
    days_on(team, 3)
    team.person("ana").click(seen, "Approve")
    last_reminder(team, "ana", "✓ Approved by you")
    assert len(reminders(team, "ana")) == 1
    assert not reminders(team, "chi")


def days_on(team: SlackTeam, days: float = 1) -> None:
    team.sandbox.clock.move(days * DAY.total_seconds())
