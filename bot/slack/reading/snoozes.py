"""The moments until which a reminder may be put off, in the reader's own days."""

from datetime import datetime, timedelta

from bot.slack.forms.fields import Choice
from domain.reminders import Reach


def snoozes(reach: Reach, now: datetime) -> tuple[Choice, ...]:
    """A day, three days, next week: when work begins on that day; the value is the moment in ISO form."""
    today = reach.day_of(now)
    days = (
        ("1 day", today + timedelta(days=1)),
        ("3 days", today + timedelta(days=3)),
        ("Next week", today + timedelta(days=7 - today.weekday())),
    )
    return tuple(
        Choice(value=f"{reach.opening(day):%Y-%m-%dT%H:%M%z}", text=f"{words} ({day:%A, %-d %B})")
        for words, day in days
    )
