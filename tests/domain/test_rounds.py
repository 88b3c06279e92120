"""Rounds of votes: opened over which threats, how they end, who leaves them, and when they are due."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given as holds_for
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.commands import (
    BeginRemediation,
    ChooseParticipants,
    CloseRound,
    LeaveRound,
    MergeThreats,
    OpenRound,
    ReportThreat,
    ReturnToCollection,
    SettleRound,
    TakeOver,
    Undo,
    WithdrawThreat,
)
from domain.dread.metrics import Ballot, Discoverability, Metric
from domain.dread.scoring import DisagreementTest
from domain.events import (
    BallotCast,
    RoundClosed,
    RoundExtended,
    RoundFellShort,
    RoundOpened,
    ThreatWithdrawn,
    VoterLeft,
)
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.threat import Stride, ThreatId
from domain.kernel.voting_round import BallotItem, Round, RoundEndCause, RoundId, RoundKind
from domain.lifecycle import LEAVES
from domain.next_step.next_step_choice import NextStepKind
from domain.register import register
from domain.rejections import (
    AlreadyInARound,
    BallotTooLate,
    ContentMissing,
    NoSuchRound,
    NoSuchThreat,
    NotAVoter,
    NothingToSettle,
    NotInTheRound,
    NotInThisPhase,
    NotScored,
    NotTheFacilitator,
    QuorumNotMet,
    Rejected,
    RoundIsOver,
    ThreatGone,
    TooMany,
)
from domain.replay import replay
from domain.voting.turnout import (
    MAX_DAYS_SKIPPED,
    USUAL_LENGTH,
    OwedVotes,
    WorkCalendar,
    default_deadline,
    default_quorum,
    next_deadline,
    rounds_due,
    skip_weekends,
    turnouts,
    votes_owed,
)
from tests.domain.voting_story import (
    CONTESTED,
    DAY,
    IDENTIFIED,
    OPENED,
    RD1,
    TH1,
    TH2,
    TH3,
    VOTERS,
    ballot_of,
    close_round_by_system,
    monday_at,
    numbers,
    open_round,
    open_round_command,
)
from tests.examples import ANA, BEN, CHI, DEE, STRANGER, at, closed, decide_all, given, recorded

NEXT = len(IDENTIFIED) + 1
WEDNESDAY = monday_at(9, days=2)


def test_a_round_is_opened_and_its_event_says_everything_about_it() -> None:
    given(*IDENTIFIED).when(open_round_command(TH1, TH3)).then(
        recorded(
            RoundOpened,
            round=Round(
                id=RD1,
                kind=RoundKind.INITIAL,
                asks=(
                    BallotItem(threat=TH1, metrics=tuple(Metric)),
                    BallotItem(threat=TH3, metrics=tuple(Metric)),
                ),
                voters=VOTERS,
                opened_at=at(5),
                deadline=WEDNESDAY,
                quorum=3,
                discoverability=Discoverability.VOTED,
                rubric=2,
                test=DisagreementTest.MIDDLE_HALF,
            ),
        )
    )


@pytest.mark.parametrize("policy", [Discoverability.FIXED, Discoverability.LEFT_OUT])
def test_a_round_that_does_not_vote_on_discoverability_does_not_ask_for_it(policy: Discoverability) -> None:
    model = replay(open_round(TH1, discoverability=policy))

    assert model.rounds[RD1].discoverability is policy
    assert model.rounds[RD1].asked(TH1) == tuple(Metric)[:4]


@pytest.mark.parametrize(
    ("invited", "quorum"), [(1, 1), (2, 2), (3, 3), (4, 3), (6, 3), (7, 4), (10, 5), (11, 6)]
)
def test_the_quorum_is_three_and_half_of_those_invited_and_of_fewer_than_three_all(
    invited: int, quorum: int
) -> None:
    assert default_quorum(invited) == quorum


def test_without_voters_named_the_participants_vote() -> None:
    chosen = decide_all(ChooseParticipants(by=ANA, at=at(3), participants=(BEN, CHI)), after=IDENTIFIED)
    model = replay(decide_all(OpenRound(by=ANA, at=at(5), threats=(TH1,)), after=chosen))

    assert model.rounds[RD1].voters == (BEN, CHI)
    assert model.rounds[RD1].quorum == 2


@pytest.mark.parametrize(
    ("fields", "kind", "sentence", "field"),
    [
        ({"threats": ()}, ContentMissing, "Select at least one", "threats"),
        ({"threats": tuple(ThreatId(f"TH-{n}") for n in range(101))}, TooMany, "101 threats", "threats"),
        ({"threats": (ThreatId("TH-9"),)}, NoSuchThreat, "TH-9", None),
        ({"voters": ()}, ContentMissing, "No voter is selected", "voters"),
        ({"deadline": at(5)}, Rejected, "The deadline is in the past", "deadline"),
        ({"deadline": at(5) + timedelta(days=61)}, Rejected, "A round can last at most 60 days", "deadline"),
        ({"quorum": 2}, Rejected, "With 4 voters, the quorum must be from 3 to 4", "quorum"),
        ({"quorum": 5}, Rejected, "With 4 voters, the quorum must be from 3 to 4", "quorum"),
        ({"by": BEN}, NotTheFacilitator, "Only the facilitator", None),
        ({"kind": RoundKind.RESIDUAL}, NotScored, "TH-1 has no score", "threats"),
    ],
)
def test_a_round_that_makes_no_sense_is_not_opened(
    fields: dict[str, Any], kind: type[Rejected], sentence: str, field: str | None
) -> None:
    given(*IDENTIFIED).when(open_round_command(**fields)).then_refused(kind, sentence, field=field)


def test_a_threat_named_twice_is_voted_on_once() -> None:
    assert [ask.threat for ask in replay(open_round(TH1, TH1)).rounds[RD1].asks] == [TH1]


def test_only_participants_can_be_voters() -> None:
    chosen = decide_all(ChooseParticipants(by=ANA, at=at(3), participants=(BEN,)), after=IDENTIFIED)
    given(*chosen).when(open_round_command(voters=(BEN, CHI))).then_refused(
        Rejected, f"@{CHI} is not a participant", field="voters"
    )


def test_a_threat_is_in_one_open_round_at_a_time() -> None:
    given(*OPENED).when(open_round_command(TH2, TH1)).then_refused(
        AlreadyInARound, "TH-1 is already part of the open round RD-1", field="threats"
    )
    assert len(replay(decide_all(open_round_command(TH2), after=OPENED)).open_rounds()) == 2


def test_a_withdrawn_threat_is_not_voted_on() -> None:
    gone = decide_all(WithdrawThreat(by=BEN, at=at(3), threat=TH1), after=IDENTIFIED)
    given(*gone).when(open_round_command(TH1)).then_refused(ThreatGone, "TH-1 was withdrawn")


def test_a_round_is_opened_in_analysis_or_later() -> None:
    back = decide_all(ReturnToCollection(by=ANA, at=at(3)), after=IDENTIFIED)
    given(*back).when(open_round_command(TH1)).then_refused(
        NotInThisPhase, "available only in the analysis or remediation phase"
    )
    later = decide_all(BeginRemediation(by=ANA, at=at(3), reason="no time to vote"), after=IDENTIFIED)
    assert replay(decide_all(open_round_command(TH1), after=later)).step == "responding"


def test_analysis_votes_while_a_round_is_open() -> None:
    assert replay(IDENTIFIED).step == "identifying"
    assert replay(OPENED).step == "voting"
    assert {"identifying", "voting"} <= LEAVES
    two = decide_all(open_round_command(TH2), *(ballot_of(voter, 5) for voter in VOTERS), after=OPENED)
    assert replay(two).step == "voting", "RD-2 is still open"
    assert replay(decide_all(*(ballot_of(voter, 5) for voter in VOTERS), after=OPENED)).step == "identifying"
    there_and_back = decide_all(ReturnToCollection(by=ANA, at=at(6)), after=OPENED)
    assert replay(there_and_back).step == "collection"


def test_answers_go_on_while_a_round_is_open() -> None:
    model = replay(
        decide_all(ReportThreat(by=BEN, at=at(6), title="Fire", stride=(Stride.TAMPERING,)), after=OPENED)
    )
    assert ThreatId("TH-4") in model.threats


LATE = 2 * DAY + 5
"""The minute of the deadline."""


def test_the_last_ballot_closes_the_round_with_it() -> None:
    three = decide_all(*(ballot_of(voter, 5) for voter in VOTERS[:3]), after=OPENED)
    given(*three).when(ballot_of(DEE, 5)).then(
        recorded(BallotCast, round=RD1, threat=TH1, ballot=Ballot(numbers=numbers(*[5] * 5))),
        recorded(RoundClosed, round=RD1, cause=RoundEndCause.ALL_VOTED, threats=(TH1,)),
    )


def test_all_have_voted_when_all_have_voted_on_everything() -> None:
    events = decide_all(*(ballot_of(voter, 5) for voter in VOTERS), after=open_round(TH1, TH2))
    assert replay(events).open_rounds()
    ended = decide_all(*(ballot_of(voter, 5, on=TH2) for voter in VOTERS), after=events)
    assert not replay(ended).open_rounds()


def test_the_facilitator_closes_a_round_that_has_its_quorum() -> None:
    two = decide_all(ballot_of(BEN, 5), ballot_of(CHI, 5), after=OPENED)
    close = CloseRound(by=ANA, at=at(20), round=RD1)
    given(*two).when(close).then_refused(QuorumNotMet, "It can be closed after 3 ballots on every threat")
    given(*decide_all(ballot_of(DEE, 5), after=two)).when(close).then(
        recorded(RoundClosed, round=RD1, cause=RoundEndCause.FACILITATOR, threats=(TH1,))
    )


def test_the_quorum_is_needed_on_every_threat() -> None:
    events = decide_all(
        *(ballot_of(voter, 5) for voter in VOTERS), ballot_of(ANA, 5, on=TH2), after=open_round(TH1, TH2)
    )
    given(*events).when(CloseRound(by=ANA, at=at(20), round=RD1)).then_refused(QuorumNotMet, "every threat")


def test_only_the_facilitator_closes_and_settles() -> None:
    given(*OPENED).when(CloseRound(by=BEN, at=at(20), round=RD1)).then_refused(NotTheFacilitator, "Take over")
    given(*OPENED).when(SettleRound(by=BEN, at=at(20), round=RD1)).then_refused(
        NotTheFacilitator, "Take over"
    )


def test_a_round_is_closed_once() -> None:
    closed = decide_all(*(ballot_of(voter, 5) for voter in VOTERS), after=OPENED)
    given(*closed).when(CloseRound(by=ANA, at=at(20), round=RD1)).then_refused(
        RoundIsOver, "The round RD-1 is closed and its ballots are counted"
    )
    given(*closed).when(SettleRound(by=ANA, at=at(20), round=RD1, reason="x")).then_refused(
        RoundIsOver, "The round RD-1 is closed and its ballots are counted"
    )
    given(*closed).when(close_round_by_system(LATE)).then_nothing_happens()


def test_at_the_deadline_a_round_with_its_quorum_closes() -> None:
    three = decide_all(*(ballot_of(voter, 5) for voter in VOTERS[:3]), after=OPENED)
    given(*three).when(close_round_by_system(LATE - 1)).then_nothing_happens()
    given(*three).when(close_round_by_system(LATE)).then(
        recorded(RoundClosed, round=RD1, cause=RoundEndCause.DEADLINE, threats=(TH1,))
    )


def test_below_its_quorum_a_round_is_extended_once_by_half_and_then_settled() -> None:
    first = decide_all(ballot_of(BEN, 5), after=OPENED)
    given(*first).when(close_round_by_system(LATE)).then(
        recorded(RoundExtended, round=RD1, deadline=monday_at(9, days=3))
    )
    extended = decide_all(close_round_by_system(LATE), ballot_of(CHI, 5, minute=LATE + 1), after=first)
    given(*extended).when(close_round_by_system(LATE + 1)).then_nothing_happens()
    second = LATE + DAY
    given(*extended).when(close_round_by_system(second)).then(recorded(RoundFellShort, round=RD1))
    short = decide_all(close_round_by_system(second), after=extended)
    given(*short).when(close_round_by_system(second + 1)).then_nothing_happens()
    given(*short).when(ballot_of(DEE, 5, minute=second + 1)).then_refused(
        BallotTooLate, "passed its deadline"
    )
    given(*short).when(SettleRound(by=ANA, at=at(second + 2), round=RD1)).then_refused(
        ContentMissing, "Explain why the ballots cast are sufficient", field="reason"
    )
    given(*short).when(SettleRound(by=ANA, at=at(second + 2), round=RD1, reason="holidays")).then(
        recorded(RoundClosed, round=RD1, cause=RoundEndCause.SETTLED, threats=(TH1,), reason="holidays")
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
        recorded(ThreatWithdrawn, threat=TH1),
        recorded(RoundClosed, round=RD1, cause=RoundEndCause.NO_THREATS, threats=()),
    )


def test_a_merged_threat_leaves_the_round_and_what_was_waited_for_may_be_there_then() -> None:
    events = decide_all(*(ballot_of(voter, 5) for voter in VOTERS), after=open_round(TH1, TH2))
    merged = decide_all(MergeThreats(by=BEN, at=at(20), kept=TH1, merged=TH2), after=events)
    ending = replay(merged).rounds[RD1].ending
    assert ending is not None
    assert (ending.cause, ending.threats) == (RoundEndCause.ALL_VOTED, (TH1,))


def test_a_voter_who_leaves_is_not_waited_for() -> None:
    three = decide_all(*(ballot_of(voter, 5) for voter in VOTERS[:3]), after=OPENED)
    given(*three).when(LeaveRound(by=DEE, at=at(20), round=RD1)).then(
        recorded(VoterLeft, round=RD1, voter=DEE),
        recorded(RoundClosed, round=RD1, cause=RoundEndCause.ALL_VOTED, threats=(TH1,)),
    )


def test_the_facilitator_and_the_system_release_others_and_no_one_else_does() -> None:
    for by in (ANA, SYSTEM):
        given(*OPENED).when(LeaveRound(by=by, at=at(20), round=RD1, voter=DEE)).then(
            recorded(VoterLeft, round=RD1, voter=DEE)
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
    three = decide_all(*(ballot_of(voter, 5) for voter in VOTERS[:3]), after=OPENED)
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
    three = replay(decide_all(*(ballot_of(voter, 5) for voter in VOTERS[:3]), after=OPENED))
    assert register(three).next.waits_for == DEE
    short = replay(decide_all(close_round_by_system(LATE), close_round_by_system(LATE + DAY), after=OPENED))
    assert (register(short).next.act, register(short).next.waits_for) == (NextStepKind.SETTLE_ROUND, ANA)
    (condition,) = [one for one in register(model).conditions if one.id == "votes_settled"]
    assert not condition.met


@pytest.mark.parametrize("by", [SYSTEM, ANA])
def test_a_round_there_never_was_cannot_be_closed(by: PersonId) -> None:
    given(*OPENED).when(replace(close_round_by_system(LATE, RoundId("RD-7")), by=by)).then_refused(
        NoSuchRound, "RD-7"
    )


WEEK = [datetime(2026, 3, day, 15, 0, tzinfo=UTC) for day in range(2, 9)]
"""Monday to Sunday, at three."""
SUNDAY_TO_THURSDAY = WorkCalendar(days=(7, 1, 2, 3, 4))
AUCKLAND = WorkCalendar(ahead=timedelta(hours=13))


@pytest.mark.parametrize(
    ("opened", "ends"), [(0, 2), (1, 3), (2, 4), (3, 7), (4, 7), (5, 7), (6, 8)], ids=str
)
def test_a_round_lasts_two_days_and_a_weekend_is_skipped(opened: int, ends: int) -> None:
    assert default_deadline(WEEK[opened]) == WEEK[0] + timedelta(days=ends)


def test_weekends_that_follow_each_other_are_skipped_together() -> None:
    wednesday = WEEK[2]
    both = (WorkCalendar(), SUNDAY_TO_THURSDAY)

    assert default_deadline(wednesday, both).isoweekday() == 1, "past Friday, Saturday and Sunday"


def test_a_weekend_begins_where_someone_lives() -> None:
    friday_afternoon = WEEK[4]

    assert skip_weekends(friday_afternoon, (AUCKLAND,)) == WEEK[6], "there it is Monday"
    assert skip_weekends(friday_afternoon, (WorkCalendar(),)) == friday_afternoon


NINE_TO_FIVE = WorkCalendar(starts=time(9), ends=time(17))


@pytest.mark.parametrize(
    ("calendars", "hours_on"),
    [
        ((NINE_TO_FIVE,), 0),
        ((replace(NINE_TO_FIVE, ahead=timedelta(hours=10)),), 8),
        ((NINE_TO_FIVE, replace(NINE_TO_FIVE, ahead=timedelta(hours=3))), 18),
        ((NINE_TO_FIVE, NINE_TO_FIVE, replace(NINE_TO_FIVE, ahead=timedelta(hours=12))), 0),
    ],
    ids=["at work", "at night", "both at work", "most at work"],
)
def test_a_round_ends_when_most_voters_are_at_work(
    calendars: tuple[WorkCalendar, ...], hours_on: int
) -> None:
    """Opened on a Monday at three in the afternoon."""
    usual = WEEK[0] + USUAL_LENGTH
    assert default_deadline(WEEK[0], calendars) == usual + timedelta(hours=hours_on)


def test_no_one_is_waited_for_longer_than_four_days() -> None:
    thursdays_only = WorkCalendar(days=(4,))

    assert skip_weekends(WEEK[4], (thursdays_only,)) == WEEK[4] + timedelta(days=MAX_DAYS_SKIPPED)


@holds_for(
    st.datetimes(timezones=st.just(UTC), min_value=datetime(2026, 1, 1), max_value=datetime(2030, 1, 1)),  # noqa: DTZ001 (Hypothesis adds the zone)
    st.lists(
        st.builds(
            WorkCalendar,
            days=st.lists(st.integers(1, 7), unique=True, min_size=1).map(tuple),
            ahead=st.integers(-12, 14).map(lambda hours: timedelta(hours=hours)),
        ),
        max_size=4,
    ),
)
def test_a_deadline_is_two_to_six_days_on_at_the_same_time_of_day(
    opened: datetime, calendars: list[WorkCalendar]
) -> None:
    deadline = default_deadline(opened, calendars)
    skipped = deadline - opened - USUAL_LENGTH

    assert timedelta(0) <= skipped <= timedelta(days=MAX_DAYS_SKIPPED)
    assert skipped % timedelta(days=1) == timedelta(0)
    if skipped < timedelta(days=MAX_DAYS_SKIPPED):
        assert all(calendar.works_at(deadline) for calendar in calendars or (WorkCalendar(),))
