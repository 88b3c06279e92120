"""Starting a model, its scope, its participants and its facilitator."""

from datetime import date

from domain.commands import (
    AddAsset,
    BeginAnalysis,
    ChooseParticipants,
    ChooseTerms,
    HandOver,
    ReviseScope,
    StartThreatModel,
    TakeOver,
    Undo,
)
from domain.dread.metrics import Discoverability
from domain.events import (
    AssetAdded,
    FacilitatorChanged,
    ParticipantsChosen,
    PhaseMoved,
    ScopeRevised,
    TermsChosen,
    ThreatModelStarted,
)
from domain.history import timeline
from domain.kernel.elements import SYSTEM, Asset, ElementId, ModelKey
from domain.kernel.gate_overrides import GateOverride
from domain.kernel.voting_round import VotingTerms
from domain.register import register
from domain.rejections import (
    AlreadyStarted,
    NameMissing,
    NotAParticipant,
    NothingChanged,
    NotStarted,
    NotTheFacilitator,
    Rejected,
    TooLong,
)
from domain.replay import replay
from tests.examples import ANA, BEN, CHI, HOUSE_CHANNEL, STRANGER, at, decide_all, given, started


def test_anyone_who_starts_a_model_is_its_facilitator() -> None:
    command = StartThreatModel(
        by=ANA, at=at(0), name="  The   House ", channel=HOUSE_CHANNEL, key=ModelKey("TM-1")
    )
    given().when(command).then(
        ThreatModelStarted(
            by=ANA,
            at=at(0),
            answer=1,
            key=ModelKey("TM-1"),
            name="The House",
            channel=HOUSE_CHANNEL,
            facilitator=ANA,
        )
    )


def test_a_model_starts_once() -> None:
    command = StartThreatModel(by=ANA, at=at(1), name="Again", channel=HOUSE_CHANNEL)
    given(started()).when(command).then_refused(AlreadyStarted, "already been started")


def test_nothing_can_be_asked_of_a_model_that_no_one_started() -> None:
    given().when(AddAsset(by=ANA, at=at(1), name="Key")).then_refused(NotStarted, "Start it first")


def test_a_model_needs_a_name() -> None:
    command = StartThreatModel(by=ANA, at=at(0), name=" \u202e\n", channel=HOUSE_CHANNEL)
    given().when(command).then_refused(NameMissing, "The name of the threat model is missing", field="name")


def test_answers_are_not_wanted_by_a_day_that_is_over() -> None:
    command = StartThreatModel(
        by=ANA, at=at(0), name="House", channel=HOUSE_CHANNEL, answers_by=date(2026, 2, 27)
    )
    given().when(command).then_refused(Rejected, "27 February 2026 is in the past", field="answers_by")


def test_anyone_may_revise_the_scope() -> None:
    command = ReviseScope(by=BEN, at=at(2), name="The House", out_of_scope="The street")
    given(started()).when(command).then(
        ScopeRevised(by=BEN, at=at(2), answer=2, name="The House", out_of_scope="The street")
    )


def test_the_same_scope_again_changes_nothing() -> None:
    given(started()).when(ReviseScope(by=BEN, at=at(2), name="The House")).then_nothing_happens()


def test_a_description_that_is_too_long_is_refused_and_not_cut() -> None:
    command = ReviseScope(by=BEN, at=at(2), name="The House", description="x" * 3001)
    given(started()).when(command).then_refused(TooLong, "3,001 characters", field="description")


def test_the_facilitator_chooses_the_participants() -> None:
    command = ChooseParticipants(by=ANA, at=at(1), participants=(BEN, BEN, CHI))
    given(started()).when(command).then(
        ParticipantsChosen(by=ANA, at=at(1), answer=2, participants=(BEN, CHI))
    )


def test_the_facilitator_chooses_what_votes_begin_with() -> None:
    chosen = VotingTerms(quorum=4, discoverability=Discoverability.FIXED)
    command = ChooseTerms(by=ANA, at=at(1), quorum=4, discoverability=Discoverability.FIXED)
    given(started()).when(command).then(
        TermsChosen(by=ANA, at=at(1), answer=2, terms=chosen, own_reminders=True)
    )
    events = decide_all(command, after=[started()])
    assert register(replay(events)).terms == chosen
    given(*events).when(command).then_nothing_happens()
    assert replay(decide_all(Undo(by=ANA, at=at(2)), after=events)).terms == VotingTerms()
    assert timeline(events)[-1].text == ("set the voting defaults: quorum 4, Discoverability fixed at 10")


def test_others_do_not_choose_what_votes_begin_with_and_two_ballots_are_no_quorum() -> None:
    given(started()).when(ChooseTerms(by=BEN, at=at(1))).then_refused(NotTheFacilitator, "Take over")
    few = ChooseTerms(by=ANA, at=at(1), quorum=2)
    given(started()).when(few).then_refused(
        Rejected,
        "The quorum must be from 3 to 50, so that numbers cannot be attributed to voters",
        field="quorum",
    )


def test_others_do_not_choose_the_participants() -> None:
    command = ChooseParticipants(by=BEN, at=at(1), participants=(BEN,))
    given(started()).when(command).then_refused(NotTheFacilitator, "Take over")


def test_with_participants_named_others_cannot_answer() -> None:
    command = AddAsset(by=STRANGER, at=at(1), name="Key")
    given(started(participants=(ANA, BEN))).when(command).then_refused(
        NotAParticipant, "You are not a participant of this model"
    )


def test_the_facilitator_answers_without_being_named() -> None:
    given(started(participants=(BEN,))).when(AddAsset(by=ANA, at=at(1), name="Key")).then(
        AssetAdded(by=ANA, at=at(1), answer=2, asset=Asset(id=ElementId("AS-1"), name="Key"))
    )


def test_any_participant_may_take_over() -> None:
    given(started()).when(TakeOver(by=BEN, at=at(1))).then(
        FacilitatorChanged(by=BEN, at=at(1), answer=2, facilitator=BEN)
    )


def test_the_facilitator_cannot_take_over_from_oneself() -> None:
    given(started()).when(TakeOver(by=ANA, at=at(1))).then_refused(
        NothingChanged, "You are already the facilitator"
    )


def test_a_model_is_not_handed_to_someone_who_may_not_answer() -> None:
    command = HandOver(by=ANA, at=at(1), facilitator=CHI)
    given(started(participants=(BEN,))).when(command).then_refused(
        Rejected, "@UCHI is not a participant of this model", field="facilitator"
    )


def test_the_clock_is_never_refused_for_who_it_is() -> None:
    command = BeginAnalysis(by=SYSTEM, at=at(1), reason="the deadline passed")
    given(started(participants=(BEN,))).when(command).then(
        PhaseMoved(
            by=SYSTEM,
            at=at(1),
            answer=2,
            step="identifying",
            overrides=(
                GateOverride(
                    gate="collected",
                    text="Missing: an asset, an entry point, a trust level, a data flow",
                    reason="the deadline passed",
                    until=date(2027, 3, 2),
                ),
            ),
        )
    )


def test_a_refusal_calls_people_by_name() -> None:
    refusal = NotTheFacilitator(ANA)
    assert "@Ana Lima" in refusal.text_with_names(lambda person: {"UANA": "Ana Lima"}[person])


def test_a_day_that_passed_meanwhile_does_not_hinder_a_new_name() -> None:
    over = date(2026, 2, 20)
    command = ReviseScope(by=BEN, at=at(2), name="Castle", answers_by=over)
    given(started(answers_by=over)).when(command).then(
        ScopeRevised(by=BEN, at=at(2), answer=2, name="Castle", answers_by=over)
    )
