"""What the messages show that people were reminded by in memory."""

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.repositories.shown_nudges import ShownNudge


class MemoryShownNudges:
    """Shown nudges in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._shown = Table(database, tenant, "shown nudges", ShownNudge)

    def find(self, channel: str, ts: str) -> ShownNudge | None:
        """Return what a message shows, if it was ever edited or looked at."""
        return self._shown.get(channel, ts)

    def keep(self, one: ShownNudge) -> None:
        """Remember what a message shows now."""
        self._shown.put(one, one.channel, one.ts)
