"""Forms that ask for a moment in the past: to view the model of then, or the changes since."""

from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from bot.slack.protocol.targets import LAST_CLOSING, DayTarget, Target
from bot.slack.ui.forms.form import Form, FormContext, LazyRegister
from bot.slack.ui.forms.form_fields import ChoiceField, DateField, FormPart, Option, TextField
from bot.slack.ui.forms.form_traits import FormSubmission
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.write_effects import WriteEffect


def _day(opening: FormContext) -> Sequence[FormPart]:
    return [
        DateField(
            key="day",
            label="Day",
            hint="The page shows the model as it was at the end of that day.",
            required=True,
            initial=DayTarget.of(opening.target).day,
        )
    ]


def _page_of_day(values: SubmittedValues, target: Target, register: LazyRegister) -> Target:
    del register
    return DayTarget(name="as_of", stream=target.stream, day=values.day("day"))


LOOK_BACK = Form(
    name="look_back",
    target=DayTarget,
    submission=FormSubmission.PAGE,
    next_form=_page_of_day,
    writes=WriteEffect.READS,
    title=lambda _: "View past state",
    submit="Show",
    parts=_day,
)


def _moments(opening: FormContext) -> Sequence[FormPart]:
    week_ago = opening.today - timedelta(days=7) if opening.today else None
    return [
        ChoiceField(key="since", label="Since", required=True, options=_MOMENTS, initial=_DAY),
        DateField(key="day", label="Day", hint="The changes after the end of that day.", initial=week_ago),
        TextField(key="version", label="Version", hint="Reports and exports state their version.", limit=9),
    ]


def _missing(values: SubmittedValues) -> dict[str, str]:
    since = values.text("since")
    if since == _DAY and values.day("day") is None:
        return {"day": "Choose a day."}
    version = values.text("version").strip()
    if since == _VERSION and not (version.isdecimal() and int(version)):
        return {"version": "Enter the number of a version, such as 57."}
    return {}


def _changes(values: SubmittedValues, target: Target, register: LazyRegister) -> Target:
    del register
    about = DayTarget(name="changes", stream=target.stream)
    match values.text("since"):
        case "closing":
            return replace(about, version=LAST_CLOSING)
        case "version":
            return replace(about, version=int(values.text("version")))
        case _:
            return replace(about, day=values.day("day"))


_DAY, _VERSION = "day", "version"
_MOMENTS = (
    Option(value=_DAY, text="A day"),
    Option(value=_VERSION, text="A version"),
    Option(value="closing", text="The last time it was closed"),
)

CHANGES_SINCE = Form(
    name="changes_since",
    submission=FormSubmission.PAGE,
    next_form=_changes,
    validate=_missing,
    writes=WriteEffect.READS,
    title=lambda _: "Changes since",
    submit="Show",
    parts=_moments,
)
