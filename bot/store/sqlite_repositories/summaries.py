"""Remembers what was told in the thread of each card: how far, and in which messages."""

from datetime import datetime

import msgspec

from bot.store import Connections, StreamId
from bot.store.records import StreamState


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a thread: that of a sitting, or of a closing (`first` is its event then).

    `first` and `last` are versions, `until` is the moment of the last, `thread` the card's place. `ts` is
    empty where somebody deleted it, or where nobody knows whether Slack took it.
    """

    stream: StreamId
    first: int
    last: int
    until: datetime
    thread: str
    ts: str = ""
    digest: str = ""


class Summaries:
    """The remembered messages; raises StoreUnavailable like every store."""

    def __init__(self, database: Connections) -> None:
        self._database = database

    def told(self, stream: StreamId) -> StreamState:
        """How far a model is told, and how often it had been erased in then."""
        row = self._one("SELECT version, erasures FROM slack_threads WHERE stream = ?", stream)
        version, erasures = row or (0, 0)
        return StreamState(version=int(version), erasures=int(erasures))

    def tell(self, stream: StreamId, state: StreamState) -> None:
        """Everything is told as it is now."""
        with self._database.writing() as connection:
            connection.execute(_TELL, (stream, state.version, state.erasures))

    def current(self, stream: StreamId) -> Summary | None:
        """The message of the last sitting."""
        row = self._one(f"{_SELECT} WHERE stream = ? AND NOT closing ORDER BY first DESC LIMIT 1", stream)
        return _summary(row) if row else None

    def about(self, stream: StreamId, version: int) -> Summary | None:
        """The message of the sitting in which something was said."""
        within = f"{_SELECT} WHERE stream = ? AND NOT closing AND ? BETWEEN first AND last"
        row = self._one(within, stream, version)
        return _summary(row) if row else None

    def closing(self, stream: StreamId, version: int) -> Summary | None:
        """The message that tells of a closing, if it was tried."""
        row = self._one(f"{_SELECT} WHERE stream = ? AND closing AND first = ?", stream, version)
        return _summary(row) if row else None

    def all(self, stream: StreamId) -> list[tuple[Summary, bool]]:
        """Every message of a thread, and whether it tells of a closing."""
        with self._database.explained():
            rows = self._database.here().execute(_ALL, (stream,)).fetchall()
        return [(_summary(row[:-1]), bool(row[-1])) for row in rows]

    def keep(self, summary: Summary, *, closing: bool = False) -> None:
        """Remember a message as it is now."""
        place = (summary.stream, summary.first, summary.last, summary.until.isoformat())
        shown = (summary.thread, summary.ts, summary.digest)
        with self._database.writing() as connection:
            connection.execute(_KEEP, (*place, *shown, closing))

    def claim(self, announcement: Summary) -> bool:
        """Note that a message is about to be posted that tells of one event; whether it is ours to do."""
        one = announcement
        place = (one.stream, one.first, one.last, one.until.isoformat())
        with self._database.writing() as connection:
            found = connection.execute(_CLAIM, (*place, one.thread, one.ts, one.digest, True))
            return found.rowcount > 0

    def forget(self, summary: Summary, *, closing: bool = False) -> None:
        """Slack did not take a message."""
        with self._database.writing() as connection:
            connection.execute(_FORGET, (summary.stream, summary.first, closing))

    def _one(self, sql: str, *values: str | int) -> tuple[str, ...] | None:
        with self._database.explained():
            return self._database.here().execute(sql, values).fetchone()


def _summary(row: tuple[str, ...]) -> Summary:
    stream, first, last, until, thread, ts, digest = row
    return Summary(
        stream=StreamId(stream),
        first=int(first),
        last=int(last),
        until=datetime.fromisoformat(until),
        thread=thread,
        ts=ts,
        digest=digest,
    )


_SELECT = "SELECT stream, first, last, until, thread, ts, digest FROM slack_summaries"
_TELL = "INSERT OR REPLACE INTO slack_threads (stream, version, erasures) VALUES (?, ?, ?)"
_ALL = """
    SELECT stream, first, last, until, thread, ts, digest, closing FROM slack_summaries
    WHERE stream = ? ORDER BY first, closing
"""
_KEEP = """
    INSERT OR REPLACE INTO slack_summaries (stream, first, last, until, thread, ts, digest, closing)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_CLAIM = """
    INSERT OR IGNORE INTO slack_summaries (stream, first, last, until, thread, ts, digest, closing)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_FORGET = "DELETE FROM slack_summaries WHERE stream = ? AND first = ? AND closing = ?"
