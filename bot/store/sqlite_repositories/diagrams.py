"""The diagrams of models in a SQLite file."""

from bot.store.records import CommandKey, StreamId
from bot.store.repositories.diagrams import Kept
from bot.store.sqlite_repositories.rows import WorkspaceRows

_ALL = """
    SELECT stream, asked, answered, shown, old, phase, erasures FROM slack_diagrams WHERE tenant = ?1
"""
_FIND = f"{_ALL} AND stream = ?2"
_WAITING = """
    SELECT 1 FROM slack_diagrams WHERE tenant = ?1 AND stream = ?2 AND key <> ?3 AND asked <> answered
"""
_ASK = """
    INSERT INTO slack_diagrams (tenant, stream, key, asked) VALUES (?1, ?2, ?3, 1)
    ON CONFLICT (tenant, stream) DO UPDATE SET asked = asked + 1, key = excluded.key WHERE key <> ?3
"""
_KEEP = """
    UPDATE slack_diagrams SET answered = ?3, shown = ?4, old = ?5, phase = ?6, erasures = ?7
    WHERE tenant = ?1 AND stream = ?2
"""
_FORGET = "DELETE FROM slack_diagrams WHERE tenant = ?1 AND stream = ?2"


class SqliteDiagrams:
    """Diagrams in a file."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def ask(self, stream: StreamId, key: CommandKey) -> bool:
        """Have a model's diagram shown, the same request once; False where another request for it waits."""
        with self._rows.together():
            waiting = self._rows.one(_WAITING, stream, key)
            self._rows.write(_ASK, self._rows.own(stream), key)
        return waiting is None

    def find(self, stream: StreamId) -> Kept | None:
        """Return the diagram of a model, if it was ever asked for."""
        row = self._rows.one(_FIND, stream)
        return _kept(row) if row else None

    def all(self) -> list[Kept]:
        """Return every diagram."""
        return [_kept(row) for row in self._rows.all(f"{_ALL} ORDER BY stream")]

    def keep(self, one: Kept) -> None:
        """Remember what is shown now; who asked meanwhile is not forgotten."""
        self._rows.write(_KEEP, one.stream, one.answered, one.shown, one.old, one.phase, one.erasures)

    def forget(self, stream: StreamId) -> None:
        """Forget the diagram of a model, and that it was asked for."""
        self._rows.write(_FORGET, stream)


def _kept(row: tuple[str, int, int, str, str, str, int]) -> Kept:
    stream, asked, answered, shown, old, phase, erasures = row
    return Kept(
        stream=StreamId(stream),
        asked=asked,
        answered=answered,
        shown=shown,
        old=old,
        phase=phase,
        erasures=erasures,
    )
