"""Steps of remediation tests: responses, mitigations and the plan."""

from datetime import UTC, date, datetime, timedelta

from bot.sandbox.api import VisibleMessage, VisibleView
from domain.commands import BeginRemediation, Command, PlanMitigation
from domain.kernel.threat import ThreatId
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import begin_analysis_with, direct_messages_of, person_id

TH1, TH2 = ThreatId("TH-1"), ThreatId("TH-2")
PLUMBER, CURTAINS = "A plumber who is none", "Curtains left open"
FAR = datetime.now(UTC).date() + timedelta(days=1200)
"""A day that is always to come, and so far off that nobody is reminded of it."""
ACCEPTABLE = datetime.now(UTC).date() + timedelta(days=80)
"""A day until which a critical risk may be accepted, and of which nobody is reminded yet."""


def begin_remediation(team: SlackTeam, *titles: str) -> None:
    """Create a model in remediation with threats of these titles; Ana is the facilitator."""
    begin_analysis_with(team, *(titles or (PLUMBER,)))
    execute_commands(team, BeginRemediation(by=person_id(team, "ana"), at=team.now(), reason="to see"))
    team.card("Remediation (now)")


def execute_commands(team: SlackTeam, *commands: Command) -> None:
    """Execute commands directly, without Slack."""
    for command in commands:
        team.command_handler.execute(command, stream=team.streams[0], key=team.key())


def plan_mitigation(team: SlackTeam, *, owner: str, by: str = "ana", due: date | None = None) -> None:
    """Plan the mitigation "Ask for a badge" for the first threat."""
    execute_commands(
        team,
        PlanMitigation(
            by=person_id(team, by),
            at=team.now(),
            threat=TH1,
            title="Ask for a badge",
            owner=person_id(team, owner),
            due=due,
        ),
    )


def open_plan(team: SlackTeam, who: str) -> VisibleView:
    """Run `/threatmodel plan`, and return the page."""
    team.command(who, "/threatmodel plan")
    return team.modal(who, "Plan")


def threat_page(team: SlackTeam, who: str, *, label: str = "Open", threat: str = "TH-1") -> VisibleView:
    """Open the page of a threat from the plan."""
    team.person(who).click(open_plan(team, who), label)
    return team.modal(who, f"{threat} in the plan")


def page_with(team: SlackTeam, who: str, *words: str, title: str = "TH-1 in the plan") -> VisibleView:
    """Wait until a person's page has all of these words, and return it."""
    team.wait(lambda: all(word in team.modal(who, title).plain for word in words))
    return team.modal(who, title)


def direct_message(team: SlackTeam, who: str, words: str) -> VisibleMessage:
    """Wait for a direct message with these words, and return it."""
    team.wait(lambda: any(words in message.plain for message in direct_messages_of(team, who)))
    return next(message for message in reversed(direct_messages_of(team, who)) if words in message.plain)
