"""Steps of reminder tests: mitigations, proposals, the clock and reminders."""

from datetime import date, datetime, timedelta

from bot.sandbox.api import VisibleMessage
from domain.commands import BeginRemediation, PlanMitigation, ProposeAcceptance
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ThreatId
from domain.reminder_deliveries import Delivery
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import begin_analysis_with, direct_messages_of, person_id


def plan_mitigations(
    team: SlackTeam, owner: str | None = "ben", *titles: str, days: int = 10
) -> list[MitigationId]:
    """Plan mitigations of these titles for one threat, due in `days`; Ana is the facilitator."""
    ana = person_id(team, "ana")
    if not team.streams:
        begin_analysis_with(team, "Curtains left open")
        move = BeginRemediation(by=ana, at=workspace_time(team), reason="we know enough")
        team.command_handler.execute(move, stream=team.streams[0], key=team.key())
    said = titles or ("Close the curtains",)
    for title in said:
        plan = PlanMitigation(
            by=ana,
            at=workspace_time(team),
            threat=min(team.model().threats),
            title=title,
            owner=person_id(team, owner) if owner else None,
            due=workspace_day(team) + timedelta(days=days),
        )
        team.command_handler.execute(plan, stream=team.streams[0], key=team.key())
    if owner not in (None, "ana"):
        # What they are told of at once is there before anything is made to fail.
        team.wait(lambda: all(_is_handed(team, str(owner), title) for title in said))
    return sorted(team.model().mitigations)


def announce_phase_move(team: SlackTeam) -> None:
    """Wait for the announcement of the phase change, before a fault is injected."""
    team.sandbox.clock.move(timedelta(minutes=20).total_seconds())
    team.wait(lambda: any("to remediation, with" in one.plain for one in team.person("ben").sees("#house")))


def propose_acceptance(
    team: SlackTeam, by: str, approver: str, *threats: ThreatId, reason: str = "We <move> out"
) -> None:
    """Propose to accept threats, with an approver."""
    for threat in threats:
        proposal = ProposeAcceptance(
            by=person_id(team, by),
            at=workspace_time(team),
            threat=threat,
            expires=workspace_day(team) + timedelta(days=90),
            reason=reason,
            approver=person_id(team, approver),
        )
        team.command_handler.execute(proposal, stream=team.streams[0], key=team.key())


def _is_handed(team: SlackTeam, who: str, title: str) -> bool:
    return any("assigned you" in one.plain and title in one.plain for one in direct_messages_of(team, who))


def workspace_time(team: SlackTeam) -> datetime:
    """Return the workspace's time."""
    return team.sandbox.clock.moment()


def workspace_day(team: SlackTeam) -> date:
    return workspace_time(team).date()


def set_workspace_clock(team: SlackTeam, moment: datetime) -> None:
    """Set the workspace's clock."""
    team.sandbox.clock.move((moment - workspace_time(team)).total_seconds())


def reminders(team: SlackTeam, who: str) -> list[VisibleMessage]:
    """Return the reminders of a person, oldest first."""
    direct = team.person(who).direct_messages()
    return [one for one in direct if (one.message.metadata or {}).get("event_type") == "threatmodel_reminder"]


def last_reminder(team: SlackTeam, who: str, *words: str) -> VisibleMessage:
    """Wait until a person's last reminder has all of these words, and return it."""

    def said() -> bool:
        seen = reminders(team, who)
        return bool(seen) and all(word in seen[-1].plain for word in words)

    team.wait(said)
    return reminders(team, who)[-1]


def reminder_deliveries(team: SlackTeam) -> list[Delivery]:
    """Return the deliveries of all reminders of the first model."""
    return list(team.reminders.of(team.model().key).values())
