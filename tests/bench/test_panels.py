"""The study of panels can be repeated, and measures what it says."""

import random
from collections import defaultdict

import pytest

from domain.dread.metrics import Metric
from tests.bench.panels import METHODS, SIZES, SecondVotes, one_panel
from tests.bench.quick_panels import METHODS as QUICK_METHODS
from tests.bench.quick_panels import WORLDS, compare_methods, followed_up_place, full_place, quick_place
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
    assert seconds[SIZES[-1], "by thirds again"].shares[0] < 1


@pytest.mark.parametrize("world", WORLDS)
def test_quick_ballots_are_compared_with_full_ones_of_the_same_panel(world: str) -> None:
    first, second = (compare_methods(random.Random("a seed"), world, 8) for _ in range(2))
    assert first == second
    full, quick, followed_up = (first[method] for method in QUICK_METHODS)
    assert full.own == full.full
    assert all(0.3 < one.own < 1 for one in (full, quick, followed_up))
    assert all(0 <= one.one_off + one.further_off < 0.6 for one in (full, quick, followed_up))


def test_a_panel_without_error_places_each_threat_where_its_own_truth_is() -> None:
    close = dict.fromkeys(Metric, 8.0) | {Metric.AFFECTED_USERS: 1.0}
    far = close | {Metric.DAMAGE: 5.0}
    assert quick_place(close)[:2] == (3, 8.0)
    assert full_place(close)[:2] == followed_up_place(close)[:2] == (2, 6.6)
    assert quick_place(far) == followed_up_place(far)
