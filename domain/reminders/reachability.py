"""Reachability: the moments within a person's working hours at which a reminder may be sent."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import msgspec

from domain.kernel.due_dates import local_day, moment_in_utc
from domain.kernel.elements import PersonId
from domain.working_hours import USUAL, WorkingHours


class Reachability(msgspec.Struct, frozen=True, kw_only=True):
    """A person's zone, working hours and leave; `gone` if their account no longer exists."""

    zone: tzinfo = UTC
    hours: WorkingHours = USUAL
    holidays: frozenset[date] = frozenset()
    gone: bool = False

    def works_on(self, day: date) -> bool:
        """Return whether a day is a working day."""
        return day.isoweekday() in self.hours.days and day not in self.holidays

    def day_of(self, moment: datetime) -> date:
        """Return the local day of a moment."""
        return local_day(moment, self.zone)

    def opening(self, day: date) -> datetime:
        """Return the start of the working hours on a day, working day or not."""
        return self._local(day, self.hours.starts)

    def closing(self, day: date) -> datetime:
        """Return the end of the working hours on a day, working day or not."""
        return self._local(day, self.hours.ends)

    def _local(self, day: date, hour: time) -> datetime:
        # At a clock change, a repeated hour means the first one, a skipped hour the following one.
        return moment_in_utc(day, hour, self.zone)


People = Callable[[PersonId], Reachability]
"""Maps a person to their reachability."""


def at_work(reach: Reachability, moment: datetime) -> bool:
    """Return whether a person works at a moment."""
    day = reach.day_of(moment)
    return reach.works_on(day) and reach.opening(day) <= moment < reach.closing(day)


def next_at_work(reach: Reachability, moment: datetime) -> datetime:
    """Return the next moment in working hours; the moment itself for a person without working days."""
    if at_work(reach, moment):
        return moment
    today = reach.day_of(moment)
    for ahead in range(LONGEST_LEAVE):
        opening = reach.opening(today + timedelta(days=ahead))
        if opening >= moment and at_work(reach, opening):
            return opening
    return moment


def last_at_work(reach: Reachability, moment: datetime) -> datetime:
    """Return the start of the last working hour before a moment; the moment itself if there was none."""
    today = reach.day_of(moment)
    for ago in range(LONGEST_LEAVE):
        hour = reach.closing(today - timedelta(days=ago)) - timedelta(hours=1)
        if hour <= moment and at_work(reach, hour):
            return hour
    return moment


LONGEST_LEAVE = 60
"""The number of days after which a reminder is sent regardless of working hours, so that it is never lost."""
