"""The quick way: names in boxes, flows as lines, components in their places."""

import pytest
from msgspec.structs import replace

from domain.commands import (
    AddAsset,
    AnswerQuestions,
    AskPerson,
    Command,
    ConfirmCandidates,
    DescribeElements,
    DrawFlows,
    ElementDetails,
    FlowByNames,
    FlowEnd,
    NameElements,
    OpenQuestion,
    PlaceComponents,
    Placement,
    ProtocolMeaning,
    Reply,
    TechnologyMeaning,
)
from domain.commands.bulk_entry import USUAL_TRUST_LEVELS
from domain.events import (
    AssetAdded,
    AssetRevised,
    ComponentAdded,
    ComponentRevised,
    DataFlowAdded,
    EntryPointAdded,
    TrustBoundaryAdded,
    TrustLevelAdded,
)
from domain.kernel.answer import Answer
from domain.kernel.candidate_decisions import CandidateId
from domain.kernel.elements import (
    Asset,
    Component,
    ComponentKind,
    DataFlow,
    ElementId,
    EntryPoint,
    Kind,
    Rating,
    TrustBoundary,
    TrustLevel,
)
from domain.rejections import ContentMissing, NoSuchElement, NothingChanged, SameEnds, TooMany
from domain.replay import replay
from tests.domain.placed_components import HOME, placed_model
from tests.examples import ANA, BEN, at, decide_all, given, started

CO1, CO2, TL1 = ElementId("CO-1"), ElementId("CO-2"), ElementId("TL-1")


def test_names_become_elements_and_known_ones_are_passed_over() -> None:
    events = decide_all(AddAsset(by=BEN, at=at(1), name="Key"), after=[started()])
    boxes = NameElements(
        by=ANA,
        at=at(2),
        entry_points=("Door",),
        assets=("key", "Purse", "", "purse"),
        trust_levels=("Strangers", "Residents"),
    )
    given(*events).when(boxes).then(
        EntryPointAdded(
            by=ANA, at=at(2), answer=3, entry_point=EntryPoint(id=ElementId("EP-1"), name="Door")
        ),
        AssetAdded(by=ANA, at=at(2), answer=3, asset=Asset(id=ElementId("AS-2"), name="Purse")),
        TrustLevelAdded(by=ANA, at=at(2), answer=3, level=TrustLevel(id=TL1, name="Strangers", rank=1)),
        TrustLevelAdded(
            by=ANA, at=at(2), answer=3, level=TrustLevel(id=ElementId("TL-2"), name="Residents", rank=2)
        ),
    )


def test_four_empty_boxes_are_answered_with_a_hint() -> None:
    given(started()).when(NameElements(by=ANA, at=at(1), assets=(" ",))).then_refused(
        ContentMissing, "Enter at least one name, one per line", field="entry_points"
    )


def test_naming_only_what_is_known_says_so() -> None:
    events = decide_all(AddAsset(by=BEN, at=at(1), name="Key"), after=[started()])
    given(*events).when(NameElements(by=ANA, at=at(1), assets=("Key",))).then_refused(
        NothingChanged, "All of these elements already exist."
    )


@pytest.mark.parametrize(
    ("command", "what", "field"),
    [
        (
            AnswerQuestions(
                by=ANA,
                at=at(2),
                replies=tuple(Reply(element=CO1, fact="software", answer=Answer.NO) for _ in range(201)),
            ),
            "201 answers",
            None,
        ),
        (
            ConfirmCandidates(
                by=ANA, at=at(2), candidates=tuple(CandidateId(f"S01@DF-{one}") for one in range(201))
            ),
            "201 suggested threats",
            None,
        ),
        (
            AskPerson(
                by=ANA, at=at(2), person=BEN, questions=(OpenQuestion(element=CO1, fact="software"),) * 201
            ),
            "201 questions",
            "questions",
        ),
        (
            DrawFlows(by=ANA, at=at(2), flows=(FlowByNames(source="Guest", target="House"),) * 201),
            "201 flows",
            "flows",
        ),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Command) else "",
)
def test_more_than_two_hundred_things_at_once_are_too_many(
    command: Command, what: str, field: str | None
) -> None:
    given(*placed_model(*HOME)).when(command).then_refused(TooMany, what, field=field)


def test_more_than_two_hundred_names_at_once_are_too_many() -> None:
    names = tuple(f"asset {number}" for number in range(201))
    given(started()).when(NameElements(by=ANA, at=at(1), assets=names)).then_refused(
        TooMany, "at most 200", field="assets"
    )


def test_a_drawn_flow_brings_its_new_names_along() -> None:
    line = FlowByNames(source="Guest", target="House", assets=("Key",), entry_point="Door")
    given(started()).when(DrawFlows(by=ANA, at=at(1), flows=(line,))).then(
        ComponentAdded(by=ANA, at=at(1), answer=2, component=Component(id=CO1, name="Guest")),
        ComponentAdded(by=ANA, at=at(1), answer=2, component=Component(id=CO2, name="House")),
        AssetAdded(by=ANA, at=at(1), answer=2, asset=Asset(id=ElementId("AS-1"), name="Key")),
        EntryPointAdded(
            by=ANA, at=at(1), answer=2, entry_point=EntryPoint(id=ElementId("EP-1"), name="Door")
        ),
        DataFlowAdded(
            by=ANA,
            at=at(1),
            answer=2,
            flow=DataFlow(
                id=ElementId("DF-1"),
                source=CO1,
                target=CO2,
                assets=(ElementId("AS-1"),),
                entry_point=ElementId("EP-1"),
            ),
        ),
    )


def test_a_flow_that_is_there_already_is_passed_over() -> None:
    line = FlowByNames(source="Guest", target="House", assets=("Key",))
    more = FlowByNames(source="house", target="GUEST")
    events = decide_all(DrawFlows(by=ANA, at=at(1), flows=(line,)), after=[started()])
    given(*events).when(DrawFlows(by=ANA, at=at(2), flows=(line, more))).then(
        DataFlowAdded(
            by=ANA,
            at=at(2),
            answer=len(events) + 1,
            flow=DataFlow(id=ElementId("DF-2"), source=CO2, target=CO1),
        )
    )
    given(*events).when(DrawFlows(by=ANA, at=at(2), flows=(line,))).then_refused(
        NothingChanged, "All of these data flows already exist."
    )


def test_a_line_from_a_component_to_itself_is_refused() -> None:
    line = FlowByNames(source="House", target="house")
    given(started()).when(DrawFlows(by=ANA, at=at(1), flows=(line,))).then_refused(
        SameEnds, "Choose two different components", field="target"
    )


def test_placing_draws_new_boundaries_once_and_skips_what_stays() -> None:
    events = decide_all(
        NameElements(by=ANA, at=at(1), trust_levels=("Residents",)),
        DrawFlows(by=ANA, at=at(1), flows=(FlowByNames(source="Garage", target="House"),)),
        after=[started()],
    )
    place = PlaceComponents(
        by=ANA,
        at=at(2),
        placements=(
            Placement(component=CO1, sort=ComponentKind.PROCESS, trust_level=TL1, boundary="Locks"),
            Placement(component=CO2, boundary="locks"),
        ),
    )
    answer = len(events) + 1
    given(*events).when(place).then(
        TrustBoundaryAdded(
            by=ANA, at=at(2), answer=answer, boundary=TrustBoundary(id=ElementId("TB-1"), name="Locks")
        ),
        ComponentRevised(
            by=ANA,
            at=at(2),
            answer=answer,
            component=Component(
                id=CO1,
                name="Garage",
                sort=ComponentKind.PROCESS,
                trust_level=TL1,
                boundary=ElementId("TB-1"),
            ),
        ),
        ComponentRevised(
            by=ANA,
            at=at(2),
            answer=answer,
            component=Component(id=CO2, name="House", boundary=ElementId("TB-1")),
        ),
    )
    placed = decide_all(place, after=events)
    given(*placed).when(place).then_nothing_happens()
    assert len(replay(placed).of_kind(Kind.TRUST_BOUNDARY)) == 1


def test_details_of_many_elements_are_set_and_what_is_not_stated_stays() -> None:
    names = NameElements(by=ANA, at=at(1), assets=("Key", "Purse"), trust_levels=("Residents",))
    first = AddAsset(by=BEN, at=at(1), name="Deed", integrity=Rating.HIGH)
    events = decide_all(names, first, after=[started()])
    describe = DescribeElements(
        by=ANA,
        at=at(2),
        details=(
            ElementDetails(element=ElementId("AS-1"), confidentiality=Rating.LOW, readers=(TL1,)),
            ElementDetails(element=ElementId("AS-2")),
            ElementDetails(element=ElementId("AS-3"), availability=Rating.MEDIUM),
        ),
    )
    answer = len(events) + 1
    given(*events).when(describe).then(
        AssetRevised(
            by=ANA,
            at=at(2),
            answer=answer,
            asset=Asset(id=ElementId("AS-1"), name="Key", confidentiality=Rating.LOW, readers=(TL1,)),
        ),
        AssetRevised(
            by=ANA,
            at=at(2),
            answer=answer,
            asset=Asset(id=ElementId("AS-3"), name="Deed", integrity=Rating.HIGH, availability=Rating.MEDIUM),
        ),
    )
    given(*decide_all(describe, after=events)).when(describe).then_nothing_happens()


def test_details_refer_to_elements_that_exist() -> None:
    events = decide_all(NameElements(by=ANA, at=at(1), assets=("Key",)), after=[started()])
    reading = ElementDetails(element=ElementId("AS-1"), readers=(ElementId("TL-9"),))
    given(*events).when(DescribeElements(by=ANA, at=at(2), details=(reading,))).then_refused(
        NoSuchElement, "TL-9", field="readers"
    )


def test_usual_trust_levels_are_added_only_to_a_model_without_any() -> None:
    usual = DrawFlows(by=ANA, at=at(1), flows=(), usual_levels=True)
    events = decide_all(usual, usual, after=[started()])
    assert [one.name for one in replay(events).trust_levels()] == [*USUAL_TRUST_LEVELS]
    named = decide_all(replace(usual, usual_levels=False, trust_levels=("Guests",)), usual, after=[started()])
    assert [one.name for one in replay(named).trust_levels()] == ["Guests"]


LINES = (
    FlowByNames(source="API", target="Store", assets=("orders",), protocol="SQL"),
    FlowByNames(source="Job", target="Store", assets=("orders",), protocol="sql"),
    FlowByNames(source="Job", target="Ledger", target_end=FlowEnd(technology="TigerBeetle")),
)
DRAWN = decide_all(DrawFlows(by=ANA, at=at(1), flows=LINES), after=[started()])


@pytest.mark.parametrize(("protocol", "asset"), [("MySQL protocol", "orders"), ("", "orders (SQL)")])
def test_what_an_unknown_protocol_means_holds_for_every_flow_with_it(protocol: str, asset: str) -> None:
    meaning = ProtocolMeaning(flow=ElementId("DF-1"), protocol=protocol)
    settled = PlaceComponents(by=ANA, at=at(2), placements=(), protocols=(meaning,))
    model = replay(decide_all(settled, settled, after=DRAWN))
    assert {one.protocol for one in model.of_type(DataFlow)} == {protocol, ""}
    assert [one.name for one in model.of_kind(Kind.ASSET)] == [asset]


def test_an_unknown_protocol_is_part_of_a_name_that_the_model_has() -> None:
    known = decide_all(AddAsset(by=BEN, at=at(1), name="Orders (SQL)"), after=[started()])
    model = replay(decide_all(DrawFlows(by=ANA, at=at(2), flows=LINES[:1]), after=known))
    assert [one.name for one in model.of_kind(Kind.ASSET)] == ["Orders (SQL)"]
    assert [one.protocol for one in model.of_type(DataFlow)] == [""]


def test_a_typed_technology_stays_as_the_description_when_its_category_is_chosen() -> None:
    ledger = next(one for one in replay(DRAWN).of_type(Component) if one.name == "Ledger")
    assert ledger.technology == "TigerBeetle"
    meaning = TechnologyMeaning(component=ledger.id, technology="relational_database")
    settled = PlaceComponents(by=ANA, at=at(2), placements=(), technologies=(meaning,))
    after = replay(decide_all(settled, after=DRAWN)).elements[ledger.id]
    assert isinstance(after, Component)
    assert (after.technology, after.description) == ("relational_database", "TigerBeetle")
