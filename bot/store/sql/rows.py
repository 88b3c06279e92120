"""Rows of one workspace: the tenant is the first parameter of every statement."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any

from bot.store.errors import check_ownership
from bot.store.records import StreamId
from bot.store.sql.database import SqlConnection, SqlDatabase


class WorkspaceRows:
    """Runs statements for one workspace, which is `?1` in each of them.

    Every method raises StoreUnavailable when the database cannot be used.
    """

    def __init__(self, database: SqlDatabase, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

    def own(self, stream: StreamId) -> StreamId:
        """Return a stream of this workspace; raises ForeignStream for one of another."""
        return check_ownership(stream, self._tenant)

    def all(self, sql: str, *values: object) -> list[Any]:  # each statement knows its columns
        """Return every row that a statement finds."""
        with self._database.translated_faults():
            return self._database.current().execute(sql, (self._tenant, *values)).fetchall()

    def one(self, sql: str, *values: object) -> Any:
        """Return the first row that a statement finds, or None."""
        with self._database.translated_faults():
            return self._database.current().execute(sql, (self._tenant, *values)).fetchone()

    def write(self, sql: str, *values: object, durable: bool = True) -> int:
        """Change rows, durably unless stated otherwise; returns how many."""
        return self._database.change_rows(self._tenant, sql, [(self._tenant, *values)], durable=durable)

    def write_each(self, sql: str, rows: Iterable[tuple[object, ...]], *, durable: bool = True) -> None:
        """Run a statement for each of some rows; all of them become durable, or none."""
        tenant = self._tenant
        self._database.change_rows(tenant, sql, [(tenant, *row) for row in rows], durable=durable)

    def together(self) -> AbstractContextManager[SqlConnection]:
        """Return a block whose changes become durable together, or not at all."""
        return self._database.writing(self._tenant)
