"""Days as typed by users."""

import re
from collections.abc import Callable
from datetime import date, timedelta

from bot.slack.protocol.escaping import clip
from domain.rejections import Rejected
from domain.working_hours import WEEKDAYS


class UnreadableDay(Rejected):
    """Error: a day cannot be parsed; the sentence says how to write one."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"“{text}” is not a date. Enter one such as “2026-11-20” or “yesterday”.", field="day"
        )


def parse_day(text: str, today: date) -> date:
    """Return the typed day, the most recent one if it has no year; raises UnreadableDay."""
    words = " ".join(text.lower().replace(",", " ").split())
    for shape, meant in _SHAPES:
        found = shape.fullmatch(words)
        if found:
            try:
                return meant(found.groupdict(), today)
            except (ValueError, OverflowError):
                break
    raise UnreadableDay(clip(text.strip(), _SHOWN))


_SHOWN = 60

_Found = dict[str, str | None]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = tuple(day.lower() for day in WEEKDAYS)
_SHORT = "mon|tues?|wed|thu(?:rs)?|fri|sat|sun"
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]{{0,6}}\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?"


def _in_figures(found: _Found, today: date) -> date:
    return _latest(int(found["day"] or 0), int(found["month"] or 0), found.get("year"), today)


def _in_words(found: _Found, today: date) -> date:
    month = _MONTHS.index(found["month"] or "") + 1
    return _latest(int(found["day"] or 0), month, found.get("year"), today)


def _latest(day: int, month: int, year: str | None, today: date) -> date:
    if year:
        return date(int(year), month, day)
    meant = date(today.year, month, day)
    return meant if meant <= today else date(today.year - 1, month, day)


def _weekday(found: _Found, today: date) -> date:
    wanted = next(number for number, day in enumerate(_DAYS) if day.startswith(found["weekday"] or ""))
    # The name of today's weekday means the day a week ago.
    return today - timedelta(days=(today.weekday() - wanted - 1) % 7 + 1)


def _ago(found: _Found, today: date) -> date:
    count = {"a": 1, "an": 1, "one": 1}.get(found["count"] or "") or int(found["count"] or 0)
    return today - timedelta(days=count * (7 if found["unit"] == "week" else 1))


_SHAPES: tuple[tuple[re.Pattern[str], Callable[[_Found, date], date]], ...] = (
    (re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"), _in_figures),
    (re.compile(r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\.? ?(?P<year>\d{4})?"), _in_figures),
    (re.compile(rf"{_DAY} (?:of )?{_MONTH}(?: (?P<year>\d{{4}}))?"), _in_words),
    (re.compile(rf"{_MONTH} {_DAY}(?: (?P<year>\d{{4}}))?"), _in_words),
    (re.compile(r"today|now"), lambda _, today: today),
    (re.compile(r"yesterday"), lambda _, today: today - timedelta(days=1)),
    (re.compile(r"last week"), lambda _, today: today - timedelta(days=7)),
    (re.compile(rf"(?:last |on )?(?P<weekday>{'|'.join(_DAYS)}|{_SHORT})"), _weekday),
    (re.compile(r"(?P<count>a|an|one|\d{1,4}) (?P<unit>day|week)s? ago"), _ago),
)
