"""What is done about a threat, said in Slack: mitigated, transferred, avoided, accepted for a time."""

from datetime import timedelta
from pathlib import Path

from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form import FormContext
from bot.slack.ui.forms.form_fields import BLANK, field_key
from bot.slack.ui.modals.modal_registry import FORMS
from domain.commands import ConfirmSuggestedThreats, ImplementMitigation, PlanMitigation, ReturnToAnalysis
from domain.decide import decide
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ControlClass, SuggestedThreatId
from domain.register import ThreatRegister, register
from domain.remediation.status import ThreatState
from domain.replay import replay
from tests.examples import at, house
from tests.slack.hostile_models import STREAM
from tests.slack.remediation_steps import (
    ACCEPTABLE,
    CURTAINS,
    FAR,
    PLUMBER,
    TH1,
    TH2,
    begin_remediation,
    direct_message,
    execute_commands,
    open_plan,
    page_with,
    threat_page,
)
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import (
    begin_analysis_with,
    direct_messages_of,
    person_id,
    run_bot_on_workspace_clock,
)

AMINA = PersonId("UAMINA")


def test_a_threat_is_mitigated_from_the_card_and_the_owner_is_told(either_way: SlackTeam) -> None:
    team = either_way
    begin_remediation(team)
    ben = team.person("ben")
    card = team.card(f"Choose a response to “{PLUMBER}” (TH-1)", "○ Open: no response")
    ben.click(card, "Respond")
    page = team.modal("ben", "TH-1 in the plan")
    assert "Look for controls of: Spoofing → authentication" in page.plain
    ben.click(page, "Plan a mitigation")
    form = team.modal("ben", "Plan a mitigation")
    assert "authentication (against spoofing)" in form.plain
    ben.fill("Mitigation", "<!channel> Ask for a badge")
    ben.choose("Owner", "chi")
    ben.choose("Due", FAR.isoformat())
    ben.fill("Ticket", "https://tickets.example/7")
    team.submit("ben")
    page = page_with(team, "ben", f"○ To be mitigated: Chi, due {short_day(FAR)}")
    assert "<!channel> Ask for a badge · MI-1 · authentication" in page.plain
    told = direct_message(team, "chi", "Ben assigned you the mitigation")
    assert f"Threat: {PLUMBER} (TH-1) in The House (TM-1)." in told.plain
    card = team.card(f"To be mitigated: Chi, due {short_day(FAR)}", "Waiting for Chi")
    assert f"Implement “<!channel> Ask for a badge” (MI-1): due {short_day(FAR)}" in card.plain
    assert not direct_messages_of(team, "ben"), "nobody is told what they did themselves"


def test_the_plan_offers_what_the_rule_names_that_found_the_threat() -> None:
    garage = SuggestedThreatId("X02@DF-5")
    confirmed = decide(
        ConfirmSuggestedThreats(by=AMINA, at=at(60), suggested_threats=(garage,)), replay(house()), tuple
    )
    model = replay([*house(), *confirmed])
    about = Target(stream=STREAM, element=next(iter(model.threats)))
    view = FORMS["mitigation"].render(FormContext(target=about, person=AMINA, register=register(model)))
    usual = next(block for block in view["blocks"] if field_key(str(block.get("block_id"))) == "usual")
    offered = "Define a boundary between the two, and check rights where it is crossed"
    assert [one["value"] for one in usual["element"]["options"]] == [offered, BLANK]
    chosen = {"type": "radio_buttons", "selected_option": {"value": offered}}
    handed_in = {**view, "state": {"values": {"usual": {"value": chosen}}}}
    form = FORMS["mitigation"]
    command = form.command(form.parse(handed_in), about, by=AMINA, at=at(61))
    assert isinstance(command, PlanMitigation)
    assert (command.title, command.control) == (offered, ControlClass.AUTHORIZATION)


def test_a_threat_is_transferred_or_avoided_with_a_reason(team: SlackTeam) -> None:
    begin_remediation(team, PLUMBER, CURTAINS)
    ben = team.person("ben")
    ben.click(threat_page(team, "ben", label="Respond"), "Transfer…")
    team.modal("ben", "Transfer TH-1")
    ben.fill("Recipient", "The <insurer>")
    ben.fill("Reason", "It pays for theft")
    ben.choose("Due", FAR.isoformat())
    team.submit("ben")
    page = page_with(
        team, "ben", f"● Transferred to The <insurer>: Ben, by {short_day(FAR)}", "“It pays for theft”"
    )
    ben.click(page, "Avoid…")
    form = team.modal("ben", "Avoid TH-1")
    assert "Replaces the current response: transfer." in form.plain
    ben.fill("Reason", "We open to nobody any more")
    team.submit("ben")
    page = page_with(team, "ben", "● Avoided: Ben")
    ben.click(page, "Mitigate instead…")
    team.modal("ben", "Mitigate TH-1")
    team.submit("ben")
    team.modal("ben", "Plan a mitigation")
    ben.close()
    page_with(team, "ben", "○ To be mitigated: no mitigation planned")
    team.card("Choose a response to “Curtains left open” (TH-2)")


def test_a_risk_is_accepted_for_a_time_once_someone_else_agrees(either_way: SlackTeam) -> None:
    team = either_way
    begin_remediation(team)
    chi = team.person("chi")
    propose(team, "ben", approver="chi")
    page = page_with(team, "ben", "Ben proposes to accept it until", "Waiting for Chi to approve it.")
    assert "Approve" not in [button.label for button in page.buttons]
    team.card("Approve or decline accepting", "Waiting for Chi")
    asked = direct_message(
        team, "chi", "Ben requests your approval: accept the risk of A plumber who is none (TH-1"
    )
    assert "“We move out soon”" in asked.plain
    chi.click(asked, "Approve")
    direct_message(team, "ben", "Chi approved your proposal")
    card = team.card("none open · 1 accepted")
    assert "Close the model" in card.plain
    chi.click(asked, "Approve")
    team.wait(lambda: any("You approved" in message.plain for message in chi.direct_messages()))


def test_no_one_approves_their_own_proposal(team: SlackTeam) -> None:
    begin_remediation(team)
    propose(team, "ben", approver="ben")
    errors = team.modal("ben", "Accept TH-1").errors
    assert "You cannot approve your own proposal" in str(errors)
    team.person("ben").choose("Approver", "ana")
    team.submit("ben")
    page_with(team, "ben", "Waiting for Ana")


def test_someone_else_is_asked_from_the_page_of_the_threat_and_only_who_can_act(team: SlackTeam) -> None:
    begin_remediation(team)
    propose(team, "ben", approver="chi")
    team.deactivate("chi")
    ben = team.person("ben")
    ben.click(page_with(team, "ben", "Waiting for Chi to approve it."), "Change approver…")
    form = team.modal("ben", "Change approver")
    assert "“We move out soon”" in form.plain
    team.submit("ben")
    gone = "Deactivated accounts cannot participate. Choose someone else instead of @Chi."
    assert gone in str(team.modal("ben", "Change approver").errors)
    ben.choose("Approver", "dee")
    team.submit("ben")
    page_with(team, "ben", "Waiting for Dee to approve it.")
    team.card("Waiting for Dee")
    direct_message(team, "dee", "Ben requests your approval")


def test_a_declined_acceptance_leaves_the_threat_open_and_says_why(team: SlackTeam) -> None:
    begin_remediation(team)
    propose(team, "ben", approver="ana")
    ana = team.person("ana")
    ana.click(team.card("Waiting for Ana"), "View proposal")
    ana.click(team.modal("ana", "TH-1 in the plan"), "Decline…")
    team.modal("ana", "Decline TH-1")
    ana.fill("Why is this risk not acceptable?", "The neighbours were robbed")
    team.submit("ana")
    page_with(team, "ana", "○ Open: no response")
    assert "“The neighbours were robbed”" in direct_message(team, "ben", "Ana declined to accept").plain


def test_when_an_acceptance_is_over_the_threat_is_open_again_by_itself(tmp_path: Path) -> None:
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as team:
        begin_remediation(team)
        day = (team.sandbox.clock.moment() + timedelta(days=30)).date()
        propose(team, "ben", approver="chi", until=day.isoformat())
        team.person("chi").click(direct_message(team, "chi", "Ben requests your approval"), "Approve")
        team.card("none open · 1 accepted")
        team.sandbox.clock.move(timedelta(days=32).total_seconds())
        team.card("⚠ Open again: it was accepted until", "its acceptance has expired")
        team.person("ana").click(open_plan(team, "ana"), "Respond")
        team.person("ana").click(page_with(team, "ana", "⚠ Open again"), "Accept…")
        again = team.modal("ana", "Accept TH-1").values
        assert "We move out soon" in str(again["Why is this risk acceptable?"])
        assert not again["Expires"], "the day that is over is not offered once more"


def test_a_press_that_comes_after_the_phase_has_changed_says_so(team: SlackTeam) -> None:
    begin_remediation(team)
    team.command("ana", "/threatmodel mitigations")
    team.person("ana").click(team.modal("ana", "Plan"), "Respond")
    page = team.modal("ana", "TH-1 in the plan")
    execute_commands(team, ReturnToAnalysis(by=person_id(team, "ana"), at=team.now()))
    team.person("ana").click(page, "Plan a mitigation")
    assert "the remediation" in team.modal("ana", "Not possible").plain


def propose(team: SlackTeam, who: str, *, approver: str, until: str = ACCEPTABLE.isoformat()) -> None:
    """Propose to accept the plumber."""
    person = team.person(who)
    person.click(threat_page(team, who, label="Respond"), "Accept…")
    team.modal(who, "Accept TH-1")
    person.fill("Why is this risk acceptable?", "We move out soon")
    person.choose("Expires", until)
    person.choose("Approver", approver)
    team.submit(who)


THREE = (PLUMBER, CURTAINS, "Glue in the lock")


def shown(team: SlackTeam) -> ThreatRegister:
    return register(team.model(), team.now())


def states(team: SlackTeam) -> list[ThreatState]:
    return [status.state for status in shown(team).statuses.values()]


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
    assert "Respond to several…" not in [button.label for button in page.buttons]


def test_one_mitigation_is_planned_for_several_threats_and_added_to_another(team: SlackTeam) -> None:
    begin_remediation(team, *THREE)
    ben = team.person("ben")
    respond_to(team, "ben", f"TH-1 {PLUMBER}", f"TH-2 {CURTAINS}")
    team.modal("ben", "Mitigate 2 threats")
    ben.fill("Custom mitigation for all", "Ask for a badge")
    ben.choose("Owner", "chi")
    team.submit("ben")
    team.wait(lambda: states(team)[:2] == [ThreatState.RESPONDED] * 2)
    assert [mitigation.threats for mitigation in shown(team).mitigations] == [(TH1, TH2)]
    ben.close(all_of_them=True)
    ben.click(open_plan(team, "ben"), "Respond")
    ben.click(team.modal("ben", "TH-3 in the plan"), "Plan a mitigation")
    team.modal("ben", "Plan a mitigation")
    ben.choose("Planned mitigation", "MI-1 Ask for a badge")
    team.submit("ben")
    page = page_with(team, "ben", "Other threats: TH-1, TH-2", title="TH-3 in the plan")
    ben.click(page, "Remove from TH-3")
    team.wait(lambda: [mitigation.threats for mitigation in shown(team).mitigations] == [(TH1, TH2)])


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
    labels = [button.label for button in page.buttons]
    assert "Begin remediation…" not in labels, "only the facilitator moves a model on"
    page = open_plan(team, "ana")
    team.person("ana").click(page, "Begin remediation…")
    team.modal("ana", "Begin remediation")
