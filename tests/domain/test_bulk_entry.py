"""The quick way: names in boxes, flows as lines in one or two ways, components in their places."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from domain.analysis.rule_findings import apply_rules
from domain.commands import (
    AddAsset,
    AnswerQuestions,
    AskPerson,
    Command,
    ConfirmSuggestedThreats,
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
    ReviseAsset,
    TechnologyMeaning,
    Undo,
)
from domain.commands.bulk_entry import USUAL_TRUST_LEVELS
from domain.events import (
    AssetAdded,
    AssetRevised,
    ComponentAdded,
    ComponentRevised,
    DataFlowAdded,
    EntryPointAdded,
    RecordedEvent,
    TrustBoundaryAdded,
    TrustLevelAdded,
)
from domain.kernel.answer import Answer
from domain.kernel.elements import (
    Asset,
    Component,
    ComponentKind,
    DataFlow,
    DataKind,
    ElementId,
    EntryPoint,
    Kind,
    Rating,
    TrustBoundary,
    TrustLevel,
)
from domain.kernel.threat import Stride, SuggestedThreatId
from domain.model.element_labels import label
from domain.register import register
from domain.rejections import ContentMissing, NoSuchElement, NothingChanged, SameEnds, TooMany
from domain.replay import replay
from domain.rules.model_index import ModelIndex
from tests.domain.placed_components import HOME, element_id, placed_model
from tests.examples import ANA, BEN, at, decide_all, given, recorded, started

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
        recorded(EntryPointAdded, entry_point=EntryPoint(id=ElementId("EP-1"), name="Door")),
        recorded(AssetAdded, asset=Asset(id=ElementId("AS-2"), name="Purse")),
        recorded(TrustLevelAdded, level=TrustLevel(id=TL1, name="Strangers", rank=1)),
        recorded(TrustLevelAdded, level=TrustLevel(id=ElementId("TL-2"), name="Residents", rank=2)),
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
            ConfirmSuggestedThreats(
                by=ANA,
                at=at(2),
                suggested_threats=tuple(SuggestedThreatId(f"S01@DF-{one}") for one in range(201)),
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
        recorded(ComponentAdded, component=Component(id=CO1, name="Guest")),
        recorded(ComponentAdded, component=Component(id=CO2, name="House")),
        recorded(AssetAdded, asset=Asset(id=ElementId("AS-1"), name="Key")),
        recorded(EntryPointAdded, entry_point=EntryPoint(id=ElementId("EP-1"), name="Door")),
        recorded(
            DataFlowAdded,
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
        recorded(DataFlowAdded, flow=DataFlow(id=ElementId("DF-2"), source=CO2, target=CO1))
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
    given(*events).when(place).then(
        recorded(TrustBoundaryAdded, boundary=TrustBoundary(id=ElementId("TB-1"), name="Locks")),
        recorded(
            ComponentRevised,
            component=Component(
                id=CO1,
                name="Garage",
                sort=ComponentKind.PROCESS,
                trust_level=TL1,
                boundary=ElementId("TB-1"),
            ),
        ),
        recorded(ComponentRevised, component=Component(id=CO2, name="House", boundary=ElementId("TB-1"))),
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
    given(*events).when(describe).then(
        recorded(
            AssetRevised,
            asset=Asset(id=ElementId("AS-1"), name="Key", confidentiality=Rating.LOW, readers=(TL1,)),
        ),
        recorded(
            AssetRevised,
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
    assert [level.name for level in replay(events).trust_levels()] == [*USUAL_TRUST_LEVELS]
    named = decide_all(replace(usual, usual_levels=False, trust_levels=("Guests",)), usual, after=[started()])
    assert [level.name for level in replay(named).trust_levels()] == ["Guests"]


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
    assert {data_flow.protocol for data_flow in model.of_type(DataFlow)} == {protocol, ""}
    assert [one.name for one in model.of_kind(Kind.ASSET)] == [asset]


def test_an_unknown_protocol_is_part_of_a_name_that_the_model_has() -> None:
    known = decide_all(AddAsset(by=BEN, at=at(1), name="Orders (SQL)"), after=[started()])
    model = replay(decide_all(DrawFlows(by=ANA, at=at(2), flows=LINES[:1]), after=known))
    assert [one.name for one in model.of_kind(Kind.ASSET)] == ["Orders (SQL)"]
    assert [data_flow.protocol for data_flow in model.of_type(DataFlow)] == [""]


def test_a_typed_technology_stays_as_the_description_when_its_category_is_chosen() -> None:
    ledger = next(component for component in replay(DRAWN).of_type(Component) if component.name == "Ledger")
    assert ledger.technology == "TigerBeetle"
    meaning = TechnologyMeaning(component=ledger.id, technology="relational_database")
    settled = PlaceComponents(by=ANA, at=at(2), placements=(), technologies=(meaning,))
    after = replay(decide_all(settled, after=DRAWN)).elements[ledger.id]
    assert isinstance(after, Component)
    assert (after.technology, after.description) == ("relational_database", "TigerBeetle")


_ENTITY, _PROCESS, _STORE = ComponentKind


def drawn(
    flow: FlowByNames, sorts: tuple[ComponentKind, ComponentKind], levels: tuple[str, str] = ("TL-1", "TL-2")
) -> list[RecordedEvent]:
    """One flow between two placed components; the first level is the less trusted."""
    return decide_all(
        NameElements(by=ANA, at=at(1), trust_levels=("Visitors", "Staff")),
        AddAsset(by=ANA, at=at(1), name="Query", confidentiality=Rating.LOW),
        AddAsset(by=ANA, at=at(1), name="Rows", confidentiality=Rating.HIGH),
        DrawFlows(by=ANA, at=at(2), flows=(flow,)),
        PlaceComponents(
            by=ANA,
            at=at(3),
            placements=tuple(
                Placement(component=element_id(f"CO-{number}"), sort=sort, trust_level=element_id(level))
                for number, (sort, level) in enumerate(zip(sorts, levels, strict=True), start=1)
            ),
        ),
        after=[started()],
    )


QUERY = FlowByNames(source="Client", target="API", assets=("Query",), assets_back=("Rows",), two_way=True)


def facts_asked(events: Sequence[RecordedEvent], element: str) -> set[str]:
    return {one.fact for one in apply_rules(replay(events)).questions if one.element == element}


def test_both_directions_are_one_flow_with_a_label_that_says_so() -> None:
    model = replay(drawn(QUERY, (_PROCESS, _PROCESS)))
    (flow,) = model.of_type(DataFlow)
    assert label(model, flow) == "Client ↔ API: Query | Rows"
    assert [(direction.source, direction.target, direction.assets) for direction in flow.directions] == [
        ("CO-1", "CO-2", ("AS-1",)),
        ("CO-2", "CO-1", ("AS-2",)),
    ]
    assert flow.carried == ("AS-1", "AS-2")


def test_the_same_flow_is_not_drawn_twice_and_a_protocol_is_added_to_it() -> None:
    events = drawn(QUERY, (_PROCESS, _PROCESS))
    secured = FlowByNames(
        source="Client",
        target="API",
        assets=("Query",),
        assets_back=("Rows",),
        two_way=True,
        protocol="TLS",
    )
    again = decide_all(DrawFlows(by=BEN, at=at(4), flows=(secured,)), after=events)
    assert not [one for one in again[len(events) :] if isinstance(one, DataFlowAdded)]
    (flow,) = replay(again).of_type(DataFlow)
    assert flow.protocol == "TLS"
    (before,) = replay(decide_all(Undo(by=BEN, at=at(5)), after=again)).of_type(DataFlow)
    assert before.protocol == ""


def test_what_flows_back_is_disclosed_to_the_source() -> None:
    events = decide_all(
        ReviseAsset(
            by=ANA,
            at=at(4),
            element=element_id("AS-2"),
            name="Rows",
            confidentiality=Rating.HIGH,
            readers=(element_id("TL-2"),),
        ),
        after=drawn(QUERY, (_PROCESS, _PROCESS)),
    )
    no = Reply(element=element_id("DF-1"), fact="filtered", answer=Answer.NO)
    assert "filtered" in facts_asked(events, "DF-1")
    found = apply_rules(
        replay(decide_all(AnswerQuestions(by=BEN, at=at(5), replies=(no,)), after=events))
    ).suggested_threats
    assert "I04@DF-1@AS-2" in {one.id for one in found}
    one_way = decide_all(
        ReviseAsset(
            by=ANA,
            at=at(4),
            element=element_id("AS-2"),
            name="Rows",
            confidentiality=Rating.HIGH,
            readers=(element_id("TL-2"),),
        ),
        after=drawn(
            FlowByNames(source="Client", target="API", assets=("Query", "Rows")), (_PROCESS, _PROCESS)
        ),
    )
    assert "filtered" not in facts_asked(one_way, "DF-1"), "the API may read the rows"


def test_a_secret_that_only_flows_back_makes_encryption_matter() -> None:
    quiet = FlowByNames(source="Client", target="API", assets=("Query",), protocol="HTTP")
    loud = FlowByNames(
        source="Client", target="API", assets=("Query",), assets_back=("Rows",), two_way=True, protocol="HTTP"
    )
    assert "encrypted" not in facts_asked(drawn(quiet, (_PROCESS, _PROCESS)), "DF-1")
    assert "encrypted" in facts_asked(drawn(loud, (_PROCESS, _PROCESS)), "DF-1")


def test_a_store_does_not_call_and_so_the_other_end_does() -> None:
    flow = FlowByNames(source="Store", target="API", assets=("Rows",), two_way=True, assets_back=("Query",))
    assert "caller_authenticated" in facts_asked(drawn(flow, (_STORE, _PROCESS)), "DF-1")
    one_way = FlowByNames(source="Store", target="API", assets=("Rows",))
    assert "caller_authenticated" not in facts_asked(drawn(one_way, (_STORE, _PROCESS)), "DF-1")


def test_both_ends_hold_what_they_receive() -> None:
    index = ModelIndex(replay(drawn(QUERY, (_PROCESS, _PROCESS))))
    assert index.stored_in[element_id("CO-2")] == ("AS-1",)
    assert index.stored_in[element_id("CO-1")] == ("AS-2",)
    assert [one.id for one in index.flows_into[element_id("CO-1")]] == ["DF-1"]


def test_coverage_wants_the_cells_of_both_receivers() -> None:
    rows = {row.element: row for row in register(replay(drawn(QUERY, (_PROCESS, _PROCESS)))).coverage.rows}
    for component in ("CO-1", "CO-2"):
        wanted = {cell.category for cell in rows[element_id(component)].cells if cell.wanted}
        assert wanted >= {Stride.SPOOFING, Stride.REPUDIATION, Stride.ELEVATION_OF_PRIVILEGE}, component


def test_a_log_that_flows_back_makes_its_receiver_a_log_store() -> None:
    events = drawn(
        FlowByNames(source="Store", target="API", two_way=True, assets_back=("Rows",)), (_STORE, _PROCESS)
    )
    events = decide_all(
        ReviseAsset(by=ANA, at=at(4), element=element_id("AS-2"), name="Rows", data=DataKind.LOG),
        after=events,
    )
    rows = {row.element: row for row in register(replay(events)).coverage.rows}
    assert Stride.REPUDIATION in {cell.category for cell in rows[element_id("CO-1")].cells}


def test_an_asset_that_only_flows_back_is_no_loose_end() -> None:
    events = drawn(
        FlowByNames(source="Client", target="API", two_way=True, assets_back=("Query", "Rows")),
        (_PROCESS, _PROCESS),
    )
    said = " ".join(warning.text for warning in register(replay(events)).warnings)
    assert "Rows" not in said
    assert replay(events).of_kind(Kind.DATA_FLOW)
