"""Replicas that are suspended, slow or killed at critical moments, and their recovery."""

from collections.abc import Generator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bot.commands.command_handler import CommandHandler
from bot.delivery.slot_kinds import PostPlace
from bot.sandbox.api import TEAM_ID
from bot.slack.protocol.web_api_client import ApiRefused
from bot.store import HistoryUnreadable, StoreUnavailable, StreamId, open_store
from bot.store.reminder_store import ReminderAttempt, ReminderStore
from domain.model import ThreatModel
from domain.reminder_deliveries import DeliveryState, ReminderKey, ReminderSent
from tests.fresh_database import copy_fresh_file
from tests.queue_rows import claims_of, take_over
from tests.reminders.manual_replicas import (
    AGAIN,
    SLOW,
    ManualClocks,
    ProcessKilled,
    ReminderTestbed,
    do_nothing,
)
from tests.reminders.reminder_story import MODEL


@pytest.fixture
def watch() -> ManualClocks:
    return ManualClocks()


@pytest.fixture
def office(tmp_path: Path, watch: ManualClocks) -> Generator[ReminderTestbed]:
    copy_fresh_file(tmp_path / "reminders.db")
    store = open_store(f"sqlite:///{tmp_path / 'reminders.db'}")
    yield ReminderTestbed(store, watch)
    store.close()


def test_a_replica_suspended_before_the_last_check_sends_nothing(
    office: ReminderTestbed, watch: ManualClocks
) -> None:
    (nudging, desk), (other, _) = office.replica(), office.replica()
    desk.before_last_look = other.take_over
    nudging.tick()
    assert (office.slack.posted, office.states()) == (1, [DeliveryState.SENT])
    assert office.slack.looked == 1, "the other one looked for it first"


def test_a_slow_replica_sends_if_its_claim_was_not_taken_over(
    office: ReminderTestbed, watch: ManualClocks
) -> None:
    (nudging, desk), (other, _) = office.replica(), office.replica()

    def slow() -> None:
        other.tick()
        watch.seconds += SLOW
        other.tick()

    desk.before_last_look = desk.after_last_look = slow
    nudging.tick()
    assert (office.slack.posted, office.slack.looked, office.states()) == (1, 0, [DeliveryState.SENT])


def test_a_replica_with_a_stopped_clock_sends_nothing_that_was_taken_over(office: ReminderTestbed) -> None:
    nudging, desk = office.replica()

    def suspended() -> None:
        (claim,) = claims_of(office.queue, TEAM_ID)
        take_over(office.queue, claim)

    desk.before_last_look = suspended
    nudging.tick()
    assert office.slack.posted == 0


def test_a_replica_suspended_between_check_and_post_deletes_its_message(
    office: ReminderTestbed, watch: ManualClocks
) -> None:
    (nudging, desk), (other, _) = office.replica(), office.replica()
    desk.after_last_look = other.take_over
    nudging.tick()
    assert sorted(office.slack.there) == ["1.0", "2.0"], "nobody can prevent that"
    nudging.tick()
    assert sorted(office.slack.there) == ["1.0"], "the one that the record tells of"


def test_a_completed_item_does_not_prevent_the_deletion_of_its_duplicate(
    office: ReminderTestbed, watch: ManualClocks
) -> None:
    (nudging, desk), (other, _) = office.replica(), office.replica()
    office.also("U0BEN")

    def stopped() -> None:
        office.drop("MI-2")
        other.take_over()

    desk.after_last_look = stopped
    nudging.tick()
    assert [len(keys) for _, keys in sorted(office.slack.there.items())] == [1, 2]
    nudging.tick()
    assert sorted(office.slack.there) == ["1.0"]


def test_a_message_found_by_another_replica_is_not_deleted(
    office: ReminderTestbed, watch: ManualClocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    (nudging, _), (other, _) = office.replica(), office.replica()
    posted = office.slack.post

    def post(keys: tuple[ReminderKey, ...]) -> PostPlace:
        told = posted(keys)
        other.take_over()  # stopped before it was told so
        return told

    monkeypatch.setattr(office.slack, "post", post)
    nudging.tick()
    nudging.tick()
    assert sorted(office.slack.there) == ["1.0"]
    assert office.states() == [DeliveryState.SENT]


def test_a_message_that_may_still_be_found_is_not_deleted(
    office: ReminderTestbed, watch: ManualClocks
) -> None:
    (nudging, desk), (other, beside) = office.replica(), office.replica()

    def ended() -> None:
        raise ProcessKilled

    def stopped() -> None:
        beside.before_find = ended
        with pytest.raises(ProcessKilled):
            other.take_over()

    desk.after_last_look = stopped
    nudging.tick()
    assert (sorted(office.slack.there), office.states()) == (["1.0"], [DeliveryState.CLAIMED])
    nudging.tick()
    assert (sorted(office.slack.there), office.states()) == (["1.0"], [DeliveryState.SENT]), "it knows it"
    third, _ = office.replica()
    third.take_over()
    nudging.tick()
    assert (sorted(office.slack.there), office.states()) == (["1.0"], [DeliveryState.SENT])


def test_a_replica_killed_after_taking_over_leaves_the_work_to_a_third(
    office: ReminderTestbed, watch: ManualClocks
) -> None:
    (nudging, desk), (other, beside), (third, _) = (office.replica() for _ in range(3))

    def ended() -> None:
        raise ProcessKilled

    desk.after_last_look = beside.before_find = ended
    with pytest.raises(ProcessKilled):
        nudging.tick()
    with pytest.raises(ProcessKilled):
        other.take_over()
    third.tick()
    watch.seconds += 5
    third.tick()
    assert office.slack.posted == 0, "nobody knows that the other one has ended"
    third.take_over()
    assert (office.slack.posted, office.slack.looked, office.states()) == (1, 1, [DeliveryState.SENT])


def test_a_result_refused_by_a_busy_database_is_recorded_by_the_next_attempt(
    office: ReminderTestbed, watch: ManualClocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    nudging, _ = office.replica()
    settle, tries = ReminderStore.settle, list[bool]()

    def busy(self: ReminderStore, attempt: ReminderAttempt, events: Sequence[ReminderSent]) -> bool:
        tries.append(True)
        if len(tries) == 1:
            raise StoreUnavailable("busy")
        return settle(self, attempt, events)

    monkeypatch.setattr(ReminderStore, "settle", busy)
    nudging.tick()
    assert office.states() == [DeliveryState.CLAIMED]
    watch.seconds += AGAIN
    nudging.tick()
    assert (office.slack.posted, office.slack.looked, office.states()) == (1, 0, [DeliveryState.SENT])


def test_a_result_that_repeatedly_cannot_be_recorded_delays_no_one_else(
    office: ReminderTestbed, watch: ManualClocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    nudging, _ = office.replica()
    office.also("U0CHI")
    settle = ReminderStore.settle

    def broken(self: ReminderStore, attempt: ReminderAttempt, events: Sequence[ReminderSent]) -> bool:
        if attempt.place == "U0BEN":
            raise ValueError("nobody foresaw this")
        return settle(self, attempt, events)

    with monkeypatch.context() as broken_down:
        broken_down.setattr(ReminderStore, "settle", broken)
        nudging.tick()
        watch.seconds += AGAIN
        nudging.tick()
        assert sorted(office.states()) == [DeliveryState.CLAIMED, DeliveryState.SENT]
    watch.seconds += 2 * AGAIN
    nudging.tick()
    assert (office.slack.posted, office.states()) == (2, [DeliveryState.SENT] * 2)


def test_an_unreadable_model_does_not_block_reminders_of_other_models(
    office: ReminderTestbed, watch: ManualClocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    (nudging, _), other = office.replica(), office.elsewhere()
    model, damaged, read = CommandHandler.model, StreamId(f"{TEAM_ID}/{MODEL}"), list[StreamId]()

    def unreadable(self: CommandHandler, stream: StreamId) -> ThreatModel:
        read.append(stream)
        if stream == damaged:
            raise HistoryUnreadable("an event is damaged")
        return model(self, stream)

    with monkeypatch.context() as while_it_is:
        while_it_is.setattr(CommandHandler, "model", unreadable)
        nudging.tick()
        nudging.tick()
        assert (office.states(), office.states(other)) == ([], [DeliveryState.SENT])
        assert read.count(damaged) == 1, "not at every look"
    watch.seconds += AGAIN
    nudging.tick()
    assert office.states() == [DeliveryState.SENT]


def test_a_message_that_cannot_be_rendered_delays_no_one_else(
    office: ReminderTestbed, watch: ManualClocks
) -> None:
    nudging, desk = office.replica()
    office.also("U0CHI")

    def broken() -> None:
        desk.before_last_look = do_nothing
        raise ValueError("too long a name")

    desk.before_last_look = broken
    nudging.tick()
    assert sorted(office.states()) == [DeliveryState.CLAIMED, DeliveryState.SENT]
    watch.seconds += AGAIN
    nudging.tick()
    assert office.states() == [DeliveryState.SENT] * 2


def test_items_due_in_several_models_are_joined_into_one_message(office: ReminderTestbed) -> None:
    (nudging, _), other = office.replica(), office.elsewhere()
    nudging.tick()
    assert [len(keys) for keys in office.slack.there.values()] == [2]
    assert (office.states(), office.states(other)) == ([DeliveryState.SENT], [DeliveryState.SENT])


def test_a_rate_limit_pauses_all_messages_to_the_same_person(
    office: ReminderTestbed, watch: ManualClocks
) -> None:
    nudging, _ = office.replica()
    office.slack.refusals = [ApiRefused("ratelimited", retry_after=30)]
    nudging.tick()
    assert office.states() == [DeliveryState.HELD_BACK]
    other = office.elsewhere()
    other_nudging, _ = office.replica()
    for seconds in (0, 29):
        watch.seconds += seconds
        office.now += timedelta(seconds=seconds)
        nudging.tick()
        other_nudging.tick()
        assert (office.slack.posted, office.states(other)) == (0, [])
    watch.seconds += 2
    office.now += timedelta(seconds=2)
    nudging.tick()
    assert [len(keys) for keys in office.slack.there.values()] == [2], "both in one message"


def test_a_process_with_a_slow_clock_does_not_overtake_rate_limited_work(
    office: ReminderTestbed, watch: ManualClocks
) -> None:
    nudging, _ = office.replica()
    office.slack.refusals = [ApiRefused("ratelimited", retry_after=30)]
    office.now += timedelta(seconds=60)
    nudging.tick()
    other = office.elsewhere()
    watch.seconds += 31
    nudging.tick()
    assert office.states(other) == [], "by this clock it waits for another half minute"
    office.now += timedelta(seconds=31)
    nudging.tick()
    assert [len(keys) for keys in office.slack.there.values()] == [2]


@pytest.mark.parametrize(
    ("code", "edited"),
    [("is_archived", ["1.0"]), ("no code of today", ["1.0"]), ("msg_too_long", []), ("user_disabled", [])],
)
def test_a_message_that_cannot_be_edited_now_is_edited_later(
    office: ReminderTestbed, watch: ManualClocks, code: str, edited: list[str]
) -> None:
    nudging, _ = office.replica()
    nudging.tick()
    assert office.slack.edited == []
    office.slack.refusals.append(ApiRefused(code))
    office.doubt()
    nudging.tick()
    watch.seconds += AGAIN + 1
    nudging.tick()
    assert (office.slack.refusals, office.slack.edited) == ([], edited)
