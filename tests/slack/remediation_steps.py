"""A house in remediation, and short ways to its plan."""

from datetime import UTC, date, datetime, timedelta

from bot.sandbox.api import VisibleMessage, VisibleView
from domain.commands import BeginRemediation, Command, PlanMitigation
from domain.kernel.threat import ThreatId
from tests.slack.running_bot import House
from tests.slack.voting_steps import direct, person_id, threatened

TH1, TH2 = ThreatId("TH-1"), ThreatId("TH-2")
PLUMBER, CURTAINS = "A plumber who is none", "Curtains left open"
FAR = datetime.now(UTC).date() + timedelta(days=1200)
"""A day that is always to come, and so far off that nobody is reminded of it."""


def remedied(there: House, *titles: str) -> None:
    """A model in remediation with threats of these titles; Ana is the facilitator."""
    threatened(there, *(titles or (PLUMBER,)))
    say(there, BeginRemediation(by=person_id(there, "ana"), at=there.now(), reason="to see"))
    there.card("Remediation (now)")


def say(there: House, *commands: Command) -> None:
    """Say something past Slack."""
    for one in commands:
        there.command_handler.execute(one, stream=there.streams[0], key=there.key())


def planned(there: House, *, owner: str, by: str = "ana", due: date | None = None) -> None:
    """A badge is planned against the plumber."""
    say(
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


def plan(there: House, who: str) -> VisibleView:
    """Type the word, and have the plan."""
    there.command(who, "/threatmodel plan")
    return there.modal(who, "Plan")


def threat_page(there: House, who: str, *, label: str = "Open", threat: str = "TH-1") -> VisibleView:
    """The page of one threat, opened from the plan."""
    there.person(who).click(plan(there, who), label)
    return there.modal(who, f"{threat} in the plan")


def shows(there: House, who: str, *words: str, title: str = "TH-1 in the plan") -> VisibleView:
    """The page in front of somebody, once it says all of these words."""
    there.wait(lambda: all(one in there.modal(who, title).plain for one in words))
    return there.modal(who, title)


def dm(there: House, who: str, words: str) -> VisibleMessage:
    """The direct message with these words, once it is there."""
    there.wait(lambda: any(words in one.plain for one in direct(there, who)))
    return next(one for one in reversed(direct(there, who)) if words in one.plain)
