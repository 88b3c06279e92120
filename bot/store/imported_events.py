"""Encoding of the events of a stored import."""

from collections.abc import Sequence

import msgspec

from bot.store.codec import Codec
from bot.store.errors import HistoryUnreadable
from domain.events import EVENT_TYPES, Event

_CODEC = Codec()


class _Line(msgspec.Struct, frozen=True, array_like=True):
    type: str
    schema: int
    data: msgspec.Raw


def encode_events(events: Sequence[Event]) -> bytes:
    """Return events as JSON, each with its type and schema version."""
    return msgspec.json.encode([_line(event) for event in events])


def decode_events(data: bytes) -> tuple[Event, ...]:
    """Return encoded events, including those of earlier versions; raises HistoryUnreadable."""
    try:
        lines = msgspec.json.decode(data, type=list[_Line])
    except msgspec.MsgspecError as error:
        raise HistoryUnreadable(f"a stored import: {error}") from error
    read = (_CODEC.decode(one.type, one.schema, bytes(one.data)) for one in lines)
    return tuple(event for event in read if isinstance(event, EVENT_TYPES))


def _line(event: Event) -> _Line:
    written = _CODEC.encode(event)
    return _Line(written.type, written.schema, msgspec.Raw(written.data))
