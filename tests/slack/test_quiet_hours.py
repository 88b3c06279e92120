"""People are notified of what others did in their own working hours, unless it is urgent."""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.manifest import build_manifest
from bot.store import StreamId
from domain.commands import Undo
from tests.slack.remediation_steps import (
    begin_remediation,
    direct_message,
    execute_commands,
    plan_mitigation,
    threat_page,
)
from tests.slack.reminder_steps import set_workspace_clock
from tests.slack.slack_team import QUICK, SlackTeam, run_bot
from tests.slack.voting_steps import (
    begin_analysis_with,
    direct_messages_of,
    open_round_for,
    person_id,
    run_bot_on_workspace_clock,
)
from tests.waiting import patient_sandbox

MONDAY = datetime(2027, 1, 11, 9, 30, tzinfo=UTC)
"""Ana works, in Lisbon. In New York, where Ben is, it is 04:30; Chi has gone home, in Tokyo."""
MORNING = datetime(2027, 1, 12, 0, 5, tzinfo=UTC)
"""Chi begins to work."""
QUIET = replace(QUICK, quiet_hours=True, file_poll_seconds=0.1)


@pytest.fixture
def team(tmp_path: Path) -> Generator[SlackTeam]:
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db", pace=QUIET) as running:
        set_workspace_clock(running, MONDAY)
        yield running


def test_a_mitigation_given_at_night_is_told_in_the_morning_and_once(team: SlackTeam) -> None:
    begin_remediation(team)
    plan_mitigation(team, owner="chi")
    put_off(team)
    assert not direct_messages_of(team, "chi")
    set_workspace_clock(team, MORNING)
    direct_message(team, "chi", "Ana assigned you the mitigation Ask for a badge (MI-1)")
    team.wait(lambda: not waiting(team))
    assert len(direct_messages_of(team, "chi")) == 1


def test_what_is_marked_urgent_does_not_wait(team: SlackTeam) -> None:
    begin_remediation(team)
    ana = team.person("ana")
    ana.click(threat_page(team, "ana", label="Respond"), "Plan a mitigation")
    team.modal("ana", "Plan a mitigation")
    ana.fill("Mitigation", "Change the locks")
    ana.choose("Owner", "chi")
    ana.choose("Urgent", "Notify immediately, even outside their working hours")
    team.submit("ana")
    direct_message(team, "chi", "Ana assigned you the mitigation Change the locks (MI-1)")


def test_what_was_taken_back_before_the_morning_is_never_told(team: SlackTeam) -> None:
    begin_remediation(team)
    plan_mitigation(team, owner="chi")
    put_off(team)
    execute_commands(team, Undo(by=person_id(team, "ana"), at=team.now()))
    plan_mitigation(team, owner="chi")
    set_workspace_clock(team, MORNING)
    direct_message(team, "chi", "(MI-2)")
    team.wait(lambda: not waiting(team))
    assert len(direct_messages_of(team, "chi")) == 1


def test_what_waits_for_the_morning_survives_a_restart(tmp_path: Path) -> None:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        clock = sandbox.clock.moment
        path = tmp_path / "threatmodel.db"
        with run_bot(path, sandbox=sandbox, clock=clock, pace=QUIET) as team:
            set_workspace_clock(team, MONDAY)
            begin_remediation(team)
            plan_mitigation(team, owner="chi")
            put_off(team)
        with run_bot(path, sandbox=sandbox, clock=clock, pace=QUIET) as back:
            assert not direct_messages_of(back, "chi")
            set_workspace_clock(back, MORNING)
            direct_message(back, "chi", "(MI-1)")
            assert len(direct_messages_of(back, "chi")) == 1


def test_who_works_now_is_told_now(team: SlackTeam) -> None:
    begin_remediation(team)
    plan_mitigation(team, owner="ana", by="ben")
    direct_message(team, "ana", "Ben assigned you the mitigation")


def test_voters_are_invited_when_they_work_or_the_vote_would_be_over_by_then(team: SlackTeam) -> None:
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, "ana", "chi", deadline=MONDAY + timedelta(days=2))
    direct_message(team, "ana", "Vote on 1 threat")
    assert not direct_messages_of(team, "chi"), "both are looked at together"
    set_workspace_clock(team, MORNING)
    direct_message(team, "chi", "Vote on 1 threat")


def test_a_vote_that_ends_before_the_morning_is_told_at_night(team: SlackTeam) -> None:
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, "ana", "chi", deadline=MONDAY + timedelta(hours=12))
    direct_message(team, "chi", "Vote on 1 threat")


def test_why_a_card_is_not_shown_is_told_when_the_facilitator_works_and_once(tmp_path: Path) -> None:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        clock, path = sandbox.clock.moment, tmp_path / "threatmodel.db"
        with run_bot(path, sandbox=sandbox, clock=clock, pace=QUIET) as team:
            set_workspace_clock(team, MONDAY + timedelta(hours=12))
            team.start()
            team.person("ana").close()
            team.card("TM-1")
            sandbox.change_channel("#house", is_archived=True)
            team.wait(lambda: [one.suspension_reason for one in team.unit.cards.all()] == ["is_archived"])
        assert not direct_messages_of(team, "ana"), "it is 21:30 in Lisbon"
        with run_bot(path, sandbox=sandbox, clock=clock, pace=QUIET) as back:
            set_workspace_clock(back, MONDAY + timedelta(days=1))
            direct_message(back, "ana", "I cannot update the card of TM-1")
            set_workspace_clock(back, MONDAY + timedelta(days=1, hours=1))
            back.wait(lambda: [one.notified_reason for one in back.unit.cards.all()] == ["is_archived"])
            assert len(direct_messages_of(back, "ana")) == 1


def put_off(team: SlackTeam) -> None:
    """Wait until the bot has noted that it will tell somebody later."""
    team.wait(lambda: waiting(team))


def waiting(team: SlackTeam) -> set[StreamId]:
    records = team.unit.deliveries.of_kind("handover")
    return {one.stream for one in records if not one.external_id and not one.attempt and not one.final}
