"""What the messages show that people were reminded by in a SQLite file."""

from bot.store.repositories.shown_nudges import ShownNudge
from bot.store.sqlite_repositories.rows import WorkspaceRows

_FIND = "SELECT digest, over FROM slack_nudges WHERE tenant = ?1 AND channel = ?2 AND ts = ?3"
_KEEP = """
    INSERT OR REPLACE INTO slack_nudges (tenant, channel, ts, digest, over) VALUES (?1, ?2, ?3, ?4, ?5)
"""


class SqliteShownNudges:
    """Shown nudges in a file."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def find(self, channel: str, ts: str) -> ShownNudge | None:
        """Return what a message shows, if it was ever edited or looked at."""
        row = self._rows.one(_FIND, channel, ts)
        return ShownNudge(channel=channel, ts=ts, digest=row[0], over=bool(row[1])) if row else None

    def keep(self, one: ShownNudge) -> None:
        """Remember what a message shows now."""
        self._rows.write(_KEEP, one.channel, one.ts, one.digest, one.over)
