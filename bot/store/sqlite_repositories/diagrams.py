"""Remembers the diagram of each model that somebody asked for: what is shown of it, and what it is of."""

import msgspec

from bot.store import CommandKey, Connections, StreamId


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The one diagram that a model's thread shows, or is to show.

    `asked` counts who asked, `answered` how many of them were: there is one to be posted while they differ.
    `shown` is Slack's id of the file, or the place of the message that tells the flows in words; `old` is the
    one before, until it is deleted. `phase` and `erasures` are those of the model that is shown.
    """

    stream: StreamId
    asked: int
    answered: int = 0
    shown: str = ""
    old: str = ""
    phase: str = ""
    erasures: int = 0


class Diagrams:
    """The remembered diagrams; raises StoreUnavailable like every store."""

    def __init__(self, database: Connections) -> None:
        self._database = database

    def ask(self, stream: StreamId, key: CommandKey) -> bool:
        """Have a model's diagram shown, the same request once; False where another request for it waits.

        A request that comes while the diagram is drawn is counted, so that it is drawn again as it is then.
        """
        with self._database.writing() as connection:
            waiting = connection.execute(_WAITING, (stream, key)).fetchone()
            connection.execute(_ASK, (stream, key, key))
        return waiting is None

    def find(self, stream: StreamId) -> Kept | None:
        """The diagram of a model, if anybody ever asked for it."""
        with self._database.explained():
            row = self._database.here().execute(f"{_ALL} WHERE stream = ?", (stream,)).fetchone()
        return _kept(row) if row else None

    def all(self) -> list[Kept]:
        """Every diagram."""
        with self._database.explained():
            return [_kept(row) for row in self._database.here().execute(f"{_ALL} ORDER BY stream").fetchall()]

    def keep(self, one: Kept) -> None:
        """Remember what is shown now; who asked meanwhile is not forgotten."""
        row = (one.answered, one.shown, one.old, one.phase, one.erasures, one.stream)
        with self._database.writing() as connection:
            connection.execute(_KEEP, row)

    def forget(self, stream: StreamId) -> None:
        """The diagram of a model is no more, and nobody asked for it."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM slack_diagrams WHERE stream = ?", (stream,))


def _kept(row: tuple[str, int, int, str, str, str, int]) -> Kept:
    stream, asked, answered, shown, old, phase, erasures = row
    return Kept(
        stream=StreamId(stream),
        asked=int(asked),
        answered=int(answered),
        shown=shown,
        old=old,
        phase=phase,
        erasures=int(erasures),
    )


_ALL = "SELECT stream, asked, answered, shown, old, phase, erasures FROM slack_diagrams"
_WAITING = "SELECT 1 FROM slack_diagrams WHERE stream = ? AND key <> ? AND asked <> answered"
_ASK = """
    INSERT INTO slack_diagrams (stream, key, asked) VALUES (?, ?, 1)
    ON CONFLICT (stream) DO UPDATE SET asked = asked + 1, key = excluded.key WHERE key <> ?
"""
_KEEP = """
    UPDATE slack_diagrams SET answered = ?, shown = ?, old = ?, phase = ?, erasures = ? WHERE stream = ?
"""
