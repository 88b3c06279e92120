"""When a day is over for somebody: due dates and expiry dates are local, and end with the working day."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from domain.kernel.elements import PersonId

Zones = Callable[[PersonId], tzinfo]
"""The time zone in which somebody lives."""

DUE_AT = time(17)
"""The hour that a due date means, where its owner is."""


def short_day(day: date) -> str:
    """A day in a line, as people read it: `6 March 2026`."""
    return f"{day.day} {day:%B %Y}"


def utc_zone(_person: PersonId) -> tzinfo:
    """The zone of everybody about whom nothing is known."""
    return UTC


def due_moment(day: date, zone: tzinfo) -> datetime:
    """The moment that a local day means in a zone, in UTC."""
    return moment_in_utc(day, DUE_AT, zone)


def local_day(moment: datetime, zone: tzinfo) -> date:
    """The day that a moment falls on in a zone; at the ends of time, where there may be none, that of UTC."""
    try:
        return moment.astimezone(zone).date()
    except (OverflowError, ValueError):
        return moment.date()


def moment_in_utc(day: date, hour: time, zone: tzinfo) -> datetime:
    """The moment of an hour of a local day, in UTC; at the ends of time the day counts as one of UTC."""
    try:
        return datetime.combine(day, hour, tzinfo=zone).astimezone(UTC)
    except (OverflowError, ValueError):
        return datetime.combine(day, hour, tzinfo=UTC)


def day_after(day: date) -> date:
    """The next day; the last day of time is its own."""
    return day + timedelta(days=1) if day < date.max else day
