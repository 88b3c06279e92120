"""Form that asks for a day in the past."""

from collections.abc import Sequence

from bot.slack.ui.forms.form import Form, FormContext
from bot.slack.ui.forms.form_fields import DateField, FormPart
from bot.slack.ui.forms.write_effects import WriteEffect


def _day(opening: FormContext) -> Sequence[FormPart]:
    return [
        DateField(
            key="day",
            label="Day",
            hint="You see the model as it was when that day ended.",
            required=True,
            initial=opening.target.day,
        )
    ]


LOOK_BACK = Form(
    name="look_back",
    writes=WriteEffect.READS,
    title=lambda _: "Look back",
    submit="Show",
    parts=_day,
)
