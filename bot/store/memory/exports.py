"""The files of models that people asked for in memory."""

import msgspec
from msgspec.structs import replace

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.ownership import owned
from bot.store.records import StreamId
from bot.store.repositories.exports import CANVAS, Order, Ordered
from domain.kernel.elements import PersonId


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    place: int
    person: PersonId
    form: str
    file: Ordered


class MemoryExports:
    """Exports in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._database = database
        self._exports = Table(database, tenant, "exports", _Row)

    def ask(self, order: Order) -> bool:
        """Queue an order; False where this person already waits for a file of that model in that format."""
        with self._database.writing():
            if self._exports.get(owned(order.stream, self._exports.tenant), order.key):
                return True
            for one in self._exports.all(order.stream):
                if (one.person, one.form, one.file.over) == (order.person, order.form, False):
                    return False
            file = Ordered(stream=order.stream, key=order.key, word=order.word)
            row = _Row(place=self._next(), person=order.person, form=order.form, file=file)
            self._exports.put(row, order.stream, order.key)
            return True

    def of(self, stream: StreamId) -> list[Ordered]:
        """Return the files of a model, the first one first."""
        return [row.file for row in sorted(self._exports.all(stream), key=lambda row: row.place)]

    def all(self) -> list[Ordered]:
        """Return every file."""
        rows = sorted(self._exports.all(), key=lambda row: (row.file.stream, row.place))
        return [row.file for row in rows]

    def canvas(self, stream: StreamId) -> Ordered | None:
        """Return the canvas of a model, if there is one."""
        return next((one for one in self.of(stream) if one.word == CANVAS), None)

    def put(self, one: Ordered) -> None:
        """Remember what nobody ordered by itself, or what is there of it already."""
        with self._database.writing():
            known = self._exports.get(owned(one.stream, self._exports.tenant), one.key)
            if known is None:
                file = replace(one, message="")
                row = _Row(place=self._next(), person=PersonId(""), form="", file=file)
            else:
                file = replace(known.file, file=one.file, over=one.over, erasures=one.erasures)
                row = replace(known, file=file)
            self._exports.put(row, one.stream, one.key)

    def keep(self, one: Ordered) -> None:
        """Remember a file as it is now."""
        with self._database.writing():
            known = self._exports.get(one.stream, one.key)
            if known is not None:
                file = replace(one, word=known.file.word)
                self._exports.put(replace(known, file=file), one.stream, one.key)

    def forget(self, one: Ordered) -> None:
        """Forget a file that is no longer shown."""
        self._exports.delete(one.stream, one.key)

    def _next(self) -> int:
        return max((row.place for row in self._exports.all()), default=0) + 1
