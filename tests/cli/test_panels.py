"""The study of panels can be repeated, and measures what it says."""

import random
from collections import defaultdict

import pytest

from tests.bench.panels import METHODS, SIZES, SecondVotes, has_wide_middle, one_panel
from tests.bench.simulated_voters import kendall


@pytest.mark.parametrize(
    ("order", "agreement"),
    [
        ([1, 2, 3, 4], 1.0),
        ([4, 3, 2, 1], -1.0),
        ([1, 2, 4, 3], 4 / 6),
        ([1, 1, 2, 2], 4 / (4 * 6) ** 0.5),
    ],
)
def test_agreement_is_kendalls_tau_b(order: list[int], agreement: float) -> None:
    assert kendall([(one,) for one in (1, 2, 3, 4)], [(one,) for one in order]) == pytest.approx(agreement)


def test_the_same_seed_makes_the_same_panel() -> None:
    first, second = (one_panel(random.Random("a seed"), 3, defaultdict(SecondVotes)) for _ in range(2))
    assert first == second
    assert set(first) == set(METHODS)


def test_a_panel_agrees_with_the_truth_better_than_chance() -> None:
    seconds: defaultdict[tuple[int, str], SecondVotes] = defaultdict(SecondVotes)
    agreed = one_panel(random.Random("a seed"), SIZES[-1], seconds)
    assert all(0.3 < true < 1 for true, _ in agreed.values())
    assert seconds[SIZES[-1], "contested again"].shares[0] < 1


@pytest.mark.parametrize(
    ("ballots", "wide"),
    [([1, 6, 6], False), ([1, 6, 7], True), ([1, 5, 5, 5, 10], False), ([2, 2, 5, 9, 9], True)],
)
def test_a_wide_middle_is_told_from_a_single_outlier(ballots: list[int], wide: bool) -> None:
    assert has_wide_middle(ballots) is wide
