"""Ballots: cast in an open round, changed until it closes, refused in words."""

import pytest

from domain.commands import CastBallot, Undo
from domain.dread.metrics import Ballot, Confidence, Discoverability
from domain.events import BallotCast, ThreatWithdrawn
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId
from domain.rejections import (
    BallotTooLate,
    NoSuchRound,
    NotAVoter,
    NotInTheRound,
    OutOfRange,
    Rejected,
    TooLong,
    UndoBlocked,
)
from domain.replay import replay
from tests.domain.voting_story import (
    DAY,
    IDENTIFIED,
    OPENED,
    RD1,
    TH1,
    TH2,
    TH3,
    VOTERS,
    ballot_of,
    numbers,
    open_round,
)
from tests.examples import ANA, BEN, CHI, STRANGER, at, decide_all, given

NEXT = len(IDENTIFIED) + 1
IN_TIME, LATE = 2 * DAY + 4, 2 * DAY + 5
"""The last minute before the deadline, and the deadline."""


def test_a_ballot_is_kept_as_it_was_cast() -> None:
    cast = ballot_of(BEN, 8, 10, 5, None, 3, reason="  the door was open ", confidence=Confidence.HIGH)
    given(*OPENED).when(cast).then(
        BallotCast(
            by=BEN,
            at=at(10),
            answer=NEXT + 1,
            round=RD1,
            threat=TH1,
            ballot=Ballot(
                numbers=numbers(8, 10, 5, None, 3), reason="the door was open", confidence=Confidence.HIGH
            ),
        )
    )


def test_the_last_ballot_counts_and_the_earlier_stay_in_history() -> None:
    events = decide_all(ballot_of(BEN, 3), ballot_of(BEN, 4, minute=11), after=OPENED)

    assert replay(events).ballots[RD1, TH1, BEN].numbers.damage == 4
    assert [event.ballot.numbers.damage for event in events if isinstance(event, BallotCast)] == [3, 4]


def test_the_same_ballot_again_is_kept_too_so_that_nothing_tells_whether_it_was_changed() -> None:
    before = decide_all(ballot_of(BEN, 3), after=OPENED)
    same, other = (decide_all(ballot_of(BEN, number, minute=12), after=before) for number in (3, 4))

    assert [type(event) for event in same] == [type(event) for event in other]
    assert len(same) == len(before) + 1


def test_what_was_not_asked_for_is_not_kept() -> None:
    model = replay(
        decide_all(ballot_of(BEN, 3), after=open_round(TH1, discoverability=Discoverability.LEFT_OUT))
    )

    assert model.ballots[RD1, TH1, BEN].numbers == numbers(3, 3, 3, 3)


@pytest.mark.parametrize(
    ("cast", "kind", "sentence", "field"),
    [
        (ballot_of(BEN, 5, round=RoundId("RD-9")), NoSuchRound, "This model has no round RD-9", None),
        (ballot_of(STRANGER, 5), NotAVoter, f"The facilitator, @{ANA}, chooses the", None),
        (ballot_of(BEN, 5, on=TH2), NotInTheRound, "TH-2 is not part of the round RD-1", "threat"),
        (
            ballot_of(BEN, 5, on=ThreatId("TH-99")),
            NotInTheRound,
            "TH-99 is not part of the round RD-1",
            "threat",
        ),
        (
            ballot_of(BEN, 5, 5, 11, 5, 5),
            OutOfRange,
            "Exploitability must be a whole number from 1 to 10, or “?” to abstain",
            "exploitability",
        ),
        (
            ballot_of(BEN, 0),
            OutOfRange,
            "Damage must be a whole number from 1 to 10, or “?” to abstain",
            "damage",
        ),
        (ballot_of(BEN, 5, reason="x" * 301), TooLong, "Shorten it to 300 or fewer", "reason"),
        (ballot_of(BEN, 5, minute=LATE), BallotTooLate, "the round RD-1 has passed its deadline", None),
    ],
)
def test_a_ballot_that_does_not_count_is_refused_in_words(
    cast: CastBallot, kind: type[Rejected], sentence: str, field: str | None
) -> None:
    given(*OPENED).when(cast).then_refused(kind, sentence, field=field)


def test_a_ballot_after_the_end_is_refused_in_words() -> None:
    closed = decide_all(*(ballot_of(one, 5) for one in VOTERS), after=OPENED)
    given(*closed).when(ballot_of(BEN, 6)).then_refused(
        BallotTooLate, "Your ballot was not counted: the round RD-1 is over."
    )


def test_a_ballot_in_the_last_minute_counts() -> None:
    assert len(replay(decide_all(ballot_of(BEN, 5, minute=IN_TIME), after=OPENED)).ballots) == 1


def test_ballots_and_rounds_are_not_taken_back() -> None:
    events = decide_all(ballot_of(BEN, 5), after=OPENED)
    given(*events).when(Undo(by=BEN, at=at(20))).then(
        ThreatWithdrawn(by=BEN, at=at(20), answer=NEXT + 2, undoes=NEXT - 1, threat=TH3)
    )


def test_a_report_that_is_voted_on_is_not_taken_back() -> None:
    events = decide_all(ballot_of(CHI, 5, on=TH3), after=open_round(TH3))
    given(*events).when(Undo(by=BEN, at=at(20))).then_refused(UndoBlocked, "since then")
