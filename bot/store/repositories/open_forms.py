"""Open forms: their initial content, until they are submitted."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from bot.store.records import StreamId
from bot.store.sql.rows import WorkspaceRows


class OpenForm(msgspec.Struct, frozen=True, kw_only=True):
    """Content of a form about a model when it was opened, and the version of the model.

    `shown` is JSON, which this store does not parse.
    """

    token: str
    stream: StreamId
    version: int
    shown: bytes
    at: datetime


_KEEP = """
    INSERT INTO open_forms (tenant, token, stream, version, shown, at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (tenant, token) DO NOTHING
"""
_FIND = "SELECT stream, version, shown, at FROM open_forms WHERE tenant = ?1 AND token = ?2"
_FORGET_BEFORE = "DELETE FROM open_forms WHERE tenant = ?1 AND at < ?2"


class OpenForms:
    """Open forms of one workspace; raises StoreUnavailable like every store."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def save(self, forms: Iterable[OpenForm]) -> None:
        """Store the content of forms; a stored one stays unchanged."""
        self._rows.write_each(_KEEP, (self._row(one) for one in forms))

    def find(self, token: str) -> OpenForm | None:
        """Return the content of a form, if it is stored."""
        row = self._rows.one(_FIND, token)
        if row is None:
            return None
        stream, version, shown, at = row
        return OpenForm(
            token=token,
            stream=StreamId(stream),
            version=version,
            shown=shown,
            at=datetime.fromisoformat(at),
        )

    def forget_before(self, moment: datetime) -> None:
        """Delete the forms that are older than a moment."""
        self._rows.write(_FORGET_BEFORE, moment.isoformat())

    def _row(self, one: OpenForm) -> tuple[object, ...]:
        stream = self._rows.own(one.stream)
        return (one.token, stream, one.version, one.shown, one.at.isoformat())
