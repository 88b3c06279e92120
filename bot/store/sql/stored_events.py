"""Events as they are stored, decoded."""

from typing import cast

from bot.store import codec
from bot.store.errors import HistoryUnreadable
from bot.store.records import StreamId, tenant_of
from bot.store.replacements import EventsReplaced, Replacements
from bot.store.sql.database import SqlConnection
from domain.events import Erased, RecordedEvent

_REPLACED = """
    SELECT version, schema, data FROM events
    WHERE tenant = :tenant AND stream = :stream AND type = 'EventsReplaced' AND data IS NOT NULL
    ORDER BY version
"""


def load_replacements(connection: SqlConnection, stream: StreamId) -> Replacements:
    """Return the events in place of erased ones in a stream; raises HistoryUnreadable."""
    rows: list[tuple[int, int, bytes]] = connection.execute(
        _REPLACED, {"tenant": tenant_of(stream), "stream": stream}
    ).fetchall()
    try:
        return codec.decode_replacements(rows)
    except HistoryUnreadable as error:
        raise HistoryUnreadable(f"{stream}, events recorded again: {error}") from error


def stored_event(stored: tuple[str, int, bytes | None], replacement: RecordedEvent | None) -> RecordedEvent:
    """Return an event from its type, schema and data; its replacement if it is erased."""
    kind, schema, data = stored
    if data is None:
        return replacement or Erased()
    event = codec.decode(kind, schema, data)
    return Erased() if isinstance(event, EventsReplaced) else cast("RecordedEvent", event)
