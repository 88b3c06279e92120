"""Dates in Slack's markup: each reader sees their own time."""

from datetime import datetime


def local_time(at: datetime) -> str:
    """Return a moment that each reader sees in their own time zone."""
    words = f"{at:%Y-%m-%d %H:%M} UTC"
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}}, {{time}}|{words}>"
