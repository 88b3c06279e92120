"""Time zones of people, and where a day begins and ends in them."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import msgspec

from domain.kernel.due_dates import day_after, local_day, moment_in_utc


class TimeZone(msgspec.Struct, frozen=True, kw_only=True):
    """Time zone of a person; UTC with `known` false if it is unknown."""

    name: str
    known: bool = True

    def end_of(self, day: date) -> datetime:
        """Return the last instant of a day."""
        return self.start_of(day_after(day)) - timedelta(microseconds=1)

    def start_of(self, day: date) -> datetime:
        """Return the first instant of a day."""
        return moment_in_utc(day, time(), self.rules)

    def day_of(self, moment: datetime) -> date:
        """Return the day that a moment falls on."""
        return local_day(moment, self.rules)

    def ahead(self, moment: datetime) -> timedelta:
        """Return the offset from UTC at a moment."""
        return moment.astimezone(self.rules).utcoffset() or timedelta(0)

    @property
    def rules(self) -> tzinfo:
        """Time zone rules for date arithmetic."""
        return ZoneInfo(self.name) if self.known else UTC


def time_zone_of(name: str) -> TimeZone:
    """Return the zone of that name, or UTC where there is no such name."""
    try:
        return TimeZone(name=ZoneInfo(name).key)
    except (KeyError, OSError, ValueError):  # for no name, a folder, and a way out of the folder of zones
        return TimeZone(name="UTC", known=False)
