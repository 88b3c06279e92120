"""Rejections of a connection's token: one may be a mistake of the tracker, several stop the connection."""

from datetime import datetime, timedelta
from typing import Final

from bot.store.repositories.tracker_connections import TrackerConnection

MOST: Final = 4
"""Rejections that stop a connection."""

APART: Final = timedelta(minutes=2)
"""Time for which a tracker that rejected the token is left alone."""

COUNTED_APART: Final = timedelta(minutes=1)
"""Time after a rejection in which another one says nothing new, as one of a call that was under way."""

TOGETHER: Final = timedelta(minutes=15)
"""Time after a rejection in which the next one counts as well: a restart in between begins no new count."""


def count_rejection(held: TrackerConnection, now: datetime) -> int | None:
    """Return how many rejections the connection has with one of this moment; None if it does not count."""
    if held.rejected_at is None:
        return 1
    passed = now - held.rejected_at
    if timedelta(0) <= passed < COUNTED_APART:
        return None
    return held.rejections + 1 if COUNTED_APART <= passed <= TOGETHER else 1


def stop_reason(fault: Exception) -> str:
    """Return why a connection was stopped, with the last words of the tracker."""
    return (
        f"The tracker rejected the token {MOST} times in a row. It may have expired, or have been revoked. "
        f"({fault})"
    )
