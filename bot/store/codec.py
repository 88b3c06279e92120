"""Encoding of events in the one format of this release, and their decoding."""

from collections.abc import Iterable
from functools import cache
from typing import Final, cast, get_args

import msgspec

from bot.store.errors import HistoryUnreadable
from bot.store.records import StorableEvent
from bot.store.replacements import EventsReplaced, Replacements
from domain.events import RecordedEvent

FORMAT: Final = 2
"""The format of events, stored with each, and that of event files; development versions had 1."""

STORED_TYPES: tuple[type[StorableEvent], ...] = get_args(StorableEvent)


class Encoded(msgspec.Struct, frozen=True, kw_only=True):
    """Stored form of an event: type name, format, and JSON."""

    type: str
    schema: int
    data: bytes


@cache
def _decoders() -> tuple[msgspec.json.Decoder[StorableEvent], msgspec.json.Decoder[list[StorableEvent]]]:
    # They have no state between calls, and creating them takes milliseconds for so many types.
    return msgspec.json.Decoder(StorableEvent), msgspec.json.Decoder(list[StorableEvent])


def encode(event: StorableEvent) -> Encoded:
    """Encode an event."""
    return Encoded(type=_NAMES[type(event)], schema=FORMAT, data=_ENCODER.encode(event))


def decode(name: str, schema: int, data: bytes | str) -> StorableEvent:
    """Decode a stored event; raises HistoryUnreadable."""
    if name not in _KNOWN or schema != FORMAT:
        raise HistoryUnreadable(
            f"an event of type {name}, format {schema}, comes from a newer release. Install that release"
        )
    try:
        return _decoders()[0].decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise HistoryUnreadable(f"an event of type {name} is damaged: {error}") from error


def decode_page(schemas: tuple[int, ...], encoded: tuple[bytes | None, ...]) -> list[StorableEvent] | None:
    """Decode many events together, a third faster; None if they must be decoded one by one.

    That is the case if one of them is erased, damaged, of another format, or stands for erased ones.
    """
    try:
        page = _decoders()[1].decode(b"[" + b",".join(cast("tuple[bytes, ...]", encoded)) + b"]")
    except (msgspec.MsgspecError, TypeError):
        return None
    is_complete = len(page) == schemas.count(FORMAT) == len(schemas)
    return page if is_complete and EventsReplaced not in map(type, page) else None


def decode_replacements(rows: Iterable[tuple[int, int, bytes]]) -> Replacements:
    """Decode the records of replaced events of a stream, each with its version and format."""
    events: dict[int, RecordedEvent] = {}
    versions: list[int] = []
    for version, schema, data in rows:
        record = decode(_tag(EventsReplaced), schema, data)
        versions.append(version)
        for replaced in record.events if isinstance(record, EventsReplaced) else ():
            event = decode(replaced.type, replaced.schema, replaced.data)
            events[replaced.version] = cast("RecordedEvent", event)
    return Replacements(events=events, recorded_in=tuple(versions))


def read_event(name: str, data: bytes) -> StorableEvent:
    """Decode an event from outside the store as the store would; raises ValueError."""
    try:
        return decode(name, FORMAT, data)
    except HistoryUnreadable as fault:
        raise ValueError(str(fault)) from None


def _tag(kind: type[StorableEvent]) -> str:
    tag = kind.__struct_config__.tag
    if not isinstance(tag, str):
        raise TypeError(f"{kind.__name__} needs a tag of its own: history outlives the names of classes")
    return tag


_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_NAMES: Final = {kind: _tag(kind) for kind in STORED_TYPES}
_KNOWN: Final = frozenset(_NAMES.values())
