"""Follow-ups: the metrics that quick ballots left out, close to critical or at a voter's request."""

import pytest

from domain.commands import CastBallot, CastBallots
from domain.dread.metrics import BallotLength, Discoverability, Metric, Numbers
from domain.dread.scoring import Band
from domain.events import BallotCast, RecordedEvent, RoundOpened
from domain.kernel.elements import PersonId
from domain.replay import replay
from domain.voting.scores import ranked_threats
from tests.domain.quick_story import (
    OTHERS,
    PANEL,
    RD1,
    TH1,
    answered,
    cast,
    entry,
    open_quick_round,
    score_of,
    voted,
)
from tests.examples import at, decide_all

D, R, E, A, F = Metric
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
