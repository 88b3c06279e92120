"""What became of reminders is recorded once, and nothing overtakes a message that may exist."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.store import Store, StreamId
from bot.store.reminder_store import REMINDERS, ReminderAttempt, ReminderStore
from domain.kernel.elements import ModelKey, PersonId
from domain.reminder_deliveries import DeliveryState, ReminderKey, ReminderSent, ReminderSkipped, SkipReason
from domain.reminders import Occasion, Reminder
from tests.queue_rows import due_subjects
from tests.store.saying import TENANT, say, started

BEN = PersonId("U2")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DAY = date(2026, 11, 24)


@pytest.fixture
def reminders(store: Store) -> ReminderStore:
    say(store, started())
    return store.unit(TENANT).reminders


def reminder(number: int = 1, *, to: PersonId = BEN, due: datetime = NOON) -> Reminder:
    return Reminder(
        key=ReminderKey(f"TM-1:{to}:overdue:MI-{number}:2026-11-20+3"),
        model=ModelKey("TM-1"),
        to=to,
        occasion=Occasion.OVERDUE,
        subject=f"MI-{number}",
        occurs=due,
        due=due,
    )


def attempted(reminders: ReminderStore, *some: Reminder, now: datetime = NOON) -> ReminderAttempt | None:
    return reminders.attempt(some, place=BEN, day=DAY, now=now, overtaken=())


def put_off(
    attempt: ReminderAttempt, *, until: datetime, at: datetime = NOON, why: SkipReason = SkipReason.SLOW_DOWN
) -> ReminderSkipped:
    return ReminderSkipped(at=at, to=BEN, keys=attempt.keys, models=attempt.models, why=why, until=until)


def sent(attempt: ReminderAttempt, *, at: datetime = NOON) -> ReminderSent:
    return ReminderSent(at=at, to=attempt.to, keys=attempt.keys, channel="D1", ts="1.1")


def states(reminders: ReminderStore) -> list[DeliveryState]:
    return [one.state for one in reminders.of(ModelKey("TM-1")).values()]


def test_what_was_sent_is_not_attempted_again_and_what_was_not_is(reminders: ReminderStore) -> None:
    first = attempted(reminders, reminder(1))
    assert first is not None
    assert reminders.settle(first, [sent(first)])
    again = attempted(reminders, reminder(1), reminder(2))
    assert again is not None
    assert again.keys == (reminder(2).key,)


def test_while_a_message_may_exist_none_to_the_same_person_overtakes_it(reminders: ReminderStore) -> None:
    first = attempted(reminders, reminder(1))
    assert first is not None
    assert attempted(reminders, reminder(1), reminder(2)) is None
    assert reminders.attempts(BEN) == reminders.attempts() == [first]
    assert reminders.attempts("U3") == []
    reminders.settle(first, [sent(first)])
    assert reminders.attempts(BEN) == []
    assert attempted(reminders, reminder(2)) is not None


def test_what_slack_put_off_is_waited_for_and_what_waits_for_working_hours_is_not(
    reminders: ReminderStore,
) -> None:
    first, over = attempted(reminders, reminder(1)), NOON + timedelta(minutes=1)
    assert first is not None
    reminders.settle(first, [put_off(first, until=over)])
    assert reminders.waits_until(BEN, NOON) == over
    assert reminders.waits_until(BEN, over) is None
    assert reminders.waits_until("U3", NOON) is None
    again = attempted(reminders, reminder(1), now=over)
    assert again is not None
    reminders.settle(again, [put_off(again, until=over + timedelta(hours=9), why=SkipReason.QUIET_HOURS)])
    assert reminders.waits_until(BEN, over) is None
    reminders.hold([reminder(2, due=NOON + timedelta(hours=20))], place=BEN, day=DAY, now=NOON)
    assert reminders.waits_until(BEN, NOON) is None


def test_a_clock_that_went_back_keeps_nothing_waiting(reminders: ReminderStore) -> None:
    first = attempted(reminders, reminder(1))
    assert first is not None
    reminders.settle(first, [put_off(first, until=NOON + timedelta(hours=1))])
    assert reminders.waits_until(BEN, NOON - timedelta(days=1)) is None


def test_an_attempt_is_settled_once(reminders: ReminderStore) -> None:
    first = attempted(reminders, reminder())
    assert first is not None
    assert reminders.settle(first, [sent(first)])
    assert not reminders.settle(first, [put_off(first, until=NOON)])
    assert states(reminders) == [DeliveryState.SENT]


def test_what_became_of_reminders_is_told_by_events_and_by_rows_alike(
    store: Store, reminders: ReminderStore
) -> None:
    first = attempted(reminders, reminder())
    assert first is not None
    reminders.settle(first, [sent(first)])
    told = [type(event).__name__ for event in store.events(StreamId("T1/reminders/U2/2026-11-24"))]
    assert told == ["ReminderClaimed", "ReminderSent"]
    message = reminders.in_message("D1", "1.1")
    assert [one.delivery.key for one in message] == [reminder().key]
    assert message[0].due == NOON


def test_quiet_hours_are_told_once_for_each_morning_they_end_on(
    store: Store, reminders: ReminderStore
) -> None:
    morning = reminder(due=NOON + timedelta(hours=20))
    for _ in range(2):
        reminders.hold([morning], place=BEN, day=DAY, now=NOON)
    assert len(list(store.events(StreamId("T1/reminders/U2/2026-11-24")))) == 1
    assert states(reminders) == [DeliveryState.HELD_BACK]
    assert attempted(reminders, morning, now=morning.due) is not None


def test_a_model_is_planned_again_when_an_attempt_is_settled_and_both_are_kept_or_neither(
    store: Store, reminders: ReminderStore
) -> None:
    first = attempted(reminders, reminder())
    assert first is not None

    def killed_before_it_is_durable() -> None:
        with store.exclusively(TENANT):
            reminders.settle(first, [sent(first)])
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        killed_before_it_is_durable()
    assert (states(reminders), due_subjects(store.work, TENANT, REMINDERS, NOON)) == (
        [DeliveryState.CLAIMED],
        [],
    )
    reminders.settle(first, [sent(first)])
    assert due_subjects(store.work, TENANT, REMINDERS, NOON) == ["TM-1"]
