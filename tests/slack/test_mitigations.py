"""Mitigations in Slack: from planned to verified by somebody else, given away, put off, dropped."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.slack.protocol.interactions import FormName, Target
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.modals.form_registry import FORMS
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
from domain.kernel.response import ResponseKind
from domain.kernel.voting_round import RoundKind
from tests.slack.remediation_steps import (
    CURTAINS,
    FAR,
    PLUMBER,
    TH2,
    begin_remediation,
    direct_message,
    execute_commands,
    page_with,
    plan_mitigation,
    threat_page,
)
from tests.slack.slack_team import RunningBot
from tests.slack.voting_steps import SOME, cast_ballots, open_round_for, person_id, run_bot_on_workspace_clock

MI1 = MitigationId("MI-1")
FURTHER = FAR + timedelta(days=26)
BAD = (9, 9, 9, 9, 9)


def test_a_mitigation_goes_from_planned_to_verified_by_somebody_else(either_way: RunningBot) -> None:
    there = either_way
    begin_remediation(there)
    plan_mitigation(there, owner="chi", due=FAR)
    ben, chi = there.person("ben"), there.person("chi")
    chi.click(there.card("Waits for Chi"), "Look at the mitigation")
    chi.click(there.modal("chi", "TH-1 in the plan"), "Start")
    chi.click(page_with(there, "chi", f"◐ started · Chi · due {short_day(FAR)}"), "It is in place…")
    there.modal("chi", "Done")
    chi.fill("What shows that it is in place?", "A sign at the door")
    there.submit("chi")
    page = page_with(there, "chi", "◐ in place, to be verified", "It can be seen by: A sign at the door")
    assert "Somebody else has to look whether it holds." in page.plain
    assert "Verify" not in page.buttons
    ben.click(there.card("Verify “Ask for a badge” (MI-1): somebody other"), "Look at the mitigation")
    ben.click(there.modal("ben", "TH-1 in the plan"), "Verify")
    page_with(there, "ben", "✓ verified by Ben", "● Mitigated: all is verified")
    assert "Close the model" in there.card("● Mitigated: all is verified").plain


def test_what_does_not_hold_goes_back_to_its_owner_with_the_reason(there: RunningBot) -> None:
    begin_remediation(there)
    plan_mitigation(there, owner="chi")
    implement(there, "chi")
    ben, chi = there.person("ben"), there.person("chi")
    ben.click(threat_page(there, "ben"), "It does not hold…")
    there.modal("ben", "MI-1 does not hold")
    ben.fill("What does not hold?", "Nobody reads the sign")
    there.submit("ben")
    page_with(there, "ben", "◐ started · Chi", "Not verified: “Nobody reads the sign”")
    chi.click(threat_page(there, "chi"), "It is in place…")
    form = there.modal("chi", "Done")
    assert "It did not hold before: “Nobody reads the sign”" in form.plain
    assert "A sign at the door" in str(form.values["What shows that it is in place?"])


def test_a_dropped_mitigation_says_why_and_can_be_planned_after_all(there: RunningBot) -> None:
    begin_remediation(there)
    plan_mitigation(there, owner="chi")
    ben = there.person("ben")
    ben.click(threat_page(there, "ben"), "Drop…")
    there.modal("ben", "Drop MI-1")
    ben.fill("Why will it not be put in place?", "Too dear")
    there.submit("ben")
    page = page_with(there, "ben", "✗ dropped", "Dropped: “Too dear”", "nothing is planned yet")
    ben.click(page, "Plan it after all")
    page_with(there, "ben", "○ planned · Chi")


def test_a_mitigation_is_given_to_somebody_else_and_put_off(there: RunningBot) -> None:
    begin_remediation(there)
    plan_mitigation(there, owner="chi", due=FAR)
    chi = there.person("chi")
    chi.click(threat_page(there, "chi"), "Reassign…")
    there.modal("chi", "Reassign")
    chi.choose("Who sees to it?", "eve")
    there.submit("chi")
    page_with(there, "chi", "Only members of the model's channel can take part", title="Reassign")
    chi.choose("Who sees to it?", "dee")
    there.submit("chi")
    chi.click(page_with(there, "chi", "○ planned · Dee"), "Due date…")
    there.modal("chi", "Due date of MI-1")
    chi.choose("Due", FURTHER.isoformat())
    there.submit("chi")
    page_with(there, "chi", f"due {short_day(FURTHER)}")
    told = direct_message(
        there, "dee", f"Chi gave you the mitigation Ask for a badge (MI-1), due {short_day(FURTHER)}"
    )
    there.person("dee").click(told, "Reassign…")
    there.modal("dee", "Reassign")
    there.person("dee").choose("Who sees to it?", "ben")
    there.submit("dee")
    assert "You gave @\u2060Ben" in there.modal("dee", "Saved").plain, "no page is behind a message"
    assert not direct_message(there, "dee", "✓ Ben sees to it now.").buttons


def test_what_usually_helps_is_chosen_or_said_in_own_words_and_nothing_is_lost_of_both() -> None:
    form = FORMS[FormName.MITIGATION]
    told = {"usual": "Check rights", "title": ""}
    assert form.wrong(SubmittedValues(told)) == {}
    assert (
        "Please choose above what usually helps"
        in form.wrong(SubmittedValues({**told, "usual": ""}))["title"]
    )
    target = Target(what=FormName.MITIGATION, element="TH-1")
    planned = form.make(
        SubmittedValues({**told, "title": "A wall"}), target, PersonId("U0"), datetime.now(UTC)
    )
    assert isinstance(planned, PlanMitigation)
    assert (planned.title, planned.description) == ("A wall", "Check rights")


def test_whoever_gives_away_what_is_theirs_chooses_somebody(there: RunningBot) -> None:
    begin_remediation(there)
    plan_mitigation(there, owner="chi")
    for who, chosen in (("chi", None), ("ben", person_id(there, "chi"))):
        there.person(who).click(threat_page(there, who), "Reassign…")
        assert there.modal(who, "Reassign").values["Who sees to it?"] == chosen


def test_an_owner_outside_the_participants_sees_to_theirs_and_to_nothing_else(there: RunningBot) -> None:
    begin_remediation(there)
    plan_mitigation(there, owner="chi")
    plan_mitigation(there, owner="ana")
    both = tuple(person_id(there, one) for one in ("ana", "ben"))
    execute_commands(there, ChooseParticipants(by=both[0], at=there.now(), participants=both))
    chi = there.person("chi")
    chi.click(threat_page(there, "chi"), "It is in place…")
    there.modal("chi", "Done")
    chi.fill("What shows that it is in place?", "A sign at the door")
    there.submit("chi")
    assert there.model().mitigations[MI1].state is MitigationState.IMPLEMENTED
    page = page_with(there, "chi", "in place, to be verified")
    chi.click(page, action_id="open:drop-MI-2")
    assert "You are not among this model's participants" in there.modal("chi", "Not possible").plain


def test_home_lists_what_i_own_the_first_due_first_and_what_i_am_to_approve(tmp_path: Path) -> None:
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as there:
        begin_remediation(there)
        today = there.sandbox.clock.moment().date()
        plan_mitigation(there, owner="chi", due=today + timedelta(days=60))
        plan_mitigation(there, owner="chi", due=today + timedelta(days=3))
        plan_mitigation(there, owner="ben", due=today + timedelta(days=1))
        chi = there.person("chi")
        chi.open_home()
        there.wait(lambda: "Mitigations I own" in home(there, "chi"))
        rows = [line for line in home(there, "chi").splitlines() if "· MI-" in line]
        assert [one.split(" · ")[1] for one in rows] == ["MI-2", "MI-1"]
        there.card("To be mitigated: Ben, due")
        there.sandbox.clock.move(timedelta(days=7).total_seconds())
        there.wait(lambda: "⚠ overdue since" in home(there, "chi"))
        card = there.card("⚠ overdue since")
        assert "in place: it is overdue" in card.plain
        seen = chi.home()
        assert seen is not None
        chi.click(seen, "Open")
        there.modal("chi", "TH-1 in the plan")


def test_home_asks_the_next_person_to_verify_when_the_first_is_gone(there: RunningBot) -> None:
    begin_remediation(there)
    plan_mitigation(there, owner="chi", by="ben")
    implement(there, "chi")
    there.person("ben").open_home()
    assert "Mitigations to verify" not in home(there, "ben"), "the facilitator is asked first"
    there.deactivate("ana")
    there.person("ben").open_home()
    there.wait(lambda: "Mitigations to verify" in home(there, "ben"))


def test_what_remains_is_voted_on_after_something_is_verified(there: RunningBot) -> None:
    begin_remediation(there, PLUMBER, CURTAINS)
    open_round_for(there, "ana", "ben", "chi")
    for who in ("ana", "ben", "chi"):
        cast_ballots(there, who, {"TH-1": BAD, "TH-2": BAD})
    plan_mitigation(there, owner="chi")
    implement(there, "chi")
    execute_commands(there, VerifyMitigation(by=person_id(there, "ben"), at=there.now(), mitigation=MI1))
    ana = there.person("ana")
    assert "Vote on what remains" in str(threat_page(there, "ana").blocks)
    ana.close(all_of_them=True)
    avoid = ChooseResponse(
        by=person_id(there, "ana"),
        at=there.now(),
        threat=TH2,
        response=ResponseKind.AVOID,
        reason="Shut them",
    )
    execute_commands(there, avoid)
    ana.click(there.card("or vote before that on what remains of"), "Vote on what remains")
    form = there.modal("ana", "What remains?")
    assert "TH-2" not in str(form.blocks), "nothing against it is verified"
    ana.choose("Who votes?", "ana", "ben", "chi")
    there.submit("ana")
    assert there.model().open_rounds()[-1].kind is RoundKind.RESIDUAL
    ana.close(all_of_them=True)
    for who in ("ana", "ben", "chi"):
        cast_ballots(there, who, {"TH-1": SOME})
    assert "What remains after mitigation: Medium" in threat_page(there, "ben").plain


def test_a_plan_that_was_saved_and_then_changed_and_sent_again_becomes_a_revision(there: RunningBot) -> None:
    begin_remediation(there)
    ben = there.person("ben")
    ben.click(threat_page(there, "ben", label="Respond"), "Plan a mitigation")
    there.modal("ben", "Plan a mitigation")
    ben.fill("What will be done?", "Ask for a badge")
    there.sandbox.faults.lost_acks_of_acts = 1
    there.submit("ben")
    ben.fill("What will be done?", "Ask for a badge and a call back")
    there.submit("ben")
    assert "saved already as MI-1" in there.modal("ben", "Revise MI-1").plain
    there.submit("ben")
    assert [one.title for one in there.model().mitigations.values()] == ["Ask for a badge and a call back"]


def implement(there: RunningBot, who: str) -> None:
    """Say past Slack that a mitigation is in place."""
    by = person_id(there, who)
    execute_commands(
        there,
        StartMitigation(by=by, at=there.now(), mitigation=MI1),
        ImplementMitigation(by=by, at=there.now(), mitigation=MI1, evidence="A sign at the door"),
    )


def home(there: RunningBot, who: str) -> str:
    seen = there.person(who).home()
    return seen.plain if seen else ""
