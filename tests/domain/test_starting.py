"""Starting a model, also from another one: its scope, participants, channel and labels."""

from datetime import date

import msgspec
import pytest
from msgspec.structs import replace

from bot.demo import scored_house_story
from bot.demo.shop_votes import scored_shop_story
from domain.commands import (
    AddAsset,
    AddComponent,
    AddExternalDependency,
    AllowSharing,
    AnswerLinks,
    AnswerQuestions,
    AnswerScreening,
    BeginAnalysis,
    ChooseLabels,
    ChooseParticipants,
    ChooseTerms,
    ConfirmScreening,
    FollowChannel,
    ForbidSharing,
    HandOver,
    LinkReply,
    RecordAssumption,
    RemoveElement,
    Reply,
    ReviseScope,
    ScreeningReply,
    StartThreatModel,
    TakeOver,
    Undo,
)
from domain.decide import decide
from domain.decide.templates import structure_of
from domain.dread.metrics import Discoverability
from domain.events import (
    AssetAdded,
    ChannelFollowed,
    Event,
    FacilitatorChanged,
    LabelsChosen,
    ParticipantsChosen,
    PhaseMoved,
    ScopeRevised,
    SharingAllowed,
    SharingForbidden,
    TermsChosen,
    ThreatModelStarted,
)
from domain.history import timeline
from domain.kernel.answer import Answer
from domain.kernel.closing import ConditionOverride
from domain.kernel.elements import (
    SYSTEM,
    Asset,
    ChannelId,
    Component,
    ComponentKind,
    ElementId,
    ExternalDependency,
    ModelKey,
)
from domain.kernel.length_limits import LABEL, LABELS
from domain.kernel.voting_round import VotingTerms
from domain.model import ThreatModel
from domain.register import register
from domain.rejections import (
    AlreadyStarted,
    NameMissing,
    NotAParticipant,
    NothingChanged,
    NothingToUndo,
    NotStarted,
    NotTheFacilitator,
    Rejected,
    TooLong,
)
from domain.replay import EMPTY, replay
from domain.wording import summarize_answer
from tests.domain.remediation_story import THREATS
from tests.examples import (
    ANA,
    BEN,
    CHI,
    DEE,
    HOUSE_CHANNEL,
    STRANGER,
    at,
    closed,
    decide_all,
    given,
    recorded,
    started,
    story_events,
)


def test_anyone_who_starts_a_model_is_its_facilitator() -> None:
    command = StartThreatModel(
        by=ANA, at=at(0), name="  The   House ", channel=HOUSE_CHANNEL, key=ModelKey("TM-1")
    )
    given().when(command).then(
        recorded(
            ThreatModelStarted, key=ModelKey("TM-1"), name="The House", channel=HOUSE_CHANNEL, facilitator=ANA
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
    given(started()).when(command).then(recorded(ScopeRevised, name="The House", out_of_scope="The street"))


def test_the_same_scope_again_changes_nothing() -> None:
    given(started()).when(ReviseScope(by=BEN, at=at(2), name="The House")).then_nothing_happens()


def test_a_description_that_is_too_long_is_refused_and_not_cut() -> None:
    command = ReviseScope(by=BEN, at=at(2), name="The House", description="x" * 3001)
    given(started()).when(command).then_refused(TooLong, "3,001 characters", field="description")


def test_the_facilitator_chooses_the_participants() -> None:
    command = ChooseParticipants(by=ANA, at=at(1), participants=(BEN, BEN, CHI))
    given(started()).when(command).then(recorded(ParticipantsChosen, participants=(BEN, CHI)))


def test_the_facilitator_chooses_what_votes_begin_with() -> None:
    chosen = VotingTerms(quorum=4, discoverability=Discoverability.FIXED)
    command = ChooseTerms(by=ANA, at=at(1), quorum=4, discoverability=Discoverability.FIXED)
    given(started()).when(command).then(recorded(TermsChosen, terms=chosen, own_reminders=True))
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
        recorded(AssetAdded, asset=Asset(id=ElementId("AS-1"), name="Key"))
    )


def test_any_participant_may_take_over() -> None:
    given(started()).when(TakeOver(by=BEN, at=at(1))).then(recorded(FacilitatorChanged, facilitator=BEN))


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
        recorded(
            PhaseMoved,
            step="identifying",
            overrides=(
                ConditionOverride(
                    condition="collected",
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
    given(started(answers_by=over)).when(command).then(recorded(ScopeRevised, name="Castle", answers_by=over))


ALLOW, FORBID = AllowSharing(by=DEE, at=at(1)), ForbidSharing(by=DEE, at=at(2))
ALLOWED = decide_all(ALLOW, after=[started()])


def test_a_model_is_shown_to_other_organizations_only_after_approval() -> None:
    assert not replay([started()]).sharing_allowed
    given(started()).when(ALLOW).then(recorded(SharingAllowed))
    assert replay(ALLOWED).sharing_allowed
    given(*ALLOWED).when(ALLOW).then_nothing_happens()


def test_what_was_allowed_can_be_forbidden_again() -> None:
    given(*ALLOWED).when(FORBID).then(recorded(SharingForbidden))
    assert not replay(decide_all(FORBID, after=ALLOWED)).sharing_allowed
    given(started()).when(FORBID).then_nothing_happens()


def test_it_can_be_allowed_from_the_start() -> None:
    start = StartThreatModel(by=ANA, at=at(0), name="House", channel=HOUSE_CHANNEL, sharing_allowed=True)
    assert replay(given().when(start)._events).sharing_allowed  # pyright: ignore[reportPrivateUsage] (only the outcome counts)
    assert not EMPTY.sharing_allowed


def test_an_administrator_need_not_take_part() -> None:
    among_two = decide_all(ChooseParticipants(by=ANA, at=at(1), participants=(ANA, BEN)), after=[started()])
    given(*among_two).when(ALLOW).then(recorded(SharingAllowed))


def test_allowing_can_be_taken_back() -> None:
    assert not replay(decide_all(Undo(by=DEE, at=at(2)), after=ALLOWED)).sharing_allowed


def test_a_model_moves_with_its_channel_and_with_nothing_else() -> None:
    follow = FollowChannel(by=SYSTEM, at=at(1), channel=ChannelId("C2"))
    given(started()).when(follow).then(recorded(ChannelFollowed, channel=ChannelId("C2")))
    followed = decide_all(follow, after=[started()])
    assert replay(followed).channel == "C2"
    given(*followed).when(follow).then_nothing_happens()
    by_hand = FollowChannel(by=ANA, at=at(1), channel=ChannelId("C2"))
    given(started()).when(by_hand).then_refused(Rejected, "A model cannot be moved to another channel")


STARTED = replay([started()])


def test_labels_are_chosen_once_whatever_their_capitalization() -> None:
    chosen = ChooseLabels(by=BEN, at=at(1), labels=(" team:  payments ", "PCI DSS", "", "pci dss"))

    (event,) = decide(chosen, STARTED)

    assert event == LabelsChosen(by=BEN, at=at(1), answer=2, labels=("team: payments", "PCI DSS"))
    assert replay([started(), event]).labels == ("team: payments", "PCI DSS")
    assert list(decide(chosen, replay([started(), event]))) == []


@pytest.mark.parametrize("labels", [("x" * (LABEL + 1),), tuple(f"label {n}" for n in range(LABELS + 1))])
def test_too_long_or_too_many_labels_are_rejected(labels: tuple[str, ...]) -> None:
    with pytest.raises(Rejected) as refused:
        decide(ChooseLabels(by=BEN, at=at(1), labels=labels), STARTED)
    assert refused.value.field == "labels"


def test_a_closed_model_can_be_labeled() -> None:
    after = decide_all(
        ChooseLabels(by=ANA, at=at(9_001), labels=("done",)), after=closed(THREATS, minute=9_000)
    )
    assert replay(after).labels == ("done",)


OTHER_CHANNEL = ChannelId("CSHED")
AS1, CO1, XD1 = ElementId("AS-1"), ElementId("CO-1"), ElementId("XD-1")


def begun_from(model: ThreatModel) -> tuple[Event, ...]:
    """Ben starts a model in another channel, from this one."""
    command = StartThreatModel(
        by=BEN,
        at=at(100),
        name="The Shed",
        channel=OTHER_CHANNEL,
        key=ModelKey("TM-9"),
        template=model.key,
        structure=structure_of(model),
    )
    return decide(command, EMPTY)


def without_owners(model: ThreatModel) -> dict[ElementId, object]:
    return {
        id: replace(one, owner=None)
        if isinstance(one, Component)
        else replace(one, owner="")
        if isinstance(one, ExternalDependency)
        else one
        for id, one in model.elements.items()
    }


def test_the_examples_are_copied_without_what_people_decided_about_them() -> None:
    for story in (scored_house_story, scored_shop_story):
        source = replay(story_events(story(HOUSE_CHANNEL, (ANA, BEN, CHI, DEE))))
        model = replay(begun_from(source))
        assert without_owners(source) == dict(model.elements.items())
        assert dict(model.facts.items()) == dict(source.facts.items())
        decided = (
            *(model.threats, model.rounds, model.ballots, model.dismissals, model.considered, model.asked_of),
            *(model.responses, model.proposals, model.mitigations, model.assumptions, model.settled),
        )
        assert not any(map(len, decided))
        assert not model.complete
        assert (model.key, model.name, model.channel) == ("TM-9", "The Shed", OTHER_CHANNEL)
        assert (model.facilitator, model.step, model.description) == (BEN, "collection", "")


def test_the_rules_find_again_what_follows_from_the_answers() -> None:
    source = replay(story_events(scored_shop_story(HOUSE_CHANNEL, (ANA, BEN, CHI, DEE))))
    confirmed = {one.id for one in register(source, at(100)).confirmed}
    assert confirmed
    assert confirmed <= {one.id for one in register(replay(begun_from(source)), at(100)).suggested_threats}


def test_people_of_the_template_are_not_named_and_their_assumptions_stay_there() -> None:
    events = decide_all(
        AddComponent(by=CHI, at=at(1), name="Orders", owner=CHI),
        AddExternalDependency(by=CHI, at=at(2), name="Post office", owner="Chi's brother"),
        AddAsset(by=CHI, at=at(3), name="Receipts", description="What customers paid"),
        RecordAssumption(by=CHI, at=at(4), text="Letters are never opened"),
        AnswerScreening(by=CHI, at=at(5), replies=(ScreeningReply(topic="xml", answer=Answer.NO),)),
        ConfirmScreening(by=ANA, at=at(6)),
        after=[started()],
    )
    told = msgspec.json.encode(begun_from(replay(events))).decode()
    assert all(word not in told for word in (ANA, CHI, "brother", "Letters"))
    assert "What customers paid" in told


def test_what_a_second_person_confirmed_is_confirmed_again_by_the_new_team() -> None:
    no = AnswerScreening(by=CHI, at=at(1), replies=(ScreeningReply(topic="xml", answer=Answer.NO),))
    source = replay(decide_all(no, ConfirmScreening(by=ANA, at=at(2)), after=[started()]))
    answer = replay(begun_from(source)).screening["xml"]
    assert (answer.answer, answer.by, answer.confirmed_by) == (Answer.NO, BEN, None)


def test_links_are_copied_with_the_kind_that_a_component_had_before() -> None:
    events = decide_all(
        AddExternalDependency(by=ANA, at=at(1), name="Post office"),
        AddComponent(by=ANA, at=at(2), name="Mail", sort=ComponentKind.PROCESS),
        AnswerLinks(by=ANA, at=at(3), replies=(LinkReply(dependency=XD1, component=CO1, same=True),)),
        after=[started()],
    )
    link = replay(begun_from(replay(events))).links[XD1, CO1]
    assert (link.same, link.by, link.former_sort) == (True, BEN, ComponentKind.PROCESS)


def test_removed_elements_stay_behind_with_their_answers() -> None:
    events = decide_all(
        AddComponent(by=ANA, at=at(1), name="Orders", sort=ComponentKind.PROCESS),
        AnswerQuestions(
            by=ANA, at=at(2), replies=(Reply(element=CO1, fact="least_privilege", answer=Answer.NO),)
        ),
        AddComponent(by=ANA, at=at(3), name="Stock", sort=ComponentKind.PROCESS),
        RemoveElement(by=ANA, at=at(4), element=CO1),
        after=[started()],
    )
    begun = begun_from(replay(events))
    model = replay(begun)
    assert [*model.elements] == ["CO-2"]
    assert not model.facts
    added = replay(decide_all(AddComponent(by=BEN, at=at(101), name="Post"), after=begun))
    assert {*added.elements} == {"CO-2", "CO-3"}


def test_history_says_where_it_comes_from() -> None:
    source = replay(decide_all(AddAsset(by=CHI, at=at(1), name="Receipts"), after=[started()]))
    begun = begun_from(source)
    assert timeline(begun)[0].text == "started “The Shed” (TM-9) from TM-1"
    assert {one.answer for one in timeline(begun)} == {1}
    said = summarize_answer(begun, EMPTY)
    assert said == "started “The Shed” (TM-9) from TM-1: added the asset “Receipts” (AS-1)"


def test_the_beginning_cannot_be_undone_but_what_follows_can() -> None:
    source = replay(decide_all(AddAsset(by=CHI, at=at(1), name="Receipts"), after=[started()]))
    begun = begun_from(source)
    undo = Undo(by=BEN, at=at(102))
    given(*begun).when(undo).then_refused(NothingToUndo, "You have no change left to undo.")
    later = decide_all(AddAsset(by=BEN, at=at(101), name="Prices"), undo, after=begun)
    assert [*replay(later).elements] == [AS1]
