"""What one command gives to one person is told in one message, which stays true line by line."""

from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.manifest import build_manifest
from bot.sandbox.api import VisibleMessage
from bot.slack.projectors.direct_messages import direct_slot
from bot.slack.projectors.handovers import versions_of
from bot.slack.screens.handover_details import handovers_after
from bot.store.records import StreamState
from bot.store.repositories.deliveries import DeliveryRecord
from domain.commands import (
    DropMitigation,
    ImplementMitigation,
    PlanSuggestedMitigations,
    ProposeAcceptance,
    ReassignMitigation,
    RescheduleMitigation,
    ReviseMitigation,
    Undo,
)
from domain.kernel.due_dates import short_day
from domain.kernel.elements import ChannelId
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ThreatId
from tests.slack.remediation_steps import ACCEPTABLE, FAR, begin_remediation, direct_message, execute_commands
from tests.slack.reminder_steps import set_workspace_clock
from tests.slack.slack_team import SlackTeam, run_bot
from tests.slack.test_people_checks import SOON
from tests.slack.test_quiet_hours import MONDAY, MORNING, QUIET, waiting
from tests.slack.test_responding import THREE, respond_to
from tests.slack.voting_steps import direct_messages_of, person_id, run_bot_on_workspace_clock
from tests.waiting import patient_sandbox

MI1, MI2, MI3 = (MitigationId(f"MI-{number}") for number in (1, 2, 3))
EVERY = tuple(ThreatId(f"TH-{number}") for number in (1, 2, 3))
ASSIGNED = "Ben assigned you 3 mitigations in The House (TM-1)."


def plan_all(team: SlackTeam, owner: str = "chi", *threats: ThreatId, urgent: bool = False) -> None:
    """Plan the suggested control of each threat for one owner."""
    plan = PlanSuggestedMitigations(
        by=person_id(team, "ben"),
        at=team.now(),
        threats=threats or EVERY,
        owner=person_id(team, owner),
        due=FAR,
        urgent=urgent,
    )
    execute_commands(team, plan)


def propose_all(team: SlackTeam, approver: str = "chi") -> None:
    """Propose to accept every risk."""
    first, *also = EVERY
    proposal = ProposeAcceptance(
        by=person_id(team, "ben"),
        at=team.now(),
        threat=first,
        also=tuple(also),
        expires=ACCEPTABLE,
        reason="We move out",
        approver=person_id(team, approver),
    )
    execute_commands(team, proposal)


def lines(shown: VisibleMessage) -> list[str]:
    return [line for line in shown.plain.split("\n") if line.startswith("•")]


def labels(shown: VisibleMessage) -> list[str]:
    return [button.label for button in shown.buttons]


def records(team: SlackTeam) -> list[DeliveryRecord]:
    return team.unit.deliveries.of_model(team.streams[0], "handover")


def test_several_mitigations_of_one_command_are_one_message(team: SlackTeam) -> None:
    begin_remediation(team, *THREE)
    respond_to(team, "ben")
    team.modal("ben", "Mitigate 3 threats")
    team.person("ben").choose("Owner", "chi")
    team.submit("ben")
    due = short_day(team.now().date() + timedelta(days=14))
    told = direct_message(team, "chi", f"{ASSIGNED} All are due {due}.")
    assert (
        lines(told)[0]
        == f"• Verify identity before granting access: A plumber who is none (MI-1) · due {due} · TH-1"
    )
    assert len(lines(told)) == 3
    assert labels(told) == ["Open plan"]
    assert len(direct_messages_of(team, "chi")) == 1
    chi = team.person("chi")
    chi.click(told, "Open plan")
    assert "Chi, due" in team.modal("chi", "Plan").plain


def test_assignments_of_two_commands_are_two_messages_and_of_a_single_one_as_ever(team: SlackTeam) -> None:
    begin_remediation(team, *THREE)
    plan_all(team, "chi", *EVERY[:2])
    plan_all(team, "chi", EVERY[2])
    direct_message(team, "chi", "Ben assigned you 2 mitigations in The House (TM-1).")
    told = direct_message(
        team, "chi", "Ben assigned you the mitigation Verify identity before granting access: Glue"
    )
    assert labels(told) == ["Start", "Mark as implemented…", "Reassign…", "Open"]
    assert len(direct_messages_of(team, "chi")) == 2


def test_each_line_shows_what_became_of_its_mitigation(team: SlackTeam) -> None:
    begin_remediation(team, *THREE)
    plan_all(team)
    sent = direct_message(team, "chi", ASSIGNED)
    ben, chi, dee, at = (*(person_id(team, one) for one in ("ben", "chi", "dee")), team.now())
    execute_commands(
        team,
        ReviseMitigation(by=ben, at=at, mitigation=MI1, title="Ask for a badge"),
        RescheduleMitigation(by=ben, at=at, mitigation=MI1, due=FAR + timedelta(days=1)),
        ReassignMitigation(by=ben, at=at, mitigation=MI2, owner=dee),
        DropMitigation(by=ben, at=at, mitigation=MI3, reason="Too dear"),
    )
    now = direct_message(team, "chi", f"1 is left. It is due {short_day(FAR + timedelta(days=1))}.")
    assert now.ts == sent.ts
    assert lines(now)[0].startswith("• Ask for a badge (MI-1) · due")
    assert lines(now)[1].endswith("(MI-2) ✓ The owner is now Dee.")
    assert lines(now)[2].endswith("(MI-3) ✓ Dropped: “Too dear”")
    execute_commands(team, ImplementMitigation(by=chi, at=at, mitigation=MI1, evidence="A sign"))
    over = direct_message(team, "chi", "✓ Nothing remains open.")
    assert (over.ts, labels(over)) == (sent.ts, [])
    assert "(MI-1) ✓ Implemented by Chi. Someone else must verify it." in over.plain


def test_several_requests_for_approval_are_one_message_and_so_are_the_answers(team: SlackTeam) -> None:
    begin_remediation(team, *THREE)
    propose_all(team)
    until = short_day(ACCEPTABLE)
    asked = direct_message(
        team,
        "chi",
        f"Ben requests your approval: accept the risk of 3 threats in The House (TM-1) until {until}.",
    )
    assert "“We move out”" in asked.plain
    assert lines(asked) == [f"• {title} (TH-{number})" for number, title in enumerate(THREE, start=1)]
    chi = team.person("chi")
    chi.click(asked, "Approve several risks…")
    team.modal("chi", "Approve several risks")
    chi.choose(
        "Risks to accept", *(f"TH-{number} {title}" for number, title in enumerate(THREE[:2], start=1))
    )
    team.submit("chi")
    left = direct_message(team, "chi", "1 is left.")
    assert (left.ts, len(lines(left))) == (asked.ts, 3)
    assert lines(left)[1].endswith(f"(TH-1) ✓ Approved by you until {until}.")
    answer = direct_message(team, "ben", "Chi approved your proposals to accept 2 risks in The House (TM-1).")
    assert lines(answer) == [
        f"• {title} (TH-{number}) · until {until}" for number, title in enumerate(THREE[:2], start=1)
    ]
    assert len(direct_messages_of(team, "chi")) == len(direct_messages_of(team, "ben")) == 1


def test_what_was_undone_says_so_once(team: SlackTeam) -> None:
    begin_remediation(team, *THREE)
    plan_all(team)
    sent = direct_message(team, "chi", ASSIGNED)
    execute_commands(team, Undo(by=person_id(team, "ben"), at=team.now()))
    over = direct_message(team, "chi", "✓ Undone.")
    assert (over.ts, labels(over), lines(over)) == (sent.ts, [], [])


def test_who_left_the_channel_is_not_told_of_several_either(team: SlackTeam) -> None:
    begin_remediation(team, *THREE)
    team.person("chi").leave("#house")
    chi = person_id(team, "chi")
    team.wait(lambda: not team.knows(chi, ChannelId(team.model().channel)))
    plan_all(team)
    plan_all(team, "dee")
    direct_message(team, "dee", ASSIGNED)
    assert not direct_messages_of(team, "chi")


@pytest.fixture
def night(tmp_path: Path) -> Generator[SlackTeam]:
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db", pace=QUIET) as running:
        set_workspace_clock(running, MONDAY)
        yield running


def test_several_given_at_night_are_told_in_the_morning_unless_they_are_urgent(night: SlackTeam) -> None:
    begin_remediation(night, *THREE)
    plan_all(night)
    night.wait(lambda: waiting(night))
    plan_all(night, "chi", *EVERY[:2], urgent=True)
    direct_message(night, "chi", "Ben assigned you 2 mitigations")
    assert len(direct_messages_of(night, "chi")) == 1
    set_workspace_clock(night, MORNING)
    direct_message(night, "chi", ASSIGNED)
    assert len(direct_messages_of(night, "chi")) == 2


def test_several_that_were_undone_before_the_morning_are_never_told(night: SlackTeam) -> None:
    begin_remediation(night, *THREE)
    plan_all(night)
    night.wait(lambda: waiting(night))
    execute_commands(night, Undo(by=person_id(night, "ben"), at=night.now()))
    plan_all(night, "chi", *EVERY[:2])
    set_workspace_clock(night, MORNING)
    direct_message(night, "chi", "Ben assigned you 2 mitigations")
    night.wait(lambda: not waiting(night))
    assert len(direct_messages_of(night, "chi")) == 1


def test_one_message_that_was_sent_and_not_recorded_is_found_again(tmp_path: Path) -> None:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        with run_bot(tmp_path / "threatmodel.db", sandbox=sandbox) as team:
            begin_remediation(team, *THREE)
            plan_all(team)
            sent = direct_message(team, "chi", ASSIGNED)
            team.wait(lambda: [record.external_id for record in records(team)] == [sent.ts])
            team.bot.stop()
            (one,) = records(team)
            team.unit.deliveries.put(replace(one, external_id="", shown="", attempt="a1"))
            drop = DropMitigation(by=person_id(team, "ben"), at=team.now(), mitigation=MI3, reason="No")
            execute_commands(team, drop)
        with run_bot(tmp_path / "threatmodel.db", sandbox=sandbox, pace=SOON) as back:
            assert direct_message(back, "chi", "✓ Dropped: “No”").ts == sent.ts
            assert len(direct_messages_of(back, "chi")) == 1


def test_what_was_erased_goes_from_the_message_about_several(team: SlackTeam) -> None:
    begin_remediation(team, *THREE)
    plan_all(team)
    sent = direct_message(team, "chi", ASSIGNED)
    (one,) = records(team)
    team.store.erase(team.streams[0], versions_of(one)[:1])
    partly = direct_message(team, "chi", "Ben assigned you 2 mitigations")
    assert (partly.ts, "(MI-1)" in partly.plain) == (sent.ts, False)
    team.store.erase_stream(team.streams[0])
    assert direct_message(team, "chi", "Its subject was erased.").ts == sent.ts


def test_messages_of_an_earlier_release_stay_apart_and_each_is_sent_once(tmp_path: Path) -> None:
    path = tmp_path / "threatmodel.db"
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        with run_bot(path, sandbox=sandbox) as team:
            begin_remediation(team, *THREE)
            team.bot.stop()
            planned_as_earlier_releases_did(team)
        with run_bot(path, sandbox=sandbox, pace=SOON) as back:
            sent = [direct_message(back, "chi", f"({one})") for one in (MI1, MI2, MI3)]
            assert all("Ben assigned you the mitigation" in one.plain for one in sent)
            back.wait(lambda: all(record.external_id for record in records(back)))
            back.bot.stop()
            _, second, _ = records(back)
            back.unit.deliveries.put(replace(second, external_id="", shown="", attempt="a1"))
        with run_bot(path, sandbox=sandbox, pace=SOON) as again:
            again.wait(lambda: all(record.external_id for record in records(again)))
            drop = DropMitigation(by=person_id(again, "ben"), at=again.now(), mitigation=MI3, reason="No")
            execute_commands(again, drop)
            assert direct_message(again, "chi", "✓ Dropped: “No”").ts == sent[2].ts
            there = [message.ts for message in direct_messages_of(again, "chi")]
            assert sorted(there) == sorted(one.ts for one in sent)


def planned_as_earlier_releases_did(team: SlackTeam) -> None:
    """Assign three mitigations with one command, and plan one message for each."""
    stream, before = team.streams[0], team.model().version
    plan_all(team)
    events = [event.event for event in team.command_handler.events(stream)]
    told = [
        direct_slot("handover", stream, str(version), person)
        for version, person in handovers_after(events, before)
    ]
    assert len(told) == 3
    team.unit.deliveries.add_missing(*told)
    checkpoint = StreamState(version=len(events), erasures=0)
    team.unit.projections.save("handovers", stream, checkpoint)
