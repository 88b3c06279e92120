"""Rows of one workspace, and tables whose rows are records: a column for each field."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from enum import Enum
from functools import cached_property
from types import UnionType
from typing import Any, ClassVar, Generic, Literal, NewType, TypeVar, get_args, get_origin

import msgspec

from bot.store.errors import check_ownership
from bot.store.records import StreamId
from bot.store.sql.database import SqlConnection, SqlDatabase
from bot.store.timestamps import format_timestamp, parse_timestamp
from domain.kernel.elements import PersonId

R = TypeVar("R", bound=msgspec.Struct)


class Table(Generic[R]):
    """Table of a workspace's records; the primary key is the workspace and the fields in `key`.

    Times are texts, empty for None; truth values are numbers; tuples, mappings and structs are JSON.
    `more` are columns that no field has, `without` is a field that is not stored.
    """

    def __init__(
        self, name: str, record: type[R], key: str, *, more: tuple[str, ...] = (), without: str = ""
    ) -> None:
        fields = [field for field in msgspec.structs.fields(record) if field.name != without]
        self.name = name
        self._record = record
        self._names = [field.name for field in fields]
        self.fields = ", ".join(self._names)
        columns = (*self._names, *more)
        self.insert = (
            f"INSERT INTO {name} (tenant, {', '.join(columns)})"  # noqa: S608  (our own names)
            f" VALUES (:tenant, {', '.join(f':{column}' for column in columns)})"
        )
        on_conflict = f" ON CONFLICT (tenant, {key}) DO "
        self.add_missing = f"{self.insert}{on_conflict}NOTHING"
        others = [column for column in columns if column not in key.split(", ")]
        self.put = f"{self.insert}{on_conflict}UPDATE SET " + ", ".join(
            f"{column} = excluded.{column}" for column in others
        )
        self._kinds = [field.type for field in fields]

    def where(self, equal: Iterable[str]) -> str:
        """Return the query of the records whose columns have the values of some parameters."""
        return f"SELECT {self.fields} FROM {self.name} WHERE tenant = :tenant{_conditions(equal)}"  # noqa: S608  (our own names)

    def row(self, record: R) -> dict[str, Any]:
        """Return the values of a record by column."""
        return {name: getattr(record, name) for name in self._names}

    @cached_property
    def _decoders(self) -> list[Callable[[Any], Any] | None]:
        return [_decoder(kind) for kind in self._kinds]  # later: some take milliseconds to make

    def decoded(self, row: Iterable[Any]) -> R:
        """Return the record in a row of `fields`."""
        values = (
            value if decode is None else decode(value)
            for decode, value in zip(self._decoders, row, strict=True)
        )
        return self._record(**dict(zip(self._names, values, strict=True)))


class WorkspaceRows:
    """Runs statements for one workspace, which is `:tenant` in each of them.

    Every method raises StoreUnavailable when the database cannot be used.
    """

    def __init__(self, database: SqlDatabase, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

    def own(self, stream: StreamId) -> StreamId:
        """Return a stream of this workspace; raises ForeignStream for one of another."""
        return check_ownership(stream, self._tenant)

    def all(self, sql: str, **values: Any) -> list[Any]:
        """Return every row that a statement finds."""
        return self._database.all(sql, **self._bound(values))

    def one(self, sql: str, **values: Any) -> Any:
        """Return the first row that a statement finds, or None."""
        return self._database.one(sql, **self._bound(values))

    def write(self, sql: str, *, durable: bool = True, **values: Any) -> int:
        """Change rows, durably unless stated otherwise; returns how many."""
        return self._database.change_rows(self._tenant, sql, [self._bound(values)], durable=durable)

    def write_each(self, sql: str, rows: Iterable[Mapping[str, object]], *, durable: bool = True) -> None:
        """Run a statement for each of some rows; all of them become durable, or none."""
        self._database.change_rows(self._tenant, sql, [self._bound(row) for row in rows], durable=durable)

    def together(self) -> AbstractContextManager[SqlConnection]:
        """Return a block whose changes become durable together, or not at all."""
        return self._database.writing(self._tenant)

    def find(self, table: Table[R], **equal: Any) -> R | None:
        """Return the record whose columns have some values, or None."""
        row = self.one(table.where(equal), **equal)
        return None if row is None else table.decoded(row)

    def select(self, table: Table[R], order: str = "", **equal: Any) -> list[R]:
        """Return the records whose columns have some values, in order."""
        ordered = f" ORDER BY {order}" if order else ""
        return [table.decoded(row) for row in self.all(table.where(equal) + ordered, **equal)]

    def insert(self, table: Table[R], record: R, **more: Any) -> None:
        """Add a record."""
        self.write(table.insert, **table.row(record), **more)

    def add_missing(self, table: Table[R], record: R, **more: Any) -> bool:
        """Add a record unless there is one with its key; return whether it was added."""
        return self.write(table.add_missing, **table.row(record), **more) == 1

    def put(self, table: Table[R], record: R, **more: Any) -> None:
        """Add a record in place of one with its key."""
        self.write(table.put, **table.row(record), **more)

    def update(
        self, table: Table[R], changes: Mapping[str, object], *, durable: bool = True, **equal: Any
    ) -> int:
        """Change columns of the records whose columns have some values; return how many."""
        changed = ", ".join(f"{column} = :new_{column}" for column in changes)
        sql = f"UPDATE {table.name} SET {changed} WHERE tenant = :tenant{_conditions(equal)}"  # noqa: S608  (our own names)
        new = {f"new_{column}": value for column, value in changes.items()}
        return self.write(sql, durable=durable, **equal, **new)

    def delete(self, table: Table[Any], **equal: Any) -> int:
        """Delete the records whose columns have some values; return how many."""
        return self.write(f"DELETE FROM {table.name} WHERE tenant = :tenant{_conditions(equal)}", **equal)  # noqa: S608  (our own names)

    def _bound(self, values: Mapping[str, object]) -> dict[str, object]:
        return {"tenant": self._tenant, **{name: stored(value) for name, value in values.items()}}


class Repository:
    """Records of one workspace; every method raises StoreUnavailable when the database cannot be used."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows


class PersonalRecords(Repository):
    """Records of one workspace, of which those in the table `personal` are each of one person."""

    personal: ClassVar[Table[Any]]

    def forget_person(self, person: PersonId) -> int:
        """Delete the records of a person; return how many."""
        return self._rows.delete(self.personal, person=person)


def stored(value: object) -> object:
    """Return a value as it is stored."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return format_timestamp(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list | dict | msgspec.Struct):
        return msgspec.json.encode(value).decode()
    return value


def _conditions(equal: Iterable[str]) -> str:
    return "".join(f" AND {column} = :{column}" for column in equal)


def _decoder(kind: Any) -> Callable[[Any], Any] | None:
    """Return what makes a field's value of a stored one; None if they are the same."""
    if isinstance(kind, NewType) or kind in (str, int, bytes, float) or get_origin(kind) is Literal:
        return None
    if kind is bool:
        return bool
    if kind is datetime:
        return parse_timestamp
    if isinstance(kind, UnionType) and set(get_args(kind)) == {datetime, type(None)}:
        return lambda text: parse_timestamp(text) if text else None
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    return msgspec.json.Decoder(kind).decode
