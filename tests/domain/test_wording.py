"""What happened, in words."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from domain.built_in_catalog import BUILT_IN
from domain.commands import AnswerQuestions, NameElements, Reply, Undo
from domain.decide import decide
from domain.events import (
    EVENT_TYPES,
    AssumptionRecorded,
    ComponentAdded,
    ComponentRevised,
    Erased,
    Event,
    FactAnswered,
    MitigationReassigned,
    PersonAsked,
    RoundOpened,
    VoterLeft,
)
from domain.history import timeline
from domain.kernel.answer import Answer
from domain.kernel.elements import Assumption, AssumptionId, Component, ComponentKind, ElementId, PersonId
from domain.kernel.mitigation import MitigationId
from domain.kernel.text_formatting import with_names
from domain.kernel.voting_round import RoundKind
from domain.model import ThreatModel
from domain.model.element_labels import unplaced_components
from domain.replay import replay
from domain.wording import describe_event, mentioned_people, summarize_answer
from tests.domain.placed_components import placed_model
from tests.domain.voting_story import OPENED, RD1
from tests.examples import ANA, BEN, at, decide_all, house, started
from tests.for_each import for_each
from tests.sample_events import ONE_OF_EACH


def test_every_event_can_be_told_in_words() -> None:
    assert {type(event) for event in ONE_OF_EACH} == set(EVENT_TYPES)
    model = replay(house())
    for event in ONE_OF_EACH:
        words = describe_event(event, model)
        assert words
        assert "\n" not in words
        assert all(f"@{person}" in words for person in mentioned_people(event))
        replay([event], model)


@for_each("event", ONE_OF_EACH, ids=lambda one: type(one).__name__)
def test_all_people_that_the_words_name_are_told_with_the_event(event: Event) -> None:
    named = re.findall(r"(?<!\w)@(\w+)", describe_event(event, replay([])))
    assert {*named} - {event.by} == {*mentioned_people(event)} - {event.by}


def with_parts_left_out(event: Event) -> Iterator[Event]:
    """The event without one of the things that it may leave out, itself or in what it tells of."""
    for field in msgspec.structs.fields(event):
        value = getattr(event, field.name)
        if field.default is not msgspec.NODEFAULT:
            yield replace(event, **{field.name: field.default})
        if isinstance(value, msgspec.Struct):
            for part in msgspec.structs.fields(value):
                if part.default is not msgspec.NODEFAULT:
                    yield replace(event, **{field.name: replace(value, **{part.name: part.default})})


@for_each("event", ONE_OF_EACH, ids=lambda one: type(one).__name__)
def test_what_was_not_said_is_not_told(event: Event) -> None:
    for less in with_parts_left_out(event):
        words = describe_event(less, replay(house()))
        assert not re.search(r"None|False|\(\)|“”|  |@(?!\w)| because$", words), words
        assert None not in mentioned_people(less)


def test_an_answer_of_many_events_is_summed_up() -> None:
    named = NameElements(by=BEN, at=at(1), assets=("Key", "Purse"), entry_points=("Door",))
    before = replay([started()])
    events = decide(named, before)
    assert summarize_answer(events, before) == "added 1 entry point and 2 assets"
    assert summarize_answer(events[:1], before) == "added the entry point “Door” (EP-1)"
    assert summarize_answer(ONE_OF_EACH, replay(house()))


def test_a_summary_counts_what_is_alike_and_tells_the_rest_one_by_one() -> None:
    door, front = ElementId("EP-1"), ElementId("EP-2")
    told: dict[str, Any] = {"by": BEN, "at": at(1), "answer": 2}
    held = Assumption(id=AssumptionId("AU-1"), text="It holds", held_by=BEN)
    events = (
        *(FactAnswered(**told, element=one, fact="public", reply=Answer.NO) for one in (door, front)),
        *(PersonAsked(**told, element=one, fact="logged", person=ANA) for one in (door, front)),
        *(MitigationReassigned(**told, mitigation=MitigationId(one), owner=ANA) for one in ("MI-1", "MI-2")),
        AssumptionRecorded(**told, assumption=held),
    )
    assert summarize_answer(events, replay([started()])) == (
        "answered 2 questions, assigned @UANA 2 questions, assigned @UANA 2 mitigations"
        " and recorded the assumption “It holds”"
    )


def test_a_summary_tells_what_was_placed_from_what_was_called_otherwise() -> None:
    model = replay(placed_model())
    told: dict[str, Any] = {"by": BEN, "at": at(3), "answer": 20}
    guest, home = (model.elements[ElementId(id)] for id in ("CO-1", "CO-2"))
    assert isinstance(guest, Component)
    assert isinstance(home, Component)
    bounded = [replace(one, boundary=ElementId("TB-1")) for one in (guest, home)]
    whole = [replace(one, sort=ComponentKind.PROCESS, trust_level=ElementId("TL-1")) for one in bounded]
    placed = [ComponentRevised(**told, component=one) for one in whole]
    begun = [ComponentRevised(**told, component=one) for one in bounded]
    renamed = [ComponentRevised(**told, component=replace(one, name="Hut")) for one in (guest, home)]
    assert summarize_answer(placed, model) == "placed 2 components"
    assert summarize_answer(renamed, model) == "revised 2 components"
    # Without a kind and a trust level they are still to be placed, as a form asks next.
    assert [id in unplaced_components(model) for id in ("CO-1", "CO-2")] == [True, True]
    assert summarize_answer(begun, model) == "revised 2 components"
    new = [
        ComponentAdded(**told, component=replace(one, id=ElementId(f"CO-{n}")))
        for n, one in enumerate((guest, home), 8)
    ]
    inside = [replace(one.component, boundary=ElementId("TB-1")) for one in new]
    again = [ComponentRevised(**told, component=one) for one in inside]
    assert summarize_answer([*new, *again], model) == "added 2 components"


def test_a_round_on_what_remains_says_so() -> None:
    *_, opened = OPENED
    assert isinstance(opened, RoundOpened)
    assert describe_event(opened, ThreatModel()) == "opened the round RD-1 on TH-1"
    residual = replace(opened, round=replace(opened.round, kind=RoundKind.RESIDUAL))
    assert describe_event(residual, ThreatModel()) == "opened the round RD-1 on TH-1 (residual risk)"
    many = replace(opened, round=replace(opened.round, asks=opened.round.asks * 6))
    assert describe_event(many, ThreatModel()) == "opened the round RD-1 on 6 threats"


def test_who_leaves_a_round_and_who_is_released_from_it() -> None:
    left = VoterLeft(by=BEN, at=at(1), answer=2, round=RD1, voter=BEN)
    assert describe_event(left, ThreatModel()) == "left the round RD-1"
    assert describe_event(replace(left, by=ANA), ThreatModel()) == "released @UBEN from the round RD-1"


def test_an_answer_that_was_taken_back_is_no_answer() -> None:
    said = Reply(element=ElementId("EP-1"), fact="public", answer=Answer.NO)
    events = decide_all(
        NameElements(by=BEN, at=at(1), entry_points=("Door",)),
        AnswerQuestions(by=BEN, at=at(2), replies=(said,)),
        Undo(by=BEN, at=at(3)),
        after=[started()],
    )
    question = BUILT_IN.facts["public"].question
    assert [describe_event(one, replay(events)) for one in events[-2:] if not isinstance(one, Erased)] == [
        f"answered “no” to “{question}” for Door (EP-1)",
        f"undid: answered “no answer” to “{question}” for Door (EP-1)",
    ]


def test_no_one_is_named_as_someone_else() -> None:
    mine = AssumptionRecorded(
        by=BEN,
        at=at(1),
        answer=2,
        assumption=Assumption(id=AssumptionId("AU-1"), text="It holds", held_by=BEN),
    )
    assert describe_event(mine, replay([started()])) == "recorded the assumption “It holds”"
    assert describe_event(started(), replay([])) == "started “The House” (TM-1)"
    by_another = started(facilitator=BEN)
    assert describe_event(by_another, replay([])) == "started “The House” (TM-1) with @UBEN as facilitator"
    assert (mentioned_people(mine), mentioned_people(by_another)) == ((), (BEN,))


def test_moving_a_component_is_placing_it() -> None:
    entries = timeline(house())
    assert "placed the component “House” (CO-2)" in [entry.text for entry in entries]


def test_a_mention_is_told_by_name_whatever_ids_and_names_look_like() -> None:
    names = {"UAN": "@UANA", "UANA": "Ana"}
    sentence = with_names("@UANA and @UAN", (PersonId("UAN"), PersonId("UANA")), names.__getitem__)
    assert sentence == "@Ana and @@UANA"
