"""The messages in the threads of cards in a SQLite file."""

from datetime import datetime

from bot.store.records import StreamId, StreamState
from bot.store.repositories.summaries import Summary
from bot.store.sqlite_repositories.rows import WorkspaceRows

_TOLD = "SELECT version, erasures FROM slack_threads WHERE tenant = ?1 AND stream = ?2"
_TELL = """
    INSERT OR REPLACE INTO slack_threads (tenant, stream, version, erasures) VALUES (?1, ?2, ?3, ?4)
"""
_FIELDS = "stream, first, last, until, thread, ts, digest"
_OF = f"SELECT {_FIELDS} FROM slack_summaries WHERE tenant = ?1 AND stream = ?2"  # noqa: S608  (our own column names)
_CURRENT = f"{_OF} AND NOT closing ORDER BY first DESC LIMIT 1"
_ABOUT = f"{_OF} AND NOT closing AND ?3 BETWEEN first AND last"
_CLOSING = f"{_OF} AND closing AND first = ?3"
_ALL = f"""
    SELECT {_FIELDS}, closing FROM slack_summaries
    WHERE tenant = ?1 AND stream = ?2 ORDER BY first, closing
"""  # noqa: S608  (our own column names)
_INTO = f"""
    INTO slack_summaries (tenant, {_FIELDS}, closing) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
"""
_KEEP = f"INSERT OR REPLACE {_INTO}"
_CLAIM = f"INSERT OR IGNORE {_INTO}"
_DOUBT = "UPDATE slack_summaries SET digest = '' WHERE tenant = ?1 AND stream = ?2"
_FORGET = "DELETE FROM slack_summaries WHERE tenant = ?1 AND stream = ?2 AND first = ?3 AND closing = ?4"


class SqliteSummaries:
    """Summaries in a file."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def told(self, stream: StreamId) -> StreamState:
        """Return how far a model is told, and how often it had been erased in then."""
        version, erasures = self._rows.one(_TOLD, stream) or (0, 0)
        return StreamState(version=version, erasures=erasures)

    def tell(self, stream: StreamId, state: StreamState) -> None:
        """Note that everything is told as it is now."""
        self._rows.write(_TELL, self._rows.own(stream), state.version, state.erasures)

    def current(self, stream: StreamId) -> Summary | None:
        """Return the message of the last sitting."""
        row = self._rows.one(_CURRENT, stream)
        return _summary(row) if row else None

    def about(self, stream: StreamId, version: int) -> Summary | None:
        """Return the message of the sitting in which something was said."""
        row = self._rows.one(_ABOUT, stream, version)
        return _summary(row) if row else None

    def closing(self, stream: StreamId, version: int) -> Summary | None:
        """Return the message that tells of a closing, if it was tried."""
        row = self._rows.one(_CLOSING, stream, version)
        return _summary(row) if row else None

    def all(self, stream: StreamId) -> list[tuple[Summary, bool]]:
        """Return every message of a thread, and whether it tells of a closing."""
        return [(_summary(row[:-1]), bool(row[-1])) for row in self._rows.all(_ALL, stream)]

    def keep(self, summary: Summary, *, closing: bool = False) -> None:
        """Remember a message as it is now."""
        self._rows.own(summary.stream)
        self._rows.write(_KEEP, *_row(summary), closing)

    def claim(self, announcement: Summary) -> bool:
        """Note that a message is about to be posted that tells of one event; whether it is ours to do."""
        self._rows.own(announcement.stream)
        closing = True
        return self._rows.write(_CLAIM, *_row(announcement), closing) > 0

    def doubt(self, stream: StreamId) -> None:
        """Note that it is not known what the messages of a thread show."""
        self._rows.write(_DOUBT, stream)

    def forget(self, summary: Summary, *, closing: bool = False) -> None:
        """Forget a message that Slack did not take."""
        self._rows.write(_FORGET, summary.stream, summary.first, closing)


def _row(one: Summary) -> tuple[str | int, ...]:
    return (one.stream, one.first, one.last, one.until.isoformat(), one.thread, one.ts, one.digest)


def _summary(row: tuple[str, int, int, str, str, str, str]) -> Summary:
    stream, first, last, until, thread, ts, digest = row
    return Summary(
        stream=StreamId(stream),
        first=first,
        last=last,
        until=datetime.fromisoformat(until),
        thread=thread,
        ts=ts,
        digest=digest,
    )
