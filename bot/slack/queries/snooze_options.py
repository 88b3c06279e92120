"""Times until which a reminder may be snoozed, by the reader's working days."""

from datetime import datetime, timedelta

from bot.slack.ui.forms.form_fields import Option
from domain.reminders import Reachability, next_at_work


def snooze_options(reach: Reachability, now: datetime) -> tuple[Option, ...]:
    """Return the options: in a day, in three days, next week, at the start of work; values in ISO 8601.

    A day off is replaced by the next working day, and no day is offered twice.
    """
    today = reach.day_of(now)
    days = (
        ("1 day", today + timedelta(days=1)),
        ("3 days", today + timedelta(days=3)),
        ("Next week", today + timedelta(days=7 - today.weekday())),
        ("In one week", today + timedelta(days=7)),  # where next week begins on one of the days before
    )
    found: dict[datetime, str] = {}
    for words, day in days:
        begins = next_at_work(reach, reach.opening(day))
        if len(found) < _MAX_OPTIONS:
            found.setdefault(begins, f"{words} ({reach.day_of(begins):%A, %-d %B})")
    return tuple(Option(value=f"{begins:%Y-%m-%dT%H:%M%z}", text=text) for begins, text in found.items())


_MAX_OPTIONS = 3
