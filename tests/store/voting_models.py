"""Models with an open round, in a store."""

from msgspec.structs import replace

from bot.store import Store, StreamId
from bot.store.records import summary_of
from domain.events import Erased, RecordedEvent, ThreatModelStarted
from domain.kernel.elements import ModelKey
from domain.replay import replay
from tests.store.saying import say


def keep(store: Store, events: list[RecordedEvent], *, copies: int = 1) -> list[StreamId]:
    """Record a story as it is, as several models."""
    streams: list[StreamId] = []
    for number in range(1, copies + 1):
        key = ModelKey(f"TM-{number}")
        kept = [
            replace(event, key=key) if isinstance(event, ThreatModelStarted) else event
            for event in events
            if not isinstance(event, Erased)
        ]
        streams.append(StreamId(f"T1/{key}"))
        say(store, *kept, stream=streams[-1], summary=summary_of(replay(kept)))
    return streams
