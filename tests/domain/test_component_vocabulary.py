"""The kind of a component is read out of its name or type."""

import pytest

from domain.kernel.component_vocabulary import is_store_name, kind_of_type
from domain.kernel.elements import ComponentKind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("aws_s3_bucket", ComponentKind.DATA_STORE),
        ("CosmosDbAccount", ComponentKind.DATA_STORE),
        ("timescaledb", ComponentKind.DATA_STORE),
        ("database client", ComponentKind.EXTERNAL_ENTITY),
        ("browser", ComponentKind.EXTERNAL_ENTITY),
        ("web service", None),
        ("", None),
    ],
)
def test_a_type_of_another_tool(text: str, kind: ComponentKind | None) -> None:
    assert kind_of_type(text) is kind


@pytest.mark.parametrize(
    ("name", "is_store"),
    [("Orders (DynamoDB)", True), ("Order caches on Redis", True), ("Order service", False), ("", False)],
)
def test_a_name_with_a_product_that_keeps_data_is_that_of_a_store(name: str, is_store: bool) -> None:
    assert is_store_name(name) is is_store
