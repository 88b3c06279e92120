"""Every event of a SQLite file, as stored, for its verification."""

import sqlite3
from collections.abc import Iterator

from bot.store.sql.verify import EVENT_COLUMNS
from bot.store.sqlite.recorded_positions import RecordedPositions

# The table itself in the order of writing: an index could hide a column damaged in the table.
# The rowid follows the position; where it does not, an event was moved.
_ROWS = f"SELECT {', '.join(EVENT_COLUMNS)} FROM events NOT INDEXED"  # noqa: S608  (our own column names)
_WALK = f"{_ROWS} ORDER BY rowid"
_BY_SEQUENCE = f"{_ROWS} WHERE tenant = ? AND sequence = ?"


class SqliteEventRows:
    """Events of a file through a connection of the caller."""

    unreadable = sqlite3.DatabaseError

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._walked: RecordedPositions | None = None

    def count(self) -> int:
        return self.connection.execute("SELECT count(*) FROM events").fetchone()[0]

    def walk(self) -> Iterator[tuple[object, ...]]:
        self._walked = positions = RecordedPositions(self.connection)
        # A damaged text may not be UTF-8.
        self.connection.text_factory = bytes
        for row in self.connection.execute(_WALK):
            positions.look_at(row[0], row[1], row[2])
            yield row
        self.connection.text_factory = str

    def at(self, tenant: str, sequence: int) -> tuple[object, ...] | None:
        return self.connection.execute(_BY_SEQUENCE, (tenant, sequence)).fetchone()

    def damage(self) -> str:
        word = self.connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        return "" if word == "ok" else word

    def loss(self) -> str:
        return self._walked.loss() if self._walked else ""
