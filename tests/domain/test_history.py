"""Who said what, and the model as of a moment."""

from typing import get_args

from bot.demo import PEOPLE, scored_house_story
from domain.commands import AddAsset, ReviseAsset, Undo
from domain.events import EVENT_TYPES, Erased, Event
from domain.history import as_of, timeline
from domain.kernel.elements import SYSTEM, ElementId
from domain.model.evolution import EVOLVE
from domain.replay import EMPTY, replay
from tests.examples import ANA, BEN, HOUSE_CHANNEL, at, decide_all, started, story_events

AS1 = ElementId("AS-1")


def test_the_timeline_tells_who_said_what() -> None:
    events = decide_all(
        AddAsset(by=BEN, at=at(1), name="Key"),
        ReviseAsset(by=ANA, at=at(2), element=AS1, name="Spare key"),
        Undo(by=ANA, at=at(3)),
        after=[started()],
    )
    entries = timeline(events)
    assert [(one.by, one.text) for one in entries] == [
        (ANA, "started “The House” (TM-1)"),
        (BEN, "added the asset “Key” (AS-1)"),
        (ANA, "revised the asset “Spare key” (AS-1), formerly “Key”"),
        (ANA, "undid: revised the asset “Key” (AS-1), formerly “Spare key”"),
    ]
    assert [one.undone for one in entries] == [False, False, True, False]


def test_the_timeline_knows_what_settled_something() -> None:
    entries = timeline(story_events(scored_house_story(HOUSE_CHANNEL)))
    amina, benji, *_ = PEOPLE
    found = "“No boundary between different trust levels: Garage → House: Valuables”"
    assert [(one.by, one.text) for one in entries if one.decides] == [
        (amina, "started “The House” (TM-1)"),
        (amina, "moved to analysis"),
        (benji, f"confirmed the threat {found} (TH-6, from X02@DF-5)"),
        (SYSTEM, "closed the round RD-1: all ballots were cast"),
    ]


def test_an_erased_event_keeps_its_place() -> None:
    entries = timeline([*decide_all(AddAsset(by=BEN, at=at(1), name="Key"), after=[started()]), Erased()])
    assert (entries[2].version, entries[2].text) == (3, "(erased)")


def test_as_of_is_the_model_at_that_moment() -> None:
    events = decide_all(
        AddAsset(by=BEN, at=at(1), name="Key"),
        AddAsset(by=BEN, at=at(5), name="Purse"),
        after=[started()],
    )
    assert as_of(events, at(-1)) == EMPTY
    assert as_of(events, at(1)) == replay(events[:2])
    assert as_of(events, at(4)) == replay(events[:2])
    assert as_of(events, at(60)) == replay(events)


def test_what_was_recorded_after_something_later_is_not_part_of_the_moment_before() -> None:
    """The clock of another server may be behind."""
    events = decide_all(
        AddAsset(by=BEN, at=at(5), name="Key"), AddAsset(by=BEN, at=at(4), name="Purse"), after=[started()]
    )
    assert as_of(events, at(4)) == replay(events[:1])


def test_the_fold_visits_every_type_of_event() -> None:
    assert set(EVOLVE) == {*EVENT_TYPES, Erased}
    assert set(get_args(Event)) == set(EVENT_TYPES)
