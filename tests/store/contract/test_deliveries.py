"""What the records of slots and the checkpoints of projectors answer."""

import pytest
from msgspec.structs import replace

from bot.store import ForeignStream, StreamId, UnitOfWork
from bot.store.records import StreamState
from bot.store.repositories.deliveries import DeliveryRecord
from tests.store.saying import HOUSE, asset, say, started

SHOP = StreamId("T1/TM-2")
CARD = DeliveryRecord(slot="card/TM-1", sink="channel", stream=HOUSE, place="C1", parameters=b"{}")
RESULT = DeliveryRecord(slot="result/TM-1/12", sink="thread", stream=HOUSE, place="C1", thread="1.1")
HOME = DeliveryRecord(slot="home/U1", sink="home")


def posted(unit: UnitOfWork, record: DeliveryRecord, attempt: str = "a1", at: str = "1.1") -> DeliveryRecord:
    attempted = unit.deliveries.begin(record, attempt)
    assert attempted is not None
    there = replace(attempted, external_id=at, shown="s:digest")
    assert unit.deliveries.settle(attempted, there)
    return there


def test_a_slot_is_added_once_and_found_by_model_kind_and_place(unit: UnitOfWork) -> None:
    assert unit.deliveries.add_missing(CARD, RESULT, HOME) == [CARD, RESULT, HOME]
    assert unit.deliveries.add_missing(replace(CARD, place="C9")) == []
    assert unit.deliveries.add_missing() == []

    assert unit.deliveries.find("card/TM-1") == CARD
    assert (CARD.kind, RESULT.kind, RESULT.subject) == ("card", "result", "TM-1/12")
    assert unit.deliveries.of_model(HOUSE) == [CARD, RESULT]
    assert unit.deliveries.of_model(HOUSE, "result") == unit.deliveries.of_kind("result") == [RESULT]
    assert unit.deliveries.of_model(SHOP) == unit.deliveries.of_kind("cards") == []
    assert unit.deliveries.in_place("C1") == [CARD, RESULT]
    assert unit.deliveries.in_place("C1", "result") == [RESULT]
    assert unit.deliveries.in_place("C1", "res") == unit.deliveries.in_place("C2", "result") == []


def test_a_change_of_a_model_concerns_its_unfinished_slots_and_those_of_no_model(unit: UnitOfWork) -> None:
    assert unit.deliveries.changeable_kinds(HOUSE) == frozenset()
    unit.deliveries.add_missing(CARD, RESULT, replace(RESULT, slot="result/TM-1/13"), HOME)
    unit.deliveries.add_missing(replace(CARD, slot="reminder/1", stream=SHOP))

    assert unit.deliveries.changeable_kinds(HOUSE) == {"card", "result", "home"}
    unit.deliveries.put(replace(RESULT, final=True))
    assert unit.deliveries.changeable_kinds(HOUSE) == {"card", "result", "home"}, "another one is unfinished"
    unit.deliveries.put(replace(RESULT, slot="result/TM-1/13", final=True))
    assert unit.deliveries.changeable_kinds(HOUSE) == {"card", "home"}
    assert unit.deliveries.changeable_kinds(SHOP) == {"reminder", "home"}


def test_that_a_post_may_exist_is_recorded_before_it_is_there(unit: UnitOfWork) -> None:
    unit.deliveries.add_missing(CARD)
    attempted = unit.deliveries.begin(CARD, "a1")

    assert attempted == replace(CARD, attempt="a1") == unit.deliveries.find("card/TM-1")
    assert attempted is not None
    assert attempted.is_uncertain
    assert unit.deliveries.begin(CARD, "a2") is None, "another attempt is under way"
    there = posted(unit, attempted, "a3")
    assert not there.is_uncertain
    assert unit.deliveries.find("card/TM-1") == unit.deliveries.by_attempt("a3") == there
    assert unit.deliveries.by_attempt("a1") is unit.deliveries.by_attempt("") is None
    assert not unit.deliveries.settle(attempted, replace(attempted, external_id="1.9")), "it is not its post"
    assert unit.deliveries.find("card/TM-1") == there


def test_nothing_begins_in_a_slot_that_is_over(unit: UnitOfWork) -> None:
    unit.deliveries.add_missing(replace(CARD, final=True))
    assert unit.deliveries.begin(CARD, "a1") is None


def test_a_place_is_recorded_once_and_follows_its_channel(unit: UnitOfWork) -> None:
    unit.deliveries.add_missing(CARD, replace(RESULT, place=""))
    attempted = unit.deliveries.begin(replace(RESULT, place=""), "a1")
    assert attempted is not None
    unit.deliveries.settle(attempted, replace(attempted, external_id="1.1", place="D1"))
    unit.deliveries.change_channel_id("C1", "C2")
    posted(unit, CARD)

    assert [one.place for one in unit.deliveries.of_model(HOUSE)] == ["C2", "D1"]


def test_the_parameters_of_a_slot_change_apart_from_its_post(unit: UnitOfWork) -> None:
    unit.deliveries.add_missing(RESULT)
    there = posted(unit, RESULT)
    assert unit.deliveries.set_parameters(replace(RESULT, parameters=b"more", thread="2.2"))
    assert not unit.deliveries.set_parameters(HOME)

    changed = replace(there, parameters=b"more", thread="2.2")
    assert unit.deliveries.find(RESULT.slot) == changed
    unit.deliveries.put(replace(changed, final=True))
    assert unit.deliveries.find(RESULT.slot) == replace(changed, final=True)


def test_what_is_shown_can_be_doubted_and_dropped(unit: UnitOfWork) -> None:
    unit.deliveries.add_missing(CARD, RESULT, HOME)
    card, result, home = posted(unit, CARD), posted(unit, RESULT), posted(unit, HOME)
    unit.deliveries.mark_unknown("card/TM-1", "card/TM-7")
    assert unit.deliveries.of_model(HOUSE) == [replace(card, shown=""), result]

    unit.deliveries.drop(RESULT.slot)
    assert unit.deliveries.of_model(HOUSE) == [replace(card, shown="")]
    unit.deliveries.drop_kinds(["card", "result"])
    assert unit.deliveries.of_model(HOUSE) == []
    assert unit.deliveries.find("home/U1") == home


@pytest.mark.parametrize("everything", [False, True])
def test_erasing_words_drops_the_salt_of_what_shows_them(unit: UnitOfWork, *, everything: bool) -> None:
    say(unit.events, started(), asset("Valuables"))
    say(unit.events, started("TM-2"), stream=SHOP)
    other = replace(CARD, slot="card/TM-2", stream=SHOP)
    unit.deliveries.add_missing(CARD, HOME, other)
    card, home, other = posted(unit, CARD), posted(unit, HOME, "a3"), posted(unit, other, "a2")

    _ = unit.events.erase_stream(HOUSE) if everything else unit.events.erase(HOUSE, [2])

    assert unit.deliveries.find(CARD.slot) == replace(card, shown="")
    assert unit.deliveries.find(HOME.slot) == replace(home, shown=""), "it lists the models of a person"
    assert unit.deliveries.find(other.slot) == other


def test_a_slot_of_another_workspaces_model_is_refused(unit: UnitOfWork) -> None:
    for change in (unit.deliveries.add_missing, unit.deliveries.put):
        with pytest.raises(ForeignStream):
            change(replace(CARD, stream=StreamId("T2/TM-1")))


def test_checkpoints_of_projectors_are_kept_apart(unit: UnitOfWork) -> None:
    say(unit.events, started())
    say(unit.events, started("TM-2"), stream=SHOP)
    assert unit.projections.find("thread", HOUSE) is None
    assert unit.projections.behind("thread") == {HOUSE, SHOP}

    unit.projections.save("thread", HOUSE, StreamState(version=1, erasures=0))
    unit.projections.save("thread", SHOP, StreamState(version=1, erasures=0))
    unit.projections.save("people", SHOP, StreamState(version=1, erasures=2))
    say(unit.events, asset("Valuables"), expected=1)

    assert unit.projections.behind("thread") == {HOUSE}
    assert unit.projections.behind("people") == {HOUSE}
    assert unit.projections.find("people", SHOP) == StreamState(version=1, erasures=2)
    unit.projections.drop(SHOP)
    assert unit.projections.find("people", SHOP) is unit.projections.find("thread", SHOP) is None
