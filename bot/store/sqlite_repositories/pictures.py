"""Remembers the pictures of closed rounds: which were shown, and what of people's words is in them."""

import msgspec

from bot.store import Connections, StreamId


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """A message of its own, in a thread, of which it is not known yet whether a picture belongs to it."""

    version: int
    thread: str


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """The pictures of one round; `version` is that of the event that ended it, `files` are Slack's ids.

    No files: there are none to show, or Slack did not take them. `words` is a digest of what people wrote
    in them, `erasures` how often something of the model had been erased when that was last looked at.
    """

    stream: StreamId
    version: int
    files: tuple[str, ...] = ()
    words: str = ""
    erasures: int = 0


class Pictures:
    """The remembered pictures; raises StoreUnavailable like every store."""

    def __init__(self, database: Connections) -> None:
        self._database = database

    def owed(self, stream: StreamId) -> list[Owed]:
        """The messages of a model that may still lack their pictures, the first one first."""
        with self._database.explained():
            rows = self._database.here().execute(f"{_OWED} AND said.stream = ? ORDER BY first", (stream,))
            return [Owed(version=int(first), thread=thread) for _, first, thread in rows.fetchall()]

    def owing(self) -> set[StreamId]:
        """The models with such messages."""
        with self._database.explained():
            return {StreamId(row[0]) for row in self._database.here().execute(_OWED).fetchall()}

    def of(self, stream: StreamId) -> list[Shown]:
        """What was shown of a model."""
        with self._database.explained():
            rows = self._database.here().execute(_OF, (stream,)).fetchall()
        return [
            Shown(
                stream=stream,
                version=int(version),
                files=tuple(files.split()),
                words=words,
                erasures=int(erasures),
            )
            for version, files, words, erasures in rows
        ]

    def keep(self, shown: Shown) -> None:
        """Remember pictures as they are now."""
        row = (shown.stream, shown.version, " ".join(shown.files), shown.words, shown.erasures)
        with self._database.writing() as connection:
            connection.execute(_KEEP, row)

    def forget(self, shown: Shown) -> None:
        """Nobody sees these pictures: Slack did not take them, or they were taken away."""
        with self._database.writing() as connection:
            connection.execute(_FORGET, (shown.stream, shown.version))


_OWED = """
    SELECT said.stream, said.first, said.thread FROM slack_summaries AS said
    WHERE said.closing AND said.ts <> '' AND NOT EXISTS (
        SELECT 1 FROM slack_pictures AS shown WHERE shown.stream = said.stream AND shown.version = said.first
    )
"""
_OF = "SELECT version, files, words, erasures FROM slack_pictures WHERE stream = ? ORDER BY version"
_KEEP = """
    INSERT OR REPLACE INTO slack_pictures (stream, version, files, words, erasures) VALUES (?, ?, ?, ?, ?)
"""
_FORGET = "DELETE FROM slack_pictures WHERE stream = ? AND version = ?"
