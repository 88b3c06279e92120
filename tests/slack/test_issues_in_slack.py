"""Issues of mitigations in Slack: shown with a link, and what they propose is answered with one press."""

from datetime import UTC, datetime
from pathlib import Path

from bot.sandbox.api import VisibleView
from domain.commands import ChooseTracker, DismissIssueProposal, LinkIssue, RecordIssueState
from domain.kernel.elements import SYSTEM
from domain.kernel.mitigation import MitigationState
from domain.kernel.tracked_issue import SeenIssue
from domain.model import ThreatModel
from tests.domain.remediation_story import DONE, GONE, ISSUE, MI1, OPEN, REJECTED, TR1
from tests.slack.remediation_steps import (
    begin_remediation,
    execute_commands,
    open_plan,
    page_with,
    plan_mitigation,
    threat_page,
)
from tests.slack.reminder_steps import last_reminder, plan_mitigations, set_workspace_clock, workspace_time
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import person_id, run_bot_on_workspace_clock


def begin_with_issue(team: SlackTeam) -> None:
    """Plan a mitigation that Chi owns, with an open issue."""
    begin_remediation(team)
    plan_mitigation(team, owner="chi")
    execute_commands(
        team,
        ChooseTracker(by=person_id(team, "ana"), at=team.now(), own=True, tracker=TR1),
        LinkIssue(by=SYSTEM, at=team.now(), mitigation=MI1, issue=ISSUE, seen=OPEN),
        # Its due date differs from that of the mitigation, which Chi keeps.
        DismissIssueProposal(by=person_id(team, "chi"), at=team.now(), mitigation=MI1),
    )


def see(team: SlackTeam, seen: SeenIssue) -> None:
    execute_commands(team, RecordIssueState(by=SYSTEM, at=team.now(), mitigation=MI1, issue=ISSUE, seen=seen))


def model(team: SlackTeam) -> ThreatModel:
    return team.command_handler.model(team.streams[0])


def labels(view: VisibleView) -> set[str]:
    return {button.label for button in view.buttons}


def page(team: SlackTeam, *words: str) -> VisibleView:
    threat_page(team, "chi")
    return page_with(team, "chi", *words)


def test_the_page_and_the_plan_show_the_issue_with_a_link(team: SlackTeam) -> None:
    begin_with_issue(team)
    plan = open_plan(team, "chi")
    assert "Ask for a badge · MI-1 · #12" in plan.plain
    team.person("chi").click(plan, "Open")
    shown = page_with(team, "chi", "Issue: #12 in Redmine · open · due 6 March 2026")
    assert ISSUE.url in str(shown)
    assert "Unlink issue" in labels(shown)
    assert "Keep as is" not in labels(shown)


def test_a_completed_issue_is_the_evidence_after_one_press(team: SlackTeam) -> None:
    begin_with_issue(team)
    see(team, DONE)
    plan, chi = open_plan(team, "chi"), team.person("chi")
    assert "1 issue to decide on" in plan.plain
    chi.click(plan, "Open")
    shown = page_with(team, "chi", "#12 was closed as completed in Redmine. Is the mitigation implemented?")
    chi.click(shown, "Mark as implemented…")
    assert team.modal("chi", "Mark as implemented").values["Evidence"] == ISSUE.url
    team.submit("chi")
    page_with(team, "chi", "◐ implemented, to be verified", "redmine.example.org/issues/12")
    assert "Is the mitigation implemented?" not in team.modal("chi", "TH-1 in the plan").plain
    assert model(team).mitigations[MI1].state is MitigationState.IMPLEMENTED


def test_what_an_issue_proposes_is_dismissed_with_one_press(team: SlackTeam) -> None:
    begin_with_issue(team)
    see(team, REJECTED)
    chi = team.person("chi")
    chi.click(page(team, "#12 was closed as “Rejected” in Redmine."), "Keep as is")
    team.wait(lambda: "Keep as is" not in labels(team.modal("chi", "TH-1 in the plan")))
    assert model(team).mitigations[MI1].state is MitigationState.PLANNED


def test_a_deleted_issue_gets_another_one_on_request(team: SlackTeam) -> None:
    begin_with_issue(team)
    see(team, GONE)
    team.person("chi").click(page(team, "Is another issue needed?"), "Create issue")
    team.wait(lambda: model(team).issues[MI1].requested)


def test_the_owner_is_reminded_and_answers_from_the_message(tmp_path: Path) -> None:
    monday = datetime(2027, 1, 11, 14, 30, tzinfo=UTC)
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as team:
        set_workspace_clock(team, monday)
        plan_mitigations(team, "ben", days=90)
        now = workspace_time(team)
        execute_commands(
            team,
            ChooseTracker(by=person_id(team, "ana"), at=now, own=True, tracker=TR1),
            LinkIssue(by=SYSTEM, at=now, mitigation=MI1, issue=ISSUE, seen=OPEN),
            RecordIssueState(by=SYSTEM, at=now, mitigation=MI1, issue=ISSUE, seen=DONE),
        )
        team.sandbox.clock.move(60)
        seen = last_reminder(team, "ben", "Issue completed: Close the curtains (MI-1)")
        assert "#12 was closed as completed in Redmine. Is the mitigation implemented?" in seen.plain
        ben = team.person("ben")
        ben.click(seen, "Why?")
        assert (
            "Its issue is #12 in Redmine · closed as completed"
            in team.modal("ben", "Why this reminder?").plain
        )
        ben.click(last_reminder(team, "ben"), "Keep as is")
        last_reminder(team, "ben", "✓ No decision is needed any longer.")
