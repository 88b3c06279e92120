"""Remembers how far each model was looked through for what people are told of."""

from bot.store import Connections, StreamId


class Followed:
    """The remembered versions; raises StoreUnavailable like every store."""

    def __init__(self, database: Connections, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

    def until(self, stream: StreamId) -> int | None:
        """The version up to which everybody was told; None of a model that is new."""
        with self._database.explained():
            row = self._database.here().execute(_UNTIL, (stream,)).fetchone()
        return int(row[0]) if row else None

    def follow(self, stream: StreamId, version: int) -> None:
        """Everybody was told of what was said up to a version."""
        with self._database.writing() as connection:
            connection.execute(_FOLLOW, (stream, version))

    def behind(self) -> set[StreamId]:
        """The models in which something was said since."""
        with self._database.explained():
            rows = self._database.here().execute(_BEHIND, (self._tenant,)).fetchall()
        return {StreamId(row[0]) for row in rows}


_UNTIL = "SELECT version FROM slack_followed WHERE stream = ?"
_FOLLOW = "INSERT OR REPLACE INTO slack_followed (stream, version) VALUES (?, ?)"
_BEHIND = """
    SELECT stream FROM streams LEFT JOIN slack_followed USING (stream)
    WHERE tenant = ? AND name IS NOT NULL AND streams.version > coalesce(slack_followed.version, 0)
"""
