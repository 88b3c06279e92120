"""Small things that a fault could turn round unnoticed: weights, names of kinds, the step that was left."""

import pytest
from msgspec.structs import fields, replace

from domain.analysis.question_checklists import group_name
from domain.commands import COMMAND_TYPES, ArchiveThreatModel, ReportThreat
from domain.events import EVENT_TYPES
from domain.kernel.elements import DataFlow, ElementId, EntryPoint, Exposure, Rating
from domain.kernel.stride import Stride
from domain.model import ThreatModel
from domain.model.phase_steps import step_position
from domain.register import register
from domain.replay import replay
from tests.domain.remediation_story import THREATS
from tests.domain.suggested_threats import AMINA, FRONT, HOME, HOUSE, MODEL
from tests.examples import ANA, at, closed, decide_all

FLOW = next(one.id for one in MODEL.of_type(DataFlow))


@pytest.mark.parametrize(("rating", "weight"), [(Rating.LOW, 1), (Rating.MEDIUM, 2), (Rating.HIGH, 3)])
def test_a_rating_weighs_as_much_as_it_says(rating: Rating, weight: int) -> None:
    assert rating.weight == weight


@pytest.mark.parametrize(("count", "waiting"), [(1, "1 threat"), (2, "2 threats")])
def test_threats_that_wait_for_votes_are_counted(count: int, waiting: str) -> None:
    reported = (
        ReportThreat(by=AMINA, at=at(90), title=f"The glue {number}", stride=(Stride.TAMPERING,))
        for number in range(count)
    )
    said = register(replay(decide_all(*reported, after=HOUSE))).next.text
    assert said == f"Begin analysis: {waiting} to score"


def test_nothing_is_urgent_unless_somebody_says_so() -> None:
    urgent = {
        (kind.__name__, field.default)
        for kind in (*COMMAND_TYPES, *EVENT_TYPES)
        for field in fields(kind)
        if field.name == "urgent"
    }
    assert len(urgent) == 11
    assert {default for _, default in urgent} == {False}


def test_the_steps_of_a_phase_are_equally_far_on_the_way() -> None:
    way = (("",), ("collection",), ("identifying", "voting"), ("responding", "tracking"), ("closed",))
    assert [{step_position(step) for step in steps} for steps in way] == [{0}, {1}, {2}, {3}, {4}]


def with_door(exposure: Exposure | None) -> ThreatModel:
    door = MODEL.elements[FRONT]
    assert isinstance(door, EntryPoint)
    return replace(MODEL, elements={**MODEL.elements, FRONT: replace(door, exposure=exposure)})


def test_elements_of_one_sort_have_a_name_together() -> None:
    assert group_name(MODEL, FLOW, crosses=True) == "data flows across trust boundaries"
    assert group_name(MODEL, FLOW, crosses=False) == "data flows within a trust boundary"
    assert group_name(with_door(Exposure.INTERNET), FRONT, crosses=False) == "internet entry points"
    assert group_name(with_door(None), FRONT, crosses=False) == "entry points without an exposure"
    assert group_name(MODEL, HOME, crosses=False) == "processes"
    assert group_name(MODEL, ElementId("XX-1"), crosses=False) == ""


def test_an_archived_model_knows_the_step_that_it_left() -> None:
    archived = replay(decide_all(ArchiveThreatModel(by=ANA, at=at(90)), after=THREATS))
    assert archived.step_left == replay(THREATS).step
    over = closed(THREATS, minute=90)
    archived = replay(decide_all(ArchiveThreatModel(by=ANA, at=at(91)), after=over))
    assert archived.step_left == replay(over).step_left
