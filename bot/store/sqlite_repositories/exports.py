"""Remembers who asked for which file of a model, and the files that its thread shows."""

from typing import Final

import msgspec

from bot.store import CommandKey, Connections, StreamId
from domain.elements import PersonId

CANVAS: Final = "canvas"
"""The word, and the key, of what is kept of a model's canvas: the report as one can read it in Slack."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A request for a file, named by `key`: `word` says all about the file, `form` its format alone."""

    stream: StreamId
    key: CommandKey
    person: PersonId
    form: str
    word: str


class Ordered(msgspec.Struct, frozen=True, kw_only=True):
    """A file that somebody asked for: `word` is that of its format.

    `file` is Slack's id once it is shown, `message` the place of what is told about it; it is `over` when
    nothing is to be shown any more. `erasures` is how often something of the model had been erased when the
    file was made.
    """

    stream: StreamId
    key: CommandKey
    word: str
    file: str = ""
    message: str = ""
    over: bool = False
    erasures: int = 0


class Exports:
    """The remembered files; raises StoreUnavailable like every store."""

    def __init__(self, database: Connections) -> None:
        self._database = database

    def ask(self, order: Order) -> bool:
        """Queue an order; False where this person already waits for a file of that model in that format.

        The same request counts once, and is answered the same way again.
        """
        one = {name: getattr(order, name) for name in order.__struct_fields__}
        with self._database.writing() as connection:
            if connection.execute(_KNOWN, one).fetchone():
                return True
            return connection.execute(_ASK, one).rowcount > 0

    def of(self, stream: StreamId) -> list[Ordered]:
        """The files of a model, the first one first."""
        return self._found(f"{_ALL} WHERE stream = ? ORDER BY place", (stream,))

    def all(self) -> list[Ordered]:
        """Every file."""
        return self._found(f"{_ALL} ORDER BY stream, place")

    def canvas(self, stream: StreamId) -> Ordered | None:
        """The canvas of a model, if there is one."""
        return next((one for one in self.of(stream) if one.word == CANVAS), None)

    def put(self, one: Ordered) -> None:
        """Remember what nobody ordered by itself, or what is there of it already."""
        row = (one.stream, one.key, one.word, one.file, one.over, one.erasures)
        with self._database.writing() as connection:
            connection.execute(_PUT, row)

    def keep(self, one: Ordered) -> None:
        """Remember a file as it is now."""
        row = (one.file, one.message, one.over, one.erasures, one.stream, one.key)
        with self._database.writing() as connection:
            connection.execute(_KEEP, row)

    def forget(self, one: Ordered) -> None:
        """Nobody sees this file any more."""
        with self._database.writing() as connection:
            connection.execute(
                "DELETE FROM slack_exports WHERE stream = ? AND key = ?", (one.stream, one.key)
            )

    def _found(self, query: str, given: tuple[str, ...] = ()) -> list[Ordered]:
        with self._database.explained():
            rows = self._database.here().execute(query, given).fetchall()
        return [
            Ordered(
                stream=StreamId(stream),
                key=CommandKey(key),
                word=word,
                file=file,
                message=message,
                over=bool(over),
                erasures=int(erasures),
            )
            for stream, key, word, file, message, over, erasures in rows
        ]


_ALL = "SELECT stream, key, word, file, message, over, erasures FROM slack_exports"
_KNOWN = "SELECT 1 FROM slack_exports WHERE stream = :stream AND key = :key"
_ASK = """
    INSERT INTO slack_exports (stream, key, word, person, form)
    SELECT :stream, :key, :word, :person, :form WHERE NOT EXISTS (
        SELECT 1 FROM slack_exports
        WHERE stream = :stream AND person = :person AND form = :form AND NOT over
    )
"""
_PUT = """
    INSERT INTO slack_exports (stream, key, word, file, over, erasures) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (stream, key) DO UPDATE SET
        file = excluded.file, over = excluded.over, erasures = excluded.erasures
"""
_KEEP = "UPDATE slack_exports SET file = ?, message = ?, over = ?, erasures = ? WHERE stream = ? AND key = ?"
