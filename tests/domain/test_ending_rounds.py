"""How rounds of votes end: all voted, the facilitator, the deadline, nothing left."""

from domain.commands import CloseRound, MergeThreats, SettleRound, Undo, WithdrawThreat
from domain.dread.metrics import Ballot
from domain.events import BallotCast, RoundClosed, RoundExtended, RoundFellShort, ThreatWithdrawn
from domain.kernel.elements import SYSTEM
from domain.kernel.voting_round import RoundEndCause
from domain.rejections import (
    BallotTooLate,
    ContentMissing,
    NothingToSettle,
    NotInTheRound,
    NotTheFacilitator,
    QuorumNotMet,
    RoundIsOver,
)
from domain.replay import replay
from domain.voting.turnout import turnouts
from tests.domain.voting_story import (
    DAY,
    IDENTIFIED,
    OPENED,
    RD1,
    TH1,
    TH2,
    VOTERS,
    ballot_of,
    close_round_by_system,
    monday_at,
    numbers,
    open_round,
)
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all, given

NEXT = len(IDENTIFIED) + 1
LATE = 2 * DAY + 5
"""The minute of the deadline."""


def test_the_last_ballot_closes_the_round_with_it() -> None:
    three = decide_all(*(ballot_of(one, 5) for one in VOTERS[:3]), after=OPENED)
    answer = len(three) + 1
    given(*three).when(ballot_of(DEE, 5)).then(
        BallotCast(
            by=DEE, at=at(10), answer=answer, round=RD1, threat=TH1, ballot=Ballot(numbers=numbers(*[5] * 5))
        ),
        RoundClosed(
            by=DEE, at=at(10), answer=answer, round=RD1, cause=RoundEndCause.ALL_VOTED, threats=(TH1,)
        ),
    )


def test_all_have_voted_when_all_have_voted_on_everything() -> None:
    events = decide_all(*(ballot_of(one, 5) for one in VOTERS), after=open_round(TH1, TH2))
    assert replay(events).open_rounds()
    ended = decide_all(*(ballot_of(one, 5, on=TH2) for one in VOTERS), after=events)
    assert not replay(ended).open_rounds()


def test_the_facilitator_closes_a_round_that_has_its_quorum() -> None:
    two = decide_all(ballot_of(BEN, 5), ballot_of(CHI, 5), after=OPENED)
    close = CloseRound(by=ANA, at=at(20), round=RD1)
    given(*two).when(close).then_refused(QuorumNotMet, "It can be closed after 3 ballots on every threat")
    given(*decide_all(ballot_of(DEE, 5), after=two)).when(close).then(
        RoundClosed(
            by=ANA, at=at(20), answer=NEXT + 4, round=RD1, cause=RoundEndCause.FACILITATOR, threats=(TH1,)
        )
    )


def test_the_quorum_is_needed_on_every_threat() -> None:
    events = decide_all(
        *(ballot_of(one, 5) for one in VOTERS), ballot_of(ANA, 5, on=TH2), after=open_round(TH1, TH2)
    )
    given(*events).when(CloseRound(by=ANA, at=at(20), round=RD1)).then_refused(QuorumNotMet, "every threat")


def test_only_the_facilitator_closes_and_settles() -> None:
    given(*OPENED).when(CloseRound(by=BEN, at=at(20), round=RD1)).then_refused(NotTheFacilitator, "Take over")
    given(*OPENED).when(SettleRound(by=BEN, at=at(20), round=RD1)).then_refused(
        NotTheFacilitator, "Take over"
    )


def test_a_round_is_closed_once() -> None:
    closed = decide_all(*(ballot_of(one, 5) for one in VOTERS), after=OPENED)
    given(*closed).when(CloseRound(by=ANA, at=at(20), round=RD1)).then_refused(
        RoundIsOver, "The round RD-1 is closed and its ballots are counted"
    )
    given(*closed).when(SettleRound(by=ANA, at=at(20), round=RD1, reason="x")).then_refused(
        RoundIsOver, "The round RD-1 is closed and its ballots are counted"
    )
    given(*closed).when(close_round_by_system(LATE)).then_nothing_happens()


def test_at_the_deadline_a_round_with_its_quorum_closes() -> None:
    three = decide_all(*(ballot_of(one, 5) for one in VOTERS[:3]), after=OPENED)
    given(*three).when(close_round_by_system(LATE - 1)).then_nothing_happens()
    given(*three).when(close_round_by_system(LATE)).then(
        RoundClosed(
            by=SYSTEM,
            at=at(LATE),
            answer=len(three) + 1,
            round=RD1,
            cause=RoundEndCause.DEADLINE,
            threats=(TH1,),
        )
    )


def test_below_its_quorum_a_round_is_extended_once_by_half_and_then_settled() -> None:
    first = decide_all(ballot_of(BEN, 5), after=OPENED)
    given(*first).when(close_round_by_system(LATE)).then(
        RoundExtended(by=SYSTEM, at=at(LATE), answer=NEXT + 2, round=RD1, deadline=monday_at(9, days=3))
    )
    extended = decide_all(close_round_by_system(LATE), ballot_of(CHI, 5, minute=LATE + 1), after=first)
    given(*extended).when(close_round_by_system(LATE + 1)).then_nothing_happens()
    second = LATE + DAY
    given(*extended).when(close_round_by_system(second)).then(
        RoundFellShort(by=SYSTEM, at=at(second), answer=NEXT + 4, round=RD1)
    )
    short = decide_all(close_round_by_system(second), after=extended)
    given(*short).when(close_round_by_system(second + 1)).then_nothing_happens()
    given(*short).when(ballot_of(DEE, 5, minute=second + 1)).then_refused(
        BallotTooLate, "passed its deadline"
    )
    given(*short).when(SettleRound(by=ANA, at=at(second + 2), round=RD1)).then_refused(
        ContentMissing, "Explain why the ballots cast are sufficient", field="reason"
    )
    given(*short).when(SettleRound(by=ANA, at=at(second + 2), round=RD1, reason="holidays")).then(
        RoundClosed(
            by=ANA,
            at=at(second + 2),
            answer=NEXT + 5,
            round=RD1,
            cause=RoundEndCause.SETTLED,
            threats=(TH1,),
            reason="holidays",
        )
    )


def test_the_extension_is_no_weekend_either() -> None:
    friday = open_round(TH1, at=at(2 * DAY), deadline=at(4 * DAY))
    model = replay(decide_all(close_round_by_system(4 * DAY), after=friday))

    assert model.rounds[RD1].deadline.isoweekday() == 1, "Saturday and Sunday are skipped"


def test_a_clock_that_was_late_extends_from_when_it_came() -> None:
    model = replay(decide_all(close_round_by_system(LATE + DAY), after=OPENED))

    assert model.rounds[RD1].deadline == at(LATE + 2 * DAY)


def test_a_round_with_time_left_is_not_settled() -> None:
    given(*OPENED).when(SettleRound(by=ANA, at=at(20), round=RD1, reason="hurry")).then_refused(
        NothingToSettle, "Round RD-1 is still open. Close it once the quorum is reached."
    )


def test_a_threat_no_one_voted_on_is_not_scored_by_settling() -> None:
    events = decide_all(
        ballot_of(BEN, 5),
        close_round_by_system(LATE),
        close_round_by_system(LATE + DAY),
        SettleRound(by=ANA, at=at(LATE + DAY), round=RD1, reason="nobody came"),
        after=open_round(TH1, TH2),
    )
    ending = replay(events).rounds[RD1].ending
    assert ending is not None
    assert ending.threats == (TH1,)


def test_a_withdrawn_threat_leaves_the_round() -> None:
    two = open_round(TH1, TH2)
    gone = decide_all(WithdrawThreat(by=BEN, at=at(20), threat=TH2), after=two)
    assert [ask.threat for ask in turnouts(replay(gone))[0].asks] == [TH1]
    given(*gone).when(ballot_of(BEN, 5, on=TH2)).then_refused(
        NotInTheRound, "TH-2 is not part of the round RD-1", field="threat"
    )
    back = decide_all(Undo(by=BEN, at=at(21)), after=gone)
    assert [ask.threat for ask in turnouts(replay(back))[0].asks] == [TH1, TH2]


def test_an_empty_round_ends_in_words() -> None:
    given(*OPENED).when(WithdrawThreat(by=BEN, at=at(20), threat=TH1)).then(
        ThreatWithdrawn(by=BEN, at=at(20), answer=NEXT + 1, threat=TH1),
        RoundClosed(
            by=BEN, at=at(20), answer=NEXT + 1, round=RD1, cause=RoundEndCause.NO_THREATS, threats=()
        ),
    )


def test_a_merged_threat_leaves_the_round_and_what_was_waited_for_may_be_there_then() -> None:
    events = decide_all(*(ballot_of(one, 5) for one in VOTERS), after=open_round(TH1, TH2))
    merged = decide_all(MergeThreats(by=BEN, at=at(20), kept=TH1, merged=TH2), after=events)
    ending = replay(merged).rounds[RD1].ending
    assert ending is not None
    assert (ending.cause, ending.threats) == (RoundEndCause.ALL_VOTED, (TH1,))
