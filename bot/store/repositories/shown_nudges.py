"""What the messages show that people were reminded by."""

from typing import Protocol

import msgspec


class ShownNudge(msgspec.Struct, frozen=True, kw_only=True):
    """One message; `over` says that it can no longer be edited."""

    channel: str
    ts: str
    digest: str = ""
    over: bool = False


class ShownNudges(Protocol):
    """The messages of one workspace; raises StoreUnavailable like every store."""

    def find(self, channel: str, ts: str) -> ShownNudge | None:
        """Return what a message shows, if it was ever edited or looked at."""
        ...

    def keep(self, one: ShownNudge) -> None:
        """Remember what a message shows now."""
        ...
