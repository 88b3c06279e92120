"""A nudge is claimed by one process, told once, and looked for again when time or people say so."""

from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.store import Store, StreamId
from bot.store.nudges import Claim, NudgeStore, Planned
from domain.deliveries import DeliveryState, NudgeKey, NudgeSent, NudgeSkipped, WhyNot
from domain.elements import ModelKey, PersonId
from domain.reminders import Nudge, Occasion
from tests.store.saying import HOUSE, TENANT, asset, say, started

BEN = PersonId("U2")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DAY = date(2026, 11, 24)


@pytest.fixture
def nudges(store: Store) -> NudgeStore:
    say(store, started())
    return store.unit(TENANT).nudges


def nudge(number: int = 1, *, to: PersonId = BEN, due: datetime = NOON) -> Nudge:
    return Nudge(
        key=NudgeKey(f"TM-1:{to}:overdue:MI-{number}:2026-11-20+3"),
        model=ModelKey("TM-1"),
        to=to,
        occasion=Occasion.OVERDUE,
        subject=f"MI-{number}",
        occurs=due,
        due=due,
    )


def planned(nudges: NudgeStore, at: datetime = NOON) -> Planned:
    return Planned(at=at, sequence=nudges.recorded())


def claimed(
    nudges: NudgeStore, *some: Nudge, now: datetime = NOON, plan: Planned | None = None
) -> Claim | None:
    plan = plan or planned(nudges, now)
    return nudges.claim(some, place=BEN, day=DAY, planned=plan, now=now, overtaken=())


def put_off(claim: Claim, *, at: datetime = NOON, until: datetime) -> NudgeSkipped:
    return NudgeSkipped(
        at=at, to=BEN, keys=claim.keys, models=claim.models, why=WhyNot.SLOW_DOWN, until=until
    )


def sent(claim: Claim, *, at: datetime = NOON) -> NudgeSent:
    return NudgeSent(at=at, to=claim.to, keys=claim.keys, channel="D1", ts="1.1")


def states(nudges: NudgeStore) -> list[DeliveryState]:
    return [one.state for one in nudges.of(ModelKey("TM-1")).values()]


def test_of_two_that_claim_one_persons_day_one_sends(nudges: NudgeStore) -> None:
    first, second = claimed(nudges, nudge()), claimed(nudges, nudge())
    assert first is not None
    assert second is None


def test_what_was_sent_is_not_claimed_again_and_what_was_not_is(nudges: NudgeStore) -> None:
    first = claimed(nudges, nudge(1))
    assert first is not None
    assert nudges.settle(first, [sent(first)])
    again = claimed(nudges, nudge(1), nudge(2))
    assert again is not None
    assert again.keys == (nudge(2).key,)


def test_while_a_message_is_under_way_none_to_the_same_person_overtakes_it(nudges: NudgeStore) -> None:
    first = claimed(nudges, nudge(1))
    assert claimed(nudges, nudge(2)) is None
    assert first is not None
    nudges.settle(first, [sent(first)])
    assert claimed(nudges, nudge(2)) is not None


def test_while_a_message_waits_for_slack_none_to_the_same_person_overtakes_it(nudges: NudgeStore) -> None:
    first = claimed(nudges, nudge(1))
    assert first is not None
    until = NOON + timedelta(minutes=1)
    nudges.settle(first, [put_off(first, until=until)])
    assert claimed(nudges, nudge(2)) is None
    assert claimed(nudges, nudge(1), nudge(2), now=until) is not None


@pytest.mark.parametrize("behind", [-1, 0, 1], ids=["stamped before", "at once", "stamped after"])
def test_what_was_planned_while_another_message_was_under_way_does_not_overtake_it_when_it_is_put_off(
    nudges: NudgeStore, behind: int
) -> None:
    first = claimed(nudges, nudge(1))
    assert first is not None
    # What is told gets its moment before it is recorded: the plan may be made in between.
    plan, over = planned(nudges, NOON), NOON + timedelta(seconds=2)
    nudges.settle(first, [put_off(first, at=NOON + timedelta(seconds=behind), until=over)])
    assert claimed(nudges, nudge(2), plan=plan, now=over) is None
    again = claimed(nudges, nudge(1), nudge(2), now=over)
    assert again is not None
    assert again.keys == (nudge(1).key, nudge(2).key)


def test_what_was_planned_before_another_message_turned_out_to_be_early_does_not_overtake_it(
    nudges: NudgeStore,
) -> None:
    # Claimed by a process whose clock is ahead, which died; taken over by one whose clock is not.
    first = claimed(nudges, nudge(1))
    assert first is not None
    plan, over = planned(nudges), NOON + timedelta(seconds=2)
    early = NudgeSkipped(
        at=NOON, to=BEN, keys=first.keys, models=first.models, why=WhyNot.QUIET_HOURS, until=over
    )
    nudges.settle(first, [early])
    assert claimed(nudges, nudge(2), plan=plan, now=over) is None
    assert claimed(nudges, nudge(1), nudge(2), now=over) is not None


def test_what_waits_for_working_hours_keeps_nothing_else_waiting(nudges: NudgeStore) -> None:
    nudges.hold([nudge(1, due=NOON + timedelta(hours=20))], place=BEN, day=DAY, now=NOON)
    assert claimed(nudges, nudge(2)) is not None


def test_what_another_process_claims_in_the_moment_of_a_claim_is_not_overtaken(
    store: Store, nudges: NudgeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, before = store.exclusively, list[Claim | None]()

    def faster(tenant: str) -> AbstractContextManager[None]:
        monkeypatch.setattr(store, "exclusively", alone)
        before.append(claimed(nudges, nudge(1)))
        return alone(tenant)

    monkeypatch.setattr(store, "exclusively", faster)
    assert claimed(nudges, nudge(2)) is None
    assert before[0] is not None


def test_what_was_planned_while_another_message_waited_does_not_overtake_it_when_the_wait_ends(
    nudges: NudgeStore,
) -> None:
    first = claimed(nudges, nudge(1))
    assert first is not None
    over = NOON + timedelta(seconds=2)
    nudges.settle(first, [put_off(first, until=over)])
    plan = planned(nudges, NOON + timedelta(seconds=1))
    assert claimed(nudges, nudge(2), plan=plan, now=over) is None
    assert claimed(nudges, nudge(1), nudge(2), plan=planned(nudges, over), now=over) is not None


def test_what_was_put_off_and_is_not_due_any_more_keeps_nothing_waiting(nudges: NudgeStore) -> None:
    first = claimed(nudges, nudge(1))
    assert first is not None
    over = NOON + timedelta(seconds=2)
    nudges.settle(first, [put_off(first, until=over)])
    assert claimed(nudges, nudge(2), now=over) is not None


def test_a_clock_that_went_back_keeps_nothing_waiting(nudges: NudgeStore) -> None:
    first = claimed(nudges, nudge(1))
    assert first is not None
    nudges.settle(first, [put_off(first, until=NOON + timedelta(hours=1))])
    assert claimed(nudges, nudge(1), now=NOON - timedelta(days=1)) is not None


def test_a_claim_that_was_taken_over_is_settled_by_its_new_owner_alone(nudges: NudgeStore) -> None:
    first = claimed(nudges, nudge())
    assert first is not None
    taken = nudges.take_over(first, NOON)
    assert taken is not None
    assert nudges.take_over(first, NOON) is None, "of two that watched it one has it"
    assert not nudges.is_held(first)
    assert not nudges.settle(first, [sent(first)])
    assert nudges.settle(taken, [sent(taken)])
    assert states(nudges) == [DeliveryState.SENT]


def test_what_became_of_nudges_is_told_by_events_and_by_rows_alike(store: Store, nudges: NudgeStore) -> None:
    first = claimed(nudges, nudge())
    assert first is not None
    nudges.settle(first, [sent(first)])
    told = [type(one).__name__ for one in store.events(StreamId("T1/nudges/U2/2026-11-24"))]
    assert told == ["NudgeClaimed", "NudgeSent"]
    message = nudges.in_message("D1", "1.1")
    assert [one.delivery.key for one in message] == [nudge().key]
    assert message[0].due == NOON


def test_quiet_hours_are_told_once_for_each_morning_they_end_on(store: Store, nudges: NudgeStore) -> None:
    morning = nudge(due=NOON + timedelta(hours=20))
    for _ in range(2):
        nudges.hold([morning], place=BEN, day=DAY, now=NOON)
    assert len(list(store.events(StreamId("T1/nudges/U2/2026-11-24")))) == 1
    assert states(nudges) == [DeliveryState.HELD_BACK]
    assert claimed(nudges, morning, now=morning.due) is not None


def test_a_model_is_looked_at_when_something_was_said_and_when_it_is_time(
    store: Store, nudges: NudgeStore
) -> None:
    (look,) = nudges.to_look_at(NOON)
    nudges.looked(look, NOON + timedelta(hours=1))
    assert nudges.to_look_at(NOON) == []
    assert len(nudges.to_look_at(NOON + timedelta(hours=1))) == 1
    say(store, asset("Valuables"), expected=1)
    assert len(nudges.to_look_at(NOON)) == 1


def test_what_was_looked_at_while_the_clock_was_ahead_is_looked_at_when_it_is_right_again(
    nudges: NudgeStore,
) -> None:
    (look,) = nudges.to_look_at(NOON)
    nudges.looked(look, NOON + timedelta(days=365))
    (again,) = nudges.to_look_at(NOON)
    nudges.looked(again, NOON + timedelta(days=1))
    assert nudges.to_look_at(NOON) == [], "as late as any look comes"


def test_what_was_said_while_somebody_looked_is_not_forgotten(store: Store, nudges: NudgeStore) -> None:
    (look,) = nudges.to_look_at(NOON)
    say(store, asset("Valuables"), expected=1)
    nudges.looked(look, None)
    assert len(nudges.to_look_at(NOON)) == 1


def test_what_was_settled_while_somebody_looked_is_not_forgotten(nudges: NudgeStore) -> None:
    claim = claimed(nudges, nudge())
    (look,) = nudges.to_look_at(NOON)
    assert claim is not None
    nudges.settle(claim, [sent(claim)])
    nudges.looked(look, None)
    assert len(nudges.to_look_at(NOON)) == 1


def test_an_erased_model_is_looked_at_no_more(store: Store, nudges: NudgeStore) -> None:
    store.erase_stream(HOUSE)
    assert nudges.to_look_at(NOON) == []
