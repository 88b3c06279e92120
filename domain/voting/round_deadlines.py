"""When a round should end: two days on, and in nobody's weekend."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from domain.working_hours import USUAL

USUAL_LENGTH = timedelta(hours=48)
"""How long a round is open when nobody says otherwise."""

MOST_DAYS_SKIPPED = 4
"""Weekends of different people may follow each other; a round does not wait for all of them for ever."""


class WorkCalendar(msgspec.Struct, frozen=True, kw_only=True):
    """On which days somebody works, by ISO number, and how far their clock is ahead of UTC."""

    days: tuple[int, ...] = USUAL.days
    ahead: timedelta = timedelta(0)

    def works_at(self, moment: datetime) -> bool:
        """Whether the moment lies on one of their days."""
        there = moment.astimezone(UTC) + self.ahead
        return there.isoweekday() in self.days


def default_deadline(opened_at: datetime, calendars: Sequence[WorkCalendar] = ()) -> datetime:
    """The deadline of a round for which nobody chose one."""
    return skip_weekends(opened_at + USUAL_LENGTH, calendars)


def skip_weekends(moment: datetime, calendars: Sequence[WorkCalendar] = ()) -> datetime:
    """The moment, or the same time on the next day in nobody's weekend, four days on at most."""
    for skipped in range(MOST_DAYS_SKIPPED + 1):
        later = moment + timedelta(days=skipped)
        if all(one.works_at(later) for one in calendars or (WorkCalendar(),)):
            return later
    return moment + timedelta(days=MOST_DAYS_SKIPPED)
