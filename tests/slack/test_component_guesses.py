"""The kind that the form suggests for a component."""

import pytest

from bot.slack.ui.modals.collecting.component_guesses import Guesser
from domain.commands import AddComponent
from domain.kernel.elements import ComponentKind, Kind
from domain.model import replay
from domain.register import register
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
