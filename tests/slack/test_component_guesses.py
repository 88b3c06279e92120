"""The kind that the form suggests for a component."""

import pytest
from msgspec.structs import replace

from bot.slack.ui.modals.collecting.component_placement_form import Guesser
from domain.commands import AddComponent, AddDataFlow
from domain.kernel.elements import Component, ComponentKind, ElementId, Kind
from domain.register import register
from domain.replay import replay
from tests.examples import ANA, at, decide_all, started


@pytest.mark.parametrize(
    ("name", "sort"),
    [
        ("Orders (DynamoDB)", ComponentKind.DATA_STORE),
        ("S3", ComponentKind.DATA_STORE),
        ("BigQuery", ComponentKind.DATA_STORE),
        ("Customer database", ComponentKind.DATA_STORE),
        ("Checkout", ComponentKind.PROCESS),
        ("Login", ComponentKind.PROCESS),
    ],
)
def test_a_component_named_after_a_product_that_keeps_data_is_a_store(name: str, sort: ComponentKind) -> None:
    known = register(
        replay([started(), *decide_all(AddComponent(name=name, by=ANA, at=at(1)), after=[started()])])
    )
    (item,) = known.items(Kind.COMPONENT)
    assert Guesser(known).guess(item).sort is sort


def test_a_component_that_only_sends_and_has_a_technology_of_its_own_is_not_taken_for_a_person() -> None:
    events = [started()]
    for name in ("Settlement", "Collection"):
        events += decide_all(AddComponent(name=name, by=ANA, at=at(1)), after=events)
    flow = AddDataFlow(source=ElementId("CO-1"), target=ElementId("CO-2"), by=ANA, at=at(2))
    known = register(replay([*events, *decide_all(flow, after=events)]))
    sender = next(item for item in known.items(Kind.COMPONENT) if item.id == "CO-1")
    assert isinstance(sender.element, Component)
    with_technology = replace(sender, element=replace(sender.element, technology="Temporal"))
    assert Guesser(known).guess(sender).sort is ComponentKind.EXTERNAL_ENTITY
    assert Guesser(known).guess(with_technology).sort is ComponentKind.PROCESS
