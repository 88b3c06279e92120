"""Two-way flows: one flow with assets for each direction, and rules that look at both."""

from collections.abc import Sequence

from domain.analysis.rule_findings import apply_rules
from domain.commands import (
    AddAsset,
    AnswerQuestions,
    DrawFlows,
    FlowByNames,
    NameElements,
    PlaceComponents,
    Placement,
    Reply,
    ReviseAsset,
    Undo,
)
from domain.events import DataFlowAdded, RecordedEvent
from domain.kernel.answer import Answer
from domain.kernel.elements import ComponentKind, DataFlow, DataKind, Kind, Rating
from domain.kernel.stride import Stride
from domain.model.element_labels import label
from domain.register import register
from domain.replay import replay
from domain.rules.model_index import ModelIndex
from tests.domain.placed_components import element_id
from tests.examples import ANA, BEN, at, decide_all, started

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
    assert [(one.source, one.target, one.assets) for one in flow.directions] == [
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
    ).candidates
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
    said = " ".join(one.text for one in register(replay(events)).warnings)
    assert "Rows" not in said
    assert replay(events).of_kind(Kind.DATA_FLOW)
