"""A model at the end of a day, in the reader's time zone."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from bot.slack.directory.time_zones import TimeZone
from bot.slack.protocol.escaping import one_line
from bot.slack.protocol.targets import LAST_CLOSING
from bot.slack.screens.page_data import Days, PastModel
from bot.slack.ui.texts.common_texts import day_text
from domain.changes import difference
from domain.events import Erased, RecordedEvent, ThreatModelClosed
from domain.history import as_of, at_version
from domain.model import ThreatModel
from domain.register import ThreatRegister
from domain.rejections import Rejected
from domain.replay import replay

RegisterAt = Callable[[ThreatModel, datetime | None], ThreatRegister]
"""Return the register of a model at a time, or now."""


class NoSuchPast(Rejected):
    """Error: the day is before the model's start or in the future, or there is no such version."""

    def __init__(self, sentence: str, field: str = "day") -> None:
        super().__init__(sentence, field=field)


class DaysReversed(Rejected):
    """Error: the report's first day is not before its last day."""

    def __init__(self) -> None:
        super().__init__("The “since” day must be before the “as-of” day.", field="day")


def load_past_version(
    events: Sequence[RecordedEvent], version: int, zone: TimeZone, today: date, seen: RegisterAt
) -> PastModel:
    """Return the model at a version, and what has changed since; raises NoSuchPast."""
    if version == LAST_CLOSING:
        closings = [one for one, event in enumerate(events, start=1) if isinstance(event, ThreatModelClosed)]
        if not closings:
            raise NoSuchPast("This model has not been closed yet. Choose a day or a version.", "since")
        version = closings[-1]
    if not 1 <= version <= len(events):
        raise NoSuchPast(f"This model has the versions 1 to {len(events)}. Enter one of them.", "version")
    at = next((one.at for one in reversed(events[:version]) if not isinstance(one, Erased)), None)
    then = seen(at_version(events, version), at)
    return PastModel(
        day=zone.day_of(at) if at else today,
        version=version,
        today=today,
        zone=zone.name,
        zone_known=zone.known,
        then=then,
        since=difference(then, seen(replay(events), None), events),
    )


def load_past_model(
    events: Sequence[RecordedEvent], day: date, zone: TimeZone, today: date, seen: RegisterAt
) -> PastModel:
    """Return the model at the end of a day, and what has changed since; raises NoSuchPast."""
    days = _days_said(events, day, zone, today)
    now = replay(events)
    # At the end of today nothing more is said than by now, and nothing has changed since.
    if day == today:
        then, since = seen(now, None), ()
    else:
        end = zone.end_of(day)
        then = seen(as_of(events, end), end)
        since = difference(then, seen(now, None), events)
    return PastModel(
        day=day,
        today=today,
        zone=zone.name,
        zone_known=zone.known,
        then=then,
        since=since,
        earlier=max((one for one in days if one < day), default=None),
        later=min((one for one in days if one > day), default=None),
    )


def check_report_days(events: Sequence[RecordedEvent], days: Days, zone: TimeZone, today: date) -> None:
    """Raise NoSuchPast for a day without a model, DaysReversed for days in the wrong order."""
    for day in days.chosen:
        _days_said(events, day, zone, today)
    if days.since and days.as_of and days.since >= days.as_of:
        raise DaysReversed


def _days_said(events: Sequence[RecordedEvent], day: date, zone: TimeZone, today: date) -> list[date]:
    """Return the days with events; raises NoSuchPast for a day before them or in the future."""
    days = sorted({zone.day_of(event.at) for event in events if not isinstance(event, Erased)})
    if day > today:
        raise NoSuchPast(f"{day_text(day)} is in the future. Choose today or an earlier day.")
    if days and day < days[0]:
        model = replay(events)
        called = f"{model.key} “{one_line(model.name)}”"
        raise NoSuchPast(f"{called} began on {day_text(days[0])}. Choose that day or a later one.")
    return days
