"""Mitigations in Slack: from planned to verified by somebody else, given away, put off, dropped."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form_fields import SubmittedValues
from bot.slack.ui.modals.modal_registry import FORMS
from domain.commands import (
    ChooseParticipants,
    ChooseResponse,
    ImplementMitigation,
    PlanMitigation,
    StartMitigation,
    VerifyMitigation,
)
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationId, MitigationState
from domain.kernel.persistent_maps import values_of
from domain.kernel.threat import ResponseKind
from domain.kernel.voting_round import RoundKind
from tests.slack.remediation_steps import (
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
    plan_mitigation,
    threat_page,
)
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import SOME, cast_ballots, open_round_for, person_id, run_bot_on_workspace_clock

MI1 = MitigationId("MI-1")
FURTHER = FAR + timedelta(days=26)
BAD = (9, 9, 9, 9, 9)


def test_a_mitigation_goes_from_planned_to_verified_by_someone_else(either_way: SlackTeam) -> None:
    team = either_way
    begin_remediation(team)
    plan_mitigation(team, owner="chi", due=FAR)
    ben, chi = team.person("ben"), team.person("chi")
    chi.click(team.card("Waiting for Chi"), "View mitigation")
    chi.click(team.modal("chi", "TH-1 in the plan"), "Start")
    chi.click(page_with(team, "chi", f"◐ started · Chi · due {short_day(FAR)}"), "Mark as implemented…")
    team.modal("chi", "Mark as implemented")
    chi.fill("Evidence", "A sign at the door")
    team.submit("chi")
    page = page_with(team, "chi", "◐ implemented, to be verified", "Evidence: A sign at the door")
    assert "Someone else must verify it." in page.plain
    assert "Verify" not in {button.label for button in page.buttons}
    ben.click(team.card("Verify “Ask for a badge” (MI-1) as someone other"), "View mitigation")
    ben.click(team.modal("ben", "TH-1 in the plan"), "Verify")
    page_with(team, "ben", "✓ verified by Ben", "● Mitigated: all mitigations verified")
    assert "Close the model" in team.card("none open · 1 mitigated").plain


def test_what_does_not_hold_goes_back_to_its_owner_with_the_reason(team: SlackTeam) -> None:
    begin_remediation(team)
    plan_mitigation(team, owner="chi")
    implement(team, "chi")
    ben, chi = team.person("ben"), team.person("chi")
    ben.click(threat_page(team, "ben"), "Reject…")
    team.modal("ben", "Reject MI-1")
    ben.fill("What did the verification find?", "Nobody reads the sign")
    team.submit("ben")
    page_with(team, "ben", "◐ started · Chi", "Rejected in verification: “Nobody reads the sign”")
    chi.click(threat_page(team, "chi"), "Mark as implemented…")
    form = team.modal("chi", "Mark as implemented")
    assert "Last verification failed: “Nobody reads the sign”" in form.plain
    assert "A sign at the door" in str(form.values["Evidence"])


def test_a_dropped_mitigation_says_why_and_can_be_planned_after_all(team: SlackTeam) -> None:
    begin_remediation(team)
    plan_mitigation(team, owner="chi")
    ben = team.person("ben")
    ben.click(threat_page(team, "ben"), "Drop…")
    team.modal("ben", "Drop MI-1")
    ben.fill("Why is it dropped?", "Too dear")
    team.submit("ben")
    page = page_with(team, "ben", "✗ dropped", "Dropped: “Too dear”", "no mitigation planned")
    ben.click(page, "Restore")
    page_with(team, "ben", "○ planned · Chi")


def test_a_mitigation_is_given_to_someone_else_and_put_off(team: SlackTeam) -> None:
    begin_remediation(team)
    plan_mitigation(team, owner="chi", due=FAR)
    chi = team.person("chi")
    chi.click(threat_page(team, "chi"), "Reassign…")
    team.modal("chi", "Reassign")
    chi.choose("New owner", "eve")
    team.submit("chi")
    page_with(team, "chi", "Only members of the model's channel can participate", title="Reassign")
    chi.choose("New owner", "dee")
    team.submit("chi")
    chi.click(page_with(team, "chi", "○ planned · Dee"), "Change due date…")
    team.modal("chi", "Due date of MI-1")
    chi.choose("Due", FURTHER.isoformat())
    team.submit("chi")
    page_with(team, "chi", f"due {short_day(FURTHER)}")
    told = direct_message(
        team, "dee", f"Chi assigned you the mitigation Ask for a badge (MI-1), due {short_day(FURTHER)}"
    )
    team.person("dee").click(told, "Reassign…")
    team.modal("dee", "Reassign")
    team.person("dee").choose("New owner", "ben")
    team.submit("dee")
    assert "to @\u2060Ben" in team.modal("dee", "Saved").plain, "no page is behind a message"
    assert not direct_message(team, "dee", "✓ The owner is now Ben.").buttons


def test_an_owner_who_leaves_is_marked_and_the_facilitator_is_asked(team: SlackTeam) -> None:
    begin_remediation(team)
    plan_mitigation(team, owner="chi", due=FAR)
    team.card("Waiting for Chi")
    team.person("ana").open_home()
    team.person("chi").leave("#house")
    team.card("Reassign “Ask for a badge” (MI-1): its owner has left", "Waiting for Ana")
    plan = open_plan(team, "ben").plain
    assert f"○ To be mitigated: ⚠ Chi (left), due {short_day(FAR)}" in plan
    assert "⚠ 1 mitigation of people who left" in plan
    team.wait(lambda: (tab := team.person("ana").home()) and "your turn" in tab.plain)
    team.sandbox.invite("chi", "#house")
    team.card("Waiting for Chi")


def test_all_that_a_person_who_left_had_to_do_goes_to_another_person_in_one_form(team: SlackTeam) -> None:
    begin_remediation(team)
    plan_mitigation(team, owner="chi")
    plan_mitigation(team, owner="chi")
    plan_mitigation(team, owner="ben")
    team.person("chi").leave("#house")
    team.card("its owner has left")
    ana = team.person("ana")
    ana.click(open_plan(team, "ana"), "Reassign all of a person's…")
    form = team.modal("ana", "Reassign all")
    assert "Chi (left)" in form.plain
    assert "2 mitigations (MI-1, MI-2)" in form.plain
    assert "Chi (left)" in str(form.values["From"])
    ana.choose("To", "dee")
    team.submit("ana")
    page_with(team, "ana", "○ To be mitigated: Dee", title="Plan")
    assert [one.owner for one in sorted(values_of(team.model().mitigations), key=lambda one: one.id)] == [
        person_id(team, "dee"),
        person_id(team, "dee"),
        person_id(team, "ben"),
    ]
    direct_message(team, "dee", "Ana assigned you")


def test_a_mitigation_is_ticked_place_by_place(team: SlackTeam) -> None:
    begin_remediation(team, PLUMBER, CURTAINS)
    both = PlanMitigation(
        by=person_id(team, "ana"),
        at=team.now(),
        threat=TH1,
        also=(TH2,),
        title="Ask for a badge",
        owner=person_id(team, "chi"),
    )
    execute_commands(team, both)
    chi = team.person("chi")
    chi.click(threat_page(team, "chi"), "Mark as implemented…")
    form = team.modal("chi", "Mark as implemented")
    ticked = str(form.values["Threats and places"])
    assert "'TH-1/'" in ticked
    assert "'TH-2/'" in ticked
    chi.choose("Threats and places", f"TH-1 {PLUMBER}")
    chi.fill("Evidence", "A sign at the door")
    team.submit("chi")
    page_with(
        team,
        "chi",
        "◐ implemented at 1 of 2 threats and places · Chi",
        f"✓ TH-1 {PLUMBER}",
        f"○ TH-2 {CURTAINS}",
    )
    chi.click(threat_page(team, "chi"), "Mark as implemented…")
    team.modal("chi", "Mark as implemented")
    chi.fill("Evidence", "Curtains are closed")
    team.submit("chi")
    page_with(team, "chi", "◐ implemented, to be verified", "Evidence: A sign at the door")


def test_what_usually_helps_is_chosen_or_said_in_own_words_and_nothing_is_lost_of_both() -> None:
    form = FORMS["mitigation"]
    told = {"usual": "Check rights", "title": ""}
    assert form.validate(SubmittedValues(told)) == {}
    assert "The mitigation is missing." in form.validate(SubmittedValues({**told, "usual": ""}))["title"]
    target = Target(name="mitigation", element="TH-1")
    planned = form.command(
        SubmittedValues({**told, "title": "A wall"}), target, by=PersonId("U0"), at=datetime.now(UTC)
    )
    assert isinstance(planned, PlanMitigation)
    assert (planned.title, planned.description) == ("A wall", "Check rights")


def test_anyone_who_gives_away_what_is_theirs_chooses_someone(team: SlackTeam) -> None:
    begin_remediation(team)
    plan_mitigation(team, owner="chi")
    for who, chosen in (("chi", None), ("ben", person_id(team, "chi"))):
        team.person(who).click(threat_page(team, who), "Reassign…")
        assert team.modal(who, "Reassign").values["New owner"] == chosen


def test_an_owner_outside_the_participants_sees_to_theirs_and_to_nothing_else(team: SlackTeam) -> None:
    begin_remediation(team)
    plan_mitigation(team, owner="chi")
    plan_mitigation(team, owner="ana")
    both = tuple(person_id(team, one) for one in ("ana", "ben"))
    execute_commands(team, ChooseParticipants(by=both[0], at=team.now(), participants=both))
    chi = team.person("chi")
    chi.click(threat_page(team, "chi"), "Mark as implemented…")
    team.modal("chi", "Mark as implemented")
    chi.fill("Evidence", "A sign at the door")
    team.submit("chi")
    assert team.model().mitigations[MI1].state is MitigationState.IMPLEMENTED
    page = page_with(team, "chi", "implemented, to be verified")
    chi.click(page, action_id="open:drop-MI-2")
    assert "You are not a participant of this model" in team.modal("chi", "Not possible").plain


def test_home_lists_what_i_own_the_first_due_first_and_what_i_am_to_approve(tmp_path: Path) -> None:
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as team:
        begin_remediation(team)
        today = team.sandbox.clock.moment().date()
        plan_mitigation(team, owner="chi", due=today + timedelta(days=60))
        plan_mitigation(team, owner="chi", due=today + timedelta(days=3))
        plan_mitigation(team, owner="ben", due=today + timedelta(days=1))
        chi = team.person("chi")
        chi.open_home()
        team.wait(lambda: "My mitigations" in home(team, "chi"))
        rows = [line for line in home(team, "chi").splitlines() if "· MI-" in line]
        assert [row.split(" · ")[1] for row in rows] == ["MI-2", "MI-1"]
        team.card("To be mitigated: Ben, due")
        team.sandbox.clock.move(timedelta(days=7).total_seconds())
        team.wait(lambda: "⚠ overdue since" in home(team, "chi"))
        card = team.card("⚠ overdue since")
        assert "mitigated: Ben, ⚠ overdue" in card.plain
        seen = chi.home()
        assert seen is not None
        chi.click(seen, "Open")
        team.modal("chi", "TH-1 in the plan")


def test_home_asks_the_next_person_to_verify_when_the_first_is_gone(team: SlackTeam) -> None:
    begin_remediation(team)
    plan_mitigation(team, owner="chi", by="ben")
    implement(team, "chi")
    team.person("ben").open_home()
    assert "Mitigations to verify" not in home(team, "ben"), "the facilitator is asked first"
    team.deactivate("ana")
    team.person("ben").open_home()
    team.wait(lambda: "Mitigations to verify" in home(team, "ben"))


def test_what_remains_is_voted_on_after_something_is_verified(team: SlackTeam) -> None:
    begin_remediation(team, PLUMBER, CURTAINS)
    open_round_for(team, "ana", "ben", "chi")
    for who in ("ana", "ben", "chi"):
        cast_ballots(team, who, {"TH-1": BAD, "TH-2": BAD})
    plan_mitigation(team, owner="chi")
    implement(team, "chi")
    execute_commands(team, VerifyMitigation(by=person_id(team, "ben"), at=team.now(), mitigation=MI1))
    ana = team.person("ana")
    assert "Rate residual risk" in str(threat_page(team, "ana").blocks)
    ana.close(all_of_them=True)
    avoid = ChooseResponse(
        by=person_id(team, "ana"),
        at=team.now(),
        threat=TH2,
        response=ResponseKind.AVOID,
        reason="Shut them",
    )
    execute_commands(team, avoid)
    ana.click(team.card("or first vote on the residual risk of"), "Rate residual risk")
    form = team.modal("ana", "Rate residual risk")
    assert "TH-2" not in str(form.blocks), "nothing against it is verified"
    ana.choose("Voters", "ana", "ben", "chi")
    team.submit("ana")
    assert team.model().open_rounds()[-1].kind is RoundKind.RESIDUAL
    ana.close(all_of_them=True)
    for who in ("ana", "ben", "chi"):
        cast_ballots(team, who, {"TH-1": SOME})
    assert "Residual risk: Medium" in threat_page(team, "ben").plain


def test_a_plan_that_was_saved_and_then_changed_and_sent_again_becomes_a_revision(team: SlackTeam) -> None:
    begin_remediation(team)
    ben = team.person("ben")
    ben.click(threat_page(team, "ben", label="Respond"), "Plan a mitigation")
    team.modal("ben", "Plan a mitigation")
    ben.fill("Mitigation", "Ask for a badge")
    team.sandbox.faults.lost_acks_of_acts = 1
    team.submit("ben")
    ben.fill("Mitigation", "Ask for a badge and a call back")
    team.submit("ben")
    assert "already saved as MI-1" in team.modal("ben", "Revise MI-1").plain
    team.submit("ben")
    assert [one.title for one in team.model().mitigations.values()] == ["Ask for a badge and a call back"]


def implement(team: SlackTeam, who: str) -> None:
    """Say past Slack that a mitigation is in place."""
    by = person_id(team, who)
    execute_commands(
        team,
        StartMitigation(by=by, at=team.now(), mitigation=MI1),
        ImplementMitigation(by=by, at=team.now(), mitigation=MI1, evidence="A sign at the door"),
    )


def home(team: SlackTeam, who: str) -> str:
    seen = team.person(who).home()
    return seen.plain if seen else ""
