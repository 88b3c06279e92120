"""The files that Slack took and has not shown yet in a SQLite file."""

from datetime import datetime

from bot.store.records import StreamId
from bot.store.repositories.uploads import Upload
from bot.store.sqlite_repositories.rows import WorkspaceRows

_OF = """
    SELECT about, files, at, tries FROM slack_uploads
    WHERE tenant = ?1 AND surface = ?2 AND stream = ?3 ORDER BY about
"""
_STREAMS = """
    SELECT DISTINCT stream FROM slack_uploads WHERE tenant = ?1 AND surface = ?2 AND files <> ''
"""
_KEEP = """
    INSERT OR REPLACE INTO slack_uploads (tenant, surface, stream, about, files, at, tries)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
"""
_FORGET = "DELETE FROM slack_uploads WHERE tenant = ?1 AND surface = ?2 AND stream = ?3 AND about = ?4"
_FORGET_ALL = "DELETE FROM slack_uploads WHERE tenant = ?1 AND stream = ?2"


class SqliteUploads:
    """Uploads of one surface in a file."""

    def __init__(self, rows: WorkspaceRows, surface: str) -> None:
        self._rows = rows
        self._surface = surface

    def find(self, stream: StreamId, about: str) -> Upload | None:
        """Return what is remembered of the files about something."""
        return next((one for one in self.of(stream) if one.about == about), None)

    def of(self, stream: StreamId) -> list[Upload]:
        """Return what is remembered of a model."""
        return [
            Upload(
                stream=stream,
                surface=self._surface,
                about=about,
                files=tuple(files.split()),
                at=datetime.fromisoformat(at),
                tries=tries,
            )
            for about, files, at, tries in self._rows.all(_OF, self._surface, stream)
        ]

    def streams(self) -> set[StreamId]:
        """Return the models with files that are not known to be shown."""
        return {StreamId(stream) for (stream,) in self._rows.all(_STREAMS, self._surface)}

    def keep(self, one: Upload) -> None:
        """Remember files as they are now."""
        files = (" ".join(one.files), one.at.isoformat(), one.tries)
        self._rows.write(_KEEP, self._surface, self._rows.own(one.stream), one.about, *files)

    def forget(self, stream: StreamId, about: str) -> None:
        """Forget files that are shown, or that are no longer wanted."""
        self._rows.write(_FORGET, self._surface, stream, about)

    def forget_all(self, stream: StreamId) -> None:
        """Forget the files of every surface of a model."""
        self._rows.write(_FORGET_ALL, stream)
