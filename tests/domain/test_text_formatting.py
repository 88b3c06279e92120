"""Lists of names in a line."""

from domain.kernel.text_formatting import join_list, join_names


def test_names_are_told_apart_even_where_they_have_commas() -> None:
    """A data flow is named by all that it carries."""
    flow = "API ↔ Database: orders, tokens"
    assert join_names(["API", "Portal"]) == "API, Portal"
    assert join_names([flow, "Portal"]) == f"{flow}; Portal"
    assert join_list(["API", "Portal", "Store"]) == "API, Portal and Store"
    assert join_list([flow, "Portal", "Store"]) == f"{flow}; Portal and Store"
