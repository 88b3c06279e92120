"""Voters who are not waited for any more."""

from domain.commands import ChooseParticipants, LeaveRound, TakeOver, Undo
from domain.elements import SYSTEM
from domain.events import RoundClosed, VoterLeft
from domain.model import replay
from domain.rejections import NotAParticipant, NotAVoter, NotTheFacilitator, RoundEnded
from domain.rounds import Cause
from domain.voting import turnouts
from tests.domain.voted import IDENTIFIED, OPENED, RD1, TH1, VOTERS, opened, opening, vote
from tests.examples import ANA, BEN, CHI, DEE, at, given, told

NEXT = len(IDENTIFIED) + 1


def test_a_voter_who_leaves_is_not_waited_for() -> None:
    three = told(*(vote(one, 5) for one in VOTERS[:3]), after=OPENED)
    given(*three).when(LeaveRound(by=DEE, at=at(20), round=RD1)).then(
        VoterLeft(by=DEE, at=at(20), answer=NEXT + 4, round=RD1, voter=DEE),
        RoundClosed(by=DEE, at=at(20), answer=NEXT + 4, round=RD1, cause=Cause.ALL_VOTED, threats=(TH1,)),
    )


def test_the_facilitator_and_the_system_release_others_and_nobody_else_does() -> None:
    for by in (ANA, SYSTEM):
        given(*OPENED).when(LeaveRound(by=by, at=at(20), round=RD1, voter=DEE)).then(
            VoterLeft(by=by, at=at(20), answer=NEXT + 1, round=RD1, voter=DEE)
        )
    given(*OPENED).when(LeaveRound(by=BEN, at=at(20), round=RD1, voter=DEE)).then_refused(
        NotTheFacilitator, "Only the facilitator"
    )


def test_who_left_votes_no_longer_and_is_not_released_twice() -> None:
    left = told(LeaveRound(by=DEE, at=at(20), round=RD1), after=OPENED)
    given(*left).when(vote(DEE, 5)).then_refused(NotAVoter, "not among the voters")
    given(*left).when(LeaveRound(by=DEE, at=at(21), round=RD1)).then_refused(
        NotAVoter, "not among the voters"
    )
    given(*left).when(LeaveRound(by=SYSTEM, at=at(21), round=RD1, voter=DEE)).then_nothing_happens()


def test_who_left_is_not_counted_as_invited_for_the_quorum_but_a_ballot_stays() -> None:
    events = told(
        vote(BEN, 5),
        LeaveRound(by=BEN, at=at(20), round=RD1),
        LeaveRound(by=DEE, at=at(20), round=RD1),
        vote(CHI, 5),
        after=OPENED,
    )
    (turnout,) = turnouts(replay(events))
    assert (turnout.voters, turnout.voted, turnout.quorum) == ((ANA, CHI), (CHI,), 2)
    assert turnout.quorum_met, "of Ben and Chi"


def test_a_participant_who_is_dropped_is_not_invited_any_more_and_back_when_it_is_undone() -> None:
    dropped = told(ChooseParticipants(by=ANA, at=at(20), participants=(BEN, CHI)), after=OPENED)
    assert turnouts(replay(dropped))[0].voters == (ANA, BEN, CHI)
    given(*dropped).when(vote(DEE, 5)).then_refused(NotAParticipant, "not among this model's participants")
    undone = told(Undo(by=ANA, at=at(21)), after=dropped)
    assert turnouts(replay(undone))[0].voters == VOTERS


def test_dropping_the_last_one_waited_for_closes_the_round_and_cannot_be_undone() -> None:
    three = told(*(vote(one, 5) for one in VOTERS[:3]), after=OPENED)
    dropped = told(ChooseParticipants(by=ANA, at=at(20), participants=(BEN, CHI)), after=three)
    assert not replay(dropped).open_rounds()
    given(*dropped).when(Undo(by=ANA, at=at(21))).then_refused(RoundEnded, "it ended the round RD-1")


def test_a_round_without_voters_ends_in_words() -> None:
    alone = opened(TH1, voters=(BEN,))
    events = told(LeaveRound(by=BEN, at=at(20), round=RD1), after=alone)
    ending = replay(events).rounds[RD1].ending
    assert ending is not None
    assert (ending.cause, ending.threats) == (Cause.NO_VOTERS, ())


def test_the_end_of_a_facilitator_who_is_no_participant_is_noticed() -> None:
    chosen = told(ChooseParticipants(by=ANA, at=at(3), participants=(BEN, CHI)), after=IDENTIFIED)
    events = told(
        opening(voters=(ANA, BEN, CHI)), vote(BEN, 5), vote(CHI, 5), TakeOver(by=BEN, at=at(30)), after=chosen
    )
    assert not replay(events).open_rounds(), "Ana is not waited for any more"
