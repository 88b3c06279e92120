"""A house with mitigations, and people who are reminded of them."""

from datetime import date, datetime, timedelta

from bot.sandbox.api import VisibleMessage
from domain.commands import BeginRemediation, PlanMitigation, ProposeAcceptance
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ThreatId
from domain.nudge_deliveries import Delivery
from tests.slack.slack_team import RunningBot
from tests.slack.voting_steps import begin_analysis_with, direct_messages_of, person_id


def plan_mitigations(
    there: RunningBot, owner: str | None = "ben", *titles: str, days: int = 10
) -> list[MitigationId]:
    """Mitigations of these titles against one threat, due in so many days; Ana is the facilitator."""
    ana = person_id(there, "ana")
    if not there.streams:
        begin_analysis_with(there, "Curtains left open")
        move = BeginRemediation(by=ana, at=workspace_time(there), reason="we know enough")
        there.command_handler.execute(move, stream=there.streams[0], key=there.key())
    said = titles or ("Close the curtains",)
    for title in said:
        plan = PlanMitigation(
            by=ana,
            at=workspace_time(there),
            threat=min(there.model().threats),
            title=title,
            owner=person_id(there, owner) if owner else None,
            due=workspace_day(there) + timedelta(days=days),
        )
        there.command_handler.execute(plan, stream=there.streams[0], key=there.key())
    if owner not in (None, "ana"):
        # What they are told of at once is there before anything is made to fail.
        there.wait(lambda: all(_is_handed(there, str(owner), title) for title in said))
    return sorted(there.model().mitigations)


def announce_phase_move(there: RunningBot) -> None:
    """Let the channel be told of the move with an open gate, before anything is made to fail."""
    there.sandbox.clock.move(timedelta(minutes=20).total_seconds())
    there.wait(lambda: any("to remediation, with" in one.plain for one in there.person("ben").sees("#house")))


def propose_acceptance(
    there: RunningBot, by: str, approver: str, *threats: ThreatId, reason: str = "We <move> out"
) -> None:
    """Somebody proposes to accept threats, and somebody is asked."""
    for one in threats:
        proposal = ProposeAcceptance(
            by=person_id(there, by),
            at=workspace_time(there),
            threat=one,
            expires=workspace_day(there) + timedelta(days=90),
            reason=reason,
            approver=person_id(there, approver),
        )
        there.command_handler.execute(proposal, stream=there.streams[0], key=there.key())


def _is_handed(there: RunningBot, who: str, title: str) -> bool:
    return any("gave you" in one.plain and title in one.plain for one in direct_messages_of(there, who))


def workspace_time(there: RunningBot) -> datetime:
    """The workspace's time."""
    return there.sandbox.clock.moment()


def workspace_day(there: RunningBot) -> date:
    return workspace_time(there).date()


def set_workspace_clock(there: RunningBot, moment: datetime) -> None:
    """Let it be a moment in the workspace."""
    there.sandbox.clock.move((moment - workspace_time(there)).total_seconds())


def reminders(there: RunningBot, who: str) -> list[VisibleMessage]:
    """What reminded somebody, the first one first."""
    direct = there.person(who).direct_messages()
    return [one for one in direct if (one.message.metadata or {}).get("event_type") == "threatmodel_nudge"]


def last_reminder(there: RunningBot, who: str, *words: str) -> VisibleMessage:
    """The last reminder to somebody, once it says all of these words."""

    def said() -> bool:
        seen = reminders(there, who)
        return bool(seen) and all(word in seen[-1].plain for word in words)

    there.wait(said)
    return reminders(there, who)[-1]


def nudge_deliveries(there: RunningBot) -> list[Delivery]:
    """What became of every nudge of the first model."""
    return list(there.nudges.of(there.model().key).values())
