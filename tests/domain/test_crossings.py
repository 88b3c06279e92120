"""Which flows cross from one trust to another."""

from domain.commands import AddComponent, AddDataFlow, AddTrustBoundary
from domain.crossings import crossings
from domain.model import replay
from tests.domain.placed import ENTITY, HOME, e, place, placed
from tests.examples import ANA, at, started, told


def test_a_flow_crosses_when_its_ends_differ_in_boundary_or_in_trust_level() -> None:
    found = crossings(replay(placed(*HOME)))
    assert list(found) == ["DF-1"]
    assert (found[e("DF-1")].boundaries, found[e("DF-1")].climb) == (("TB-1",), 1)
    only_levels = crossings(replay(placed(place("CO-1", ENTITY, "TL-1", "Locks"), HOME[1])))
    assert (only_levels[e("DF-1")].boundaries, only_levels[e("DF-1")].levels_differ) == ((), True)
    only_boundaries = crossings(replay(placed(place("CO-1", ENTITY, "TL-2"), HOME[1])))
    assert (only_boundaries[e("DF-1")].boundaries, only_boundaries[e("DF-1")].levels_differ) == (
        ("TB-1",),
        False,
    )


def test_nested_boundaries_are_passed_one_by_one_from_the_inside_out_and_in_again() -> None:
    events = told(
        AddTrustBoundary(by=ANA, at=at(1), name="Fence"),
        AddTrustBoundary(by=ANA, at=at(1), name="Shed", parent=e("TB-1")),
        AddTrustBoundary(by=ANA, at=at(1), name="Walls", parent=e("TB-1")),
        AddComponent(by=ANA, at=at(1), name="Bike", boundary=e("TB-2")),
        AddComponent(by=ANA, at=at(1), name="Hall", boundary=e("TB-3")),
        AddDataFlow(by=ANA, at=at(1), source=e("CO-1"), target=e("CO-2")),
        after=[started()],
    )
    assert crossings(replay(events))[e("DF-1")].boundaries == ("TB-2", "TB-3")


def test_what_is_not_placed_does_not_cross() -> None:
    assert not crossings(replay(placed()))
