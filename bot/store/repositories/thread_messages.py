"""Messages in the thread of each card, by the records of their slots, and the thread's checkpoint."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from bot.store.records import StreamId, StreamState, key_of
from bot.store.repositories.cards import Card
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord
from bot.store.repositories.projections import Projections

SESSION: Final = "sitting"
"""The kind of the slots of messages that summarize work sessions."""
RESULT: Final = "result"
"""The kind of the slots of messages about one event, which are also shown in the channel."""

_THREAD = "thread"


class SessionParameters(msgspec.Struct, frozen=True, kw_only=True):
    """Version and time of the last event in the message of a session."""

    last: int
    until: datetime


class ThreadMessages:
    """Threads of one workspace; raises StoreUnavailable like every store.

    The last part of a slot is the version of the first event of a session, or of the event of a result.
    """

    def __init__(self, deliveries: Deliveries, projections: Projections) -> None:
        self._deliveries = deliveries
        self._projections = projections

    def announced(self, stream: StreamId) -> StreamState:
        """Return the version up to which a model was announced, and its count of erasures then."""
        return self._projections.find(_THREAD, stream) or StreamState(version=0, erasures=0)

    def record_announced(self, stream: StreamId, state: StreamState) -> None:
        """Record the version up to which a model is announced."""
        self._projections.save(_THREAD, stream, state)

    def sessions(self, stream: StreamId) -> list[DeliveryRecord]:
        """Return the slots of sessions, in order."""
        return sorted(self._deliveries.of_model(stream, SESSION), key=version_of)

    def results(self, stream: StreamId) -> list[DeliveryRecord]:
        """Return the slots of results, in order."""
        return sorted(self._deliveries.of_model(stream, RESULT), key=version_of)

    def unposted(self, stream: StreamId) -> list[DeliveryRecord]:
        """Return the slots whose messages may not be posted, in order."""
        return unposted((*self.sessions(stream), *self.results(stream)))

    def request_session(self, card: Card, first: int, parameters: SessionParameters) -> DeliveryRecord:
        """Add a message that starts with an event."""
        record = _record(card, SESSION, first)
        record = replace(record, parameters=msgspec.json.encode(parameters))
        self._deliveries.add_missing(record)
        return record

    def request_results(self, card: Card, versions: list[int]) -> list[DeliveryRecord]:
        """Add messages about events; return those that are new."""
        return self._deliveries.add_missing(*(_record(card, RESULT, version) for version in versions))

    def extend(self, session: DeliveryRecord, parameters: SessionParameters) -> None:
        """Record the end of a session."""
        self._deliveries.set_parameters(replace(session, parameters=msgspec.json.encode(parameters)))

    def move(self, record: DeliveryRecord, thread: str) -> None:
        """Move a message to the thread of another message."""
        self._deliveries.set_parameters(replace(record, thread=thread))


def unposted(slots: Collection[DeliveryRecord]) -> list[DeliveryRecord]:
    """Return the slots whose thread messages may not be posted: sessions, then results, in order."""
    return [
        one
        for kind in (SESSION, RESULT)
        for one in sorted((slot for slot in slots if slot.kind == kind), key=version_of)
        if not one.external_id and not one.final
    ]


def version_of(record: DeliveryRecord) -> int:
    """Return the version of the event in the slot of a thread message."""
    return int(record.slot.rpartition("/")[2])


def session_of(record: DeliveryRecord) -> SessionParameters:
    """Return the end of a session in the record of its slot."""
    return msgspec.json.decode(record.parameters, type=SessionParameters)


def _record(card: Card, kind: str, version: int) -> DeliveryRecord:
    return DeliveryRecord(
        slot=f"{kind}/{key_of(card.stream)}/{version}",
        sink="thread",
        stream=card.stream,
        place=card.channel,
        thread=card.ts or "",
    )
