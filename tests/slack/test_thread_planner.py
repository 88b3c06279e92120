"""When the messages of a card's thread are requested because of the card, not because of new events."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from bot.slack.slots.thread_planner import ThreadPlanner
from bot.store import StoreUnavailable, StreamId
from bot.store.records import StreamState
from bot.store.repositories.cards import CardParameters
from bot.store.repositories.deliveries import DeliveryRecord
from domain.events import RecordedEvent
from tests.store.saying import HOUSE


def shown(ts: str, suspended: str | None = None) -> list[DeliveryRecord]:
    """The slots of a model whose card was posted, if it has a timestamp."""
    parameters = msgspec.json.encode(CardParameters(suspension_reason=suspended))
    return [
        DeliveryRecord(
            slot="card/TM-1", sink="channel", stream=HOUSE, place="C1", external_id=ts, parameters=parameters
        )
    ]


class Unannounced:
    """What was announced of a model, and the state of the model, which is further."""

    def announced(self, _: StreamId) -> StreamState:
        return StreamState(version=3, erasures=0)

    def state(self, _: StreamId) -> StreamState:
        return StreamState(version=9, erasures=0)

    def events(self, _: StreamId, after: int) -> list[RecordedEvent]:
        del after
        return []


def planner(summarize: Callable[[StreamId], None]) -> ThreadPlanner:
    unused: Any = None
    model: Any = Unannounced()
    return ThreadPlanner(unused, model, unused, unused, model, touch=unused, summarize=summarize)


def test_a_process_catches_up_once_with_each_post_of_a_card() -> None:
    summarized: list[StreamId] = []
    thread = planner(summarized.append)
    for slots in ([], shown(""), shown("1.1", suspended="is_archived")):
        thread.catch_up(HOUSE, slots)
    assert summarized == [], "there is no card to write below"

    thread.catch_up(HOUSE, shown("1.1"))
    thread.catch_up(HOUSE, shown("1.1"))
    assert summarized == [HOUSE]
    thread.catch_up(HOUSE, shown("2.2"))
    assert summarized == [HOUSE, HOUSE], "the card was posted again"
    thread.catch_up(HOUSE, shown("2.2", suspended="is_archived"))
    thread.catch_up(HOUSE, shown("2.2"))
    assert summarized == [HOUSE, HOUSE, HOUSE], "meanwhile nothing could be requested"


def test_catching_up_that_failed_is_repeated() -> None:
    asked: list[StreamId] = []

    def fail_once(stream: StreamId) -> None:
        asked.append(stream)
        if len(asked) == 1:
            raise StoreUnavailable("the database is away")

    thread = planner(fail_once)
    with pytest.raises(StoreUnavailable):
        thread.catch_up(HOUSE, shown("1.1"))
    thread.catch_up(HOUSE, shown("1.1"))
    thread.catch_up(HOUSE, shown("1.1"))
    assert asked == [HOUSE, HOUSE]
