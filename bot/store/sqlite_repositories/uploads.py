"""Remembers the files that Slack took and has not shown yet: it sometimes accepts one that never appears."""

from datetime import datetime

import msgspec

from bot.store import Connections, StreamId


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """The files of one message, by what they are of: `about` names that within the `surface`.

    `tries` counts how often they were shared, last at the moment `at`; without `files` the last try failed.
    """

    stream: StreamId
    surface: str
    about: str
    files: tuple[str, ...]
    at: datetime
    tries: int


class Uploads:
    """The remembered files of one surface; raises StoreUnavailable like every store."""

    def __init__(self, database: Connections, surface: str) -> None:
        self._database = database
        self._surface = surface

    def find(self, stream: StreamId, about: str) -> Upload | None:
        """What is remembered of the files about something."""
        return next((one for one in self.of(stream) if one.about == about), None)

    def of(self, stream: StreamId) -> list[Upload]:
        """What is remembered of a model."""
        with self._database.explained():
            rows = self._database.here().execute(_OF, (self._surface, stream)).fetchall()
        return [
            Upload(
                stream=stream,
                surface=self._surface,
                about=about,
                files=tuple(files.split()),
                at=datetime.fromisoformat(at),
                tries=int(tries),
            )
            for about, files, at, tries in rows
        ]

    def streams(self) -> set[StreamId]:
        """The models with files that are not known to be shown."""
        with self._database.explained():
            rows = self._database.here().execute(_STREAMS, (self._surface,)).fetchall()
        return {StreamId(row[0]) for row in rows}

    def keep(self, one: Upload) -> None:
        """Remember files as they are now."""
        row = (one.stream, self._surface, one.about, " ".join(one.files), one.at.isoformat(), one.tries)
        with self._database.writing() as connection:
            connection.execute(_KEEP, row)

    def forget(self, stream: StreamId, about: str) -> None:
        """The files are shown, or nobody waits for them."""
        with self._database.writing() as connection:
            connection.execute(_FORGET, (stream, self._surface, about))

    def forget_all(self, stream: StreamId) -> None:
        """The model is no more."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM slack_uploads WHERE stream = ?", (stream,))


_OF = "SELECT about, files, at, tries FROM slack_uploads WHERE surface = ? AND stream = ? ORDER BY about"
_STREAMS = "SELECT DISTINCT stream FROM slack_uploads WHERE surface = ? AND files <> ''"
_KEEP = """
    INSERT OR REPLACE INTO slack_uploads (stream, surface, about, files, at, tries) VALUES (?, ?, ?, ?, ?, ?)
"""
_FORGET = "DELETE FROM slack_uploads WHERE stream = ? AND surface = ? AND about = ?"
