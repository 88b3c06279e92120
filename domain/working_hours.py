"""Working hours: the times at which reminders may reach a person."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time

import msgspec

from domain.kernel.elements import PersonId
from domain.rejections import Rejected

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
"""The names of the days by ISO number, starting with 1."""


class WorkingHours(msgspec.Struct, frozen=True, kw_only=True):
    """Working days by ISO number (1 is Monday), with start and end in the person's time zone."""

    days: tuple[int, ...]
    starts: time
    ends: time

    @property
    def text(self) -> str:
        """Return the hours in words, such as `Monday to Friday, 09:00 to 17:00`."""
        return f"{_days(self.days)}, {self.starts:%H:%M} to {self.ends:%H:%M}"


USUAL = WorkingHours(days=(1, 2, 3, 4, 5), starts=time(9), ends=time(17))
"""The default working hours."""


class ChooseWorkingHours(msgspec.Struct, frozen=True, kw_only=True, tag="ChooseWorkingHours"):
    """Choose one's own working hours."""

    by: PersonId
    at: datetime
    days: tuple[int, ...]
    starts: time
    ends: time


class WorkingHoursChosen(
    msgspec.Struct, gc=False, frozen=True, kw_only=True, tag_field="type", tag="WorkingHoursChosen"
):
    """A person chose their working hours."""

    by: PersonId
    at: datetime
    days: tuple[int, ...]
    starts: time
    ends: time


class NoDays(Rejected):
    """Working hours without a day."""

    def __init__(self) -> None:
        super().__init__("No day is selected. Select at least one.", field="days")


class EndsBeforeStart(Rejected):
    """Working hours that end before they start."""

    def __init__(self) -> None:
        super().__init__("The end is not after the start. Choose a later time on the same day.", field="ends")


def choose_hours(command: ChooseWorkingHours, before: WorkingHours) -> tuple[WorkingHoursChosen, ...]:
    """Decide on a choice of working hours: no event if they are unchanged; raises Rejected."""
    hours = check_hours(command.days, command.starts, command.ends)
    if hours == before:
        return ()
    return (
        WorkingHoursChosen(
            by=command.by, at=command.at, days=hours.days, starts=hours.starts, ends=hours.ends
        ),
    )


def check_hours(days: Sequence[int], starts: time, ends: time) -> WorkingHours:
    """Return working hours of known days, to the minute; raises Rejected if there are none."""
    known = tuple(day for day in range(1, len(WEEKDAYS) + 1) if day in days)
    if not known:
        raise NoDays
    starts, ends = (moment.replace(second=0, microsecond=0) for moment in (starts, ends))
    if starts >= ends:
        raise EndsBeforeStart
    return WorkingHours(days=known, starts=starts, ends=ends)


def hours_after(chosen: Iterable[WorkingHoursChosen], usual: WorkingHours = USUAL) -> WorkingHours:
    """Return a person's working hours after their events; until the first, the `usual` ones."""
    hours = usual
    for event in chosen:
        hours = WorkingHours(days=event.days, starts=event.starts, ends=event.ends)
    return hours


def _days(days: tuple[int, ...]) -> str:
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = [[WEEKDAYS[day - 1] for day in run] for run in runs]
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > _PAIR else ", ".join(run) for run in names)


_PAIR = 2
