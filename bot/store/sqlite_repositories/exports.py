"""The files of models that people asked for in a SQLite file."""

from bot.store.records import CommandKey, StreamId
from bot.store.repositories.exports import CANVAS, Order, Ordered
from bot.store.sqlite_repositories.rows import WorkspaceRows

_ALL = "SELECT stream, key, word, file, message, over, erasures FROM slack_exports WHERE tenant = ?1"
_OF = f"{_ALL} AND stream = ?2 ORDER BY place"
_KNOWN = "SELECT 1 FROM slack_exports WHERE tenant = ?1 AND stream = ?2 AND key = ?3"
_NEXT = "(SELECT ifnull(max(place), 0) + 1 FROM slack_exports WHERE tenant = ?1)"
_ASK = f"""
    INSERT INTO slack_exports (tenant, place, stream, key, word, person, form)
    SELECT ?1, {_NEXT}, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (
        SELECT 1 FROM slack_exports
        WHERE tenant = ?1 AND stream = ?2 AND person = ?5 AND form = ?6 AND NOT over
    )
"""  # noqa: S608  (our own column names)
_PUT = f"""
    INSERT INTO slack_exports (tenant, place, stream, key, word, file, over, erasures)
    VALUES (?1, {_NEXT}, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (tenant, stream, key) DO UPDATE SET
        file = excluded.file, over = excluded.over, erasures = excluded.erasures
"""  # noqa: S608  (our own column names)
_KEEP = """
    UPDATE slack_exports SET file = ?4, message = ?5, over = ?6, erasures = ?7
    WHERE tenant = ?1 AND stream = ?2 AND key = ?3
"""
_FORGET = "DELETE FROM slack_exports WHERE tenant = ?1 AND stream = ?2 AND key = ?3"


class SqliteExports:
    """Exports in a file."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def ask(self, order: Order) -> bool:
        """Queue an order; False where this person already waits for a file of that model in that format."""
        with self._rows.together():
            if self._rows.one(_KNOWN, order.stream, order.key):
                return True
            asked = (self._rows.own(order.stream), order.key, order.word, order.person, order.form)
            return self._rows.write(_ASK, *asked) > 0

    def of(self, stream: StreamId) -> list[Ordered]:
        """Return the files of a model, the first one first."""
        return [_ordered(row) for row in self._rows.all(_OF, stream)]

    def all(self) -> list[Ordered]:
        """Return every file."""
        return [_ordered(row) for row in self._rows.all(f"{_ALL} ORDER BY stream, place")]

    def canvas(self, stream: StreamId) -> Ordered | None:
        """Return the canvas of a model, if there is one."""
        return next((one for one in self.of(stream) if one.word == CANVAS), None)

    def put(self, one: Ordered) -> None:
        """Remember what nobody ordered by itself, or what is there of it already."""
        stream = self._rows.own(one.stream)
        self._rows.write(_PUT, stream, one.key, one.word, one.file, one.over, one.erasures)

    def keep(self, one: Ordered) -> None:
        """Remember a file as it is now."""
        self._rows.write(_KEEP, one.stream, one.key, one.file, one.message, one.over, one.erasures)

    def forget(self, one: Ordered) -> None:
        """Forget a file that is no longer shown."""
        self._rows.write(_FORGET, one.stream, one.key)


def _ordered(row: tuple[str, str, str, str, str, int, int]) -> Ordered:
    stream, key, word, file, message, over, erasures = row
    return Ordered(
        stream=StreamId(stream),
        key=CommandKey(key),
        word=word,
        file=file,
        message=message,
        over=bool(over),
        erasures=erasures,
    )
