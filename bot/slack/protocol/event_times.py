"""Times of Slack's events as sortable text, because events can arrive late or twice."""

import re

from bot.slack.protocol.requests import Json


def event_time(event: Json) -> str:
    """Return the time of an event as text that sorts by time; empty if it has none."""
    return _sortable(event.get("event_ts"))


def account_change_time(reported: Json, event: Json | None = None) -> str:
    """Return the time of an account's last change; changes within a second are ordered by their events.

    The result of a look-up sorts before the events of the same second.
    """
    updated = _sortable(reported.get("updated")) or _sortable((event or {}).get("event_ts"))
    return f"{updated}/{event_time(event) if event else ''}" if updated else ""


def _sortable(moment: object) -> str:
    found = _MOMENT_OF_SLACK.fullmatch(str(moment or ""))
    return f"{int(found[1]):012d}.{(found[2] or '').ljust(6, '0')[:6]}" if found else ""


_MOMENT_OF_SLACK = re.compile(r"(\d{1,12})(?:\.(\d{1,12}))?")
