"""A further result on a threat reveals no one's number, whoever voted on it before."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise, product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.commands import CastBallot, CloseRound, Command, LeaveRound, SettleRound
from domain.decide import decide
from domain.decide.voting import sealed_in_advance
from domain.dread.metrics import Ballot, Metric, Numbers
from domain.events import BallotCast, Erased, RecordedEvent, RoundClosed
from domain.kernel.elements import SYSTEM, PersonId
from domain.model import ThreatModel, evolve
from domain.rejections import Rejected
from domain.replay import replay
from domain.voting.extreme_numbers import extremes_of
from domain.voting.published_votes import ShownPanels
from domain.voting.scores import RankedThreat, ranked_threats, scores_of
from domain.wording.voting import sealed_text, withheld_text
from tests.depth import examples
from tests.domain.test_ballots import everything_shown_to_all
from tests.domain.voting_story import DAY, IDENTIFIED, RD2, TH1, numbers, open_round_command
from tests.examples import ANA, at
from tests.formats.export_sources import export_all_formats

PEOPLE = tuple(PersonId(f"U{letter}") for letter in "ABCDEFGH")
DAMAGE = Metric.DAMAGE
FIRST = dict(zip(PEOPLE, (2, 4, 5, 9, 7, 1, 3, 8), strict=True))
"""Eight people who differ, and who say the same whenever they are asked."""

Given = Mapping[PersonId, int | None]


class Vote(msgspec.Struct, frozen=True, kw_only=True):
    """A round on the plumber, and what is said in a second vote if there is one.

    The panel are those who vote and the `silent`; some leave after they have voted or not.
    """

    cast: Given
    again: Given = {}
    silent: tuple[PersonId, ...] = ()
    left: tuple[PersonId, ...] = ()
    left_again: tuple[PersonId, ...] = ()


def play(*votes: Vote, others: bool = False) -> list[RecordedEvent]:
    """The votes one after the other; the clock and the facilitator end what is left open.

    Numbers are for Damage, or for all metrics if there are `others`.
    """
    events, model, minute = [*IDENTIFIED], replay(IDENTIFIED), 10

    def say(command: Command) -> None:
        nonlocal model
        try:
            said = decide(command, model, lambda so_far=tuple(events): so_far)
        except Rejected:
            return  # over already, or left
        for event in said:
            events.append(event)
            model = evolve(model, event)

    for vote in votes:
        panel = tuple(person for person in PEOPLE if person in {*vote.cast, *vote.silent})
        say(open_round_command(TH1, voters=panel, at=at(minute)))
        for cast, left in ((vote.cast, vote.left), (vote.again, vote.left_again)):
            for round in model.open_rounds():
                minute = int((round.opened_at - at(0)).total_seconds()) // 60
                for who, number in cast.items():
                    told = numbers(*[number] * (5 if others else 1))
                    say(CastBallot(by=who, at=at(minute + 1), round=round.id, threat=TH1, numbers=told))
                for who in left:
                    say(LeaveRound(by=SYSTEM, at=at(minute + 2), round=round.id, voter=who))
                for days in (10, 20):
                    say(CloseRound(by=SYSTEM, at=at(minute + days * DAY), round=round.id))
                say(SettleRound(by=ANA, at=at(minute + 20 * DAY), round=round.id, reason="it is enough"))
        minute += 21 * DAY
    return events


def same(people: Sequence[PersonId]) -> Given:
    """What these people always say."""
    return {person: FIRST[person] for person in people}


def scored(events: Sequence[RecordedEvent]) -> RankedThreat:
    """The plumber after all of this."""
    return next(threat for threat in ranked_threats(replay(events)) if threat.threat.id == TH1)


# Single attacks


EIGHT = PEOPLE
DIFFER_TOO_LITTLE = {
    "a panel less one": (EIGHT[:4], EIGHT[:3]),
    "a panel less two, of whom each knows the other one's then": (EIGHT[:5], EIGHT[:3]),
    "one more": (EIGHT[:4], EIGHT[:5]),
    "another one in place of one": (EIGHT[:4], (*EIGHT[:3], EIGHT[4])),
    "another one in place of three": (EIGHT[:6], (*EIGHT[:3], EIGHT[7])),
    "one of them alone": (EIGHT[:4], EIGHT[:1]),
    "all others but one": (EIGHT[:4], EIGHT[3:7]),
    "less three, then one of them again": (EIGHT[:7], EIGHT[:4], EIGHT[:5]),
}


@pytest.mark.parametrize("panels", DIFFER_TOO_LITTLE.values(), ids=DIFFER_TOO_LITTLE)
def test_a_result_whose_panel_differs_by_too_few_shows_nothing_and_the_earlier_stands(
    panels: Sequence[Sequence[PersonId]],
) -> None:
    *before, last = [Vote(cast=same(panel)) for panel in panels]
    sealed, known = scored(play(*before, last, others=True)), scored(play(*before, others=True))
    assert sealed.score == known.score
    assert sealed.sealed is not None
    assert "the earlier score stands" in sealed_text(sealed.sealed)


@pytest.mark.parametrize(
    "panels",
    [
        (EIGHT[:4], EIGHT[:4]),
        (EIGHT[:4], EIGHT[:7]),
        (EIGHT[:7], EIGHT[:4]),
        (EIGHT[:4], EIGHT[4:]),
        (EIGHT[:2], EIGHT[:2]),
        (EIGHT[:1], EIGHT[:1]),
    ],
)
def test_the_same_people_or_enough_others_are_shown(panels: Sequence[Sequence[PersonId]]) -> None:
    events = play(*(Vote(cast=same(panel)) for panel in panels), others=True)
    one = scored(events)
    assert one.score is not None
    assert one.sealed is None
    assert one.score.tally.numbers[DAMAGE] == tuple(sorted(FIRST[who] for who in panels[-1]))


def test_nothing_that_anyone_is_shown_depends_on_the_numbers_of_a_sealed_result() -> None:
    last = {one: 11 - FIRST[one] for one in EIGHT[:3]}
    events = play(Vote(cast=same(EIGHT[:4])), Vote(cast=last), others=True)
    ones = Ballot(numbers=Numbers(**{metric.value: 1 for metric in Metric}))
    others = [
        replace(event, ballot=ones) if isinstance(event, BallotCast) and event.round != "RD-1" else event
        for event in events
    ]
    assert len(replay(events).rounds) == 3, "with a second vote on the first round, and none on the second"
    assert everything_shown_to_all(events) == everything_shown_to_all(others)
    assert export_all_formats(events) == export_all_formats(others)
    for who in EIGHT:
        assert extremes_of(replay(events), who) == extremes_of(replay(others), who)


def test_a_metric_for_which_too_few_others_gave_a_number_keeps_its_earlier_result() -> None:
    """Who abstains now tells their earlier number as well as who is not there."""
    agreed = dict.fromkeys(EIGHT[:5], 5)
    first = play(Vote(cast=agreed), others=True)
    minute = 100 * DAY
    model, events = replay(first), [*first]
    for command in (
        open_round_command(TH1, voters=EIGHT[:5], at=at(minute)),
        *(
            CastBallot(
                by=who,
                at=at(minute + 1),
                round=RD2,
                threat=TH1,
                numbers=numbers(None if who == EIGHT[0] else 6, 6, 6, 6, 6),
            )
            for who in EIGHT[:5]
        ),
    ):
        for event in decide(command, model, lambda so_far=tuple(events): so_far):
            events.append(event)
            model = evolve(model, event)
    score = scored(events).score
    assert score is not None
    assert (score.round, score.stands) == (RD2, (DAMAGE,))
    assert [*score.tally.medians.values()] == [5, 6, 6, 6, 6]
    assert any("The latest vote on Damage stays sealed" in line for line in withheld_text(score))


def test_a_second_vote_without_one_of_the_first_stays_sealed() -> None:
    events = play(Vote(cast=same(EIGHT[:4]), again=dict.fromkeys(EIGHT[:3], 6)))
    score = scored(events).score
    assert score is not None
    assert (score.tally.numbers[DAMAGE], score.sealed_again) == ((2, 4, 5, 9), (DAMAGE,))
    assert any("The latest vote on Damage stays sealed" in line for line in withheld_text(score))


def test_who_opens_a_round_can_be_told_which_results_will_stay_sealed() -> None:
    model = replay(play(Vote(cast=same(EIGHT[:4])), others=True))
    wanted = open_round_command(TH1, at=at(100 * DAY))
    for panel in (EIGHT[:4], EIGHT[:7], EIGHT[4:]):
        assert sealed_in_advance(replace(wanted, voters=panel), model) == ()
    for panel in (EIGHT[:3], EIGHT[:5], (*EIGHT[:3], EIGHT[4]), EIGHT[:1]):
        assert sealed_in_advance(replace(wanted, voters=panel), model) == (TH1,)


def test_a_second_vote_counts_those_who_gave_a_number_in_the_first() -> None:
    late = Vote(cast=same(EIGHT[:4]), silent=(EIGHT[4],), again=dict.fromkeys(EIGHT[:5], 6))
    score = scored(play(late)).score
    assert score is not None
    assert (score.tally.numbers[DAMAGE], score.voted_again) == ((6, 6, 6, 6), (DAMAGE,))
    assert score.tally.abstained[DAMAGE] == 0


def test_there_is_no_second_vote_if_it_would_lack_one_of_the_first() -> None:
    events = play(Vote(cast=same(EIGHT[:4]), silent=EIGHT[4:5], left=EIGHT[:1], again=same(EIGHT[:4])))
    assert len(replay(events).rounds) == 1


# Any sequence of votes


class Shown(msgspec.Struct, frozen=True):
    """What the end of a vote shows of Damage, with those who gave a number for it."""

    numbers: Mapping[PersonId, int]
    panel: int


def shown(events: Sequence[RecordedEvent]) -> list[Shown]:
    """What each end of a vote shows, as the surfaces have it."""
    found: list[Shown] = []
    model = ThreatModel()
    for event in events:
        model = evolve(model, event)
        if isinstance(event, Erased) or not isinstance(event, RoundClosed):
            continue
        score, one = scores_of(model).get(TH1), model.rounds[event.round]
        if score is None or score.round not in (one.id, one.revote_of):
            continue
        again = one.revote_of is not None
        if DAMAGE in score.voted_again if again else DAMAGE in score.tally.numbers.keys() - {*score.stands}:
            given = {
                who: number
                for (round, _, who), cast in model.ballots.items()
                if round == one.id and (number := cast.numbers.of(DAMAGE)) is not None
            }
            if one.revote_of is not None:
                before = {who for (round, _, who), cast in model.ballots.items() if round == one.revote_of}
                given = {
                    who: number
                    for who, number in given.items()
                    if who in before and model.ballots[one.revote_of, TH1, who].numbers.of(DAMAGE) is not None
                }
            assert score.tally.numbers[DAMAGE] == tuple(sorted(given.values()))
            panel = model.rounds[one.revote_of].voters if one.revote_of else one.voters
            found.append(Shown(given, len(panel)))
    return found


Said = tuple[PersonId, int]
"""A person, and in which of the shown votes."""


def certain(results: Sequence[Shown], drift: int, reader: PersonId | None) -> set[Said]:
    """The numbers that only one way to give the published numbers to those who voted leaves possible.

    The adversary knows the names of those who gave a number, also of a second vote, and that no one's numbers
    are further apart than the `drift`; a reader who voted knows their own.
    """
    people = sorted({number for result in results for number in result.numbers})
    places = {one: [at for at, result in enumerate(results) if one in result.numbers] for one in people}
    published = tuple(tuple(Counter(one.numbers.values())[value] for value in range(11)) for one in results)
    found: set[Said] = set()
    for person, vote in ((one, vote) for one in people for vote in places[one] if one != reader):
        others = {value for value in range(1, 11) if value != results[vote].numbers[person]}

        @cache
        def fits(
            at: int,
            left: tuple[tuple[int, ...], ...],
            person: PersonId = person,
            vote: int = vote,
            others: frozenset[int] = frozenset(others),
        ) -> bool:
            if at == len(people):
                return True
            who = people[at]
            mine = [results[place].numbers[who] for place in places[who]]
            choices = [[value for value in range(1, 11) if left[place][value]] for place in places[who]]
            for told in product(*choices):
                if max(told) - min(told) > drift or (who == reader and [*told] != mine):
                    continue
                if who == person and told[places[who].index(vote)] not in others:
                    continue
                rest = list(left)
                for place, value in zip(places[who], told, strict=True):
                    rest[place] = (*rest[place][:value], rest[place][value] - 1, *rest[place][value + 1 :])
                if fits(at + 1, tuple(rest)):
                    return True
            return False

        if not fits(0, published):
            found.add((person, vote))
    return found


def alike(results: Sequence[Shown], said: Said, reader: PersonId | None) -> bool:
    """Whether all those whom no result tells apart from a person gave the same number as they.

    There must be enough of them: three, or two to one of them, as in a single vote in which all agree.
    """
    person, vote = said

    def pattern(who: PersonId) -> list[bool]:
        return [who in result.numbers for result in results]

    group = {who for who in results[vote].numbers if pattern(who) == pattern(person)}
    needed = max(min(3, result.panel) for result in results if person in result.numbers)
    return len(group) >= needed and len({results[vote].numbers[who] for who in group - {reader}}) == 1


@st.composite
def sequences(draw: st.DrawFn, most: int, drift: int) -> list[Vote]:
    """Two to four votes of up to so many people; the panels resemble each other, and numbers repeat."""
    people = PEOPLE[: draw(st.integers(3, most))]
    usual = {person: draw(st.integers(1, 10)) for person in people}

    def number(one: PersonId) -> int:
        near = st.integers(max(1, usual[one] - drift // 2), min(10, usual[one] + drift // 2))
        return draw(near)

    def some(of: Sequence[PersonId], likely: int) -> tuple[PersonId, ...]:
        return tuple(one for one in of if draw(st.integers(1, 10)) <= likely)

    votes: list[Vote] = []
    for _ in range(draw(st.integers(2, 4 if not drift else 2))):
        panel = some(people, draw(st.sampled_from((5, 8, 10)))) or people[:1]
        voting, again = some(panel, 9), some(panel, draw(st.sampled_from((8, 10))))
        votes.append(
            Vote(
                cast={one: number(one) if draw(st.integers(1, 20)) > 1 else None for one in voting},
                again={one: number(one) for one in again},
                silent=tuple(one for one in panel if one not in voting),
                left=some(panel, 1),
                left_again=some(panel, 1),
            )
        )
    return votes


def check(votes: Sequence[Vote], drift: int) -> None:
    results = shown(play(*votes))
    for known, further in pairwise(results[:end] for end in range(1, len(results) + 1)):
        for reader in (None, *sorted({who for one in further for who in one.numbers})):
            for said in certain(further, drift, reader) - certain(known, drift, reader):
                assert alike(further, said, reader), (reader, said)


@examples(12, deep=1_500)
@given(sequences(8, 0))
def test_a_further_result_makes_no_number_certain_if_all_repeat_theirs(votes: list[Vote]) -> None:
    check(votes, 0)


@examples(4, deep=400)
@given(sequences(5, 2))
def test_a_further_result_makes_no_number_certain_if_numbers_move_by_up_to_two(votes: list[Vote]) -> None:
    check(votes, 2)


def test_the_adversary_finds_the_number_of_one_who_is_missing() -> None:
    """The property above is not empty: results of these panels would reveal a number each."""
    for panels in DIFFER_TOO_LITTLE.values():
        results = [Shown({one: FIRST[one] for one in panel}, len(panel)) for panel in panels]
        readers = (None, *EIGHT)
        assert any(certain(results, 0, reader) - certain(results[:-1], 0, reader) for reader in readers)


panels = st.frozensets(st.sampled_from(PEOPLE), min_size=3)


@examples(60)
@given(st.lists(st.tuples(st.sets(st.sampled_from(Metric), min_size=1), panels, st.booleans()), max_size=6))
def test_metrics_that_a_range_of_bands_links_tell_no_small_groups_apart_together(
    votes: list[tuple[set[Metric], frozenset[PersonId], bool]],
) -> None:
    known, taken, linked = ShownPanels(), list[tuple[Metric, frozenset[PersonId]]](), list[set[Metric]]()
    for metrics, people, ranged in votes:
        added = {metric for metric in Metric if metric in metrics and known.add({metric: people}, 3)}
        taken += [(metric, people) for metric in added]
        if ranged and added and known.allow(added, people, 3):
            known.link(added)
            linked = [
                *(one for one in linked if not one & added),
                added.union(*(one for one in linked if one & added)),
            ]
    for together in (*linked, *({metric} for metric in Metric)):
        shown_to = [people for metric, people in taken if metric in together]
        groups = Counter(tuple(who in people for people in shown_to) for who in PEOPLE)
        assert all(size >= 3 for group, size in groups.items() if any(group))
