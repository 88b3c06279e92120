"""Remembers what the messages show that people were reminded by."""

import msgspec

from bot.store import Connections


class ToldNudge(msgspec.Struct, frozen=True, kw_only=True):
    """One message; `over` says that it can not be edited any more."""

    channel: str
    ts: str
    digest: str = ""
    over: bool = False


class ToldNudges:
    """The remembered messages; raises StoreUnavailable like every store."""

    def __init__(self, database: Connections) -> None:
        self._database = database

    def find(self, channel: str, ts: str) -> ToldNudge | None:
        """What a message shows, if it was ever edited or looked at."""
        with self._database.explained():
            row = self._database.here().execute(_FIND, (channel, ts)).fetchone()
        return ToldNudge(channel=channel, ts=ts, digest=row[0], over=bool(row[1])) if row else None

    def keep(self, one: ToldNudge) -> None:
        """Remember what a message shows now."""
        with self._database.writing() as connection:
            connection.execute(_KEEP, (one.channel, one.ts, one.digest, one.over))


_FIND = "SELECT digest, over FROM slack_nudges WHERE channel = ? AND ts = ?"
_KEEP = "INSERT OR REPLACE INTO slack_nudges (channel, ts, digest, over) VALUES (?, ?, ?, ?)"
