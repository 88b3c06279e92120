"""A two-way flow has an arrowhead at both ends, and is marked in text and tables."""

from datetime import date

import pytest

from bot.picture.diagram import Diagram, build_diagram, describe_diagram, diagram_svg, flow_rows, lay_out
from domain.commands import DrawFlows, FlowByNames
from domain.register import register
from domain.replay import replay
from tests.examples import ANA, at, decide_all, started


def drawn(*, two_way: bool) -> Diagram:
    flow = FlowByNames(
        source="Client",
        target="API",
        assets=("Query",),
        two_way=two_way,
        assets_back=("Rows",) if two_way else (),
    )
    events = decide_all(DrawFlows(by=ANA, at=at(1), flows=(flow,)), after=[started()])
    return build_diagram(register(replay(events)), date(2026, 3, 2))


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
