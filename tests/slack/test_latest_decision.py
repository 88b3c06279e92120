"""A person who decides what another one has just decided is told who did what."""

import pytest

from bot.sandbox.api import SandboxPerson, VisibleView
from bot.slack.queries.latest_decision import latest_decision
from domain.commands import (
    ApproveAcceptance,
    Command,
    ConfirmClosing,
    ConfirmSuggestedThreats,
    DeclineAcceptance,
    DismissSuggestedThreats,
    DropMitigation,
    ImplementMitigation,
    MergeThreats,
    ProposeAcceptance,
    RefuseVerification,
    ReopenSuggestedThreat,
    ReviseThreat,
    Undo,
    VerifyMitigation,
    WithdrawClosing,
    WithdrawThreat,
)
from domain.decide import decide
from domain.events import SuggestedThreatReopened
from domain.kernel.elements import PersonId
from domain.kernel.event_subjects import thing
from domain.kernel.threat import Stride, SuggestedThreatId
from domain.rejections import Rejected
from domain.replay import replay
from domain.wording import touched_subjects
from tests.domain.remediation_story import MI1, SPRING, TH1, TH2, THREATS, implement, plan
from tests.domain.test_phase_conditions import PROPOSED
from tests.examples import ANA, BEN, CHI, at, decide_all, house
from tests.formats.forged_history import APPROVED, forged_file, imported_past
from tests.slack.collected_house import create_collected_house
from tests.slack.remediation_steps import begin_remediation, execute_commands, plan_mitigation, threat_page
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import person_id

GARAGE = SuggestedThreatId("X02@DF-5")
HOUSE = house()
AMINA, BENJI = PersonId("UAMINA"), PersonId("UBENJI")
CONFIRM = ConfirmSuggestedThreats(by=AMINA, at=at(100), suggested_threats=(GARAGE,))
DISMISS = DismissSuggestedThreats(
    by=AMINA, at=at(100), suggested_threats=(GARAGE,), reason="It is bricked up"
)
IMPLEMENTED = decide_all(plan(), implement(), after=THREATS)
REFUSE = RefuseVerification(by=ANA, at=at(40), mitigation=MI1, reason="It fell off")
PROPOSE = ProposeAcceptance(by=BEN, at=at(20), threat=TH1, expires=SPRING, reason="We move out")


def naming(person: str) -> str:
    return {"UANA": "Ana", "UAMINA": "Ana", "UBEN": "Ben", "UBENJI": "Ben", "UCHI": "Chi"}[person]


@pytest.mark.parametrize(
    ("before", "first", "second", "sentence"),
    [
        (
            HOUSE,
            CONFIRM,
            DismissSuggestedThreats(by=BENJI, at=at(101), suggested_threats=(GARAGE,), reason="no"),
            "Ana confirmed",
        ),
        (
            HOUSE,
            CONFIRM,
            ConfirmSuggestedThreats(by=BENJI, at=at(101), suggested_threats=(GARAGE,)),
            "Ana confirmed",
        ),
        (
            decide_all(DISMISS, after=HOUSE),
            ReopenSuggestedThreat(by=AMINA, at=at(101), suggested_threat=GARAGE),
            ReopenSuggestedThreat(by=BENJI, at=at(102), suggested_threat=GARAGE),
            "Ana ",
        ),
        (
            THREATS,
            WithdrawThreat(by=ANA, at=at(20), threat=TH1),
            WithdrawThreat(by=BEN, at=at(21), threat=TH1),
            "Ana withdrew",
        ),
        (
            THREATS,
            MergeThreats(by=ANA, at=at(20), kept=TH2, merged=TH1),
            WithdrawThreat(by=BEN, at=at(21), threat=TH1),
            "Ana merged",
        ),
        (
            decide_all(PROPOSE, after=THREATS),
            DeclineAcceptance(by=ANA, at=at(21), threat=TH1, reason="Too bad"),
            ApproveAcceptance(by=CHI, at=at(22), threat=TH1),
            "Ana ",
        ),
        (
            decide_all(PROPOSE, after=THREATS),
            ApproveAcceptance(by=ANA, at=at(21), threat=TH1),
            DeclineAcceptance(by=CHI, at=at(22), threat=TH1, reason="Too bad"),
            "Ana approved",
        ),
        (
            PROPOSED,
            WithdrawClosing(by=ANA, at=at(61)),
            ConfirmClosing(by=BEN, at=at(62)),
            "Ana withdrew the proposal",
        ),
        (
            IMPLEMENTED,
            VerifyMitigation(by=ANA, at=at(40), mitigation=MI1),
            VerifyMitigation(by=BEN, at=at(41), mitigation=MI1),
            "Ana verified the mitigation “Ask for a badge” (MI-1).",
        ),
        (
            IMPLEMENTED,
            REFUSE,
            VerifyMitigation(by=BEN, at=at(41), mitigation=MI1),
            "Ana did not verify the mitigation “Ask for a badge” (MI-1)",
        ),
        (
            IMPLEMENTED,
            REFUSE,
            RefuseVerification(by=BEN, at=at(41), mitigation=MI1, reason="No sign"),
            "Ana did not verify the mitigation “Ask for a badge” (MI-1)",
        ),
        (
            decide_all(REFUSE, after=IMPLEMENTED),
            implement(by=CHI, minute=41),
            implement(by=BEN, minute=42),
            "Chi marked the mitigation “Ask for a badge” (MI-1) as implemented",
        ),
        (
            IMPLEMENTED,
            DropMitigation(by=ANA, at=at(40), mitigation=MI1, reason="We move out"),
            VerifyMitigation(by=BEN, at=at(41), mitigation=MI1),
            "Ana dropped the mitigation “Ask for a badge” (MI-1)",
        ),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Command) else "",
)
def test_the_refusal_names_who_was_faster_and_what_they_did(
    before: list[object], first: Command, second: Command, sentence: str
) -> None:
    events = decide_all(first, after=before)  # pyright: ignore[reportArgumentType]  (a list of the past)
    with pytest.raises(Rejected) as refused:
        decide(second, replay(events), lambda: events)
    assert refused.value.about
    assert refused.value.instead
    assert latest_decision(events, refused.value.about, naming, second.by).startswith(sentence)


def test_what_was_taken_back_is_not_told() -> None:
    events = decide_all(CONFIRM, Undo(by=AMINA, at=at(101)), after=HOUSE)
    assert latest_decision(events, thing(GARAGE), naming, BEN) == ""


def test_the_step_that_takes_a_decision_back_is_not_told_as_one() -> None:
    events = decide_all(DISMISS, Undo(by=AMINA, at=at(101)), after=HOUSE)
    assert isinstance(events[-1], SuggestedThreatReopened)
    assert latest_decision(events, thing(GARAGE), naming, BEN) == ""


def test_what_is_only_written_about_a_thing_is_not_told_as_a_decision_about_it() -> None:
    revised = ReviseThreat(by=CHI, at=at(21), threat=TH1, title="A false one", stride=(Stride.SPOOFING,))
    events = decide_all(revised, after=THREATS)
    assert latest_decision(events, thing(TH1), naming, BEN) == ""
    withdrawn = WithdrawThreat(by=ANA, at=at(20), threat=TH1)
    assert latest_decision(decide_all(withdrawn, after=events), thing(TH1), naming, BEN).startswith(
        "Ana withdrew"
    )


def test_who_decided_it_is_told_so_as_you() -> None:
    events = decide_all(CONFIRM, after=HOUSE)
    assert latest_decision(events, thing(GARAGE), naming, AMINA).startswith("You confirmed")


def test_dismissing_what_someone_else_has_just_confirmed_says_so(team: SlackTeam) -> None:
    create_collected_house(team)
    for who in ("ana", "ben"):
        team.command(who, "/threatmodel suggested threats")
        team.modal(who, "Findings")
    page = team.modal("ben", "Findings")
    team.person("ana").click(team.modal("ana", "Findings"), "Confirm")
    team.wait(lambda: len(team.model().threats) == 1)
    team.person("ben").click(page, "Dismiss…")
    team.wait(lambda: "Ana confirmed" in everything(team))
    assert "because the model has changed" not in everything(team)


def test_who_verifies_what_another_person_has_just_verified_is_told_who_did(team: SlackTeam) -> None:
    ben, page = waiting_to_be_verified(team)
    execute_commands(team, VerifyMitigation(by=person_id(team, "ana"), at=team.now(), mitigation=MI1))
    ben.click(page, "Verify")
    team.wait(lambda: "Ana verified the mitigation" in everything(team))


def test_who_refuses_what_another_person_has_just_refused_is_told_who_did(team: SlackTeam) -> None:
    ben, page = waiting_to_be_verified(team)
    ben.click(page, "Reject…")
    team.modal("ben", "Reject MI-1")
    ben.fill("What did the verification find?", "The sign fell off")
    ana, reason = person_id(team, "ana"), "No one reads the sign"
    execute_commands(team, RefuseVerification(by=ana, at=team.now(), mitigation=MI1, reason=reason))
    team.submit("ben")
    form = team.modal("ben", "Reject MI-1")
    assert "Ana did not verify the mitigation" in form.plain + " ".join(form.errors.values())


def waiting_to_be_verified(team: SlackTeam) -> tuple[SandboxPerson, VisibleView]:
    """Ben with the page of a mitigation that Chi has implemented."""
    begin_remediation(team)
    plan_mitigation(team, owner="chi")
    chi = person_id(team, "chi")
    execute_commands(
        team, ImplementMitigation(by=chi, at=team.now(), mitigation=MI1, evidence="A sign at the door")
    )
    return team.person("ben"), threat_page(team, "ben")


def everything(team: SlackTeam) -> str:
    seen = team.person("ben").modal
    return (seen.plain if seen else "") + " ".join(team.private_messages("ben"))


def test_a_form_that_was_open_when_someone_else_confirmed_says_so(team: SlackTeam) -> None:
    create_collected_house(team)
    team.command("ben", "/threatmodel suggested threats")
    team.person("ben").click(team.modal("ben", "Findings"), "Dismiss…")
    team.modal("ben", "Dismiss suggestion")
    team.person("ben").fill("Why does this threat not apply?", "It is bricked up")
    team.command("ana", "/threatmodel suggested threats")
    team.person("ana").click(team.modal("ana", "Findings"), "Confirm")
    team.wait(lambda: len(team.model().threats) == 1)
    team.submit("ben")
    form = team.modal("ben", "Dismiss suggestion")
    assert "Ana confirmed" in form.plain + " ".join(form.errors.values())


def test_what_an_imported_file_ascribes_to_people_is_no_decision() -> None:
    past = imported_past(forged_file(APPROVED))
    assert not any(
        latest_decision(past, subject, naming, CHI) for event in past for subject in touched_subjects(event)
    )
