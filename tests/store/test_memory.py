"""The store in memory fails when it is told to, and keeps nothing but bytes."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler
from bot.store import CommandKey, StoreUnavailable
from bot.store.memory.database import Moment
from bot.store.memory.memory_store import MemoryStore
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.pending_requests import PendingRequest
from domain.commands import StartThreatModel
from domain.kernel.elements import ChannelId, PersonId
from tests.store.saying import HOUSE, TENANT, say, started, versions

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize("moment", [Moment.BEGIN, Moment.COMMIT])
def test_a_change_that_fails_leaves_nothing(moment: Moment) -> None:
    store = MemoryStore()
    store.database.fail_next(moment)

    with pytest.raises(StoreUnavailable):
        say(store, started())

    assert versions(store) == []
    say(store, started())
    assert versions(store) == [1]


def test_a_read_that_fails_is_told_as_the_database_being_unavailable() -> None:
    store = MemoryStore()
    store.database.fail_next(Moment.READ, times=2)

    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            store.unit(TENANT).cards.all()
    assert store.unit(TENANT).cards.all() == []
    store.check_writable()


def test_what_was_put_in_is_not_changed_from_outside() -> None:
    pending, body = MemoryStore().unit(TENANT).pending, {"text": "as it was"}
    channel = ChannelId("C1")
    pending.save(
        PendingRequest(key="k", channel=channel, person=PersonId("U1"), kind="slash", body=body, at=NOON)
    )
    body["text"] = "changed"

    (kept,) = pending.all()
    assert kept.body == {"text": "as it was"}


def test_what_cannot_be_encoded_is_refused() -> None:
    card = DeliveryRecord(slot="card/TM-1", sink="channel")
    with pytest.raises(TypeError):
        MemoryStore().unit(TENANT).deliveries.put(replace(card, erasures=object()))


def test_commands_are_carried_out_in_memory() -> None:
    store = MemoryStore()
    command_handler = CommandHandler(store, snapshot_every=1)
    start = StartThreatModel(by=PersonId("U1"), at=NOON, name="House", channel=ChannelId("C1"))

    done = command_handler.start(start, tenant=TENANT, key=CommandKey("a"))
    again = command_handler.start(start, tenant=TENANT, key=CommandKey("a"))
    command_handler.close()

    assert (done.stream, again.repeated) == (HOUSE, True)
    assert CommandHandler(store).model(HOUSE) == done.model
