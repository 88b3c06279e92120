"""What happened, in words."""

from domain.commands import NameElements
from domain.decide import decide
from domain.events import EVENT_TYPES, AssumptionRecorded
from domain.history import timeline
from domain.kernel.elements import Assumption, AssumptionId, PersonId
from domain.kernel.person_names import with_names
from domain.model import replay
from domain.wording import describe_event, mentioned_people, summarize_answer
from tests.examples import BEN, at, house, started
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


def test_an_answer_of_many_events_is_summed_up() -> None:
    named = NameElements(by=BEN, at=at(1), assets=("Key", "Purse"), entry_points=("Door",))
    before = replay([started()])
    events = decide(named, before)
    assert summarize_answer(events, before) == "added 1 entry point and 2 assets"
    assert summarize_answer(events[:1], before) == "added the entry point “Door” (EP-1)"
    assert summarize_answer(ONE_OF_EACH, replay(house()))


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
    assert "placed the component “House” (CO-2)" in [one.text for one in entries]


def test_a_mention_is_told_by_name_whatever_ids_and_names_look_like() -> None:
    names = {"UAN": "@UANA", "UANA": "Ana"}
    sentence = with_names("@UANA and @UAN", (PersonId("UAN"), PersonId("UANA")), names.__getitem__)
    assert sentence == "@Ana and @@UANA"
