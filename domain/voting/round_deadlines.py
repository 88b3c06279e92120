"""Deadlines of rounds: two days, extended past the voters' weekends."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from domain.working_hours import USUAL

USUAL_LENGTH = timedelta(hours=48)
"""The default duration of a round."""

MAX_DAYS_SKIPPED = 4
"""The limit of days skipped, because the weekends of different people may follow each other."""


class WorkCalendar(msgspec.Struct, frozen=True, kw_only=True):
    """A person's working days by ISO number, and the offset of their zone from UTC."""

    days: tuple[int, ...] = USUAL.days
    ahead: timedelta = timedelta(0)

    def works_at(self, moment: datetime) -> bool:
        """Return whether a moment falls on a working day."""
        there = moment.astimezone(UTC) + self.ahead
        return there.isoweekday() in self.days


def default_deadline(opened_at: datetime, calendars: Sequence[WorkCalendar] = ()) -> datetime:
    """Return the default deadline of a round."""
    return skip_weekends(opened_at + USUAL_LENGTH, calendars)


def skip_weekends(moment: datetime, calendars: Sequence[WorkCalendar] = ()) -> datetime:
    """Return the moment, or the same time on the next day that is no voter's weekend, within a limit."""
    for skipped in range(MAX_DAYS_SKIPPED + 1):
        later = moment + timedelta(days=skipped)
        if all(one.works_at(later) for one in calendars or (WorkCalendar(),)):
            return later
    return moment + timedelta(days=MAX_DAYS_SKIPPED)
