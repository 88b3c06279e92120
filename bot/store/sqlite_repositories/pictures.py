"""The pictures of closed rounds in a SQLite file."""

from bot.store.records import StreamId
from bot.store.repositories.pictures import Owed, Shown
from bot.store.sqlite_repositories.rows import WorkspaceRows

_SAID = """
    FROM deliveries AS said
    WHERE said.tenant = ?1 AND said.kind = 'result' AND said.external_id <> '' AND NOT EXISTS (
        SELECT 1 FROM slack_pictures AS shown
        WHERE shown.tenant = ?1 AND shown.stream = said.stream
            AND said.slot = 'result/' || substr(said.stream, length(?1) + 2) || '/' || shown.version
    )
"""
_OWING = f"SELECT DISTINCT said.stream {_SAID}"
_OWED = f"SELECT said.slot, said.thread {_SAID} AND said.stream = ?2"
_OF = """
    SELECT version, files, words, erasures FROM slack_pictures
    WHERE tenant = ?1 AND stream = ?2 ORDER BY version
"""
_KEEP = """
    INSERT OR REPLACE INTO slack_pictures (tenant, stream, version, files, words, erasures)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)
"""
_FORGET = "DELETE FROM slack_pictures WHERE tenant = ?1 AND stream = ?2 AND version = ?3"


class SqlitePictures:
    """Pictures in a file."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def owed(self, stream: StreamId) -> list[Owed]:
        """Return the messages of a model that may still lack their pictures, the first one first."""
        rows = self._rows.all(_OWED, stream)
        owed = [Owed(version=int(slot.rpartition("/")[2]), thread=thread) for slot, thread in rows]
        return sorted(owed, key=lambda one: one.version)

    def owing(self) -> set[StreamId]:
        """Return the models with such messages."""
        return {StreamId(stream) for (stream,) in self._rows.all(_OWING)}

    def of(self, stream: StreamId) -> list[Shown]:
        """Return what was shown of a model."""
        return [
            Shown(
                stream=stream,
                version=version,
                files=tuple(files.split()),
                words=words,
                erasures=erasures,
            )
            for version, files, words, erasures in self._rows.all(_OF, stream)
        ]

    def keep(self, shown: Shown) -> None:
        """Remember pictures as they are now."""
        shows = (shown.version, " ".join(shown.files), shown.words, shown.erasures)
        self._rows.write(_KEEP, self._rows.own(shown.stream), *shows)

    def forget(self, shown: Shown) -> None:
        """Forget pictures that Slack did not take, or that were taken away."""
        self._rows.write(_FORGET, shown.stream, shown.version)
