"""Form of a person's own working hours."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.escaping import escape
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form import Form, FormCommand, FormContext
from bot.slack.ui.forms.form_fields import CheckboxesField, FormPart, Option, Paragraph, TimeField
from bot.slack.ui.forms.form_traits import FormData, FormSubmission
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.write_effects import WriteEffect
from domain.kernel.elements import PersonId
from domain.rejections import ContentMissing
from domain.working_hours import WEEKDAYS, ChooseWorkingHours


def _hours(opening: FormContext) -> Sequence[FormPart]:
    hours, zone = opening.hours, opening.zone
    days = [Option(value=str(number), text=day) for number, day in enumerate(WEEKDAYS, start=1)]
    return [
        Paragraph(text="Reminders are sent only in these hours."),
        CheckboxesField(
            key="days",
            label="Days",
            options=tuple(days),
            initial=tuple(str(day) for day in hours.days),
            required=True,
        ),
        TimeField(key="starts", label="From", required=True, initial=hours.starts),
        TimeField(key="ends", label="Until", required=True, initial=hours.ends),
        Paragraph(text=time_zone_text(zone)),
    ]


def time_zone_text(zone: str) -> str:
    """Return the time zone of hours and days, and where to change it."""
    if not zone:
        return "Slack does not provide your time zone, so UTC is used."
    return f"Your time zone is {escape(zone)}. It comes from your Slack profile: change it in Slack."


def _make_hours(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    del target
    starts, ends = values.time_of_day("starts"), values.time_of_day("ends")
    if starts is None or ends is None:
        raise ContentMissing("Choose a time.", field="ends" if starts else "starts")
    try:
        days = tuple(int(day) for day in values.many("days"))
    except ValueError as error:
        raise StaleButton from error
    return ChooseWorkingHours(by=by, at=at, days=days, starts=starts, ends=ends)


HOURS = Form(
    name="hours",
    submission=FormSubmission.WORKING_HOURS,
    for_everyone=True,
    writes=WriteEffect.OWN,
    needs=FormData.OWN_HOURS,
    title=lambda _: "Working hours",
    submit="Save",
    parts=_hours,
    build_command=_make_hours,
)
