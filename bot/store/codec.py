"""Encoding of events, and decoding of events that any earlier version wrote."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import cast, get_args

import msgspec

from bot.store.errors import HistoryUnreadable
from bot.store.records import StorableEvent
from bot.store.replacements import EventsReplaced, Replacements
from bot.store.upcasters import UPCASTERS, Plain, Upcaster
from domain.events import RecordedEvent

STORED_TYPES: tuple[type[StorableEvent], ...] = get_args(StorableEvent)


class Encoded(msgspec.Struct, frozen=True, kw_only=True):
    """Stored form of an event: type name, schema version, and JSON."""

    type: str
    schema: int
    data: bytes


@cache
def _decoders() -> tuple[msgspec.json.Decoder[StorableEvent], msgspec.json.Decoder[list[StorableEvent]]]:
    # They have no state between calls, and creating them takes milliseconds for so many types.
    return msgspec.json.Decoder(StorableEvent), msgspec.json.Decoder(list[StorableEvent])


class Codec:
    """Encoder and decoder of events in all of their schemas."""

    def __init__(self, upcasters: Mapping[str, tuple[Upcaster, ...]] = UPCASTERS) -> None:
        self._upcasters = upcasters
        self._names: dict[type[StorableEvent], str] = {kind: _tag(kind) for kind in STORED_TYPES}
        self._schemas = {name: len(upcasters.get(name, ())) + 1 for name in self._names.values()}
        self._newest = {kind: self._schemas[name] for kind, name in self._names.items()}
        self._newest[EventsReplaced] = _NEVER_IN_A_PAGE
        self._encoder = msgspec.json.Encoder(order="deterministic")
        self._decoder, self._page_decoder = _decoders()
        self._plain = msgspec.json.Decoder(dict[str, object])

    def schemas(self) -> Mapping[str, int]:
        """Return the newest schema version of every event type, by name."""
        return self._schemas

    def encode(self, event: StorableEvent) -> Encoded:
        """Encode an event under its newest schema."""
        name = self._names[type(event)]
        return Encoded(type=name, schema=self._schemas[name], data=self._encoder.encode(event))

    def decode(self, name: str, schema: int, data: bytes | str) -> StorableEvent:
        """Decode a stored event; raises HistoryUnreadable."""
        newest = self._schemas.get(name)
        if newest is None or schema > newest:
            raise HistoryUnreadable(
                f"an event of type {name}, version {schema}, comes from a newer release. Install that release"
            )
        try:
            if schema == newest:
                return self._decoder.decode(data)
            return self._upcast(name, schema, self._plain.decode(data))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise HistoryUnreadable(f"an event of type {name} is damaged: {error}") from error

    def decode_page(
        self, schemas: tuple[int, ...], encoded: tuple[bytes | None, ...]
    ) -> list[StorableEvent] | None:
        """Decode many events together, a third faster; None if they must be decoded one by one.

        That is the case if one of them is erased, damaged, of an earlier schema, or stands for erased ones.
        """
        try:
            page = self._page_decoder.decode(b"[" + b",".join(cast("tuple[bytes, ...]", encoded)) + b"]")
        except (msgspec.MsgspecError, TypeError):
            return None
        return page if tuple(map(self._newest.__getitem__, map(type, page))) == schemas else None

    def decode_replacements(self, rows: Iterable[tuple[int, int, bytes]]) -> Replacements:
        """Decode the records of replaced events of a stream, each with its version and schema."""
        events: dict[int, RecordedEvent] = {}
        versions: list[int] = []
        for version, schema, data in rows:
            record = self.decode(_tag(EventsReplaced), schema, data)
            versions.append(version)
            for one in record.events if isinstance(record, EventsReplaced) else ():
                events[one.version] = cast("RecordedEvent", self.decode(one.type, one.schema, one.data))
        return Replacements(events=events, recorded_in=tuple(versions))

    def _upcast(self, name: str, schema: int, event: Plain) -> StorableEvent:
        try:
            for step in self._upcasters[name][schema - 1 :]:
                event = step(event)
        except (KeyError, TypeError, AttributeError) as error:
            raise HistoryUnreadable(f"an event of type {name} is damaged: {error!r}") from error
        return msgspec.convert(event, StorableEvent)


def read_event(name: str, schema: int, data: bytes) -> StorableEvent:
    """Decode an event from outside the store as the store would; raises ValueError."""
    try:
        return Codec().decode(name, schema, data)
    except HistoryUnreadable as fault:
        raise ValueError(str(fault)) from None


_NEVER_IN_A_PAGE = 0
"""A schema that no event has."""


def _tag(kind: type[StorableEvent]) -> str:
    tag = kind.__struct_config__.tag
    if not isinstance(tag, str):
        raise TypeError(f"{kind.__name__} needs a tag of its own: history outlives the names of classes")
    return tag
