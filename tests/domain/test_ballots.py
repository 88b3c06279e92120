"""Ballots: cast until their round closes, and sealed: nothing tells what is in them, nor whose they were."""

import io
import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given as holds_for
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.console import Console

from bot.cli.model_queries.model_lookup import ModelHistory, ModelSnapshot
from bot.cli.output.json_document import history_json, json_text, model_json
from bot.cli.output.model_tables import history_table, print_model
from bot.report.sections import report_of
from bot.store.records import summary_of
from domain.changes import difference
from domain.commands import CastBallot, ExplainBallot, LeaveRound, SnoozeReminder, Undo
from domain.dread.metrics import Ballot, Confidence, Discoverability, Metric, Numbers
from domain.events import BallotCast, BallotExplained, Erased, RecordedEvent, ThreatWithdrawn
from domain.history import as_of, timeline
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId
from domain.register import register
from domain.rejections import (
    BallotTooLate,
    ContentMissing,
    NoSuchRound,
    NotAVoter,
    NotInTheRound,
    OutOfRange,
    Rejected,
    TooLong,
    UndoBlocked,
)
from domain.reminder_deliveries import Delivery, DeliveryState, ReminderKey
from domain.reminders import Occasion, Reachability, Reminder, plan_reminders
from domain.replay import EMPTY, replay
from domain.voting.extreme_numbers import extremes_of
from domain.voting.scores import PublishedExplanation, RankedThreat, ranked_threats, scores_of
from domain.voting.turnout import SMALLEST_PANEL, is_attributable, rounds_due, turnouts, votes_owed
from domain.wording import summarize_answer
from domain.wording.voting import attribution_notice, reason_notice, secrecy_notice, withheld_text
from tests.bench.secrecy import (
    SecrecyFigures,
    ballots_of,
    old_rule,
    one_panel,
    published,
    voted,
    with_ballots,
)
from tests.depth import count, examples
from tests.domain.voting_story import (
    CONTESTED,
    DAY,
    IDENTIFIED,
    OPENED,
    RD1,
    RD2,
    TH1,
    TH2,
    TH3,
    VOTERS,
    ballot_of,
    close_round_by_system,
    numbers,
    open_round,
    open_round_command,
)
from tests.examples import ANA, BEN, CHI, DEE, STRANGER, at, decide_all, given, recorded
from tests.formats.export_sources import export_all_formats
from tests.report.report_sources import report_source_of

NEXT = len(IDENTIFIED) + 1
IN_TIME, LATE = 2 * DAY + 4, 2 * DAY + 5
"""The last minute before the deadline, and the deadline."""


def test_a_ballot_is_kept_as_it_was_cast() -> None:
    cast = ballot_of(BEN, 8, 10, 5, None, 3, reason="  the door was open ", confidence=Confidence.HIGH)
    given(*OPENED).when(cast).then(
        recorded(
            BallotCast,
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


Content = Mapping[str, Any]

THREE = open_round(TH1, TH2, TH3)
PLACES = [(threat, voter) for threat in (TH1, TH2, TH3) for voter in VOTERS]

any_numbers = st.builds(Numbers, **dict[str, Any].fromkeys(Metric, st.none() | st.integers(1, 10)))
contents: st.SearchStrategy[Content] = st.fixed_dictionaries(
    {
        "numbers": any_numbers,
        "reason": st.sampled_from(["", "zebra", "the door was open", "10"]),
        "confidence": st.none() | st.sampled_from(Confidence),
    }
)
both = st.tuples(contents, contents)
# The last place stays empty, so that the round stays open.
some_places = st.lists(st.sampled_from(PLACES[:-1]), min_size=1, max_size=16)
"""Where is voted, in order; somebody may vote on the same thing again, with the same ballot or another."""
voted_twice = some_places.flatmap(
    lambda some: st.tuples(st.just(some), st.lists(both, min_size=len(some), max_size=len(some)))
)


def cast(places: Sequence[tuple[ThreatId, PersonId]], of: Sequence[Content]) -> list[RecordedEvent]:
    """A round of three threats in which these places were voted on with these contents."""
    return decide_all(
        *(
            replace(ballot_of(who, None, on=on), **content)
            for (on, who), content in zip(places, of, strict=True)
        ),
        after=THREE,
    )


def everything_shown(events: Sequence[RecordedEvent]) -> list[object]:
    """All that anybody can be shown of a model, but each voter's own ballots."""
    model = replay(events)
    return [*everything_shown_to_all(events), [votes_owed(model, voter) for voter in VOTERS]]


def everything_shown_to_all(events: Sequence[RecordedEvent]) -> list[object]:
    """All that everyone can be shown of a model."""
    model = replay(events)
    seen = register(model)
    return [
        seen,
        timeline(events),
        [summarize_answer([event], model) for event in events if not isinstance(event, Erased)],
        summary_of(model),
        rounds_due(model, at(10_000)),
        register(as_of(events, at(10_000))),
        report_of(report_source_of(events)),
        difference(register(EMPTY), seen, events),
        *printed(events),
    ]


def printed(events: Sequence[RecordedEvent]) -> tuple[str, str, str, str]:
    """What `show`, `show --json`, `history` and `history --json` print."""
    seen = register(replay(events))
    out = Console(record=True, width=250, file=io.StringIO())
    print_model(ModelSnapshot(register=seen, naming=str, as_of=at(0)), out)
    shown = out.export_text()
    out.print(history_table(ModelHistory(entries=timeline(events), naming=str), "UTC"))
    return shown, json_text(model_json(seen)), out.export_text(), json_text(history_json(timeline(events)))


@examples(5, deep=300)
@holds_for(voted_twice)
def test_two_models_that_differ_only_in_open_ballots_look_the_same(
    told_twice: tuple[list[tuple[ThreatId, PersonId]], list[tuple[Content, Content]]],
) -> None:
    places, pairs = told_twice
    one = cast(places, [first for first, _ in pairs])
    other = cast(places, [second for _, second in pairs])

    assert replay(one).open_rounds()
    assert everything_shown(one) == everything_shown(other)


@examples(5, deep=300)
@holds_for(st.lists(contents, min_size=4, max_size=4), st.permutations(range(4)))
def test_a_closed_round_does_not_reveal_the_voter_of_a_ballot(
    of: list[Content], order: Sequence[int]
) -> None:
    places = [(TH1, voter) for voter in VOTERS]
    rest = [ballot_of(voter, 5, on=on) for on in (TH2, TH3) for voter in VOTERS]
    one = decide_all(*rest, after=cast(places, of))
    other = decide_all(*rest, after=cast(places, [of[place] for place in order]))

    assert replay(one).rounds[RD1].ending is not None
    assert everything_shown(one) == everything_shown(other)


def test_what_is_voted_on_again_is_sealed_again() -> None:
    one = decide_all(ballot_of(ANA, 1, round=RD2), ballot_of(BEN, 2, round=RD2), after=CONTESTED)
    other = decide_all(ballot_of(ANA, 9, round=RD2), ballot_of(BEN, 10, round=RD2), after=CONTESTED)

    assert everything_shown(one) == everything_shown(other)


@pytest.mark.parametrize("left", [(BEN,), (BEN, DEE)])
def test_who_has_not_voted_again_does_not_show_when_people_leave(left: tuple[PersonId, ...]) -> None:
    """As many have voted, but not the same ones."""
    for one, other in (((ANA,), (BEN,)), ((ANA, CHI, DEE), (ANA, BEN, CHI))):
        shown: list[object] = []
        for again in (one, other):
            cast = [ballot_of(who, 6, round=RD2, minute=20) for who in again]
            leave = [LeaveRound(by=who, at=at(30), round=RD2) for who in left]
            shown.append(everything_shown_to_all(decide_all(*cast, *leave, after=CONTESTED)))
        assert shown[0] == shown[1]


def test_the_end_of_a_second_vote_does_not_depend_on_who_leaves() -> None:
    again = [ballot_of(who, 6, round=RD2, minute=20) for who in VOTERS[:3]]
    events = decide_all(*again, LeaveRound(by=DEE, at=at(30), round=RD2), after=CONTESTED)
    (open_one,) = turnouts(replay(events))
    assert (open_one.cast, open_one.missing, open_one.quorum_met) == (3, 1, True)
    assert not replay(decide_all(close_round_by_system(3 * DAY, RD2), after=events)).open_rounds()


def test_a_reason_of_an_open_ballot_is_printed_nowhere() -> None:
    events = decide_all(ballot_of(BEN, 7, reason="zebra"), after=THREE)

    for text in printed(events):
        assert "zebra" not in text
        assert "voted on TH-1" in text or "0 of 4" in text or "voters" in text


def test_a_ballot_that_leaked_would_be_noticed() -> None:
    """The comparison above sees a single number: closed rounds of different ballots look different."""
    fives = decide_all(*(ballot_of(voter, 5, on=on) for on, voter in PLACES), after=THREE)
    sixes = decide_all(*(ballot_of(voter, 6, on=on) for on, voter in PLACES), after=THREE)

    for one, other in zip(printed(fives)[:2], printed(sixes)[:2], strict=True):
        assert one != other


def test_no_number_becomes_certain_but_in_unanimous_ballots() -> None:
    found = SecrecyFigures(3)
    for seed in range(count(20, deep=40)):
        one_panel(random.Random(seed), 3, found)
    for seed in range(count(1, deep=2)):
        one_panel(random.Random(seed), 4, found)
    assert found.twice > count(5, deep=10)
    assert found.certain == found.unavoidable
    assert found.certain_to_voters == found.unavoidable_to_voters


def test_the_simulation_finds_what_the_rule_before_gave_away() -> None:
    found = SecrecyFigures(5)
    for seed in range(count(100, deep=300)):
        old_rule(random.Random(seed), 5, found)
    assert found.old_certain > found.old_metrics / 20


@examples(5, deep=200)
@holds_for(st.integers(), st.integers(3, 5), st.randoms(use_true_random=False))
def test_everything_published_is_the_same_whoever_gave_which_ballot(
    seed: int, size: int, chance: random.Random
) -> None:
    """Among those who abstained alike in both rounds: who gave a number decides what can be shown."""
    events = voted(random.Random(seed), size)
    actual = ballots_of(events)
    mixed = dict(actual)
    for round in (RD1, RD2):
        by_metrics: dict[frozenset[tuple[RoundId, Metric]], list[tuple[RoundId, PersonId]]] = {}
        for place in (place for place in actual if place[0] == round):
            rated = frozenset(
                (of, metric)
                for (of, person), ballot in actual.items()
                for metric in Metric
                if person == place[1] and ballot.numbers.of(metric) is not None
            )
            by_metrics.setdefault(rated, []).append(place)
        for places in by_metrics.values():
            holds_for = [actual[place] for place in places]
            chance.shuffle(holds_for)
            mixed |= dict(zip(places, holds_for, strict=True))
    others = with_ballots(events, mixed)
    assert published(events) == published(others)
    assert everything_shown(events) == everything_shown(others)


def by_whom(*people: PersonId) -> list[RecordedEvent]:
    """A second vote in which these voted so far, always at the same moments."""
    return decide_all(
        *(ballot_of(one, 6, round=RD2, minute=20 + place) for place, one in enumerate(people)),
        after=CONTESTED,
    )


def test_nothing_says_who_is_missing_in_a_second_vote() -> None:
    assert everything_shown_to_all(by_whom(ANA, BEN)) == everything_shown_to_all(by_whom(DEE, CHI))


def test_a_second_vote_shows_how_many_are_missing_and_a_first_vote_who() -> None:
    (again,) = turnouts(replay(by_whom(ANA, BEN)))
    assert (again.cast, again.missing, again.voted, again.waits_for) == (2, 2, (), ())
    assert register(replay(by_whom(ANA, BEN, CHI))).next.waits_for is None, "not even where one is missing"


def test_the_history_names_no_one_who_votes_again() -> None:
    said = [(one.by, one.text) for one in timeline(by_whom(ANA))]
    assert said[-1] == ("", "voted on TH-1")
    assert (ANA, "voted on TH-1") in said, "the first time"


def test_who_puts_off_a_reminder_to_vote_again_is_not_named() -> None:
    def put_off(who: PersonId) -> list[RecordedEvent]:
        key = f"TM-1:{who}:{Occasion.VOTE_OWED}:{RD2}:2026-03-03T09:10Z"
        return decide_all(
            SnoozeReminder(by=who, at=at(20), key=ReminderKey(key), until=at(600)), after=CONTESTED
        )

    assert everything_shown(put_off(BEN)) == everything_shown(put_off(DEE))
    assert export_all_formats(put_off(BEN)) == export_all_formats(put_off(DEE))


def test_a_voter_who_cannot_be_reached_to_vote_again_is_not_named_to_the_facilitator() -> None:
    def told_to_ana(past: list[RecordedEvent]) -> list[str]:
        (reminder, *_) = [one for one in planned(past, {}) if one.to == BEN]
        failed = Delivery(
            key=reminder.key, model=reminder.model, to=BEN, state=DeliveryState.FAILED, at=at(12)
        )
        later = planned(past, {reminder.key: failed})
        return [one.subject for one in later if one.occasion is Occasion.NOT_REACHED]

    def planned(past: list[RecordedEvent], known: dict[ReminderKey, Delivery]) -> tuple[Reminder, ...]:
        plan = plan_reminders(replay(past), known, at(11), lambda _: Reachability())
        return (*plan.due, *plan.coming)

    assert told_to_ana(OPENED) == [BEN]
    assert told_to_ana(CONTESTED) == []


def test_a_departed_voter_is_not_found_out_by_what_did_not_change() -> None:
    """Dee left and everyone else voted again: her first number is in the first result alone."""
    left = decide_all(LeaveRound(by=SYSTEM, at=at(15), round=RD2, voter=DEE), after=CONTESTED)
    ended = decide_all(*(ballot_of(one, 6, round=RD2) for one in (ANA, BEN, CHI)), after=left)
    swapped = _swapped(ended, ANA, DEE)
    assert published(ended) == published(swapped)


def _swapped(events: Sequence[RecordedEvent], one: PersonId, other: PersonId) -> list[RecordedEvent]:
    """The first ballots of two people exchanged."""
    cast = ballots_of(events)
    by = {one: cast[RD1, other], other: cast[RD1, one]}
    return [
        replace(event, ballot=by[event.by])
        if isinstance(event, BallotCast) and event.round == RD1 and event.by in by
        else event
        for event in events
    ]


def test_an_abstention_on_everything_is_as_good_as_any_other_ballot() -> None:
    events = decide_all(*(ballot_of(one, None, round=RD2) for one in VOTERS), after=CONTESTED)
    assert not replay(events).open_rounds()


@pytest.mark.parametrize("panel", range(1, 8))
def test_a_small_panel_is_told_that_its_numbers_can_be_attributed(panel: int) -> None:
    attributable = is_attributable(panel)
    assert ("can be attributed" in secrecy_notice(panel).replace("\n", " ")) is attributable
    assert bool(attribution_notice(panel)) is attributable
    assert ("others can tell that it is yours" in reason_notice(panel)) is attributable
    assert ("without names" in secrecy_notice(panel)) is not attributable


def test_the_only_voter_is_told_so() -> None:
    assert "only voter" in secrecy_notice(1)
    assert attribution_notice(1).startswith("Only one person votes")


def test_how_many_are_enough_is_the_same_everywhere() -> None:
    assert is_attributable(SMALLEST_PANEL - 1)
    assert not is_attributable(SMALLEST_PANEL)
    assert f"at least {SMALLEST_PANEL}" in secrecy_notice(SMALLEST_PANEL)
    assert f"at least {SMALLEST_PANEL}" in reason_notice(SMALLEST_PANEL)


@pytest.mark.parametrize(
    ("fewest", "why"),
    [
        (1, "no one gave a number"),
        (2, "fewer than 2 people gave a number"),
        (3, "fewer than 3 people gave a number"),
    ],
)
def test_a_metric_that_is_not_counted_says_how_many_numbers_it_lacks(fewest: int, why: str) -> None:
    score = scores_of(replay(decide_all(*(ballot_of(one, 5) for one in VOTERS), after=OPENED)))[TH1]
    assert withheld_text(score) == []
    withheld = replace(score, tally=replace(score.tally, fewest=fewest, withheld=(Metric.DAMAGE,)))
    assert withheld_text(withheld) == [f"Sealed and not counted, because {why}: Damage."]
    again = replace(score, sealed_again=(Metric.DAMAGE,))
    assert withheld_text(again)[0].startswith("Too few gave a number in the second vote on Damage, so")


D = Metric.DAMAGE


def scored(*events: RecordedEvent) -> RankedThreat:
    """The plumber after all of this."""
    return next(one for one in ranked_threats(replay(events)) if one.threat.id == TH1)


def explain(by: PersonId, text: str = "there is a copy", minute: int = 30) -> ExplainBallot:
    return ExplainBallot(by=by, at=at(minute), round=RD1, threat=TH1, metric=D, text=text)


def test_the_holders_of_the_extremes_are_asked_why_and_no_one_else() -> None:
    model = replay(CONTESTED)
    assert [(extreme.metric, extreme.number) for extreme in extremes_of(model, ANA)] == [(D, 2)]
    assert [(extreme.metric, extreme.number) for extreme in extremes_of(model, BEN)] == [(D, 9)]
    assert extremes_of(model, CHI) == extremes_of(model, PersonId("UEVE")) == ()
    given(*CONTESTED).when(explain(BEN)).then(
        recorded(BallotExplained, round=RD1, threat=TH1, metric=D, text="there is a copy")
    )
    given(*CONTESTED).when(explain(CHI)).then_refused(Rejected, "far from the median")


@pytest.mark.parametrize(("text", "kind"), [("  ", ContentMissing), ("x" * 301, TooLong)])
def test_a_sentence_is_short_and_not_empty(text: str, kind: type[Rejected]) -> None:
    given(*CONTESTED).when(explain(BEN, text)).then_refused(kind, "", field="text")


def test_a_sentence_is_shown_at_once_without_its_author() -> None:
    events = decide_all(explain(BEN), after=CONTESTED)
    score = scored(*events).score
    assert score is not None
    assert score.explained == (PublishedExplanation(metric=D, text="there is a copy"),)
    told = timeline(events)[-1]
    assert (told.by, told.text) == ("", "explained an outlying number on TH-1")


def test_the_last_sentence_of_a_person_counts() -> None:
    score = scored(*decide_all(explain(BEN), explain(BEN, "I was wrong"), after=CONTESTED)).score
    assert score is not None
    assert [one.text for one in score.explained] == ["I was wrong"]


def test_after_the_second_vote_the_ends_of_a_contested_metric_are_no_longer_asked() -> None:
    events = decide_all(*(ballot_of(one, 7, round=RD2) for one in VOTERS), after=CONTESTED)
    given(*events).when(explain(BEN)).then_refused(Rejected, "far from the median")


FIVE = (ANA, BEN, CHI, DEE, PersonId("UEVE"))


def ended_with(*damage: int) -> list[RecordedEvent]:
    """A round of five that agree on all but the damage."""
    cast = (ballot_of(who, number, 5, 5, 5, 5) for who, number in zip(FIVE, damage, strict=True))
    return decide_all(*cast, after=open_round(TH1, voters=FIVE))


def test_a_single_number_far_from_the_median_is_explained_and_not_contested() -> None:
    events = ended_with(3, 3, 3, 3, 10)
    model = replay(events)
    score = scored(*events).score
    assert score is not None
    assert score.tally.contested == ()
    assert not model.open_rounds()
    assert [(extreme.metric, extreme.number) for extreme in extremes_of(model, FIVE[4])] == [(D, 10)]
    assert all(extremes_of(model, one) == () for one in FIVE[:4])

    explained = decide_all(explain(FIVE[4], "The backup is in the same place"), after=events)

    after = scored(*explained).score
    assert after is not None
    assert after.explained == (PublishedExplanation(metric=D, text="The backup is in the same place"),)
    assert timeline(explained)[-1].by == ""


@pytest.mark.parametrize(("damage", "asked"), [((3, 3, 3, 3, 7), ()), ((3, 3, 3, 3, 8), (8,))])
def test_a_number_is_far_from_the_median_from_five_on(
    damage: tuple[int, ...], asked: tuple[int, ...]
) -> None:
    model = replay(ended_with(*damage))
    assert tuple(extreme.number for extreme in extremes_of(model, FIVE[4])) == asked


def test_a_new_round_on_the_threat_ends_the_questions_about_the_last_one() -> None:
    events = decide_all(open_round_command(TH1, at=at(20), voters=FIVE), after=ended_with(3, 3, 3, 3, 10))
    assert extremes_of(replay(events), FIVE[4]) == ()
    given(*events).when(explain(FIVE[4])).then_refused(Rejected, "far from the median")


def test_of_a_metric_that_stays_sealed_no_one_is_asked() -> None:
    cast = [ballot_of(ANA, 1), *(ballot_of(one, None, 5, 5, 5, 5) for one in (BEN, CHI)), ballot_of(DEE, 10)]
    model = replay(decide_all(*cast, after=open_round(TH1)))
    assert all(extreme.metric is not D for who in VOTERS for extreme in extremes_of(model, who))
