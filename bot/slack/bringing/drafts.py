"""Remembers what was read from files until it is imported, a day at most."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import structlog

from bot.formats.preview import Preview
from bot.store import Connections, HistoryUnreadable
from bot.store.codec import Codec
from domain.elements import ChannelId, PersonId
from domain.events import EVENT_TYPES, Event

log = structlog.get_logger()

KEPT = timedelta(days=1)
"""How long somebody may think about it."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What one person would import into one channel: the file by its SHA-256, what is seen, the events."""

    channel: ChannelId
    person: PersonId
    digest: str
    preview: Preview
    events: tuple[Event, ...]
    at: datetime


class Drafts:
    """The drafts of one workspace; raises StoreUnavailable like every store."""

    def __init__(self, database: Connections, tenant: str) -> None:
        self._database = database
        self._tenant = tenant
        self._codec = Codec()

    def keep(self, draft: Draft) -> None:
        """Remember a draft in place of an earlier one of the same file."""
        row = (
            *(self._tenant, draft.channel, draft.person, draft.digest),
            msgspec.json.encode(draft.preview).decode(),
            msgspec.json.encode([_line(self._codec, event) for event in draft.events]),
            draft.at.isoformat(),
        )
        with self._database.writing() as connection:
            connection.execute(_KEEP, row)

    def find(self, channel: ChannelId, person: PersonId, digest: str) -> Draft | None:
        """The draft of a file; None where there is none (any more), or another release wrote it."""
        with self._database.explained():
            row = self._database.here().execute(_FIND, (self._tenant, channel, person, digest)).fetchone()
        if row is None:
            return None
        preview, events, at = row
        try:
            return Draft(
                channel=channel,
                person=person,
                digest=digest,
                preview=msgspec.json.decode(preview, type=Preview),
                events=self._events(msgspec.json.decode(events, type=list[_Line])),
                at=datetime.fromisoformat(at),
            )
        except (HistoryUnreadable, msgspec.ValidationError) as fault:
            log.warning("draft of another release", fault=str(fault))
            return None

    def forget(self, channel: ChannelId, person: PersonId, digest: str) -> None:
        """It was imported."""
        with self._database.writing() as connection:
            connection.execute(_FORGET, (self._tenant, channel, person, digest))

    def forget_old(self, now: datetime) -> None:
        """Whoever has not imported it by now does not want it."""
        with self._database.writing() as connection:
            connection.execute(_FORGET_OLD, (self._tenant, (now - KEPT).isoformat()))

    def _events(self, lines: Sequence["_Line"]) -> tuple[Event, ...]:
        read = (self._codec.decode(one.type, one.schema, bytes(one.data)) for one in lines)
        return tuple(event for event in read if isinstance(event, EVENT_TYPES))


class _Line(msgspec.Struct, frozen=True, array_like=True):
    type: str
    schema: int
    data: msgspec.Raw


def _line(codec: Codec, event: Event) -> _Line:
    written = codec.encode(event)
    return _Line(written.type, written.schema, msgspec.Raw(written.data))


_KEEP = """
    INSERT OR REPLACE INTO slack_drafts (tenant, channel, person, digest, preview, events, at)
    VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_FIND = """
    SELECT preview, events, at FROM slack_drafts
    WHERE tenant = ? AND channel = ? AND person = ? AND digest = ?
"""
_FORGET = "DELETE FROM slack_drafts WHERE tenant = ? AND channel = ? AND person = ? AND digest = ?"
_FORGET_OLD = "DELETE FROM slack_drafts WHERE tenant = ? AND at < ?"
