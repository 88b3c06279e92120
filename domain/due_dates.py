"""When a day is over for somebody: due dates and expiry dates are local, and end with the working day."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, tzinfo

from domain.elements import PersonId

Zones = Callable[[PersonId], tzinfo]
"""The time zone in which somebody lives."""

DUE_AT = time(17)
"""The hour that a due date means, where its owner is."""


def short_day(day: date) -> str:
    """A day in a line, as people read it: `6 March 2026`."""
    return f"{day.day} {day:%B %Y}"


def in_utc(_person: PersonId) -> tzinfo:
    """The zone of everybody about whom nothing is known."""
    return UTC


def due_moment(day: date, zone: tzinfo) -> datetime:
    """The moment that a local day means in a zone, in UTC."""
    return datetime.combine(day, DUE_AT, tzinfo=zone).astimezone(UTC)
