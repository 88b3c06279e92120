"""The moments at which a nudge may reach somebody: at work, where they are."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import msgspec

from domain.kernel.due_dates import local_day, moment_in_utc
from domain.kernel.elements import PersonId
from domain.working_hours import USUAL, WorkingHours


class Reachability(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody can be reached: their zone, hours and holidays; `gone` if not at all any more."""

    zone: tzinfo = UTC
    hours: WorkingHours = USUAL
    holidays: frozenset[date] = frozenset()
    gone: bool = False

    def works_on(self, day: date) -> bool:
        """Whether a day is one of their working days."""
        return day.isoweekday() in self.hours.days and day not in self.holidays

    def day_of(self, moment: datetime) -> date:
        """The local day on which a moment falls."""
        return local_day(moment, self.zone)

    def opening(self, day: date) -> datetime:
        """The moment at which work begins on a day, or would."""
        return self._local(day, self.hours.starts)

    def closing(self, day: date) -> datetime:
        """The moment at which work ends on a day, or would."""
        return self._local(day, self.hours.ends)

    def _local(self, day: date, hour: time) -> datetime:
        # An hour that is there twice means the first one, an hour that is left out the one after it.
        return moment_in_utc(day, hour, self.zone)


People = Callable[[PersonId], Reachability]
"""How each person can be reached."""


def at_work(reach: Reachability, moment: datetime) -> bool:
    """Whether somebody works at a moment."""
    day = reach.day_of(moment)
    return reach.works_on(day) and reach.opening(day) <= moment < reach.closing(day)


def next_at_work(reach: Reachability, moment: datetime) -> datetime:
    """The first moment from this one on at which somebody works; itself where they work on no day at all."""
    if at_work(reach, moment):
        return moment
    today = reach.day_of(moment)
    for ahead in range(LONGEST_LEAVE):
        opening = reach.opening(today + timedelta(days=ahead))
        if opening >= moment and at_work(reach, opening):
            return opening
    return moment


def last_at_work(reach: Reachability, moment: datetime) -> datetime:
    """The beginning of the last working hour before a moment; itself where there was none."""
    today = reach.day_of(moment)
    for ago in range(LONGEST_LEAVE):
        hour = reach.closing(today - timedelta(days=ago)) - timedelta(hours=1)
        if hour <= moment and at_work(reach, hour):
            return hour
    return moment


LONGEST_LEAVE = 60
"""Days after which a nudge comes whether somebody works or not: it is never lost."""
