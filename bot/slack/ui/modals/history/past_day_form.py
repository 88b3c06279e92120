"""Form that asks for a day in the past."""

from collections.abc import Sequence

from bot.slack.protocol.targets import DayTarget, Target
from bot.slack.ui.forms.form import Form, FormContext, LazyRegister
from bot.slack.ui.forms.form_fields import DateField, FormPart
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
