"""Cases 6 and 22: people who moved before they are reminded, and people who left."""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.slack.directory.member_directory import Directory
from tests.slack.remediation_steps import TH1, begin_remediation
from tests.slack.reminder_steps import (
    last_reminder,
    plan_mitigations,
    propose_acceptance,
    reminders,
    set_workspace_clock,
)
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import person_id, run_bot_on_workspace_clock

MONDAY = datetime(2027, 1, 11, 14, 30, tzinfo=UTC)
"""Ben has worked for half an hour by then, Ana since the morning."""
DAY = timedelta(days=1)


@pytest.fixture
def team(tmp_path: Path) -> Generator[SlackTeam]:
    """A bot that lives by the clock of its workspace."""
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as running:
        set_workspace_clock(running, MONDAY)
        yield running


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
