"""From two results of the same metric no one can work out who gave which number."""

import random
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.commands import LeaveRound, SnoozeReminder
from domain.dread.metrics import Metric
from domain.events import BallotCast, RecordedEvent
from domain.history import timeline
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.voting_round import RoundId
from domain.register import register
from domain.reminder_deliveries import Delivery, DeliveryState, ReminderKey
from domain.reminders import Occasion, Reachability, Reminder, plan_reminders
from domain.replay import replay
from domain.voting.turnout import turnouts
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
from tests.domain.test_sealed import everything_shown, everything_shown_to_all
from tests.domain.voting_story import CONTESTED, OPENED, RD1, RD2, VOTERS, ballot_of
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all
from tests.formats.export_sources import export_all_formats


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
@given(st.integers(), st.integers(3, 5), st.randoms(use_true_random=False))
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
            given = [actual[place] for place in places]
            chance.shuffle(given)
            mixed |= dict(zip(places, given, strict=True))
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
        (nudge, *_) = [one for one in planned(past, {}) if one.to == BEN]
        failed = Delivery(key=nudge.key, model=nudge.model, to=BEN, state=DeliveryState.FAILED, at=at(12))
        later = planned(past, {nudge.key: failed})
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
