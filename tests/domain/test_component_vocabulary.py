"""The kind of a component is read out of its name or type."""

import pytest

from domain.kernel.component_vocabulary import STORE_PRODUCTS, is_store_name, kind_of_type
from domain.kernel.elements import ComponentKind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("aws_s3_bucket", ComponentKind.DATA_STORE),
        ("CosmosDbAccount", ComponentKind.DATA_STORE),
        ("timescaledb", ComponentKind.DATA_STORE),
        ("database client", ComponentKind.EXTERNAL_ENTITY),
        ("browser", ComponentKind.EXTERNAL_ENTITY),
        ("our third party billing", ComponentKind.EXTERNAL_ENTITY),
        ("web service", None),
        ("", None),
    ],
)
def test_a_type_of_another_tool(text: str, kind: ComponentKind | None) -> None:
    assert kind_of_type(text) is kind


def test_no_word_of_the_vocabulary_is_longer_than_what_is_looked_up() -> None:
    products = [word for words in STORE_PRODUCTS.values() for word in words]
    assert max(len(word.split()) for word in products) == 2


@pytest.mark.parametrize(
    ("name", "is_store"),
    [
        ("Orders (DynamoDB)", True),
        ("Order caches on Redis", True),
        ("Orders to Event Hubs of the shop", True),
        ("Service of the bus", False),
        ("Order service", False),
        ("", False),
    ],
)
def test_a_name_with_a_product_that_keeps_data_is_that_of_a_store(name: str, is_store: bool) -> None:
    assert is_store_name(name) is is_store
