"""Quick ballots: Damage and Exploitability decide the band, the other metrics are derived."""

from collections.abc import Sequence

import pytest
from hypothesis import given as given_data
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.commands import CastBallot, WithdrawThreat
from domain.dread.metrics import BallotLength, Discoverability, Metric, Numbers
from domain.dread.scoring import Band, BandOverride, band_of
from domain.events import BallotCast, ElementRemoved, RecordedEvent, RoundClosed
from domain.kernel.elements import PersonId
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import DerivedNumbers
from domain.model import evolve
from domain.rejections import ContentMissing, NotAVoter, NotInTheRound, OutOfRange
from domain.replay import replay
from domain.voting.scores import ranked_threats, sealed_results
from domain.voting.turnout import turnouts
from tests.domain.quick_story import (
    DARIO,
    PANEL,
    RD1,
    TH1,
    TH2,
    TH3,
    cast,
    entry,
    open_quick_round,
    score_of,
    voted,
)
from tests.domain.suggested_threats import AMINA, BENJI
from tests.domain.voting_story import tally_of
from tests.examples import at, decide_all, given

D, R, E, A, F = Metric
QUICK = (D, E)


def test_threats_without_a_rule_or_a_place_get_a_full_ballot() -> None:
    opened = replay(open_quick_round()).rounds[RD1]

    assert [(one.threat, one.metrics, one.length) for one in opened.asks] == [
        (TH1, QUICK, BallotLength.QUICK),
        (TH2, QUICK, BallotLength.QUICK),
        (TH3, tuple(Metric), BallotLength.FULL),
    ]


def test_a_round_is_of_full_ballots_where_nothing_else_is_chosen() -> None:
    opened = replay(open_quick_round(length=BallotLength.FULL)).rounds[RD1]
    assert {one.metrics for one in opened.asks} == {tuple(Metric)}


def test_the_ballots_of_a_page_are_cast_together_and_only_asked_metrics_are_kept() -> None:
    opened = open_quick_round()
    first, second = entry(TH1, 8, 6), entry(TH2, 3, None)
    five = Numbers(damage=1, reproducibility=2, exploitability=3, affected_users=4, discoverability=5)
    events = decide_all(cast(BENJI, first, second), cast(DARIO, entry(TH1, 1, 3)), after=opened)
    cast_at = [(one.threat, one.by, one.ballot.numbers) for one in events if isinstance(one, BallotCast)]

    assert cast_at == [
        (TH1, BENJI, Numbers(damage=8, exploitability=6)),
        (TH2, BENJI, Numbers(damage=3)),
        (TH1, DARIO, Numbers(damage=1, exploitability=3)),
    ]
    single = CastBallot(by=BENJI, at=at(121), round=RD1, threat=TH1, numbers=five)
    kept = decide_all(single, after=opened)[-1]
    assert isinstance(kept, BallotCast)
    assert kept.ballot.numbers == Numbers(damage=1, exploitability=3)


def test_a_reason_that_was_given_with_a_single_ballot_stays() -> None:
    single = CastBallot(by=BENJI, at=at(119), round=RD1, threat=TH1, numbers=Numbers(damage=1), reason="Why")
    events = decide_all(single, cast(BENJI, entry(TH1, 8, 6)), after=open_quick_round())
    assert replay(events).ballots[RD1, TH1, BENJI].reason == "Why"


def test_a_threat_that_was_withdrawn_meanwhile_does_not_cost_the_other_ballots_of_the_page() -> None:
    gone = decide_all(WithdrawThreat(by=BENJI, at=at(115), threat=TH2), after=open_quick_round())
    events = decide_all(cast(BENJI, entry(TH1, 8, 6), entry(TH2, 3, 3)), after=gone)

    assert (RD1, TH1, BENJI) in replay(events).ballots
    assert (RD1, TH2, BENJI) not in replay(events).ballots
    given(*gone).when(cast(BENJI, entry(TH2, 3, 3))).then_refused(NotInTheRound, "TH-2", field="threat")


def test_ballots_that_make_no_sense_are_refused_as_a_whole() -> None:
    opened = open_quick_round()
    given(*opened).when(cast(BENJI)).then_refused(ContentMissing, "Enter at least one number", field="threat")
    without = open_quick_round(voters=PANEL[:3])
    given(*without).when(cast(DARIO, entry(TH1, 1, 1))).then_refused(NotAVoter, "RD-1")
    given(*opened).when(cast(BENJI, entry(TH1, 1, 1), entry(TH2, 11, 1))).then_refused(
        OutOfRange, "1 to 10", field="damage"
    )


def test_the_band_is_the_mean_of_the_two_voted_metrics() -> None:
    tally = score_of(voted((8, 6), (8, 6), (6, 6), (8, 5))).tally

    assert tally.medians == {D: 8, E: 6}
    assert (tally.total, tally.mean, tally.band, tally.held) == (14, 7, Band.HIGH, None)
    assert set(tally.derived) == {R, A, F}


@pytest.mark.parametrize(
    ("damage", "effort", "band", "held"),
    [
        (9, 1, Band.HIGH, BandOverride.FLOOR),
        (2, 10, Band.MEDIUM, BandOverride.CEILING),
        (10, 10, Band.CRITICAL, None),
    ],
)
def test_floor_and_ceiling_of_damage_hold(
    damage: int, effort: int, band: Band, held: BandOverride | None
) -> None:
    tally = score_of(voted(*[(damage, effort)] * 4)).tally
    assert (tally.band, tally.held) == (band, held)


def test_without_both_metrics_there_is_no_band_and_nothing_is_shown() -> None:
    model = replay(voted((8, None), (8, None), (6, 6), (8, 5)))
    assert sealed_results(model)[TH1].length is BallotLength.QUICK
    assert all(one.score is None for one in ranked_threats(model))


def test_derived_numbers_stay_as_they_were_when_the_round_closed() -> None:
    events = voted((8, 6), (8, 6), (6, 6), (8, 5))
    closed = next(one for one in events if isinstance(one, RoundClosed))
    assert [one.threat for one in closed.derived] == [TH1]
    model = replay(events)
    for element in (*model.elements,):
        model = evolve(model, ElementRemoved(by=AMINA, at=at(200), answer=1, element=element))
    assert ranked_threats(model)[0].score == score_of(events)


def test_a_round_of_full_ballots_has_nothing_derived() -> None:
    opened = open_quick_round(TH3)
    events = decide_all(*(full(who) for who in PANEL), after=opened)
    assert score_of(events, TH3).tally.derived == {}
    assert all(not one.derived for one in events if isinstance(one, RoundClosed))


def test_derived_numbers_break_ties_and_nothing_else() -> None:
    opened = open_quick_round(TH1, TH2)
    equal = decide_all(*(cast(one, entry(TH1, 5, 5), entry(TH2, 5, 5)) for one in PANEL), after=opened)
    assert ranked(equal)[:2] == [TH1, TH2]
    derived = (DerivedNumbers(threat=TH2, numbers=Numbers(reproducibility=10)),)
    harder = [replace(one, derived=derived) if isinstance(one, RoundClosed) else one for one in equal]
    assert ranked(harder)[:2] == [TH2, TH1]

    worse = decide_all(*(cast(one, entry(TH1, 5, 5), entry(TH2, 5, 6)) for one in PANEL), after=opened)
    easier = [replace(one, derived=()) if isinstance(one, RoundClosed) else one for one in worse]
    assert ranked(worse)[:2] == ranked(easier)[:2] == [TH2, TH1]


@pytest.mark.parametrize(
    ("policy", "number"), [(Discoverability.FIXED, 10), (Discoverability.LEFT_OUT, None)]
)
def test_the_setting_for_discoverability_decides_what_is_derived(
    policy: Discoverability, number: int | None
) -> None:
    tally = score_of(voted(*[(5, 5)] * 4, discoverability=policy)).tally
    assert tally.derived.get(F) == number
    assert tally.mean == 5


def test_a_round_counts_how_many_ballots_it_still_waits_for() -> None:
    events = decide_all(cast(BENJI, entry(TH1, 8, 6), entry(TH2, 8, 6)), after=open_quick_round())
    (turnout,) = turnouts(replay(events))
    assert (turnout.ballots, turnout.ballots_expected) == (2, 12)


def ranked(events: Sequence[RecordedEvent]) -> list[ThreatId]:
    return [one.threat.id for one in ranked_threats(replay(events))]


numbers = st.none() | st.integers(1, 10)


@given_data(st.lists(st.builds(Numbers, **dict.fromkeys(Metric, numbers)), min_size=3, max_size=9))
def test_metrics_that_a_quick_ballot_leaves_out_never_change_the_result(ballots: list[Numbers]) -> None:
    only = [Numbers(damage=one.damage, exploitability=one.exploitability) for one in ballots]
    derived = Numbers(reproducibility=10, affected_users=5, discoverability=8)
    tally = tally_of(ballots, Discoverability.VOTED, fewest=3, length=BallotLength.QUICK, derived=derived)

    assert tally == tally_of(
        only, Discoverability.VOTED, fewest=3, length=BallotLength.QUICK, derived=derived
    )
    if tally is not None:
        assert (tally.band, tally.held) == band_of({metric: tally.medians[metric] for metric in QUICK})
        assert tally.mean == sum(tally.medians[metric] for metric in QUICK) / 2


def full(who: PersonId) -> CastBallot:
    five = Numbers(**{metric.value: 5 for metric in Metric})
    return CastBallot(by=who, at=at(120), round=RD1, threat=TH3, numbers=five)
