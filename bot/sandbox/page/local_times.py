"""Times and days in the reader's time zone."""

from datetime import datetime

from bot.sandbox.workspace import zone_offsets
from bot.sandbox.workspace.seed_data import SlackAccount


def clock_time(ts: str | float, person: SlackAccount) -> str:
    """Return the local time of day of a moment (seconds since 1970) for a person."""
    return _there(ts, person).strftime("%H:%M")


def day_label(ts: str | float, person: SlackAccount, now: float) -> str:
    """Return the local day of a moment in words."""
    day, today = _there(ts, person).date(), _there(now, person).date()
    near = {0: "Today", -1: "Yesterday", 1: "Tomorrow"}.get((day - today).days)
    return near or f"{day:%A}, {day:%B} {day.day}{f', {day.year}' if day.year != today.year else ''}"


def exact_time(ts: str | float, person: SlackAccount) -> str:
    """Return a moment to the second in a person's local time."""
    there = _there(ts, person)
    return f"{there:%A}, {there:%B} {there.day}, {there.year} at {there:%H:%M:%S}"


def short_time(ts: str | float, person: SlackAccount, now: float) -> str:
    """Return a moment in short, such as `at 09:30` today or `Monday, November 2 at 09:30`."""
    day = day_label(ts, person, now)
    return f"{'' if day == 'Today' else f'{day} '}at {clock_time(ts, person)}"


def zone_name(person: SlackAccount, now: float) -> str:
    """Return the current name of a person's time zone."""
    return zone_offsets.label(person.tz, now)


def _there(ts: str | float, person: SlackAccount) -> datetime:
    return zone_offsets.local_time(person.tz, float(ts))
