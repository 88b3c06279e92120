"""Every event of a SQLite file, as stored, for its verification."""

import sqlite3
from collections.abc import Iterator, Mapping

import msgspec

from bot.store.sql.verify import EVENT_COLUMNS

# The table itself in the order of writing: an index could hide a column damaged in the table.
# The rowid follows the position; where it does not, an event was moved.
_ROWS = f"SELECT {', '.join(EVENT_COLUMNS)} FROM events NOT INDEXED"  # noqa: S608  (our own column names)
_WALK = f"{_ROWS.replace('SELECT', 'SELECT rowid,')} WHERE rowid > ? ORDER BY rowid"
_BY_SEQUENCE = f"{_ROWS} WHERE tenant = ? AND sequence = ?"
_IMPORTS = "SELECT tenant, live, removed, removals, skipped FROM copied_workspaces"
_REMOVALS = "SELECT tenant, count(*), sum(sequence) FROM removals GROUP BY tenant"
_PLACE = tuple[int, int, int, list[tuple[int, int]]]
_FIRST = -(1 << 63)
_LAST = "SELECT last FROM positions"


class SqliteEventRows:
    """Events of a file through a connection of the caller."""

    unreadable = sqlite3.DatabaseError

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._walked: RecordedPositions | None = None
        self._last = _FIRST

    def count(self) -> int:
        return self.connection.execute("SELECT count(*) FROM events").fetchone()[0]

    def walk(
        self, heads: Mapping[str, tuple[int, bytes]] | None = None, place: bytes = b""
    ) -> Iterator[tuple[object, ...]]:
        del heads
        self._walked = positions = RecordedPositions(self.connection)
        self._last = after = positions.begin(place)
        # A damaged text may not be UTF-8.
        self.connection.text_factory = bytes
        try:
            for row in self.connection.execute(_WALK, (after,)):
                self._last, position, tenant, sequence = row[:4]
                positions.look_at(position, tenant, sequence)
                yield row[1:]
        finally:
            self.connection.text_factory = str

    def place(self) -> bytes:
        return self._walked.place(self._last) if self._walked else b""

    def at(self, tenant: str, sequence: int) -> tuple[object, ...] | None:
        return self.connection.execute(_BY_SEQUENCE, (tenant, sequence)).fetchone()

    def damage(self) -> str:
        word = self.connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        return "" if word == "ok" else word

    def loss(self) -> str:
        return self._walked.loss() if self._walked else ""


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """Workspace that was copied into the file.

    `live` events of it were there, `removed` ones had been removed with `removals` records before; `skipped`
    positions of the file were passed over, so that none is given twice.
    """

    live: int
    removed: int
    removals: int
    skipped: int


class RecordedPositions:
    """Positions seen in a walk over the events in the order of recording; they count over all workspaces.

    An event's hash covers its position, so the events of one workspace prove how many of others were recorded
    before them. Events that were copied from another database keep the positions that they have there, and
    prove nothing.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._imports = {
            tenant: Import(live=live, removed=removed, removals=removals, skipped=skipped)
            for tenant, live, removed, removals, skipped in connection.execute(_IMPORTS)
        }
        self._removals = {tenant: (count, events) for tenant, count, events in connection.execute(_REMOVALS)}
        row = connection.execute(_LAST).fetchone()
        self._given = row[0] if row else 0
        # A workspace that was removed after the copy and came back began again.
        self._copied = {
            tenant.encode(): one.live
            for tenant, one in self._imports.items()
            if self._removals.get(tenant, (0, 0))[0] == one.removals
        }
        self._last = 0
        self._moved = 0
        self._gaps: list[tuple[int, int]] = []

    def begin(self, place: bytes) -> int:
        """Go on after a place, if there is one; return its row."""
        if not place:
            return _FIRST
        row, self._last, self._moved, self._gaps = msgspec.json.decode(place, type=_PLACE)
        return row

    def place(self, row: int) -> bytes:
        """Return what was noted up to a row."""
        return msgspec.json.encode((row, self._last, self._moved, self._gaps))

    def look_at(self, position: object, tenant: object, sequence: object) -> None:
        """Note the position of the next event; damaged values are found elsewhere."""
        if not (isinstance(position, int) and isinstance(tenant, bytes) and isinstance(sequence, int)):
            return
        if sequence <= self._copied.get(tenant, 0):
            return
        if position > self._last + 1:
            self._gaps.append((self._last + 1, position - 1))
        if position <= self._last:
            self._moved = self._moved or position
        self._last = max(self._last, position)

    def loss(self) -> str:
        """Return what the positions say of events that are missing or were moved; empty if nothing."""
        gaps = list(self._gaps)
        if self._given > self._last:
            gaps.append((self._last + 1, self._given))
        missing = sum(last - first + 1 for first, last in gaps) - self._skipped()
        removed = self._removed()
        if missing != removed:
            return (
                f"events are missing at positions {_listed(gaps)}; {missing} are missing, and {removed} "
                "belong to workspaces whose removal is recorded"
            )
        if self._given < self._last:
            return f"the event counter ({self._given}) is lower than the last position ({self._last})"
        return f"the event at position {self._moved} was moved" if self._moved else ""

    def _skipped(self) -> int:
        return sum(one.skipped for one in self._imports.values())

    def _removed(self) -> int:
        """Return how many events that were recorded in this file were removed with their workspaces."""
        events = sum(events for _, events in self._removals.values())
        for tenant, one in self._imports.items():
            count, _ = self._removals.get(tenant, (0, 0))
            events -= one.removed + (one.live if count > one.removals else 0)
        return events


def _listed(gaps: list[tuple[int, int]]) -> str:
    listed = (f"{first} to {last}" if first < last else str(first) for first, last in gaps[:5])
    return ", ".join(listed) or "that are unknown"
