"""What the clock and the voters have still to do."""

import pytest
from msgspec.structs import replace

from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.voting_round import RoundId
from domain.next_step.next_step_choice import NextStepKind
from domain.register import register
from domain.rejections import NoSuchRound
from domain.replay import replay
from domain.voting.turnout import OwedVotes, next_deadline, rounds_due, votes_owed
from tests.domain.voting_story import (
    CONTESTED,
    DAY,
    OPENED,
    RD1,
    TH1,
    TH2,
    VOTERS,
    ballot_of,
    close_round_by_system,
    monday_at,
    open_round,
)
from tests.examples import ANA, BEN, CHI, DEE, STRANGER, at, closed, decide_all, given

WEDNESDAY = monday_at(9, days=2)
LATE = 2 * DAY + 5
"""The minute of the deadline."""


def test_votes_owed_are_those_that_still_lack_a_ballot() -> None:
    events = decide_all(ballot_of(BEN, 5), after=open_round(TH1, TH2))
    model = replay(events)
    assert votes_owed(model, BEN) == (OwedVotes(round=RD1, deadline=WEDNESDAY, threats=(TH2,), panel=4),)
    assert votes_owed(model, CHI) == (OwedVotes(round=RD1, deadline=WEDNESDAY, threats=(TH1, TH2), panel=4),)
    assert votes_owed(model, STRANGER) == ()
    assert votes_owed(replay(decide_all(ballot_of(BEN, 5, on=TH2), after=events)), BEN) == ()


def test_the_clock_has_something_to_do_at_each_deadline_and_then_nothing() -> None:
    model = replay(OPENED)
    assert next_deadline(model) == register(model).changes_at == WEDNESDAY
    assert rounds_due(model, at(LATE - 1)) == ()
    assert rounds_due(model, at(LATE)) == (close_round_by_system(LATE),)
    extended = replay(decide_all(close_round_by_system(LATE), after=OPENED))
    assert next_deadline(extended) == monday_at(9, days=3)
    short = replay(decide_all(close_round_by_system(LATE), close_round_by_system(LATE + DAY), after=OPENED))
    assert next_deadline(short) is None
    assert rounds_due(short, at(LATE + 2 * DAY)) == ()


def test_nothing_is_due_while_the_model_is_closed() -> None:
    over = replay(closed(OPENED, minute=20))
    assert next_deadline(over) is None
    assert rounds_due(over, at(LATE)) == ()


def test_the_card_says_who_is_waited_for() -> None:
    model = replay(OPENED)
    assert register(model).next.act is NextStepKind.VOTE
    assert register(model).next.text == "Vote on 1 threat: 0 of 4 voted"
    again = register(replay(CONTESTED)).next.text
    assert again == "Vote a second time on 1 threat: 0 of 4 voted"
    three = replay(decide_all(*(ballot_of(one, 5) for one in VOTERS[:3]), after=OPENED))
    assert register(three).next.waits_for == DEE
    short = replay(decide_all(close_round_by_system(LATE), close_round_by_system(LATE + DAY), after=OPENED))
    assert (register(short).next.act, register(short).next.waits_for) == (NextStepKind.SETTLE_ROUND, ANA)
    (gate,) = [one for one in register(model).gates if one.id == "votes_settled"]
    assert not gate.met


@pytest.mark.parametrize("by", [SYSTEM, ANA])
def test_a_round_there_never_was_cannot_be_closed(by: PersonId) -> None:
    given(*OPENED).when(replace(close_round_by_system(LATE, RoundId("RD-7")), by=by)).then_refused(
        NoSuchRound, "RD-7"
    )
