"""What one command gives to one person is told in one message, which stays true line by line."""

from datetime import timedelta

from bot.sandbox.api import VisibleMessage
from bot.slack.projectors.handovers import parameters_of
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
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ThreatId
from tests.slack.remediation_steps import ACCEPTABLE, FAR, begin_remediation, direct_message, execute_commands
from tests.slack.slack_team import SlackTeam
from tests.slack.test_responding import THREE, respond_to
from tests.slack.voting_steps import direct_messages_of, person_id

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


def test_what_was_erased_goes_from_the_message_about_several(team: SlackTeam) -> None:
    begin_remediation(team, *THREE)
    plan_all(team)
    sent = direct_message(team, "chi", ASSIGNED)
    (one,) = records(team)
    team.store.erase(team.streams[0], parameters_of(one).versions[:1])
    partly = direct_message(team, "chi", "Ben assigned you 2 mitigations")
    assert (partly.ts, "(MI-1)" in partly.plain) == (sent.ts, False)
    team.store.erase_stream(team.streams[0])
    assert direct_message(team, "chi", "Its subject was erased.").ts == sent.ts
