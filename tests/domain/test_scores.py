"""Ballots into scores: the tables worked by hand, ranks, second votes, residual scores, reference threats."""

from typing import Any

import pytest
from hypothesis import given as holds_for
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.commands import (
    BeginRemediation,
    MarkReferenceThreat,
    SettleRound,
    TakeMedians,
    Undo,
    UnmarkReferenceThreat,
    WithdrawThreat,
)
from domain.dread.metrics import Discoverability, Metric, Numbers
from domain.dread.rubric import NEWEST, RUBRICS
from domain.dread.scoring import Band, BandOverride, DisagreementTest, Tally, band_of, is_contested, median
from domain.events import RecordedEvent, RoundClosed, RoundOpened
from domain.kernel.elements import PersonId
from domain.kernel.voting_round import BallotItem, RoundEndCause, RoundKind
from domain.register import register
from domain.rejections import (
    NothingVerified,
    NotScored,
    NotTheFacilitator,
    Rejected,
    RoundIsOver,
    UndoBlocked,
)
from domain.replay import replay
from domain.voting.scores import RankedThreat, ReferenceThreat, ranked_threats, scores_of
from tests.domain.remediation_story import implement, plan, verify
from tests.domain.voting_story import (
    CONTESTED,
    DAY,
    IDENTIFIED,
    OPENED,
    RD1,
    RD2,
    TH1,
    TH2,
    TH3,
    VOTERS,
    ballot_of,
    close_round_by_system,
    monday_at,
    open_round,
    open_round_command,
    tally_of,
)
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all, given, recorded

D, R, E, A, F = Metric


def scored(*events: RecordedEvent) -> RankedThreat:
    """The plumber after all of this."""
    return next(threat for threat in ranked_threats(replay(events)) if threat.threat.id == TH1)


def test_a_threat_without_numbers_leaves_the_other_ones_of_the_round_their_scores() -> None:
    both = open_round(TH1, TH2)
    events = decide_all(
        *(ballot_of(voter, None, on=TH1) for voter in VOTERS),
        *(ballot_of(voter, 5, on=TH2) for voter in VOTERS),
        after=both,
    )
    assert scores_of(replay(events)).keys() == {TH2}


def test_an_open_round_has_no_score() -> None:
    events = decide_all(*(ballot_of(voter, 5) for voter in VOTERS[:3]), after=OPENED)
    assert scored(*events).score is None
    assert scored(*events).rank is None


def test_a_closed_round_has_its_medians_and_the_reasons_in_no_order_of_persons() -> None:
    events = decide_all(
        ballot_of(ANA, 8, 10, 5, 8, 3, reason="z: it was open"),
        ballot_of(BEN, 9, 10, 6, 8, 4),
        ballot_of(CHI, 10, 9, 5, 10, 3, reason="a: the key"),
        after=open_round(TH1, voters=VOTERS[:3]),
    )
    score = scored(*events).score
    assert score is not None
    assert list(score.tally.medians.values()) == [9, 10, 5, 8, 3]
    assert (score.tally.total, score.tally.mean, score.tally.band) == (35, 7.0, Band.HIGH)
    assert score.reasons == ("a: the key", "z: it was open")
    assert (score.cause, score.round, score.rubric) == (RoundEndCause.ALL_VOTED, RD1, NEWEST)


def test_what_is_contested_is_voted_on_again_by_itself_and_nothing_else() -> None:
    closed, again = CONTESTED[-2:]
    assert isinstance(closed, RoundClosed)
    assert isinstance(again, RoundOpened)
    assert again.answer == closed.answer
    assert again.round.revote_of == RD1
    assert again.round.asks == (BallotItem(threat=TH1, metrics=(D,)),)
    assert again.round.voters == VOTERS
    assert again.round.deadline == monday_at(9, minute=10, days=1), "half as long as the first"
    score = scored(*CONTESTED).score
    assert score is not None
    assert (score.tally.contested, score.to_vote_again, score.voted_again) == ((D,), (D,), ())


def test_a_second_vote_keeps_the_rubric_of_the_first() -> None:
    earlier = [
        replace(event, round=replace(event.round, rubric=1)) if isinstance(event, RoundOpened) else event
        for event in OPENED
    ]
    cast = (ballot_of(one, number) for one, number in zip(VOTERS, (2, 9, 4, 5), strict=True))
    *_, again = decide_all(*cast, after=earlier)
    assert isinstance(again, RoundOpened)
    assert (again.round.revote_of, again.round.rubric) == (RD1, 1)


def test_nothing_contested_means_no_second_round() -> None:
    assert not replay(decide_all(*(ballot_of(voter, 5) for voter in VOTERS), after=OPENED)).open_rounds()


def test_the_second_vote_stands_and_the_other_metrics_keep_the_first() -> None:
    events = decide_all(*(ballot_of(voter, 7, round=RD2) for voter in VOTERS), after=CONTESTED)
    score = scored(*events).score
    assert score is not None
    assert score.tally.medians == {D: 7, R: 5, E: 5, A: 5, F: 5}
    assert (score.tally.contested, score.voted_again, score.to_vote_again) == ((), (D,), ())
    assert score.tally.ballots == 4
    assert score.reasons == ("everything breaks", "nothing breaks")


def test_a_metric_contested_twice_stays_so_and_is_not_voted_on_a_third_time() -> None:
    events = decide_all(
        *(ballot_of(who, n, round=RD2) for who, n in zip(VOTERS, (1, 10, 2, 9), strict=True)), after=CONTESTED
    )
    assert not replay(events).open_rounds()
    score = scored(*events).score
    assert score is not None
    assert (score.tally.medians[D], score.tally.contested) == (5.5, (D,))


def test_a_second_vote_has_the_numbers_that_were_given_again_and_no_others() -> None:
    events = decide_all(*(ballot_of(voter, 6, round=RD2) for voter in VOTERS), after=CONTESTED)
    score = scored(*events).score
    assert score is not None
    assert score.tally.numbers[D] == (6, 6, 6, 6)
    assert score.tally.abstained[D] == 0
    assert (score.voted_again, score.sealed_again) == ((D,), ())


def test_a_second_vote_that_no_one_came_to_leaves_the_first() -> None:
    day_after = DAY + 10
    events = decide_all(
        close_round_by_system(day_after, RD2),
        close_round_by_system(day_after + DAY, RD2),
        SettleRound(by=ANA, at=at(day_after + DAY), round=RD2, reason="nobody came"),
        after=CONTESTED,
    )
    score = scored(*events).score
    assert score is not None
    assert score.tally.numbers[D] == (2, 4, 5, 9)
    assert (score.tally.contested, score.voted_again, score.to_vote_again) == ((D,), (), ())


def test_the_facilitator_ends_a_second_vote_and_the_medians_of_the_first_stand() -> None:
    given(*CONTESTED).when(TakeMedians(by=ANA, at=at(20), round=RD2)).then(
        recorded(RoundClosed, round=RD2, cause=RoundEndCause.MEDIANS, threats=())
    )
    score = scored(*decide_all(TakeMedians(by=ANA, at=at(20), round=RD2), after=CONTESTED)).score
    assert score is not None
    assert (score.tally.medians[D], score.tally.contested) == (4.5, (D,))
    assert (score.ended_early, score.to_vote_again, score.sealed_again) == ((D,), (), ())


def test_ballots_of_a_second_vote_that_was_ended_are_shown_nowhere() -> None:
    take = TakeMedians(by=ANA, at=at(20), round=RD2)
    cast = [ballot_of(who, 10, round=RD2, reason="changed my mind") for who in (BEN, CHI, DEE)]
    assert scored(*decide_all(*cast, take, after=CONTESTED)) == scored(*decide_all(take, after=CONTESTED))


def test_a_second_vote_that_fell_short_can_be_ended_with_the_medians() -> None:
    short = decide_all(
        close_round_by_system(DAY + 10, RD2), close_round_by_system(2 * DAY + 10, RD2), after=CONTESTED
    )
    model = replay(decide_all(TakeMedians(by=ANA, at=at(3 * DAY), round=RD2), after=short))
    assert not model.open_rounds()


def test_medians_are_taken_by_the_facilitator_and_only_in_a_second_vote() -> None:
    given(*CONTESTED).when(TakeMedians(by=BEN, at=at(20), round=RD2)).then_refused(
        NotTheFacilitator, "Take over"
    )
    given(*OPENED).when(TakeMedians(by=ANA, at=at(20), round=RD1)).then_refused(
        Rejected, "there are no medians yet"
    )
    ended = decide_all(TakeMedians(by=ANA, at=at(20), round=RD2), after=CONTESTED)
    given(*ended).when(TakeMedians(by=ANA, at=at(21), round=RD2)).then_refused(RoundIsOver, "RD-2")


def test_without_discoverability_it_is_not_contested_either() -> None:
    events = decide_all(
        *(ballot_of(who, 5, 5, 5, 5, n) for who, n in zip(VOTERS, (1, 10, 1, 10), strict=True)),
        after=open_round(TH1, discoverability=Discoverability.FIXED),
    )
    assert not replay(events).open_rounds()
    score = scored(*events).score
    assert score is not None
    assert score.tally.medians[F] == 10


def test_threats_rank_by_band_then_mean_then_damage() -> None:
    votes = {TH1: (1, 10, 10, 10, 10), TH2: (10, 10, 5, 10, 8), TH3: (5, 5, 5, 5, 5)}
    events = decide_all(
        *(ballot_of(who, *n, on=on) for on, n in votes.items() for who in VOTERS), after=open_round(*votes)
    )
    ranked = ranked_threats(replay(events))
    assert [(one.rank, one.threat.id, one.score.tally.band) for one in ranked if one.score] == [
        (1, TH2, Band.CRITICAL),
        (2, TH1, Band.MEDIUM),
        (3, TH3, Band.MEDIUM),
    ]
    same = {TH1: (4, 6, 5, 5, 5), TH2: (6, 4, 5, 5, 5)}
    events = decide_all(
        *(ballot_of(who, *n, on=on) for on, n in same.items() for who in VOTERS), after=open_round(*same)
    )
    assert [one.threat.id for one in ranked_threats(replay(events))] == [TH2, TH1, TH3], "the rest by id"


def test_a_round_all_of_whose_ballots_abstain_leaves_no_score() -> None:
    assert scored(*decide_all(*(ballot_of(voter, None) for voter in VOTERS), after=OPENED)).score is None


def test_a_residual_score_stands_beside_the_first() -> None:
    first = decide_all(
        *(ballot_of(voter, 9) for voter in VOTERS),
        BeginRemediation(by=ANA, at=at(20), reason="the rest can wait"),
        after=OPENED,
    )
    residual = open_round_command(TH1, kind=RoundKind.RESIDUAL, at=at(30))
    given(*first).when(residual).then_refused(
        NothingVerified, "TH-1 has no verified mitigation", field="threats"
    )
    events = decide_all(
        plan(minute=21),
        implement(minute=22),
        verify(minute=23),
        residual,
        *(ballot_of(voter, 3, round=RD2, minute=31) for voter in VOTERS),
        after=first,
    )
    threat = scored(*events)
    assert threat.score is not None
    assert threat.residual is not None
    assert (threat.score.tally.band, threat.residual.tally.band) == (Band.CRITICAL, Band.LOW)


def test_voting_on_a_threat_again_counts_the_last_round() -> None:
    first = decide_all(*(ballot_of(voter, 9) for voter in VOTERS), after=OPENED)
    events = decide_all(
        open_round_command(TH1), *(ballot_of(voter, 3, round=RD2) for voter in VOTERS), after=first
    )
    score = scored(*events).score
    assert score is not None
    assert (score.round, score.tally.mean) == (RD2, 3.0)


def test_a_threat_that_was_out_when_its_round_closed_has_no_score_when_it_comes_back() -> None:
    events = decide_all(
        ballot_of(ANA, 5, on=TH3),
        WithdrawThreat(by=BEN, at=at(20), threat=TH3),
        *(ballot_of(voter, 5) for voter in VOTERS),
        Undo(by=BEN, at=at(21)),
        after=open_round(TH1, TH3),
    )
    assert TH3 in replay(events).threats
    assert set(scores_of(replay(events))) == {TH1}


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


@holds_for(st.lists(st.integers(1, 10), min_size=5, max_size=12))
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


@holds_for(many, policies, st.randoms(use_true_random=False))
def test_the_order_of_the_ballots_does_not_matter(
    cast: list[Numbers], policy: Discoverability, chance: Any
) -> None:
    shuffled = list(cast)
    chance.shuffle(shuffled)

    assert tally_of(shuffled, policy) == tally_of(cast, policy)


@holds_for(many, policies)
def test_a_ballot_equal_to_the_median_does_not_move_it(cast: list[Numbers], policy: Discoverability) -> None:
    before = tally_of(cast, policy)
    if before is None:
        return
    whole = {one.value: int(at) for one, at in before.medians.items() if at == int(at)}

    after = tally_of([*cast, Numbers(**whole)], policy)

    assert after is not None
    for metric in whole:
        assert after.medians[Metric(metric)] == before.medians[Metric(metric)]


@holds_for(many, policies)
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


@holds_for(many, policies)
def test_floor_and_ceiling_hold_whatever_the_rest(cast: list[Numbers], policy: Discoverability) -> None:
    tally = tally_of(cast, policy)
    if tally is None or D not in tally.medians:
        return
    if tally.medians[D] >= 9:
        assert tally.band in (Band.HIGH, Band.CRITICAL)
    if tally.medians[D] <= 2:
        assert tally.band in (Band.LOW, Band.MEDIUM)


@holds_for(many, st.integers(1, 9))
def test_a_worse_number_never_makes_a_threat_less_bad(cast: list[Numbers], step: int) -> None:
    worse = [
        replace(one, **{m.value: min(10, n + step) for m in Metric if (n := one.of(m)) is not None})
        for one in cast
    ]
    before, after = tally_of(cast, Discoverability.VOTED), tally_of(worse, Discoverability.VOTED)

    if before and after:
        assert after.band.order >= before.band.order
        assert after.mean >= before.mean


SCORED = decide_all(
    *(ballot_of(one, 6, on=on) for on in (TH1, TH2, TH3) for one in VOTERS), after=open_round(TH1, TH2, TH3)
)


def mark(threat: str = TH1, by: PersonId = ANA) -> MarkReferenceThreat:
    return MarkReferenceThreat(by=by, at=at(40), threat=TH1 if threat == TH1 else TH2)


def test_a_scored_threat_can_be_a_reference_threat_with_its_medians() -> None:
    model = replay(decide_all(mark(), after=SCORED))
    assert register(model).reference_threats == (
        ReferenceThreat(threat=TH1, title="The plumber", medians=dict.fromkeys(Metric, 6)),
    )
    given(*decide_all(mark(), after=SCORED)).when(mark()).then_nothing_happens()


def test_a_threat_without_a_score_is_no_reference_threat() -> None:
    given(*IDENTIFIED).when(mark()).then_refused(NotScored, "Vote on it first", field="threat")


def test_a_reference_threat_is_chosen_and_given_up_by_the_facilitator() -> None:
    given(*SCORED).when(mark(by=BEN)).then_refused(NotTheFacilitator, "Only the facilitator")
    marked = decide_all(mark(), after=SCORED)
    gone = decide_all(UnmarkReferenceThreat(by=ANA, at=at(41), threat=TH1), after=marked)
    assert register(replay(gone)).reference_threats == ()
    back = decide_all(Undo(by=ANA, at=at(42)), after=gone)
    assert register(replay(back)).reference_threats == register(replay(marked)).reference_threats


def test_a_withdrawn_reference_threat_measures_nothing_until_it_comes_back() -> None:
    marked = decide_all(mark(), after=SCORED)
    gone = decide_all(WithdrawThreat(by=BEN, at=at(41), threat=TH1), after=marked)
    assert register(replay(gone)).reference_threats == ()
    assert register(replay(decide_all(Undo(by=BEN, at=at(42)), after=gone))).reference_threats


def test_the_report_of_a_reference_threat_is_not_taken_back() -> None:
    given(*SCORED).when(Undo(by=BEN, at=at(50))).then_refused(UndoBlocked, "since then")
