"""A person to whom the issue of a mitigation was assigned does not verify it, whatever they state later."""

from typing import Any

from bot.store import CommandKey
from domain.commands import ChooseTracker, ImplementMitigation, LinkIssue
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.mitigation import (
    IssueReference,
    IssueState,
    MitigationId,
    MitigationState,
    SeenIssue,
    TrackerId,
    TrackerKind,
)
from domain.tracker_accounts import ChooseTrackerAccount
from domain.workspace_trackers import ConnectTracker, WorkspaceTrackerCommand
from tests.slack.remediation_steps import begin_remediation, execute_commands, plan_mitigation, threat_page
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import person_id

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
