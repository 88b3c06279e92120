"""Events recorded again, without some text, in place of erased ones.

An erased event cannot be changed, because the hash chain covers it. What takes its place is recorded at the
end of its stream, and readers find it at the place of the erased event.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from domain.events import RecordedEvent
from domain.kernel.elements import PersonId

EVENTS_AT_A_TIME = 200
"""Events in one record: a page of them stays a small row."""


class ReplacedEvent(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """Stored form of the event that takes the place of an erased version."""

    version: int
    type: str
    schema: int
    data: str


class EventsReplaced(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="EventsReplaced"):
    """Events recorded again in place of erased ones; to readers this record itself is an erased event."""

    by: PersonId
    at: datetime
    events: tuple[ReplacedEvent, ...]


class Replacements(msgspec.Struct, frozen=True, kw_only=True):
    """The events in place of erased ones in a stream, by version, and the versions that record them."""

    events: Mapping[int, RecordedEvent] = {}
    recorded_in: tuple[int, ...] = ()


NO_REPLACEMENTS = Replacements()


def in_records(replaced: Iterable[ReplacedEvent], by: PersonId, at: datetime) -> list[EventsReplaced]:
    """Return the records of some events."""
    every = tuple(replaced)
    starts = range(0, len(every), EVENTS_AT_A_TIME)
    return [EventsReplaced(by=by, at=at, events=every[start : start + EVENTS_AT_A_TIME]) for start in starts]
