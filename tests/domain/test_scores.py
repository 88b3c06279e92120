"""What closed rounds say of the threats: scores, second votes, ranks, residual scores, yardsticks."""

from msgspec.structs import replace

from domain.commands import BeginRemediation, SettleRound, Undo, WithdrawThreat
from domain.dread.metrics import Discoverability, Metric
from domain.dread.rubric import NEWEST
from domain.dread.scoring import Band
from domain.events import RecordedEvent, RoundClosed, RoundOpened
from domain.kernel.voting_round import BallotItem, RoundEndCause, RoundKind
from domain.rejections import NothingVerified
from domain.replay import replay
from domain.voting.scores import RankedThreat, ranked_threats, scores_of
from tests.domain.remediation_story import implement, plan, verify
from tests.domain.voting_story import (
    CONTESTED,
    DAY,
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
)
from tests.examples import ANA, BEN, CHI, at, decide_all, given

D, R, E, A, F = Metric


def scored(*events: RecordedEvent) -> RankedThreat:
    """The plumber after all of this."""
    return next(one for one in ranked_threats(replay(events)) if one.threat.id == TH1)


def test_a_threat_without_numbers_leaves_the_other_ones_of_the_round_their_scores() -> None:
    both = open_round(TH1, TH2)
    events = decide_all(
        *(ballot_of(one, None, on=TH1) for one in VOTERS),
        *(ballot_of(one, 5, on=TH2) for one in VOTERS),
        after=both,
    )
    assert scores_of(replay(events)).keys() == {TH2}


def test_an_open_round_has_no_score() -> None:
    events = decide_all(*(ballot_of(one, 5) for one in VOTERS[:3]), after=OPENED)
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
    assert not replay(decide_all(*(ballot_of(one, 5) for one in VOTERS), after=OPENED)).open_rounds()


def test_the_second_vote_stands_and_the_other_metrics_keep_the_first() -> None:
    events = decide_all(*(ballot_of(one, 7, round=RD2) for one in VOTERS), after=CONTESTED)
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
    events = decide_all(*(ballot_of(one, 6, round=RD2) for one in VOTERS), after=CONTESTED)
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
    assert scored(*decide_all(*(ballot_of(one, None) for one in VOTERS), after=OPENED)).score is None


def test_a_residual_score_stands_beside_the_first() -> None:
    first = decide_all(
        *(ballot_of(one, 9) for one in VOTERS),
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
        *(ballot_of(one, 3, round=RD2, minute=31) for one in VOTERS),
        after=first,
    )
    threat = scored(*events)
    assert threat.score is not None
    assert threat.residual is not None
    assert (threat.score.tally.band, threat.residual.tally.band) == (Band.CRITICAL, Band.LOW)


def test_voting_on_a_threat_again_counts_the_last_round() -> None:
    first = decide_all(*(ballot_of(one, 9) for one in VOTERS), after=OPENED)
    events = decide_all(
        open_round_command(TH1), *(ballot_of(one, 3, round=RD2) for one in VOTERS), after=first
    )
    score = scored(*events).score
    assert score is not None
    assert (score.round, score.tally.mean) == (RD2, 3.0)


def test_a_threat_that_was_out_when_its_round_closed_has_no_score_when_it_comes_back() -> None:
    events = decide_all(
        ballot_of(ANA, 5, on=TH3),
        WithdrawThreat(by=BEN, at=at(20), threat=TH3),
        *(ballot_of(one, 5) for one in VOTERS),
        Undo(by=BEN, at=at(21)),
        after=open_round(TH1, TH3),
    )
    assert TH3 in replay(events).threats
    assert set(scores_of(replay(events))) == {TH1}
