"""A diagram shows the worst open threats, where flows cross, both directions, and every name whole."""

from math import hypot

import pytest
from msgspec.structs import replace

from bot.picture.diagram import Diagram, describe_diagram, diagram_svg, flow_rows, lay_out
from bot.picture.diagram.color_themes import THEMES
from bot.picture.diagram.diagram_parts import BoundaryZone, Flow, Node, ThreatCount
from bot.picture.diagram.geometry import Box
from bot.picture.diagram.layout import Layout
from bot.picture.font_metrics import ELLIPSIS
from domain.commands import (
    AddExternalDependency,
    DrawFlows,
    FlowByNames,
    RemoveElement,
    ReportThreat,
    ReviseAsset,
    ReviseComponent,
)
from domain.dread.scoring import Band
from domain.events import RecordedEvent
from domain.kernel.elements import ComponentKind, Kind
from domain.kernel.threat import Stride
from domain.register import register
from domain.replay import replay
from tests.drawing.layout_faults import layout_faults
from tests.drawing.test_diagram import DAY, drawn_from, story, texts
from tests.examples import ANA, at, decide_all, started

LONG = "Order database of the warehouse in Rotterdam, replicated every night to the disaster recovery site"


@pytest.fixture(scope="module")
def shop() -> Layout:
    return lay_out(story("web-shop"))


def two_components(
    threats: ThreatCount, *, crosses: bool = False, names: tuple[str, str] = ("A", "B")
) -> Diagram:
    nodes = tuple(
        Node(id=f"CO-{n}", name=name, sort=ComponentKind.EXTERNAL_ENTITY, threats=threats)
        for n, name in enumerate(names, start=1)
    )
    flow = Flow(id="DF-7", number="1", source=0, target=1, name="Reads", threats=threats, crosses=crosses)
    return Diagram(key="TM-1", name="Shop", version=1, day=DAY, nodes=nodes, flows=(flow,))


@pytest.mark.parametrize("band", [*Band, None])
def test_a_place_has_the_color_of_its_worst_open_threat(band: Band | None) -> None:
    svg = diagram_svg(lay_out(two_components(ThreatCount(number=2, worst=band))))
    shade = THEMES["light"].marked[band]
    assert svg.count(f'fill="{shade.fill}" stroke="{shade.line}"') == 2, "both components"
    assert f'fill="none" stroke="{shade.line}"' in svg, "the line of the flow"


def test_a_place_without_open_threats_has_no_color() -> None:
    svg = diagram_svg(lay_out(two_components(ThreatCount(), crosses=True)))
    ink = THEMES["light"]
    assert not any(color in svg for color in ink.bands.values())
    assert f'fill="none" stroke="{ink.plain.line}" stroke-width="1.6"' in svg


def test_a_worse_threat_is_drawn_with_a_thicker_line() -> None:
    widths = {
        band: float(svg.partition('stroke-width="')[2].partition('"')[0])
        for band in Band
        for svg in diagram_svg(lay_out(two_components(ThreatCount(number=1, worst=band)))).split("<path")
        if f'fill="none" stroke="{THEMES["light"].bands[band]}"' in svg
    }
    assert sorted(widths, key=lambda band: widths[band]) == sorted(Band, key=lambda band: band.order)
    assert widths[Band.CRITICAL] >= 1.5 * widths[Band.LOW]


def test_a_boundary_with_threats_of_its_own_has_their_color() -> None:
    zone = BoundaryZone(id="TB-1", name="Cluster", threats=ThreatCount(number=1, worst=Band.HIGH))
    seen = two_components(ThreatCount())
    inside = replace(seen, zones=(zone,), nodes=tuple(replace(node, zone=0) for node in seen.nodes))
    svg = diagram_svg(lay_out(inside))
    assert f'stroke="{THEMES["light"].bands[Band.HIGH]}" stroke-width="3" stroke-dasharray="8 5"' in svg


def test_each_crossing_flow_has_a_mark_on_its_line_clear_of_all_parts(shop: Layout) -> None:
    assert all(mark is not None for mark in shop.marks), "all flows of the shop cross"
    parts = [*shop.nodes, *shop.labels, *shop.titles]
    for mark in shop.marks:
        assert mark is not None
        assert not any(holds(box, mark.at) for box in parts)
        assert hypot(*mark.along) == pytest.approx(1)


def test_a_flow_into_a_boundary_is_marked_near_the_boundary(shop: Layout) -> None:
    names = [flow.name for flow in shop.diagram.flows]
    zones = [zone.name for zone in shop.diagram.zones]
    mark = shop.marks[names.index("Console pages")]
    assert mark is not None
    network = shop.zones[zones.index("Shop network")]
    assert min(abs(mark.at[0] - network.right), abs(mark.at[1] - network.bottom)) < 12


def test_marks_do_not_lie_over_each_other(shop: Layout) -> None:
    at = [mark.at for mark in shop.marks if mark is not None]
    near = [
        (one, other)
        for place, one in enumerate(at)
        for other in at[place + 1 :]
        if hypot(one[0] - other[0], one[1] - other[1]) < 10
    ]
    assert near == []


def holds(box: Box, point: tuple[float, float]) -> bool:
    return box.left < point[0] < box.right and box.top < point[1] < box.bottom


def test_long_names_are_wrapped_and_shrunk_but_never_cut() -> None:
    names = (f"{LONG} (primary)", f"{LONG} (standby)")
    seen = lay_out(two_components(ThreatCount(), names=names))
    shown = [" ".join(line.text for line in text.lines) for text in seen.node_texts]
    assert shown == list(names)
    assert ELLIPSIS not in "".join(texts(diagram_svg(seen)))
    assert {line.size for line in seen.node_texts[0].lines} == {10.0}
    assert layout_faults(seen) == []


def test_short_names_keep_the_largest_letters() -> None:
    seen = lay_out(two_components(ThreatCount(), names=("Orders", "Payment service")))
    assert {line.size for part in seen.node_texts for line in part.lines} == {14.0}


def test_a_word_without_spaces_is_broken_and_not_cut() -> None:
    names = ("A" * 60 + "1", "A" * 60 + "2")
    seen = lay_out(two_components(ThreatCount(), names=names))
    assert ["".join(line.text for line in text.lines) for text in seen.node_texts] == list(names)


def test_names_that_would_look_the_same_have_their_id() -> None:
    seen = lay_out(two_components(ThreatCount(), names=("Vault 🔐", "Vault 🔑")))
    assert [" ".join(line.text for line in text.lines) for text in seen.node_texts] == [
        "Vault (CO-1)",
        "Vault (CO-2)",
    ]


def test_the_name_of_a_boundary_and_of_its_trust_is_whole() -> None:
    zone = BoundaryZone(id="TB-1", name=LONG)
    seen = two_components(ThreatCount())
    inside = lay_out(replace(seen, zones=(zone,), nodes=tuple(replace(node, zone=0) for node in seen.nodes)))
    assert " ".join(line.text for line in inside.zone_texts[0].lines) == LONG
    assert layout_faults(inside) == []


def flows_with_a_threat() -> list[RecordedEvent]:
    flows = [
        FlowByNames(source="Client", target="API", assets=("Query",)),
        FlowByNames(source="API", target="Database", assets=("Rows",)),
        FlowByNames(source="API", target="Cache", assets=("Rows",)),
    ]
    return decide_all(DrawFlows(by=ANA, at=at(1), flows=tuple(flows)), after=[started()])


def test_flows_are_numbered_from_1_whatever_their_ids() -> None:
    events = flows_with_a_threat()
    first = next(iter(replay(events).of_kind(Kind.DATA_FLOW)))
    events = decide_all(RemoveElement(by=ANA, at=at(2), element=first.id), after=events)
    rows = flow_rows(drawn_from(events))
    assert [row.number for row in rows] == ["1", "2"]
    assert [row.id for row in rows] == ["DF-2", "DF-3"]


def reported_at(kind: Kind, name: str, *, after: list[RecordedEvent]) -> list[RecordedEvent]:
    """The events with a threat reported at an element."""
    there = next(one for one in register(replay(after)).items(kind) if one.name == name)
    command = ReportThreat(
        by=ANA, at=at(5), title="Leaked", stride=(Stride.INFORMATION_DISCLOSURE,), element=there.id
    )
    return decide_all(command, after=after)


def marked(events: list[RecordedEvent]) -> dict[str, int]:
    """The open threats by the name of the component that shows them."""
    return {node.name: node.threats.number for node in drawn_from(events).nodes if node.threats.number}


def in_the_grid(events: list[RecordedEvent]) -> set[str]:
    """The names of the rows of the coverage grid that show a threat."""
    rows = register(replay(events)).coverage.rows
    return {row.name for row in rows if any(cell.threats for cell in row.cells)}


def with_kinds(*stored_in: str) -> list[RecordedEvent]:
    """Flows between components with kinds; the asset Rows is stored in some of them."""
    kinds = {
        "Client": ComponentKind.EXTERNAL_ENTITY,
        "API": ComponentKind.PROCESS,
        "Database": ComponentKind.DATA_STORE,
        "Cache": ComponentKind.DATA_STORE,
    }
    events = flows_with_a_threat()
    known = register(replay(events))
    ids = {one.name: one.id for one in known.items(Kind.COMPONENT)}
    rows = next(one for one in known.items(Kind.ASSET) if one.name == "Rows")
    commands = [
        *(
            ReviseComponent(by=ANA, at=at(2), element=ids[name], name=name, sort=kind)
            for name, kind in kinds.items()
        ),
        *(
            [
                ReviseAsset(
                    by=ANA,
                    at=at(3),
                    element=rows.id,
                    name="Rows",
                    stored_in=tuple(ids[one] for one in stored_in),
                )
            ]
            if stored_in
            else []
        ),
    ]
    for command in commands:
        events = decide_all(command, after=events)
    return events


def test_a_threat_to_an_asset_is_shown_at_the_components_that_store_it_and_in_their_rows_of_the_grid() -> (
    None
):
    events = reported_at(Kind.ASSET, "Rows", after=with_kinds("Database", "Cache"))
    assert marked(events) == {"Database": 1, "Cache": 1}
    assert in_the_grid(events) == {"Database", "Cache"}
    assert drawn_from(events).elsewhere == ()


def test_a_threat_to_an_asset_that_is_stored_nowhere_is_shown_where_it_is_received() -> None:
    events = reported_at(Kind.ASSET, "Rows", after=with_kinds())
    assert marked(events) == {"Database": 1}
    assert in_the_grid(events) == {"Database"}
    assert marked(reported_at(Kind.ASSET, "Rows", after=flows_with_a_threat())) == {"Database": 1}, "no kinds"


def test_a_threat_to_a_dependency_is_shown_at_the_component_that_it_is() -> None:
    events = with_kinds()
    for name in ("Client", "Elsewhere"):
        events = decide_all(AddExternalDependency(by=ANA, at=at(4), name=name), after=events)
    shown = reported_at(Kind.EXTERNAL_DEPENDENCY, "Client", after=events)
    assert marked(shown) == {"Client": 1}
    hidden = reported_at(Kind.EXTERNAL_DEPENDENCY, "Elsewhere", after=events)
    assert marked(hidden) == {}
    assert describe_diagram(drawn_from(hidden)).endswith("1 open threat is not shown in the diagram: TH-1.")


def drawn(*, two_way: bool) -> Diagram:
    flow = FlowByNames(
        source="Client",
        target="API",
        assets=("Query",),
        two_way=two_way,
        assets_back=("Rows",) if two_way else (),
    )
    events = decide_all(DrawFlows(by=ANA, at=at(1), flows=(flow,)), after=[started()])
    return drawn_from(events)


def heads(diagram: Diagram) -> int:
    """How many arrowheads the picture has, with those of its legend."""
    return diagram_svg(lay_out(diagram)).count('z" fill=')


def test_a_two_way_flow_has_one_arrowhead_more() -> None:
    assert heads(drawn(two_way=True)) == heads(drawn(two_way=False)) + 1


@pytest.mark.parametrize(
    ("two_way", "said"), [(True, "Client to API and back with Query | Rows"), (False, "API with")]
)
def test_the_description_says_what_flows_back(two_way: bool, said: str) -> None:
    assert said in describe_diagram(drawn(two_way=two_way))


def test_the_table_of_flows_says_what_flows_back() -> None:
    (row,) = flow_rows(drawn(two_way=True))
    assert (row.receiver, row.assets) == ("API (two-way)", "Query | Rows")


def test_a_bar_separates_the_assets_of_the_two_directions_in_the_picture() -> None:
    svg = diagram_svg(lay_out(drawn(two_way=True)))
    assert "Query | Rows" in svg
    assert ", |" not in svg
