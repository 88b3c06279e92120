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
from tests.slack.slack_team import QUICK, RunningBot, run_bot
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
QUIET = replace(QUICK, quiet_hours=True, look=0.1)


@pytest.fixture
def there(tmp_path: Path) -> Generator[RunningBot]:
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db", pace=QUIET) as running:
        set_workspace_clock(running, MONDAY)
        yield running


def test_a_mitigation_given_at_night_is_told_in_the_morning_and_once(there: RunningBot) -> None:
    begin_remediation(there)
    plan_mitigation(there, owner="chi")
    put_off(there)
    assert not direct_messages_of(there, "chi")
    set_workspace_clock(there, MORNING)
    direct_message(there, "chi", "Ana gave you the mitigation Ask for a badge (MI-1)")
    there.wait(lambda: not waiting(there))
    assert len(direct_messages_of(there, "chi")) == 1


def test_what_is_marked_urgent_does_not_wait(there: RunningBot) -> None:
    begin_remediation(there)
    ana = there.person("ana")
    ana.click(threat_page(there, "ana", label="Respond"), "Plan a mitigation")
    there.modal("ana", "Plan a mitigation")
    ana.fill("What will be done?", "Change the locks")
    ana.choose("Owner", "chi")
    ana.choose("Urgent", "Notify immediately, even outside their working hours")
    there.submit("ana")
    direct_message(there, "chi", "Ana gave you the mitigation Change the locks (MI-1)")


def test_what_was_taken_back_before_the_morning_is_never_told(there: RunningBot) -> None:
    begin_remediation(there)
    plan_mitigation(there, owner="chi")
    put_off(there)
    execute_commands(there, Undo(by=person_id(there, "ana"), at=there.now()))
    plan_mitigation(there, owner="chi")
    set_workspace_clock(there, MORNING)
    direct_message(there, "chi", "(MI-2)")
    there.wait(lambda: not waiting(there))
    assert len(direct_messages_of(there, "chi")) == 1


def test_what_waits_for_the_morning_survives_a_restart(tmp_path: Path) -> None:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        clock = sandbox.clock.moment
        path = tmp_path / "threatmodel.db"
        with run_bot(path, sandbox=sandbox, clock=clock, pace=QUIET) as there:
            set_workspace_clock(there, MONDAY)
            begin_remediation(there)
            plan_mitigation(there, owner="chi")
            put_off(there)
        with run_bot(path, sandbox=sandbox, clock=clock, pace=QUIET) as back:
            assert not direct_messages_of(back, "chi")
            set_workspace_clock(back, MORNING)
            direct_message(back, "chi", "(MI-1)")
            assert len(direct_messages_of(back, "chi")) == 1


def test_who_works_now_is_told_now(there: RunningBot) -> None:
    begin_remediation(there)
    plan_mitigation(there, owner="ana", by="ben")
    direct_message(there, "ana", "Ben gave you the mitigation")


def test_voters_are_invited_when_they_work_or_the_vote_would_be_over_by_then(there: RunningBot) -> None:
    begin_analysis_with(there, "Curtains left open")
    open_round_for(there, "ana", "chi", deadline=MONDAY + timedelta(days=2))
    direct_message(there, "ana", "Please vote on 1 threat")
    assert not direct_messages_of(there, "chi"), "both are looked at together"
    set_workspace_clock(there, MORNING)
    direct_message(there, "chi", "Please vote on 1 threat")


def test_a_vote_that_ends_before_the_morning_is_told_at_night(there: RunningBot) -> None:
    begin_analysis_with(there, "Curtains left open")
    open_round_for(there, "ana", "chi", deadline=MONDAY + timedelta(hours=12))
    direct_message(there, "chi", "Please vote on 1 threat")


def test_why_a_card_is_not_shown_is_told_when_the_facilitator_works_and_once(tmp_path: Path) -> None:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        clock, path = sandbox.clock.moment, tmp_path / "threatmodel.db"
        with run_bot(path, sandbox=sandbox, clock=clock, pace=QUIET) as there:
            set_workspace_clock(there, MONDAY + timedelta(hours=12))
            there.start()
            there.person("ana").close()
            there.card("TM-1")
            sandbox.change_channel("#house", is_archived=True)
            there.wait(lambda: [one.resting for one in there.unit.cards.all()] == ["is_archived"])
        assert not direct_messages_of(there, "ana"), "it is 21:30 in Lisbon"
        with run_bot(path, sandbox=sandbox, clock=clock, pace=QUIET) as back:
            set_workspace_clock(back, MONDAY + timedelta(days=1))
            direct_message(back, "ana", "I cannot show the card of TM-1")
            set_workspace_clock(back, MONDAY + timedelta(days=1, hours=1))
            back.wait(lambda: [one.told for one in back.unit.cards.all()] == ["is_archived"])
            assert len(direct_messages_of(back, "ana")) == 1


def put_off(there: RunningBot) -> None:
    """Wait until the bot has noted that it will tell somebody later."""
    there.wait(lambda: waiting(there))


def waiting(there: RunningBot) -> set[StreamId]:
    records = there.unit.deliveries.of_kind("handover")
    return {one.stream for one in records if not one.external_id and not one.attempt and not one.over}
