"""A house in remediation, and short ways to its plan."""

from datetime import UTC, date, datetime, timedelta

from bot.sandbox.api import VisibleMessage, VisibleView
from domain.commands import BeginRemediation, Command, PlanMitigation
from domain.kernel.threat import ThreatId
from tests.slack.slack_team import RunningBot
from tests.slack.voting_steps import begin_analysis_with, direct_messages_of, person_id

TH1, TH2 = ThreatId("TH-1"), ThreatId("TH-2")
PLUMBER, CURTAINS = "A plumber who is none", "Curtains left open"
FAR = datetime.now(UTC).date() + timedelta(days=1200)
"""A day that is always to come, and so far off that nobody is reminded of it."""


def begin_remediation(there: RunningBot, *titles: str) -> None:
    """A model in remediation with threats of these titles; Ana is the facilitator."""
    begin_analysis_with(there, *(titles or (PLUMBER,)))
    execute_commands(there, BeginRemediation(by=person_id(there, "ana"), at=there.now(), reason="to see"))
    there.card("Remediation (now)")


def execute_commands(there: RunningBot, *commands: Command) -> None:
    """Say something past Slack."""
    for one in commands:
        there.command_handler.execute(one, stream=there.streams[0], key=there.key())


def plan_mitigation(there: RunningBot, *, owner: str, by: str = "ana", due: date | None = None) -> None:
    """A badge is planned against the plumber."""
    execute_commands(
        there,
        PlanMitigation(
            by=person_id(there, by),
            at=there.now(),
            threat=TH1,
            title="Ask for a badge",
            owner=person_id(there, owner),
            due=due,
        ),
    )


def open_plan(there: RunningBot, who: str) -> VisibleView:
    """Type the word, and have the plan."""
    there.command(who, "/threatmodel plan")
    return there.modal(who, "Plan")


def threat_page(there: RunningBot, who: str, *, label: str = "Open", threat: str = "TH-1") -> VisibleView:
    """The page of one threat, opened from the plan."""
    there.person(who).click(open_plan(there, who), label)
    return there.modal(who, f"{threat} in the plan")


def page_with(there: RunningBot, who: str, *words: str, title: str = "TH-1 in the plan") -> VisibleView:
    """The page in front of somebody, once it says all of these words."""
    there.wait(lambda: all(one in there.modal(who, title).plain for one in words))
    return there.modal(who, title)


def direct_message(there: RunningBot, who: str, words: str) -> VisibleMessage:
    """The direct message with these words, once it is there."""
    there.wait(lambda: any(words in one.plain for one in direct_messages_of(there, who)))
    return next(one for one in reversed(direct_messages_of(there, who)) if words in one.plain)
