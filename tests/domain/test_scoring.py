"""Ballots into a score: the tables worked by hand, and what holds of all ballots."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.dread.disagreement import DisagreementTest, is_contested, median
from domain.dread.metrics import Discoverability, Metric, Numbers
from domain.dread.rubric import NEWEST, RUBRICS
from domain.dread.scoring import Band, BandOverride, Tally, band_of
from tests.domain.voting_story import tally_of

D, R, E, A, F = Metric


def ballot(*numbers: int | None) -> Numbers:
    return Numbers(**{metric.value: number for metric, number in zip(Metric, numbers, strict=False)})


def count(*ballots: tuple[int | None, ...], policy: Discoverability = Discoverability.VOTED) -> Tally:
    tally = tally_of([ballot(*one) for one in ballots], policy)
    assert tally is not None
    return tally


def test_three_ballots_of_the_worked_example() -> None:
    tally = count((8, 10, 5, 8, 3), (9, 10, 6, 8, 4), (10, 9, 5, 10, 3))

    assert list(tally.medians.values()) == [9, 10, 5, 8, 3]
    assert (tally.total, tally.mean, tally.band) == (35, 7.0, Band.HIGH)
    assert tally.contested == ()
    assert tally.ballots == 3
    assert tally.held is None, "the mean says high already"


def test_five_voters_far_apart_on_damage() -> None:
    tally = count((2, 5), (2, 5), (9, 5), (10, 5), (3, 5))

    assert tally.medians[D] == 3
    assert tally.numbers[D] == (2, 2, 3, 9, 10)
    assert tally.contested == (D,)


def test_the_curtains_do_no_damage_and_are_held_at_medium() -> None:
    tally = count((1, 10, 10, 10, 10))

    assert (tally.total, tally.mean, tally.band, tally.held) == (41, 8.2, Band.MEDIUM, BandOverride.CEILING)


def test_the_garage_is_critical() -> None:
    tally = count((10, 10, 5, 10, 8))

    assert (tally.total, tally.mean, tally.band, tally.held) == (43, 8.6, Band.CRITICAL, None)


@pytest.mark.parametrize(
    ("given_numbers", "expected"),
    [((4,), 4), ((4, 5), 4.5), ((3, 5), 4), ((10, 1, 2), 2), ((1, 9, 10, 2), 5.5), ((7, 7, 7, 8), 7)],
)
def test_of_an_even_number_the_median_is_the_mean_of_the_middle_two(
    given_numbers: tuple[int, ...], expected: float
) -> None:
    assert median(given_numbers) == expected


@pytest.mark.parametrize(
    ("medians", "band"),
    [
        ((5, 4, 4, 4, 2), Band.LOW),  # 19, 3.8
        ((4, 4, 4, 4, 4), Band.MEDIUM),  # 4.0
        ((6, 6, 6, 6, 5.5), Band.MEDIUM),  # 29.5, 5.9
        ((6, 6, 6, 6, 6), Band.HIGH),  # 6.0
        ((8, 8, 8, 8, 7.5), Band.HIGH),  # 39.5, 7.9
        ((8, 8, 8, 8, 8), Band.CRITICAL),  # 8.0
        ((9, 1, 1, 1, 1), Band.HIGH),  # 2.6, floor
        ((8.5, 1, 1, 1, 1), Band.LOW),  # 2.5
        ((9, 9, 9, 9, 9), Band.CRITICAL),
        ((2, 10, 10, 10, 10), Band.MEDIUM),  # 8.4, ceiling
        ((2.5, 10, 10, 10, 10), Band.CRITICAL),  # 8.5
        ((1, 1, 1, 1, 1), Band.LOW),
    ],
)
def test_the_band_follows_the_mean_between_floor_and_ceiling(medians: tuple[float, ...], band: Band) -> None:
    assert band_of(dict(zip(Metric, medians, strict=True)))[0] is band


@pytest.mark.parametrize(
    ("numbers", "contested"),
    [
        ((), False),
        ((5,), False),
        ((1, 5), False),  # a spread of 4
        ((1, 6), True),  # a spread of 5 among few
        ((1, 5, 6, 5, 5, 5, 5), True),  # seven are few
        ((1, 5, 6, 5, 5, 5, 5, 5), False),  # eight are not
        ((3, 3, 3, 8, 8, 8, 5, 5, 5), True),  # a third and a third
        ((3, 3, 3, 8, 8, 5, 5, 5, 5), False),  # less than a third is plainly high
        ((4, 4, 4, 8, 8, 8, 5, 5, 5), False),  # nobody is plainly low
        ((1, 1, 1, 1, 10, 10, 10, 10), True),
    ],
)
def test_rounds_of_earlier_releases_are_contested_by_thirds(
    numbers: tuple[int, ...], contested: bool
) -> None:
    assert is_contested(numbers, DisagreementTest.THIRDS) is contested


@pytest.mark.parametrize(
    ("numbers", "contested"),
    [
        ((), False),
        ((5,), False),
        ((1, 6), False),  # a spread of 5
        ((1, 7), True),  # a spread of 6 among few
        ((1, 4, 4, 7), True),  # four are few
        ((1, 4, 4, 4, 7), False),  # five are not
        ((3, 3, 3, 3, 10), False),  # one person alone
        ((2, 3, 5, 7, 9), True),  # the middle half from 3 to 7
        ((2, 4, 5, 7, 9), False),  # from 4 to 7
        ((3, 3, 3, 8, 8, 8), True),
        ((1, 5, 5, 5, 5, 5, 5, 10), False),
        ((2, 3, 3, 6, 6, 7, 7, 8), True),  # from 3 to 7
        ((2, 3, 4, 6, 6, 7, 7, 8), False),  # from 3.75, between two of eight, to 7
    ],
)
def test_a_metric_is_contested_by_the_middle_half_of_its_numbers(
    numbers: tuple[int, ...], contested: bool
) -> None:
    assert is_contested(numbers) is contested


@given(st.lists(st.integers(1, 10), min_size=5, max_size=12))
def test_one_person_alone_makes_nothing_contested(numbers: list[int]) -> None:
    agreed = [5] * len(numbers)
    assert not is_contested([*agreed, numbers[0]])


def test_an_abstention_is_no_number() -> None:
    tally = count((4, 4, 4, 4, None), (6, 4, 4, 4, 8), (5, 4, 4, 4, None))

    assert tally.medians[F] == 8
    assert tally.numbers[F] == (8,)
    assert tally.ballots == 3


def test_a_metric_on_which_everyone_abstains_is_not_counted() -> None:
    tally = count((4, 4, 4, 4, None), (4, 4, 4, 4, None))

    assert F not in tally.medians
    assert (tally.total, tally.mean, tally.withheld) == (16, 4.0, (F,))


def test_without_a_number_for_damage_there_is_neither_floor_nor_ceiling() -> None:
    assert count((None, 10, 10, 10, 10)).band is Band.CRITICAL
    assert count((None, 1, 1, 1, 1)).band is Band.LOW


def test_without_any_number_there_is_no_score() -> None:
    assert tally_of([ballot(None, None, None, None, None)] * 3, Discoverability.VOTED) is None
    assert tally_of([ballot()] * 3, Discoverability.FIXED) is None
    assert tally_of([], Discoverability.VOTED) is None


def test_discoverability_can_be_fixed_at_ten() -> None:
    tally = count((4, 4, 4, 4, 1), policy=Discoverability.FIXED)

    assert tally.medians[F] == 10
    assert (tally.total, tally.mean) == (26, 5.2)
    assert F not in tally.numbers


def test_discoverability_can_be_left_out() -> None:
    tally = count((4, 4, 4, 4, 1), (4, 4, 4, 4, 10), policy=Discoverability.LEFT_OUT)

    assert F not in tally.medians
    assert (tally.total, tally.mean, tally.contested) == (16, 4.0, ())


def test_the_bands_of_single_ballots_are_told_where_they_differ() -> None:
    agreeing = count((5, 5, 5, 5, 5), (4, 4, 4, 4, 4))
    assert (agreeing.lowest, agreeing.highest) == (None, None)

    differing = count((3, 3, 3, 3, 3), (5, 5, 5, 5, 5), (9, 8, 8, 8, 8))
    assert (differing.lowest, differing.highest) == (Band.LOW, Band.CRITICAL)


def test_a_rubric_says_what_the_anchors_of_every_metric_mean() -> None:
    assert max(RUBRICS) == NEWEST
    for rubric in RUBRICS.values():
        assert set(rubric) == set(Metric)
        for texts in rubric.values():
            assert list(texts) == [1, 3, 5, 8, 10]
            assert len(set(texts.values())) == len(texts)


one_number = st.none() | st.integers(1, 10)
ballots = st.builds(Numbers, **dict[str, Any].fromkeys(Metric, one_number))
policies = st.sampled_from(Discoverability)
many = st.lists(ballots, min_size=1, max_size=12)


@given(many, policies, st.randoms(use_true_random=False))
def test_the_order_of_the_ballots_does_not_matter(
    cast: list[Numbers], policy: Discoverability, chance: Any
) -> None:
    shuffled = list(cast)
    chance.shuffle(shuffled)

    assert tally_of(shuffled, policy) == tally_of(cast, policy)


@given(many, policies)
def test_a_ballot_equal_to_the_median_does_not_move_it(cast: list[Numbers], policy: Discoverability) -> None:
    before = tally_of(cast, policy)
    if before is None:
        return
    whole = {one.value: int(at) for one, at in before.medians.items() if at == int(at)}

    after = tally_of([*cast, Numbers(**whole)], policy)

    assert after is not None
    for metric in whole:
        assert after.medians[Metric(metric)] == before.medians[Metric(metric)]


@given(many, policies)
def test_every_total_is_in_its_range_and_the_mean_is_that_of_the_medians(
    cast: list[Numbers], policy: Discoverability
) -> None:
    tally = tally_of(cast, policy)
    if tally is None:
        return
    counted = len(tally.medians)

    assert counted <= tally.total <= 10 * counted
    assert tally.mean == tally.total / counted
    for metric, given_numbers in tally.numbers.items():
        if given_numbers:
            assert given_numbers[0] <= tally.medians[metric] <= given_numbers[-1]


@given(many, policies)
def test_floor_and_ceiling_hold_whatever_the_rest(cast: list[Numbers], policy: Discoverability) -> None:
    tally = tally_of(cast, policy)
    if tally is None or D not in tally.medians:
        return
    if tally.medians[D] >= 9:
        assert tally.band in (Band.HIGH, Band.CRITICAL)
    if tally.medians[D] <= 2:
        assert tally.band in (Band.LOW, Band.MEDIUM)


@given(many, st.integers(1, 9))
def test_a_worse_number_never_makes_a_threat_less_bad(cast: list[Numbers], step: int) -> None:
    worse = [
        replace(one, **{m.value: min(10, n + step) for m in Metric if (n := one.of(m)) is not None})
        for one in cast
    ]
    before, after = tally_of(cast, Discoverability.VOTED), tally_of(worse, Discoverability.VOTED)

    if before and after:
        assert after.band.order >= before.band.order
        assert after.mean >= before.mean
