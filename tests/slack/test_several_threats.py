"""Several threats of the plan are responded to, approved and verified at once."""

from datetime import timedelta

from domain.commands import ImplementMitigation, PlanMitigation
from domain.kernel.mitigation import MitigationId, short_day
from domain.register import ThreatRegister, register
from domain.remediation.status import ThreatState
from tests.slack.remediation_steps import (
    CURTAINS,
    FAR,
    PLUMBER,
    TH1,
    TH2,
    begin_remediation,
    execute_commands,
    open_plan,
    page_with,
    threat_page,
)
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import begin_analysis_with, person_id

THREE = (PLUMBER, CURTAINS, "Glue in the lock")


def shown(team: SlackTeam) -> ThreatRegister:
    return register(team.model(), team.now())


def states(team: SlackTeam) -> list[ThreatState]:
    return [one.state for one in shown(team).statuses.values()]


def respond_to(team: SlackTeam, who: str, *threats: str, response: str = "Mitigate") -> None:
    """Choose threats and a response in the form of the plan, and continue to the form of the response."""
    person = team.person(who)
    person.click(open_plan(team, who), "Respond to several…")
    form = team.modal(who, "Respond to several")
    if threats:
        person.choose("Threats", *threats)
    else:
        person.click(form, "Select all 3")
        team.wait(lambda: "Select none" in team.modal(who, "Respond to several").plain)
    person.choose("Response", response)
    team.submit(who)


def test_several_threats_are_mitigated_with_their_suggested_controls(either_way: SlackTeam) -> None:
    team = either_way
    begin_remediation(team, *THREE)
    respond_to(team, "ben")
    form = team.modal("ben", "Mitigate 3 threats")
    assert f"• {PLUMBER} · TH-1" in form.plain
    assert "Suggested controls" in form.plain
    team.submit("ben")
    team.wait(lambda: states(team) == [ThreatState.RESPONDED] * 3)
    due = team.now().date() + timedelta(days=14)
    planned = shown(team).mitigations
    assert {(one.mitigation.owner, one.mitigation.due) for one in planned} == {(person_id(team, "ben"), due)}
    page = page_with(team, "ben", f"To be mitigated: Ben, due {short_day(due)}", title="Plan")
    assert "Respond to several…" not in [one.label for one in page.buttons]


def test_one_mitigation_is_planned_for_several_threats_and_added_to_another(team: SlackTeam) -> None:
    begin_remediation(team, *THREE)
    ben = team.person("ben")
    respond_to(team, "ben", f"TH-1 {PLUMBER}", f"TH-2 {CURTAINS}")
    team.modal("ben", "Mitigate 2 threats")
    ben.fill("Custom mitigation for all", "Ask for a badge")
    ben.choose("Owner", "chi")
    team.submit("ben")
    team.wait(lambda: states(team)[:2] == [ThreatState.RESPONDED] * 2)
    assert [one.threats for one in shown(team).mitigations] == [(TH1, TH2)]
    ben.close(all_of_them=True)
    ben.click(open_plan(team, "ben"), "Respond")
    ben.click(team.modal("ben", "TH-3 in the plan"), "Plan a mitigation")
    team.modal("ben", "Plan a mitigation")
    ben.choose("Planned mitigation", "MI-1 Ask for a badge")
    team.submit("ben")
    page = page_with(team, "ben", "Other threats: TH-1, TH-2", title="TH-3 in the plan")
    ben.click(page, "Remove from TH-3")
    team.wait(lambda: [one.threats for one in shown(team).mitigations] == [(TH1, TH2)])


def test_several_threats_are_avoided_with_one_reason(team: SlackTeam) -> None:
    begin_remediation(team, *THREE)
    respond_to(team, "ben", response="Avoid")
    team.modal("ben", "Avoid 3 threats")
    team.person("ben").fill("Reason", "The house is sold")
    team.submit("ben")
    team.wait(lambda: states(team) == [ThreatState.AVOIDED] * 3)


def test_several_risks_are_proposed_and_approved_and_no_one_is_ticked_beforehand(team: SlackTeam) -> None:
    begin_remediation(team, *THREE)
    ben, chi = team.person("ben"), team.person("chi")
    respond_to(team, "ben", f"TH-1 {PLUMBER}", f"TH-2 {CURTAINS}", response="Accept")
    form = team.modal("ben", "Accept 2 threats")
    latest = team.now().date() + timedelta(days=90)
    assert f"At most 90 days (without a score), until {short_day(latest)}." in form.plain
    ben.fill("Why is this risk acceptable?", "We move out soon")
    ben.choose("Expires", FAR.isoformat())
    ben.choose("Approver", "chi")
    team.submit("ben")
    assert "at most 90 days" in str(team.modal("ben", "Accept 2 threats").errors)
    ben.choose("Expires", latest.isoformat())
    team.submit("ben")
    team.wait(lambda: states(team)[:2] == [ThreatState.PROPOSED] * 2)
    chi.click(open_plan(team, "chi"), "Approve several risks…")
    form = team.modal("chi", "Approve several risks")
    assert not any("initial_options" in str(block) for block in form.blocks)
    chi.choose("Risks to accept", f"TH-1 {PLUMBER}", f"TH-2 {CURTAINS}")
    team.submit("chi")
    team.wait(lambda: states(team)[:2] == [ThreatState.ACCEPTED] * 2)


def test_a_mitigation_of_several_threats_is_verified_for_those_that_are_ticked(team: SlackTeam) -> None:
    begin_remediation(team, *THREE)
    ben, chi = person_id(team, "ben"), person_id(team, "chi")
    execute_commands(
        team,
        PlanMitigation(by=ben, at=team.now(), threat=TH1, also=(TH2,), title="Ask for a badge", owner=chi),
        ImplementMitigation(by=chi, at=team.now(), mitigation=MitigationId("MI-1"), evidence="A sign"),
    )
    ana = team.person("ana")
    ana.click(threat_page(team, "ana"), "Verify…")
    form = team.modal("ana", "Verify MI-1")
    assert not any("initial_options" in str(block) for block in form.blocks)
    ana.choose("Threats and places", f"TH-1 {PLUMBER}")
    team.submit("ana")
    team.wait(lambda: states(team)[:2] == [ThreatState.MITIGATED, ThreatState.IN_PROGRESS])
    page = page_with(team, "ana", "Verified for 1 of 2 threats and places")
    ana.click(page, "Reject…")
    team.modal("ana", "Reject MI-1")
    ana.choose("Threats and places", f"TH-2 {CURTAINS}")
    ana.fill("What did the verification find?", "Not at night")
    team.submit("ana")
    team.wait(lambda: states(team)[:2] == [ThreatState.MITIGATED, ThreatState.IN_PROGRESS])


def test_before_remediation_the_plan_says_why_no_response_can_be_chosen(team: SlackTeam) -> None:
    begin_analysis_with(team, *THREE)
    page = open_plan(team, "ben")
    assert "Responses are chosen in remediation; the model is in analysis. Conditions not met: " in page.plain
    labels = [one.label for one in page.buttons]
    assert "Begin remediation…" not in labels, "only the facilitator moves a model on"
    page = open_plan(team, "ana")
    team.person("ana").click(page, "Begin remediation…")
    team.modal("ana", "Begin remediation")
