"""No number of a metric is shown that comes from too few people, whatever ended the round."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

import bot
import domain
from domain.commands import (
    ChooseParticipants,
    ExtendRound,
    HandOver,
    LeaveRound,
    SettleRound,
    TakeOver,
)
from domain.dread.metrics import Ballot, Discoverability, Metric, Numbers
from domain.events import BallotCast, RecordedEvent, RoundClosed, RoundExtended, RoundOpened
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.voting_round import RoundEndCause
from domain.rejections import NotAVoter, NothingToSettle, NotTheFacilitator
from domain.replay import replay
from domain.voting.scores import RankedThreat, ranked_threats
from domain.voting.turnout import invited_voters, minimum_quorum, turnouts
from tests.depth import examples
from tests.domain.test_ballots import everything_shown
from tests.domain.voting_story import (
    CONTESTED,
    DAY,
    OPENED,
    RD1,
    RD2,
    TH1,
    VOTERS,
    Answers,
    ballot_of,
    close_round_by_system,
    open_round,
    open_round_command,
    play_both_votes,
)
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all
from tests.examples import given as given_events
from tests.formats.export_sources import export_all_formats

EVE = PersonId("UEVE")
D, R, E, A, F = Metric
LATE = 2 * DAY + 5
THREE = open_round(TH1, voters=(ANA, BEN, CHI))
"""A round of three people."""


def scored(events: Sequence[RecordedEvent]) -> RankedThreat:
    """The plumber after all of this."""
    return next(threat for threat in ranked_threats(replay(events)) if threat.threat.id == TH1)


def shows_nothing_of(events: Sequence[RecordedEvent]) -> None:
    """The round is over, and looks the same as one in which the ballots had other numbers."""
    one = scored(events)
    assert replay(events).rounds[RD1].ending is not None
    assert (one.score, one.sealed is not None) == (None, True)
    others = [
        replace(event, ballot=Ballot(numbers=Numbers(**{metric.value: 1 for metric in Metric})))
        if isinstance(event, BallotCast)
        else event
        for event in events
    ]
    assert export_all_formats(events) == export_all_formats(others)
    assert everything_shown(events) == everything_shown(others)


def test_choosing_other_participants_during_a_round_changes_nothing_about_it() -> None:
    events = decide_all(
        ballot_of(BEN, 9, 8, 7, 6, 5),
        TakeOver(by=CHI, at=at(20)),
        ChooseParticipants(by=CHI, at=at(21), participants=(BEN,)),
        HandOver(by=CHI, at=at(22), facilitator=BEN),
        after=THREE,
    )
    (one,) = turnouts(replay(events))
    assert (one.cast, len(one.voters), one.waits_for) == (1, 3, (ANA, CHI)), "it is still open"


def test_a_panel_that_shrinks_to_one_voter_shows_none_of_their_numbers() -> None:
    events = decide_all(
        ballot_of(BEN, 9, 8, 7, 6, 5, reason="zebra"),
        LeaveRound(by=SYSTEM, at=at(20), round=RD1, voter=ANA),
        LeaveRound(by=SYSTEM, at=at(21), round=RD1, voter=CHI),
        after=THREE,
    )
    shows_nothing_of(events)
    sealed = scored(events).sealed
    assert sealed is not None
    assert (sealed.voted, sealed.panel, sealed.needed) == (1, 3, 3)


def test_a_round_that_is_extended_and_settled_with_one_ballot_shows_none_of_its_numbers() -> None:
    events = decide_all(
        ballot_of(BEN, 9, 8, 7, 6, 5),
        close_round_by_system(LATE),
        close_round_by_system(LATE + DAY),
        SettleRound(by=ANA, at=at(LATE + DAY), round=RD1, reason="holidays"),
        after=THREE,
    )
    shows_nothing_of(events)


def test_participants_chosen_after_the_deadline_unseal_nothing() -> None:
    events = decide_all(
        ballot_of(BEN, 9, 8, 7, 6, 5),
        close_round_by_system(LATE),
        ChooseParticipants(by=ANA, at=at(LATE + 1), participants=(BEN,)),
        HandOver(by=ANA, at=at(LATE + 2), facilitator=BEN),
        close_round_by_system(LATE + DAY),
        SettleRound(by=BEN, at=at(LATE + DAY), round=RD1, reason="only I am left"),
        after=THREE,
    )
    shows_nothing_of(events)


def test_a_member_of_the_panel_votes_also_as_a_participant_no_longer() -> None:
    dropped = decide_all(ChooseParticipants(by=ANA, at=at(20), participants=(BEN, CHI)), after=OPENED)
    ended = decide_all(*(ballot_of(voter, 5) for voter in VOTERS), after=dropped)
    assert isinstance(ended[-1], RoundClosed)


def test_a_person_who_joins_later_does_not_vote() -> None:
    joined = decide_all(ChooseParticipants(by=ANA, at=at(20), participants=(*VOTERS, EVE)), after=OPENED)
    given_events(*joined).when(ballot_of(EVE, 5)).then_refused(
        NotAVoter, "The facilitator, @UANA, chooses the voters when opening a round"
    )
    assert EVE not in turnouts(replay(joined))[0].voters


def test_the_ballot_of_a_departed_voter_counts() -> None:
    events = decide_all(
        ballot_of(CHI, 9),
        LeaveRound(by=SYSTEM, at=at(20), round=RD1, voter=CHI),
        ballot_of(ANA, 5),
        ballot_of(BEN, 5),
        after=THREE,
    )
    score = scored(events).score
    assert score is not None
    assert (score.tally.numbers[D], score.cause) == ((5, 5, 9), RoundEndCause.ALL_VOTED)


def test_a_metric_that_too_few_gave_a_number_for_is_sealed_and_not_counted() -> None:
    events = decide_all(
        ballot_of(ANA, 10, 2, 2, 2, None, reason="a"),
        ballot_of(BEN, 10, 2, 2, 2, 9),
        ballot_of(CHI, None, 2, 2, 2, 9),
        ballot_of(DEE, None, 2, 2, 2, 9),
        after=OPENED,
    )
    score = scored(events).score
    assert score is not None
    assert score.tally.withheld == (D,)
    assert set(score.tally.medians) == set(score.tally.numbers) == {R, E, A, F}
    assert (score.tally.total, score.tally.held, score.reasons) == (15, None, ("a",))


def test_what_too_few_disagree_on_is_not_voted_on_again() -> None:
    events = decide_all(
        ballot_of(ANA, 1, 5, 5, 5, 5),
        ballot_of(BEN, 10, 5, 5, 5, 5),
        ballot_of(CHI, None, 5, 5, 5, 5),
        after=THREE,
    )
    assert not replay(events).open_rounds(), "a second vote would say that the two are far apart"


def test_with_discoverability_fixed_a_sealed_vote_has_no_score_either() -> None:
    fixed = open_round(TH1, voters=(ANA, BEN, CHI), discoverability=Discoverability.FIXED)
    events = decide_all(ballot_of(ANA, 5), ballot_of(BEN, 5), ballot_of(CHI, None), after=fixed)
    assert scored(events).score is None


def test_two_people_who_were_told_so_see_each_others_numbers() -> None:
    events = decide_all(ballot_of(ANA, 4), ballot_of(BEN, 5), after=open_round(TH1, voters=(ANA, BEN)))
    score = scored(events).score
    assert score is not None
    assert score.tally.numbers[D] == (4, 5)


def test_an_earlier_score_stands_when_a_later_vote_stays_sealed() -> None:
    first = decide_all(*(ballot_of(voter, 9) for voter in VOTERS), after=OPENED)
    events = decide_all(
        open_round_command(TH1, at=at(20)),
        ballot_of(BEN, 2, round=RD2, minute=21),
        *(LeaveRound(by=SYSTEM, at=at(22), round=RD2, voter=one) for one in (ANA, CHI, DEE)),
        after=first,
    )
    one = scored(events)
    assert one.score is not None
    assert one.sealed is not None
    assert (one.score.round, one.score.tally.mean, one.sealed.round) == (RD1, 9, RD2)


def test_a_second_vote_that_too_few_take_part_in_stays_sealed_and_the_first_stands() -> None:
    events = decide_all(
        ballot_of(ANA, 6, round=RD2, reason="zebra"),
        ballot_of(BEN, 6, round=RD2),
        *(LeaveRound(by=SYSTEM, at=at(20), round=RD2, voter=voter) for voter in VOTERS),
        after=CONTESTED,
    )
    score = scored(events).score
    assert score is not None
    assert (score.tally.numbers[D], score.voted_again, score.sealed_again) == ((2, 4, 5, 9), (), (D,))
    assert "zebra" not in score.reasons


def test_there_is_no_second_vote_where_too_few_are_left_for_its_result() -> None:
    events = decide_all(
        ballot_of(ANA, 1),
        ballot_of(BEN, 10),
        ballot_of(CHI, 5),
        LeaveRound(by=SYSTEM, at=at(20), round=RD1, voter=ANA),
        LeaveRound(by=SYSTEM, at=at(20), round=RD1, voter=BEN),
        LeaveRound(by=SYSTEM, at=at(20), round=RD1, voter=DEE),
        after=OPENED,
    )
    assert not replay(events).open_rounds()


def test_the_facilitator_extends_a_round_that_fell_short() -> None:
    short = decide_all(
        ballot_of(BEN, 5), close_round_by_system(LATE), close_round_by_system(LATE + DAY), after=THREE
    )
    later = at(LATE + DAY + 60)
    extend = ExtendRound(by=ANA, at=later, round=RD1)
    given_events(*short).when(replace(extend, by=BEN)).then_refused(NotTheFacilitator, "Only the facilitator")
    given_events(*THREE).when(replace(extend, at=at(20))).then_refused(
        NothingToSettle, "Round RD-1 is still open. Close it once the quorum is reached."
    )
    events = decide_all(extend, after=short)
    assert isinstance(events[-1], RoundExtended)
    assert not turnouts(replay(events))[0].to_settle
    ended = decide_all(
        *(ballot_of(one, 5, minute=LATE + DAY + 70) for one in (ANA, CHI)),
        after=events,
    )
    assert scored(ended).score is not None


PEOPLE = (*VOTERS, EVE)
panels = st.integers(1, 5).map(lambda size: PEOPLE[:size])
ballots = st.dictionaries(
    st.sampled_from(PEOPLE), st.tuples(*[st.sampled_from([None, None, 1, 2, 5, 9, 10])] * 5)
)
gone = st.lists(st.sampled_from(PEOPLE), max_size=4, unique=True)


def with_other_numbers(events: Sequence[RecordedEvent], number: int) -> list[RecordedEvent]:
    """The same events, but for the numbers of metrics that too few people of the panel gave one for."""
    model = replay(events)
    panel = len(model.rounds[RD1].voters)
    last = {(one.round, one.threat, one.by): one for one in events if isinstance(one, BallotCast)}
    hidden = {
        (round, metric)
        for round in (RD1, RD2)
        for metric in Metric
        if sum(one.ballot.numbers.of(metric) is not None for (of, *_), one in last.items() if of == round)
        < minimum_quorum(panel)
    }
    return [_with(event, hidden, number) if isinstance(event, BallotCast) else event for event in events]


def _with(event: BallotCast, hidden: set[Any], number: int) -> BallotCast:
    changed = {
        metric.value: number
        for metric in Metric
        if (event.round, metric) in hidden and event.ballot.numbers.of(metric) is not None
    }
    return replace(event, ballot=replace(event.ballot, numbers=replace(event.ballot.numbers, **changed)))


@examples(8, deep=400)
@given(panels, ballots, ballots, gone, gone, st.integers(1, 10))
def test_a_number_that_too_few_gave_beside_changes_nothing_that_is_shown(
    panel: tuple[PersonId, ...],
    first: Answers,
    second: Answers,
    gone: list[PersonId],
    gone_later: list[PersonId],
    number: int,
) -> None:
    events = play_both_votes(panel, first, second, gone, gone_later)
    others = with_other_numbers(events, number)
    assume(others != events)

    assert [type(vote) for vote in play_both_votes(panel, first, second, gone, gone_later)] == [
        *map(type, events)
    ]
    assert everything_shown(events) == everything_shown(others)
    assert export_all_formats(events) == export_all_formats(others)


@examples(20)
@given(panels, ballots, ballots, gone, gone)
def test_every_number_shown_is_one_of_enough(
    panel: tuple[PersonId, ...],
    first: Answers,
    second: Answers,
    gone: list[PersonId],
    gone_later: list[PersonId],
) -> None:
    one = scored(play_both_votes(panel, first, second, gone, gone_later))
    if one.score is not None:
        assert all(len(given) >= minimum_quorum(len(panel)) for given in one.score.tally.numbers.values())
        assert {*one.score.tally.medians} == {*one.score.tally.numbers}


def test_the_panel_of_an_old_event_is_that_of_its_opening() -> None:
    (event,) = [one for one in CONTESTED if isinstance(one, RoundOpened) and one.round.id == RD1]
    assert event.round.voters == VOTERS
    left = decide_all(LeaveRound(by=DEE, at=at(20), round=RD2), after=CONTESTED)
    again = replay(left).rounds[RD2]
    assert (again.voters, invited_voters(again)) == (VOTERS, (ANA, BEN, CHI))


RAW = re.compile(r"\bballots_by_threat\(|\bmodel\.ballots\b")
READ_BALLOTS = {
    "bot/slack/screens/ballot_papers.py": "a reader's own ballots",
    "bot/slack/queries/model_reader.py": "how many voted",
    "domain/decide/voting.py": "keeps an author's own reason, and ends rounds: which threats have a ballot",
    "domain/voting/extreme_numbers.py": "whether a reader's own number is an extreme of a shown metric",
    "domain/model/analysis.py": "keeps them",
    "domain/voting/published_votes.py": "decides what is shown",
    "domain/model/imports.py": "drops those of a file without their round",
    "domain/voting/turnout.py": "the turnout",
}
"""The only modules that read ballots, and what for."""


def test_no_other_module_reads_ballots() -> None:
    roots = [Path(package.__file__ or "").parent for package in (bot, domain)]
    found = {
        path.relative_to(root.parent).as_posix()
        for root in roots
        for path in root.rglob("*.py")
        if RAW.search(path.read_text())
    }
    assert found == READ_BALLOTS.keys()
