"""The form for one's own working hours."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.escaping import escape
from bot.slack.protocol.interactions import FormName, StaleButton, Target
from bot.slack.ui.forms.form import Asking, Form, Opening
from bot.slack.ui.forms.form_fields import ChecksField, Choice, Part, TimeField, Words
from bot.slack.ui.forms.form_traits import Needs
from bot.slack.ui.forms.submitted_values import Values
from bot.slack.ui.forms.write_effects import Writes
from domain.elements import PersonId
from domain.rejections import NothingSaid
from domain.working_hours import WEEKDAYS, ChooseWorkingHours


def _hours(opening: Opening) -> Sequence[Part]:
    hours, zone = opening.hours, opening.zone
    days = [Choice(value=str(number), text=day) for number, day in enumerate(WEEKDAYS, start=1)]
    return [
        Words(text="When do you work? Reminders keep to these hours."),
        ChecksField(
            key="days",
            label="Days",
            options=tuple(days),
            initial=tuple(str(day) for day in hours.days),
            required=True,
        ),
        TimeField(key="starts", label="From", required=True, initial=hours.starts),
        TimeField(key="ends", label="Until", required=True, initial=hours.ends),
        Words(text=zone_words(zone)),
    ]


def zone_words(zone: str) -> str:
    """In which zone hours and days are meant, and where to change that."""
    if not zone:
        return "Slack does not tell me your time zone, so I take UTC."
    return f"Your time zone is {escape(zone)}. It comes from your Slack profile: change it in Slack."


def _make_hours(values: Values, target: Target, by: PersonId, at: datetime) -> Asking:
    del target
    starts, ends = values.time_of_day("starts"), values.time_of_day("ends")
    if starts is None or ends is None:
        raise NothingSaid("Please choose a time.", field="ends" if starts else "starts")
    try:
        days = tuple(int(day) for day in values.many("days"))
    except ValueError as error:
        raise StaleButton from error
    return ChooseWorkingHours(by=by, at=at, days=days, starts=starts, ends=ends)


HOURS = Form(
    name=FormName.HOURS,
    for_everyone=True,
    writes=Writes.OWN,
    needs=Needs.OWN_HOURS,
    title=lambda _: "Working hours",
    submit="Save",
    parts=_hours,
    make=_make_hours,
)
