"""The form that asks for a day to look back at."""

from collections.abc import Sequence

from bot.slack.protocol.interactions import FormName
from bot.slack.ui.forms.form import Form, Opening
from bot.slack.ui.forms.form_fields import DayField, Part
from bot.slack.ui.forms.write_effects import Writes


def _day(opening: Opening) -> Sequence[Part]:
    return [
        DayField(
            key="day",
            label="Day",
            hint="You see the model as it was when that day ended.",
            required=True,
            initial=opening.target.day,
        )
    ]


LOOK_BACK = Form(
    name=FormName.LOOK_BACK,
    writes=Writes.READS,
    title=lambda _: "Look back",
    submit="Show",
    parts=_day,
)
