"""Quick ballots: what they leave out, how it is derived, and follow-ups."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given as given_data
from hypothesis import given as holds_for
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.built_in_catalog import BUILT_IN
from domain.commands import BallotEntry, CastBallot, CastBallots, WithdrawThreat
from domain.dread.metrics import HIGHEST, LOWEST, BallotLength, Discoverability, Metric, Numbers
from domain.dread.scoring import Band, BandOverride, band_of
from domain.events import BallotCast, ElementRemoved, RecordedEvent, RoundClosed, RoundOpened
from domain.kernel.elements import Asset, ElementId, Kind, PersonId
from domain.kernel.threat import SuggestedThreatId, Threat, ThreatId
from domain.kernel.voting_round import DerivedNumbers
from domain.model import ThreatModel, evolve
from domain.rejections import ContentMissing, NotAVoter, NotInTheRound, OutOfRange
from domain.replay import replay
from domain.voting.scores import (
    TIMING_DECIDES,
    TYPICAL_DISCOVERABILITY,
    can_be_derived,
    derived_numbers,
    ranked_threats,
    sealed_results,
)
from domain.voting.turnout import turnouts
from domain.wording.voting import ballots_range
from tests.depth import examples
from tests.domain.quick_story import (
    DARIO,
    OTHERS,
    PANEL,
    RD1,
    TH1,
    TH2,
    TH3,
    answered,
    cast,
    entry,
    open_quick_round,
    score_of,
    voted,
)
from tests.domain.suggested_threats import AMINA, BENJI, HOUSE
from tests.domain.test_ballots import everything_shown, everything_shown_to_all
from tests.domain.voting_story import tally_of
from tests.examples import at, decide_all, given, id_of_element

D, R, E, A, F = Metric
QUICK = (D, E)


def test_threats_without_a_rule_or_a_place_get_a_full_ballot() -> None:
    opened = replay(open_quick_round()).rounds[RD1]

    assert [(ask.threat, ask.metrics, ask.length) for ask in opened.asks] == [
        (TH1, QUICK, BallotLength.QUICK),
        (TH2, QUICK, BallotLength.QUICK),
        (TH3, tuple(Metric), BallotLength.FULL),
    ]


def test_a_round_is_of_full_ballots_where_nothing_else_is_chosen() -> None:
    opened = replay(open_quick_round(length=BallotLength.FULL)).rounds[RD1]
    assert {ask.metrics for ask in opened.asks} == {tuple(Metric)}


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
    assert all(ranked_threat.score is None for ranked_threat in ranked_threats(model))


def test_derived_numbers_stay_as_they_were_when_the_round_closed() -> None:
    events = voted((8, 6), (8, 6), (6, 6), (8, 5))
    closed = next(event for event in events if isinstance(event, RoundClosed))
    assert [one.threat for one in closed.derived] == [TH1]
    model = replay(events)
    for element in (*model.elements,):
        model = evolve(model, ElementRemoved(by=AMINA, at=at(200), answer=1, element=element))
    assert ranked_threats(model)[0].score == score_of(events)


def test_a_round_of_full_ballots_has_nothing_derived() -> None:
    opened = open_quick_round(TH3)
    events = decide_all(*(full(who) for who in PANEL), after=opened)
    assert score_of(events, TH3).tally.derived == {}
    assert all(not event.derived for event in events if isinstance(event, RoundClosed))


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
    return [ranked_threat.threat.id for ranked_threat in ranked_threats(replay(events))]


numbers = st.none() | st.integers(1, 10)


@given_data(st.lists(st.builds(Numbers, **dict.fromkeys(Metric, numbers)), min_size=3, max_size=9))
def test_metrics_that_a_quick_ballot_leaves_out_never_change_the_result(ballots: list[Numbers]) -> None:
    only = [Numbers(damage=ballot.damage, exploitability=ballot.exploitability) for ballot in ballots]
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


any_numbers = st.builds(Numbers, **dict[str, Any].fromkeys(Metric, st.none() | st.integers(1, 10)))
entries = st.builds(BallotEntry, threat=st.just(TH1), numbers=any_numbers, follow_up=st.booleans())
panels = st.lists(entries, min_size=4, max_size=4)


def ballots(given_entries: Sequence[BallotEntry], *, last: bool) -> list[RecordedEvent]:
    """All vote on TH-1, and on TH-2 all but the last person, who may vote as well."""
    plain = BallotEntry(threat=TH2, numbers=Numbers(damage=3, exploitability=3))
    steps = [cast(who, one, plain) for who, one in zip(PANEL[:-1], given_entries, strict=False)]
    steps.append(cast(PANEL[-1], *(given_entries[-1:] if not last else (given_entries[-1], plain))))
    return decide_all(*steps, after=open_quick_round(TH1, TH2))


@examples(3, deep=160)
@holds_for(panels, panels)
def test_two_models_that_differ_only_in_open_quick_ballots_look_the_same(
    first: list[BallotEntry], second: list[BallotEntry]
) -> None:
    one, other = ballots(first, last=False), ballots(second, last=False)
    assert replay(one).rounds[RD1].ending is None
    assert everything_shown(one) == everything_shown(other)


@examples(3, deep=160)
@holds_for(panels, st.permutations(range(4)))
def test_a_closed_round_does_not_reveal_who_voted_what_or_who_requested_a_follow_up(
    given_entries: list[BallotEntry], order: Sequence[int]
) -> None:
    one = ballots(given_entries, last=True)
    other = ballots([given_entries[place] for place in order], last=True)
    assert replay(one).rounds[RD1].ending is not None
    assert everything_shown_to_all(one) == everything_shown_to_all(other)


HIGH = ((7, 6), (7, 6), (7, 6), (7, 6))
"""A mean of 6.5: not close to critical."""


def second_vote(events: list[RecordedEvent]) -> dict[str, tuple[Metric, ...]]:
    """What the second vote asks for, by threat; empty without one."""
    opened = [one.round for one in events if isinstance(one, RoundOpened) and one.round.revote_of == RD1]
    return {ask.threat: ask.metrics for one in opened for ask in one.asks}


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        (((7, 7),) * 4, {}),  # a mean of 7
        (((8, 7),) * 4, {TH1: OTHERS}),  # 7.5
        (((9, 8),) * 4, {TH1: OTHERS}),  # 8.5
        (((9, 9),) * 4, {}),  # 9, which three more metrics hardly change
    ],
)
def test_threats_within_half_a_point_of_critical_are_followed_up(
    given: tuple[tuple[int, int], ...], asked: dict[str, tuple[Metric, ...]]
) -> None:
    assert second_vote(voted(*given)) == asked


def test_any_voter_can_request_a_follow_up_with_the_ballot() -> None:
    assert second_vote(voted(*HIGH)) == {}
    assert second_vote(voted(*HIGH, requested_by=(PANEL[2],))) == {TH1: OTHERS}


def test_a_request_is_as_sealed_as_the_ballot_it_is_part_of() -> None:
    asked, plain = (
        replay(decide_all(*_pages(who), after=open_quick_round(TH1))) for who in ((PANEL[1],), ())
    )
    assert ranked_threats(asked) == ranked_threats(plain)


def test_a_full_ballot_has_nothing_to_follow_up() -> None:
    ballot = CastBallot(
        by=PANEL[0], at=at(120), round=RD1, threat=TH1, numbers=Numbers(damage=5), follow_up=True
    )
    events = decide_all(ballot, after=open_quick_round(TH1, length=BallotLength.FULL))
    assert isinstance(events[-1], BallotCast)
    assert not events[-1].ballot.follow_up


def test_the_numbers_of_a_follow_up_count_with_those_of_the_first_vote() -> None:
    asked = voted(*((8, 7),) * 4)
    before = score_of(asked)
    assert (before.tally.mean, before.tally.band, before.to_follow_up) == (7.5, Band.HIGH, OTHERS)
    assert before.to_vote_again == ()

    score = score_of(answered(asked, *((10, 10, 8),) * 4))

    assert score.tally.medians == {D: 8, R: 10, E: 7, A: 10, F: 8}
    assert (score.tally.mean, score.tally.band) == (8.6, Band.CRITICAL)
    assert (score.followed_up, score.voted_again, score.tally.derived) == (OTHERS, (), {})


def test_the_ratings_of_single_ballots_are_those_of_the_first_vote() -> None:
    asked = voted((8, 7), (8, 7), (9, 9), (9, 9))
    assert ballots_range(score_of(asked)) == "Individual ballots range from high to critical."
    after = score_of(answered(asked, *((1, 1, 1),) * 4))
    assert ballots_range(after) == "Individual ballots of the first vote range from high to critical."
    assert after.tally.band is Band.LOW
    assert not ballots_range(score_of(voted(*((8, 7),) * 4)))


def test_a_follow_up_with_too_few_numbers_changes_nothing() -> None:
    asked = voted(*((8, 7),) * 4)
    score = score_of(answered(asked, (10, 10, 8), (10, 10, 8), (10, None, 8), (10, None, 8)))

    assert score.tally.medians == {D: 8, E: 7}
    assert set(score.tally.derived) == {*OTHERS}
    assert (score.followed_up, score.sealed_follow_up) == ((), OTHERS)


def test_damage_and_exploitability_are_voted_on_again_only_if_contested() -> None:
    events = voted((3, 6), (9, 6), (5, 6), (5, 6), requested_by=PANEL[:1])
    assert second_vote(events) == {TH1: (D, *OTHERS)}
    score = score_of(events)
    assert (score.to_vote_again, score.to_follow_up) == ((D,), OTHERS)


def test_after_a_second_vote_there_is_no_third() -> None:
    events = answered(voted(*((8, 7),) * 4), (1, 1, 1), (1, 1, 1), (10, 10, 10), (10, 10, 10))
    assert not replay(events).open_rounds()
    assert score_of(events).tally.contested == OTHERS


@pytest.mark.parametrize(
    ("policy", "asked"), [(Discoverability.FIXED, (R, A)), (Discoverability.LEFT_OUT, (R, A))]
)
def test_a_follow_up_leaves_out_discoverability_where_the_round_does(
    policy: Discoverability, asked: tuple[Metric, ...]
) -> None:
    events = voted(*((8, 7),) * 4, discoverability=policy)
    assert second_vote(events) == {TH1: asked}
    tally = score_of(answered(events, *((10, 6),) * 4)).tally
    fixed = {F: 10} if policy is Discoverability.FIXED else {}
    assert tally.medians == {D: 8, R: 10, E: 7, A: 6} | fixed


def test_who_requested_a_follow_up_can_be_anyone_of_the_panel() -> None:
    def published(who: PersonId) -> object:
        return ranked_threats(replay(voted(*((7, 6),) * 4, requested_by=(who,))))

    assert published(PANEL[0]) == published(PANEL[3])


def _pages(requested_by: tuple[PersonId, ...]) -> list[CastBallots]:
    """The ballots of three of the four, so that the round stays open."""
    return [cast(who, entry(TH1, 7, 6, follow_up=who in requested_by)) for who in PANEL[:3]]


MODEL = replay(HOUSE)
FRONT = id_of_element(MODEL, Kind.ENTRY_POINT, "Front door")


def threat(*suggested_threats: str, element: ElementId | None = None) -> Threat:
    ids = tuple(SuggestedThreatId(suggested_threat) for suggested_threat in suggested_threats)
    return Threat(id=ThreatId("TH-1"), title="A threat", stride=(), suggested_threats=ids, element=element)


def derived(
    *suggested_threats: str,
    model: ThreatModel = MODEL,
    policy: Discoverability = Discoverability.VOTED,
    element: ElementId | None = None,
) -> Numbers:
    (one,) = derived_numbers(model, [threat(*suggested_threats, element=element)], policy)
    return one.numbers


def test_a_threat_needs_a_rule_and_a_place() -> None:
    assert can_be_derived(MODEL, threat("S01@DF-1"))
    assert not can_be_derived(MODEL, threat(element=FRONT)), "no rule"
    assert not can_be_derived(MODEL, threat("S01@DF-99")), "no place"


def test_an_attack_can_be_repeated_unless_timing_decides() -> None:
    assert derived("S01@DF-1").reproducibility == HIGHEST
    assert derived("T11@DF-1").reproducibility == 5
    assert derived("T11@DF-1", "S01@DF-1").reproducibility == HIGHEST, "the easier way counts"


def test_discoverability_is_typical_of_the_rule_unless_the_setting_says_otherwise() -> None:
    assert derived("E07@EP-1").discoverability == 10
    assert derived("R02@EP-1").discoverability == 3
    assert derived("R02@EP-1", "E07@EP-1").discoverability == 10
    assert derived("Z99@EP-1").discoverability == 5, "a rule without a typical number"
    assert derived("R02@EP-1", policy=Discoverability.FIXED).discoverability == HIGHEST
    assert derived("R02@EP-1", policy=Discoverability.LEFT_OUT).discoverability is None


def test_every_rule_with_a_typical_number_exists() -> None:
    known = {rule.id for rule in BUILT_IN.rules}
    assert {*TYPICAL_DISCOVERABILITY, *TIMING_DECIDES} <= known
    assert all(LOWEST <= number <= HIGHEST for number in TYPICAL_DISCOVERABILITY.values())


LEVELS = [level.id for level in MODEL.trust_levels()]


@pytest.mark.parametrize(
    ("users", "number"),
    [
        ((), 5),  # nobody says who uses it
        (LEVELS[:1], 5),
        (LEVELS[-1:], 10),  # the administrators
        (LEVELS[:2], 5),
        (LEVELS[:3], 8),
        (LEVELS, 10),
    ],
)
def test_affected_users_follow_from_the_trust_levels_that_use_the_assets(
    users: list[ElementId], number: int
) -> None:
    assert len(LEVELS) == 4
    asset = next(one for one in MODEL.of_type(Asset))
    lonely = replace(asset, readers=tuple(users), writers=())
    model = replace(MODEL, elements=MODEL.elements.insert(asset.id, lonely))
    assert derived(f"I02@{asset.id}", model=model).affected_users == number


def test_every_derived_number_is_one_that_could_be_voted() -> None:
    for rule in BUILT_IN.rules:
        for element in MODEL.elements:
            numbers = derived(f"{rule.id}@{element}")
            given = [numbers.of(metric) for metric in Metric]
            assert given[0] is given[2] is None
            assert all(one is None or LOWEST <= one <= HIGHEST for one in given)
