"""Open forms, in SQL."""

from collections.abc import Iterable
from datetime import datetime

from bot.store.records import StreamId
from bot.store.repositories.open_forms import OpenForm
from bot.store.sql.rows import WorkspaceRows

_KEEP = """
    INSERT INTO open_forms (tenant, token, stream, version, shown, at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (tenant, token) DO NOTHING
"""
_FIND = "SELECT stream, version, shown, at FROM open_forms WHERE tenant = ?1 AND token = ?2"
_FORGET_BEFORE = "DELETE FROM open_forms WHERE tenant = ?1 AND at < ?2"


class SqlOpenForms:
    """Open forms in a file."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def save(self, forms: Iterable[OpenForm]) -> None:
        """Store what forms show; a known one stays unchanged."""
        self._rows.write_each(_KEEP, (self._row(one) for one in forms))

    def find(self, token: str) -> OpenForm | None:
        """Return what a form showed, if it is known."""
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
