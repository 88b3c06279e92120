"""A database that was restored to an earlier moment says so, and has everything compared again."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.store import Store, StoreUnavailable, Verified, open_database
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.work_queue import MODEL, Item, Touch
from tests.emptied_database import KEY, empty_database
from tests.queue_rows import claim_one, claims_of, due_subjects
from tests.store.saying import HOUSE, LISTED, NOON, TENANT, say, started

LATER = NOON + timedelta(days=3650)


@pytest.fixture(params=["file", "server"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path}/restored.db" if request.param == "file" else empty_database()
    opened = open_database(url, key=KEY)
    yield opened
    opened.close()


def test_marks_of_messages_get_another_epoch_each_time(store: Store) -> None:
    assert store.unit(TENANT).epoch == ""
    store.mark_restored()
    first = store.unit(TENANT).epoch
    store.mark_restored()

    assert first
    assert store.unit(TENANT).epoch not in ("", first)


def test_what_is_shown_is_unknown_and_every_model_is_looked_at(store: Store) -> None:
    say(store, started(), summary=LISTED)
    slots = store.unit(TENANT).deliveries
    slots.add_missing(DeliveryRecord(slot="card/TM-1", sink="channel", stream=HOUSE, shown="as it was"))
    claim = claim_one(store.work, TENANT, LATER, only=[MODEL])
    assert claim is not None
    store.work.settle(claim)
    assert due_subjects(store.work, TENANT, MODEL, LATER) == []

    assert store.mark_restored() == 1

    card = slots.find("card/TM-1")
    assert card is not None
    assert card.shown == ""
    assert due_subjects(store.work, TENANT, MODEL, LATER) == ["TM-1"]
    assert isinstance(store.verify(), Verified)


def test_claims_of_the_earlier_moment_are_over(store: Store) -> None:
    store.work.touch(Touch(item=Item(TENANT, "card", "TM-1")))
    assert claim_one(store.work, TENANT, LATER) is not None

    store.mark_restored()

    assert claims_of(store.work, TENANT) == []
    assert claim_one(store.work, TENANT, LATER) is not None


def test_a_served_database_is_not_marked() -> None:
    store = open_database(empty_database(), key=KEY)
    with store.serving(), pytest.raises(StoreUnavailable, match="in use by a `threatmodel serve`"):
        store.mark_restored()
    assert store.unit(TENANT).epoch == ""
    store.close()
