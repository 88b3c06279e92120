"""How far each model was looked through for what people are told of in a SQLite file."""

from bot.store.records import StreamId
from bot.store.sqlite_repositories.rows import WorkspaceRows

_UNTIL = "SELECT version FROM slack_followed WHERE tenant = ?1 AND stream = ?2"
_FOLLOW = "INSERT OR REPLACE INTO slack_followed (tenant, stream, version) VALUES (?1, ?2, ?3)"
_BEHIND = """
    SELECT stream FROM streams LEFT JOIN slack_followed USING (tenant, stream)
    WHERE tenant = ?1 AND name IS NOT NULL AND streams.version > coalesce(slack_followed.version, 0)
"""


class SqliteFollowed:
    """Followed versions in a file."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def until(self, stream: StreamId) -> int | None:
        """Return the version up to which everybody was told; None of a model that is new."""
        row = self._rows.one(_UNTIL, stream)
        return int(row[0]) if row else None

    def follow(self, stream: StreamId, version: int) -> None:
        """Note that everybody was told of what was said up to a version."""
        self._rows.write(_FOLLOW, self._rows.own(stream), version)

    def behind(self) -> set[StreamId]:
        """Return the models in which something was said since."""
        return {StreamId(stream) for (stream,) in self._rows.all(_BEHIND)}
