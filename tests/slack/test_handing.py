"""What somebody is handed they are told of once, whatever dies in between, and the message stays true."""

from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from msgspec.structs import replace

from bot.manifest import build_manifest
from bot.sandbox.api import HOUSE, TEAM_ID
from bot.store import CommandKey
from bot.store.repositories.deliveries import DeliveryRecord
from domain.commands import ChooseTracker, ImplementMitigation, LinkIssue, PlanMitigation
from domain.events import Event
from domain.kernel.elements import SYSTEM, ChannelId, PersonId
from domain.kernel.mitigation import MitigationId, MitigationState
from domain.kernel.tracked_issue import IssueReference, IssueState, SeenIssue, TrackerId, TrackerKind
from domain.tracker_accounts import ChooseTrackerAccount
from domain.workspace_trackers import ConnectTracker, WorkspaceTrackerCommand
from tests.domain.remediation_story import THREATS, plan
from tests.examples import decide_all
from tests.slack.remediation_steps import (
    TH1,
    begin_remediation,
    direct_message,
    execute_commands,
    plan_mitigation,
    threat_page,
)
from tests.slack.slack_team import SlackTeam, run_bot
from tests.slack.test_people_checks import SOON
from tests.slack.test_responding import propose
from tests.slack.voting_steps import direct_messages_of, person_id, run_bot_on_workspace_clock
from tests.waiting import patient_sandbox

DAY = timedelta(days=1)


def test_the_message_that_asked_shows_that_it_was_declined(team: SlackTeam) -> None:
    begin_remediation(team)
    propose(team, "ben", approver="chi")
    chi = team.person("chi")
    chi.click(direct_message(team, "chi", "Ben requests your approval"), "Decline…")
    team.modal("chi", "Decline TH-1")
    chi.fill("Why is this risk not acceptable?", "The neighbours were robbed")
    team.submit("chi")
    after = direct_message(team, "chi", "✓ Declined by you. Reason: “The neighbours were robbed”")
    assert not after.buttons
    assert len(direct_messages_of(team, "chi")) == 1
    direct_message(team, "ben", "Chi declined to accept")


def test_the_message_that_asked_says_that_it_is_too_late_once_that_day_is_over(tmp_path: Path) -> None:
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as team:
        begin_remediation(team)
        propose(team, "ben", approver="chi", until=f"{team.sandbox.clock.moment().date() + DAY}")
        assert direct_message(team, "chi", "Ben requests your approval").buttons
        team.sandbox.clock.move((3 * DAY).total_seconds())
        assert not direct_message(team, "chi", "✓ The proposal expired without an answer.").buttons


def test_who_was_handed_something_before_a_crash_is_told_by_the_next_start(tmp_path: Path) -> None:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        with run_bot(tmp_path / "threatmodel.db", sandbox=sandbox) as team:
            begin_remediation(team)
            team.bot.stop()
            plan_mitigation(team, owner="chi")
            assert not direct_messages_of(team, "chi")
        with run_bot(tmp_path / "threatmodel.db", sandbox=sandbox, pace=SOON) as back:
            direct_message(back, "chi", "Ana assigned you the mitigation Ask for a badge (MI-1)")
            plan_mitigation(back, owner="chi")
            direct_message(back, "chi", "(MI-2)")
            assert len(direct_messages_of(back, "chi")) == 2


def test_what_was_sent_and_not_noted_is_found_and_not_sent_again(tmp_path: Path) -> None:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        with run_bot(tmp_path / "threatmodel.db", sandbox=sandbox) as team:
            begin_remediation(team)
            plan_mitigation(team, owner="chi")
            sent = direct_message(team, "chi", "(MI-1)")
            team.wait(lambda: [one.external_id for one in noted(team)] == [sent.ts])
            team.bot.stop()
            unnoted(team)
        with run_bot(tmp_path / "threatmodel.db", sandbox=sandbox, pace=SOON) as back:
            back.wait(lambda: [one.external_id for one in noted(back)] == [sent.ts])
            assert [message.ts for message in direct_messages_of(back, "chi")] == [sent.ts]


def test_what_was_erased_meanwhile_goes_from_a_message_that_was_not_noted(tmp_path: Path) -> None:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        with run_bot(tmp_path / "threatmodel.db", sandbox=sandbox) as team:
            begin_remediation(team)
            plan_mitigation(team, owner="chi")
            direct_message(team, "chi", "(MI-1)")
            stream = team.streams[0]
            team.wait(lambda: noted(team)[0].external_id)
            team.bot.stop()
            unnoted(team)
            team.store.erase_stream(stream)
        with run_bot(tmp_path / "threatmodel.db", sandbox=sandbox, pace=SOON) as back:
            direct_message(back, "chi", "Its subject was erased.")
            assert len(direct_messages_of(back, "chi")) == 1


def test_who_is_no_longer_in_the_channel_is_told_nothing_of_it(team: SlackTeam) -> None:
    begin_remediation(team)
    plan_mitigation(team, owner="chi")
    team.wait(lambda: direct_messages_of(team, "chi"))
    team.person("chi").leave("#house")
    chi = person_id(team, "chi")
    team.wait(lambda: not team.knows(chi, ChannelId(HOUSE.id)))
    plan_mitigation(team, owner="chi")
    plan_mitigation(team, owner="dee")
    direct_message(team, "dee", "(MI-3)")
    assert len(direct_messages_of(team, "chi")) == 1


def test_an_imported_model_notifies_no_one(team: SlackTeam) -> None:
    chi = person_id(team, "chi")
    begun, *events = cast("list[Event]", decide_all(replace(plan(), owner=chi), after=THREATS))
    team.command_handler.import_model(
        lambda key: [replace(begun, key=key, channel=ChannelId(HOUSE.id)), *events],
        tenant=TEAM_ID,
        key=CommandKey("bring in"),
        request=b"r" * 32,
    )
    execute_commands(
        team,
        PlanMitigation(by=person_id(team, "ben"), at=team.now(), threat=TH1, title="Again", owner=chi),
    )
    direct_message(team, "chi", "assigned you the mitigation Again (MI-2)")
    # A reminder may have come before: what was brought in is due long since.
    assert [
        message
        for message in direct_messages_of(team, "chi")
        if "assigned you" in message.plain and "MI-2" not in message.plain
    ] == []


def test_what_was_erased_goes_from_the_message_that_told_of_it(team: SlackTeam) -> None:
    begin_remediation(team)
    plan_mitigation(team, owner="chi")
    sent = direct_message(team, "chi", "Ask for a badge")
    team.store.erase_stream(team.streams[0])
    assert direct_message(team, "chi", "Its subject was erased.").ts == sent.ts
    assert "badge" not in str(direct_messages_of(team, "chi"))


def noted(team: SlackTeam) -> list[DeliveryRecord]:
    return team.unit.deliveries.of_model(team.streams[0], "handover")


def unnoted(team: SlackTeam) -> None:
    """The bot dies before it can note down where its message is."""
    (one,) = noted(team)
    team.unit.deliveries.put(replace(one, external_id="", shown="", attempt="a1"))


TR1, MI1 = TrackerId("TR-1"), MitigationId("MI-1")
ISSUE = IssueReference(
    tracker=TR1, kind=TrackerKind.REDMINE, key="#12", url="https://redmine.example.org/issues/12"
)


def say(team: SlackTeam, command: WorkspaceTrackerCommand) -> None:
    key = CommandKey(str(team.key()))
    team.command_handler.settings.choose(command, tenant=team.unit.tenant, key=key)


def states(team: SlackTeam, person: PersonId, account: str) -> None:
    say(
        team,
        ChooseTrackerAccount(
            by=person, at=team.now(), tracker=TR1, person=person, account=account, name="Ben"
        ),
    )


def test_who_gave_up_the_account_of_an_assignee_does_not_verify_the_mitigation(team: SlackTeam) -> None:
    ana, ben, chi = (person_id(team, who) for who in ("ana", "ben", "chi"))
    begin_remediation(team)
    plan_mitigation(team, owner="chi")
    by_ana: dict[str, Any] = {"by": ana, "at": team.now()}
    say(
        team,
        ConnectTracker(**by_ana, kind=TrackerKind.REDMINE, url="https://redmine.example.org", project="shop"),
    )
    states(team, ben, "ben")
    states(team, ben, "")
    seen = SeenIssue(state=IssueState.COMPLETED, assignee="Ben Berg", account="ben")
    execute_commands(
        team,
        ChooseTracker(**by_ana, own=True, tracker=TR1),
        LinkIssue(by=SYSTEM, at=team.now(), mitigation=MI1, issue=ISSUE, seen=seen),
        ImplementMitigation(by=chi, at=team.now(), mitigation=MI1, evidence="A sign at the door"),
    )

    person = team.person("ben")
    person.click(threat_page(team, "ben"), "Verify")
    refusal = team.modal("ben", "Not possible")
    assert (
        "The issue of MI-1 was assigned to you or to an account that you stated to be yours" in refusal.plain
    )
    assert team.model().mitigations[MI1].state is MitigationState.IMPLEMENTED

    person = team.person("ana")
    person.click(threat_page(team, "ana"), "Verify")
    team.wait(lambda: team.model().mitigations[MI1].state is MitigationState.VERIFIED)
