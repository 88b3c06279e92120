"""Messages in the thread of each card, by the records of their slots, and the thread's checkpoint."""

from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from bot.store.records import StreamId, StreamState, key_of
from bot.store.repositories.cards import Card
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord
from bot.store.repositories.projections import Projections

SITTING: Final = "sitting"
"""The kind of the slots of messages that sum up what was said in one sitting."""
RESULT: Final = "result"
"""The kind of the slots of messages about one event, which the channel is shown too."""

_THREAD = "thread"


class SittingParameters(msgspec.Struct, frozen=True, kw_only=True):
    """Version and moment of the last event in the message of a sitting."""

    last: int
    until: datetime


class ThreadMessages:
    """Threads of one workspace; raises StoreUnavailable like every store.

    The last part of a slot is the version of the first event of a sitting, or of the event of a result.
    """

    def __init__(self, deliveries: Deliveries, projections: Projections) -> None:
        self._deliveries = deliveries
        self._projections = projections

    def told(self, stream: StreamId) -> StreamState:
        """Return up to which version a model is told, and how often it had been erased in then."""
        return self._projections.find(_THREAD, stream) or StreamState(version=0, erasures=0)

    def tell(self, stream: StreamId, state: StreamState) -> None:
        """Record how far a model is told."""
        self._projections.keep(_THREAD, stream, state)

    def sittings(self, stream: StreamId) -> list[DeliveryRecord]:
        """Return the slots of sittings, the first one first."""
        return sorted(self._deliveries.of_model(stream, SITTING), key=version_of)

    def results(self, stream: StreamId) -> list[DeliveryRecord]:
        """Return the slots of results, the first one first."""
        return sorted(self._deliveries.of_model(stream, RESULT), key=version_of)

    def owed(self, stream: StreamId) -> list[DeliveryRecord]:
        """Return the slots whose messages are not known to be posted, the first one first."""
        every = (*self.sittings(stream), *self.results(stream))
        return [one for one in every if not one.external_id and not one.over]

    def want_sitting(self, card: Card, first: int, known: SittingParameters) -> DeliveryRecord:
        """Add a message that begins with an event."""
        record = _record(card, SITTING, first)
        record = replace(record, of=msgspec.json.encode(known))
        self._deliveries.want(record)
        return record

    def want_results(self, card: Card, versions: list[int]) -> list[DeliveryRecord]:
        """Add messages about events; returns those that are new."""
        return self._deliveries.want(*(_record(card, RESULT, version) for version in versions))

    def extend(self, sitting: DeliveryRecord, known: SittingParameters) -> None:
        """Record how far a sitting goes."""
        self._deliveries.describe(replace(sitting, of=msgspec.json.encode(known)))

    def move(self, record: DeliveryRecord, thread: str) -> None:
        """Record that a message belongs into the thread of another message."""
        self._deliveries.describe(replace(record, thread=thread))


def version_of(record: DeliveryRecord) -> int:
    """Return the version of the event in the slot of a thread's message."""
    return int(record.slot.rpartition("/")[2])


def sitting_of(record: DeliveryRecord) -> SittingParameters:
    """Return how far the message of a sitting goes."""
    return msgspec.json.decode(record.of, type=SittingParameters)


def _record(card: Card, kind: str, version: int) -> DeliveryRecord:
    return DeliveryRecord(
        slot=f"{kind}/{key_of(card.stream)}/{version}",
        sink="thread",
        stream=card.stream,
        place=card.channel,
        thread=card.ts or "",
    )
