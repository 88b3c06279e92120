"""Similarity of names: what is asked about before a new element is created, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.name_similarity import likely_same, most_similar, token_sort_ratio

SAME = (
    ("Prescription data", "Prescription data (PHI)"),
    ("Prescription data (PHI)", "Prescription data (archive)"),
    ("prescription  DATA", "Data, prescription"),
    ("Customer email", "Customer emails"),
    ("Payment service", "Payments service"),
    ("Order confirmation e-mail", "Order confirmation e mail"),
)
DIFFERENT = (
    ("Orders", "Orders (staging)"),
    ("Customer orders (production)", "Customer orders (staging)"),
    ("Patient records (EU)", "Patient records (US)"),
    ("Patient records", "Patient records (eu-west-1)"),
    ("Warehouse service 1", "Warehouse service 2"),
    ("Public API v1", "Public API v2"),
    ("Floor 1 room 2", "Floor 2 room 1"),
    ("Warehouse robot A", "Warehouse robot B"),
    ("Authenticated users", "Unauthenticated users"),
    ("Orders", "Customers"),
    ("🚀", "🔥"),
)
# Computed once with RapidFuzz 3.14.6: fuzz.token_sort_ratio of the names in lower case.
OF_RAPIDFUZZ = (
    ("Prescription data", "Prescription data (PHI)", 89.47368421052632),
    ("Customer email", "Customer emails", 96.55172413793103),
    ("orders api", "api orders", 100.0),
    ("payment service", "payments gateway", 51.61290322580645),
    ("internal api gateway", "external api gateway", 55.00000000000001),
    ("token store", "store of tokens", 84.61538461538461),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_names_that_probably_mean_the_same_are_asked_about(one: str, other: str) -> None:
    assert likely_same(one, other)
    assert likely_same(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_a_number_a_region_an_environment_or_a_negation_makes_another_thing(one: str, other: str) -> None:
    assert not likely_same(one, other)
    assert not likely_same(other, one)


@pytest.mark.parametrize(("one", "other", "ratio"), OF_RAPIDFUZZ)
def test_the_measure_is_the_token_sort_ratio(one: str, other: str, ratio: float) -> None:
    assert token_sort_ratio(one, other) == pytest.approx(ratio)


def test_the_closest_names_come_first() -> None:
    others = ["Customer emails archive", "Customer emails", "Customers email"]
    assert most_similar("Customer email", others, 2) == ["Customer emails", "Customers email"]


@given(st.text(max_size=40), st.text(max_size=40))
def test_the_order_of_two_names_does_not_matter(one: str, other: str) -> None:
    assert likely_same(one, other) is likely_same(other, one)
    assert 0 <= token_sort_ratio(one, other) <= 100
