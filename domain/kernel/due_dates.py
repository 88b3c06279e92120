"""Due dates and expiry dates: local days that end with the working day of the person concerned."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from domain.kernel.elements import PersonId

Zones = Callable[[PersonId], tzinfo]
"""Maps a person to their time zone."""

DUE_AT = time(17)
"""The hour at which a due date ends, in the owner's zone."""


def short_day(day: date) -> str:
    """Format a day within a line of text: `6 March 2026`."""
    return f"{day.day} {day:%B %Y}"


def utc_zone(_person: PersonId) -> tzinfo:
    """Return UTC, the zone of people whose zone is unknown."""
    return UTC


def due_moment(day: date, zone: tzinfo) -> datetime:
    """Return the moment in UTC at which a due date ends in a zone."""
    return moment_in_utc(day, DUE_AT, zone)


def local_day(moment: datetime, zone: tzinfo) -> date:
    """Return the local day of a moment in a zone; the UTC day where the conversion would overflow."""
    try:
        return moment.astimezone(zone).date()
    except (OverflowError, ValueError):
        return moment.date()


def moment_in_utc(day: date, hour: time, zone: tzinfo) -> datetime:
    """Convert an hour of a local day to UTC; where that would overflow, the day is taken as UTC."""
    try:
        return datetime.combine(day, hour, tzinfo=zone).astimezone(UTC)
    except (OverflowError, ValueError):
        return datetime.combine(day, hour, tzinfo=UTC)


def day_after(day: date) -> date:
    """Return the next day; `date.max` is its own successor."""
    return day + timedelta(days=1) if day < date.max else day
