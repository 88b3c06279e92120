"""Which flows cross from one trust to another."""

from domain.commands import AddComponent, AddDataFlow, AddTrustBoundary, PlaceComponents
from domain.events import TrustBoundaryRevised
from domain.kernel.elements import TrustBoundary
from domain.model.crossings import crossings
from domain.replay import replay
from tests.domain.placed_components import ENTITY, HOME, element_id, place, placed_model
from tests.examples import ANA, at, decide_all, started


def test_a_flow_crosses_when_its_ends_differ_in_boundary_or_in_trust_level() -> None:
    found = crossings(replay(placed_model(*HOME)))
    assert list(found) == ["DF-1"]
    assert (found[element_id("DF-1")].boundaries, found[element_id("DF-1")].climb) == (("TB-1",), 1)
    only_levels = crossings(replay(placed_model(place("CO-1", ENTITY, "TL-1", "Locks"), HOME[1])))
    assert (only_levels[element_id("DF-1")].boundaries, only_levels[element_id("DF-1")].levels_differ) == (
        (),
        True,
    )
    only_boundaries = crossings(replay(placed_model(place("CO-1", ENTITY, "TL-2"), HOME[1])))
    assert (
        only_boundaries[element_id("DF-1")].boundaries,
        only_boundaries[element_id("DF-1")].levels_differ,
    ) == (
        ("TB-1",),
        False,
    )


def test_nested_boundaries_are_passed_one_by_one_from_the_inside_out_and_in_again() -> None:
    events = decide_all(
        AddTrustBoundary(by=ANA, at=at(1), name="Fence"),
        AddTrustBoundary(by=ANA, at=at(1), name="Shed", parent=element_id("TB-1")),
        AddTrustBoundary(by=ANA, at=at(1), name="Walls", parent=element_id("TB-1")),
        AddComponent(by=ANA, at=at(1), name="Bike", boundary=element_id("TB-2")),
        AddComponent(by=ANA, at=at(1), name="Hall", boundary=element_id("TB-3")),
        AddDataFlow(by=ANA, at=at(1), source=element_id("CO-1"), target=element_id("CO-2")),
        after=[started()],
    )
    assert crossings(replay(events))[element_id("DF-1")].boundaries == ("TB-2", "TB-3")


def test_what_is_not_placed_does_not_cross() -> None:
    assert not crossings(replay(placed_model()))


def test_a_flow_into_more_trusted_ground_comes_before_one_out_of_it() -> None:
    out = AddDataFlow(by=ANA, at=at(3), source=element_id("CO-2"), target=element_id("CO-1"))
    into = AddDataFlow(by=ANA, at=at(3), source=element_id("CO-1"), target=element_id("CO-3"))
    found = crossings(replay(decide_all(out, into, after=placed_model(*HOME))))
    assert list(found) == ["DF-1", "DF-4", "DF-3"]
    assert [one.climb for one in found.values()] == [1, 1, -1]


def test_a_circle_in_an_old_history_is_walked_once() -> None:
    events = decide_all(
        AddTrustBoundary(by=ANA, at=at(3), name="Fence"),
        PlaceComponents(by=ANA, at=at(3), placements=HOME),
        after=placed_model(*HOME),
    )
    circle = [
        TrustBoundaryRevised(
            by=ANA,
            at=at(4),
            answer=len(events) + 1,
            boundary=TrustBoundary(id=element_id(one), name=one, parent=element_id(other)),
        )
        for one, other in (("TB-1", "TB-2"), ("TB-2", "TB-1"))
    ]
    assert crossings(replay([*events, *circle]))[element_id("DF-1")].boundaries == ("TB-2", "TB-1")
