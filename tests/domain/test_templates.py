"""A model that starts from another one has its structure and its answers, and nothing that was decided."""

import msgspec
from msgspec.structs import replace

from bot.demo import scored_house_story
from bot.demo.shop_votes import scored_shop_story
from domain.commands import (
    AddAsset,
    AddComponent,
    AddExternalDependency,
    AnswerLinks,
    AnswerQuestions,
    AnswerScreening,
    ConfirmScreening,
    LinkReply,
    RecordAssumption,
    RemoveElement,
    Reply,
    ScreeningReply,
    StartThreatModel,
    Undo,
)
from domain.decide import decide
from domain.decide.templates import structure_of
from domain.events import Event
from domain.history import timeline
from domain.kernel.answer import Answer
from domain.kernel.elements import (
    ChannelId,
    Component,
    ComponentKind,
    ElementId,
    ExternalDependency,
    ModelKey,
)
from domain.model import ThreatModel
from domain.register import register
from domain.rejections import NothingToUndo
from domain.replay import EMPTY, replay
from domain.wording import summarize_answer
from tests.examples import ANA, BEN, CHI, DEE, HOUSE_CHANNEL, at, decide_all, given, started, story_events

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
    assert confirmed <= {one.id for one in register(replay(begun_from(source)), at(100)).candidates}


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
