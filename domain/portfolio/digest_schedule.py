"""Schedule of the weekly digest: the start of the first working day of each week."""

from datetime import date, datetime, timedelta

from domain.reminders.reachability import Reachability

LATE = timedelta(days=3)
"""The time after which a digest that could not be posted is left out."""


def last_digest(now: datetime, reach: Reachability) -> datetime:
    """Return the moment of the last digest at or before `now`, by the hours and holidays of a person."""
    monday = _monday(reach.day_of(now))
    moment = _moment(monday, reach)
    return moment if moment <= now else _moment(monday - timedelta(days=7), reach)


def next_digest(now: datetime, reach: Reachability) -> datetime:
    """Return the moment of the next digest after `now`."""
    monday = _monday(reach.day_of(now))
    moment = _moment(monday, reach)
    return moment if moment > now else _moment(monday + timedelta(days=7), reach)


def digest_week(moment: datetime, reach: Reachability) -> str:
    """Return the ISO week of a digest, by which it is posted once: `2027-W03`."""
    year, week, _ = reach.day_of(moment).isocalendar()
    return f"{year}-W{week:02d}"


def _monday(day: date) -> date:
    return day - timedelta(days=day.isoweekday() - 1)


def _moment(monday: date, reach: Reachability) -> datetime:
    """Return the opening of the first working day of a week; of its Monday in a week without one."""
    days = [monday + timedelta(days=ahead) for ahead in range(7)]
    return reach.opening(next((day for day in days if reach.works_on(day)), monday))
