"""Voters who are not waited for any more."""

from domain.commands import ChooseParticipants, LeaveRound, TakeOver
from domain.events import RoundClosed, VoterLeft
from domain.kernel.elements import SYSTEM
from domain.kernel.voting_round import RoundEndCause
from domain.rejections import NotAVoter, NotTheFacilitator
from domain.replay import replay
from domain.voting.turnout import turnouts
from tests.domain.voting_story import (
    IDENTIFIED,
    OPENED,
    RD1,
    TH1,
    VOTERS,
    ballot_of,
    open_round,
    open_round_command,
)
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all, given

NEXT = len(IDENTIFIED) + 1


def test_a_voter_who_leaves_is_not_waited_for() -> None:
    three = decide_all(*(ballot_of(one, 5) for one in VOTERS[:3]), after=OPENED)
    given(*three).when(LeaveRound(by=DEE, at=at(20), round=RD1)).then(
        VoterLeft(by=DEE, at=at(20), answer=NEXT + 4, round=RD1, voter=DEE),
        RoundClosed(
            by=DEE, at=at(20), answer=NEXT + 4, round=RD1, cause=RoundEndCause.ALL_VOTED, threats=(TH1,)
        ),
    )


def test_the_facilitator_and_the_system_release_others_and_no_one_else_does() -> None:
    for by in (ANA, SYSTEM):
        given(*OPENED).when(LeaveRound(by=by, at=at(20), round=RD1, voter=DEE)).then(
            VoterLeft(by=by, at=at(20), answer=NEXT + 1, round=RD1, voter=DEE)
        )
    given(*OPENED).when(LeaveRound(by=BEN, at=at(20), round=RD1, voter=DEE)).then_refused(
        NotTheFacilitator, "Only the facilitator"
    )


def test_who_left_votes_no_longer_and_is_not_released_twice() -> None:
    left = decide_all(LeaveRound(by=DEE, at=at(20), round=RD1), after=OPENED)
    given(*left).when(ballot_of(DEE, 5)).then_refused(
        NotAVoter, "The facilitator, @UANA, chooses the voters when opening a round"
    )
    given(*left).when(LeaveRound(by=DEE, at=at(21), round=RD1)).then_refused(
        NotAVoter, "The facilitator, @UANA, chooses the voters when opening a round"
    )
    given(*left).when(LeaveRound(by=SYSTEM, at=at(21), round=RD1, voter=DEE)).then_nothing_happens()


def test_a_voter_who_left_still_is_one_of_the_panel_and_of_the_quorum() -> None:
    events = decide_all(
        ballot_of(BEN, 5),
        LeaveRound(by=BEN, at=at(20), round=RD1),
        LeaveRound(by=DEE, at=at(20), round=RD1),
        ballot_of(CHI, 5),
        after=OPENED,
    )
    (turnout,) = turnouts(replay(events))
    assert (turnout.voters, turnout.voted, turnout.quorum) == (VOTERS, (BEN, CHI), 3)
    assert (turnout.waits_for, turnout.missing, turnout.quorum_met) == ((ANA,), 1, False)


def test_the_panel_stays_when_participants_change() -> None:
    dropped = decide_all(ChooseParticipants(by=ANA, at=at(20), participants=(BEN, CHI)), after=OPENED)
    assert turnouts(replay(dropped))[0].voters == VOTERS
    assert turnouts(replay(dropped))[0].waits_for == VOTERS


def test_dropping_the_last_one_awaited_does_not_end_the_round() -> None:
    three = decide_all(*(ballot_of(one, 5) for one in VOTERS[:3]), after=OPENED)
    dropped = decide_all(ChooseParticipants(by=ANA, at=at(20), participants=(BEN, CHI)), after=three)
    assert turnouts(replay(dropped))[0].waits_for == (DEE,)


def test_a_round_without_voters_ends_in_words() -> None:
    alone = open_round(TH1, voters=(BEN,))
    events = decide_all(LeaveRound(by=BEN, at=at(20), round=RD1), after=alone)
    ending = replay(events).rounds[RD1].ending
    assert ending is not None
    assert (ending.cause, ending.threats) == (RoundEndCause.NO_VOTERS, ())


def test_a_facilitator_who_is_no_participant_is_awaited_also_when_someone_takes_over() -> None:
    chosen = decide_all(ChooseParticipants(by=ANA, at=at(3), participants=(BEN, CHI)), after=IDENTIFIED)
    events = decide_all(
        open_round_command(voters=(ANA, BEN, CHI)),
        ballot_of(BEN, 5),
        ballot_of(CHI, 5),
        TakeOver(by=BEN, at=at(30)),
        after=chosen,
    )
    assert turnouts(replay(events))[0].waits_for == (ANA,)
